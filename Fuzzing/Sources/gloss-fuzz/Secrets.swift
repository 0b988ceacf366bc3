import GlossCore
import GlossCrypto
import GlossSeal

// What is sealed, and what carries keys. Where random bytes would die at a code or a checksum, the target makes that itself.

/// The keys of Protocol/vectors/seal.json: the seeds are made with them.
private enum Keys {
  static let library = LibraryID(0xA0A1_A2A3_A4A5_A6A7_A8A9_AAAB_ACAD_AEAF)
  static let rootBytes = [UInt8](0..<32)
  static let root: RootKey = {
    guard let root = RootKey(bytes: rootBytes) else { fatalError("32 bytes are a root key") }
    return root
  }()
  static let device: DeviceKey = {
    guard let key = DeviceKey(bytes: [UInt8](0x30..<0x50)) else { fatalError("a key is 32 bytes") }
    return key
  }()
  static let sealer = Sealer(root: root, library: library)

  static func derived(_ label: String) -> [UInt8] {
    hkdfSHA256(secret: rootBytes, salt: library.bytes, info: Array(label.utf8), count: 32)
  }
}

/// A plaintext inside a seal of known keys: length, content and padding as the input says.
func fuzzSeal(_ input: [UInt8]) {
  let header: [UInt8] = [1, 2, 3]
  let salt = [UInt8](repeating: 9, count: 32)
  let keys = hkdfSHA256(
    secret: Keys.derived("gloss epoch 1"), salt: salt, info: Array("gloss bundle 1".utf8) + header,
    count: 64)
  let text = ChaCha20Poly1305.seal(
    input, key: Array(keys.prefix(32)), nonce: [UInt8](repeating: 0, count: 12),
    authenticating: header)
  let sealed = salt + keys.suffix(32) + text
  _ = try? Keys.sealer.open(input[...], as: .bundle, authenticating: header, epoch: 1)
  guard
    let content = try? Keys.sealer.open(
      sealed[...], as: .bundle, authenticating: header, epoch: 1)
  else { return }
  let again = Keys.sealer.seal(
    content, as: .bundle, authenticating: header, epoch: 1, salt: salt)
  check(again == sealed, "there is one sealed form of a content")
  check(
    (try? Keys.sealer.open(sealed[...], as: .blob, authenticating: header, epoch: 1)) == nil,
    "a seal opens for its purpose only")
  var other = sealed
  other[input.reduce(0) { $0 &* 31 &+ Int($1) }.magnitude.quotient(under: sealed.count)] ^= 1
  check(
    (try? Keys.sealer.open(other[...], as: .bundle, authenticating: header, epoch: 1)) == nil,
    "an altered seal does not open")
}

extension UInt {
  fileprivate func quotient(under count: Int) -> Int { Int(self % UInt(count)) }
}

/// Entries, each behind its length (2 bytes); the maker's code of each is made anew.
func fuzzKeyring(_ input: [UInt8]) {
  var reader = ByteReader(input)
  var entries: [KeyringEntry] = []
  while let count = try? reader.readFixed(as: UInt16.self),
    let bytes = try? reader.read(Int(count)), entries.count < 8
  {
    var bytes = Array(bytes)
    if let entry = try? KeyringEntry(bytes: bytes) {
      check(entry.bytes == bytes && entry.epoch >= 2, "an entry keeps its bytes")
      let body = bytes.dropLast(64)
      bytes.replaceSubrange(
        body.endIndex..<body.endIndex + 32,
        with: hmacSHA256(key: Keys.derived("gloss maker 1"), Array(body)))
      guard let signed = try? KeyringEntry(bytes: bytes) else {
        fatalError("a code is any 32 bytes")
      }
      // Both as it came and signed: the bit decides which one the keyring sees.
      entries.append(count & 1 == 0 ? entry : signed)
    }
  }
  var keyring = Keyring(root: Keys.root, library: Keys.library)
  do throws(KeyringError) {
    try keyring.take(entries, for: Keys.device)
    check(keyring.secrets(of: 1) == [EpochSecret(Keys.root)], "epoch 1 stays what it was")
  } catch {
    check(keyring.epochs == [1], "a keyring that refuses is as before")
  }
}

func fuzzCard(_ input: [UInt8]) {
  guard let card = DeviceCard(bytes: input) else { return }
  check(card.bytes == input && card.epoch >= 1 && card.publicKey.count == 32, "a card's parts")
  let keyring = Keyring(root: Keys.root, library: Keys.library)
  let digest = [UInt8](repeating: 5, count: 32)
  let isGood = card.isGood(forToken: digest, keyring: keyring)
  let own = DeviceCard(of: card.publicKey, tokenDigest: digest, keyring: keyring)
  check(isGood == (own == card), "a card is good where it is the one that would be made")
}

/// All of a wrapped root key but its checksum.
func fuzzWrapped(_ input: [UInt8]) {
  _ = try? WrappedRootKey(bytes: input)
  let bytes = input + sha256(input).prefix(4)
  guard let wrapped = try? WrappedRootKey(bytes: bytes) else { return }
  check(wrapped.bytes == bytes && bytes.count == 88, "a wrapped key keeps its bytes")
}

/// The text of a code, and the bytes of one without its checksum.
func fuzzCode(_ input: [UInt8]) {
  read(code: String(decoding: input, as: UTF8.self))
  guard let version = input.first else { return }
  read(code: "gloss\(version)-" + base32(input + sha256(input).prefix(4)))
}

private func read(code text: String) {
  guard let code = try? PairingCode(parsing: text) else { return }
  check((try? PairingCode(parsing: code.text)) == code, "a code's text is the code")
  check(!"\(code)".contains(hexadecimal(code.root.bytes)), "a code's description shows no key")
}

private func base32(_ bytes: [UInt8]) -> String {
  let digits = Array("abcdefghijklmnopqrstuvwxyz234567")
  var text = ""
  var (bits, count) = (0, 0)
  for byte in bytes {
    bits = bits << 8 | Int(byte)
    count += 8
    while count >= 5 {
      count -= 5
      text.append(digits[bits >> count & 31])
    }
    bits &= 31
  }
  if count > 0 { text.append(digits[bits << (5 - count) & 31]) }
  return text
}
