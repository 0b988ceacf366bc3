public import GlossCore
internal import GlossCrypto

// How a bundle is sealed
//
// Problem. Bundles lie on a hub that belongs to somebody else, are copied, backed up and sent
// again. The hub must place them without reading them, nobody without the library's root key may
// read or alter them, and the many that a library makes over the years on several machines must not
// weaken one another. The dangers are in the corners: two copies of a virtual machine that draw the
// same random numbers; a ciphertext made to open under two keys; a header moved to another bundle;
// lengths that tell what was written.
//
// Idea. A key for each bundle, used once:
//
//     epoch key   = HKDF(secret: the epoch's, salt: library, info: "gloss epoch N", 32 bytes)
//     key + commitment = HKDF(secret: epoch key, salt: salt, info: "gloss bundle 1" + header, 64)
//     plaintext   = content's length (4 bytes, big-endian) + content + zeros up to the Padmé size
//     text + tag  = ChaCha20-Poly1305(key: key, nonce: zeros, plaintext, associated data: header)
//     sealed      = salt (32) + commitment (32) + text + tag (16)
//
// The secret of epoch 1 is the root key; those of later ones are random (``KeyringEntry``). The salt is random. The content is compressed before, since what is sealed does not compress.
//
// Why it is right.
// - The nonce may be constant because the key is not used twice. The salt has 256 bits, so no count
//   of bundles matters; a random 96-bit nonce under one key would have to be counted.
// - The header is part of the derivation. Where a copied machine repeats a salt, the keys still
//   differ unless the header is the same, and the header commits to the tips: to the very changes
//   that the bundle holds. So a key repeats only for the same run of changes; what could then be
//   learned is how two encodings of the same changes differ.
// - Poly1305 does not commit to a key: whoever knows two keys can make one ciphertext that opens
//   under both, and use readers as oracles for which key they have. The commitment comes from the
//   same derivation as the key; one that fits two (epoch key, salt, header) is a collision of
//   SHA-256. It is compared first, so a wrong key is told from an altered content.
// - The header is also the associated data. The derivation already binds it; this costs nothing,
//   and it lets the proof of the construction be the plain one of authenticated encryption.
// - The padding is authenticated and checked: there is one sealed form of a content, a salt and a
//   header.
//
// A hub detects two copies of a replica that write different histories by comparing tips, which are
// hashes of what was written. A plain hash would let it test guesses of short contents, so it gets
// HMAC(tip key, tip) with
//
//     tip key     = HKDF(secret: root key, salt: library, info: "gloss tip 1", 32 bytes)
//
// which does not depend on the epoch: histories stay comparable when the epoch's key is replaced.
//
// What it does not do: hide origins, numbers, times and padded sizes from the hub; keep a bundle
// secret once its epoch's secret is known (there is no forward secrecy, since a new device reads the
// whole history); tell the devices of a library apart, since all hold the same secrets.
//
// Sources: RFC 5869 (HKDF), RFC 8439 (ChaCha20-Poly1305), RFC 2104 (HMAC); Padmé, see ``Padme``;
// for key commitment: Albertini, Duong, Gueron, Kölbl, Luykx, Schmieg, "How to Abuse and Fix
// Authenticated Encryption Without Key Commitment", USENIX Security 2022; Bellare, Hoang,
// "Efficient Schemes for Committing Authenticated Encryption", EUROCRYPT 2022. Protocol/seal.md has
// the bytes, for other implementations.

/// Seals and opens the bundles of one library.
///
/// It is a value of keys without other state: copies may be used from any thread. Printing or
/// dumping it shows no key.
public struct Sealer: Sendable {
  /// The library whose bundles these keys are for.
  public let library: LibraryID

  /// The epoch that new bundles are sealed under: the newest whose key is here.
  public let currentEpoch: UInt32

  /// Of each epoch its keys, the one for new bundles last.
  private let epochKeys: [UInt32: [[UInt8]]]
  let tipKey: [UInt8]
  let blobNameKey: [UInt8]

  /// Derives the keys of `library` from its root key: those of a library that never had another epoch than the first.
  public init(root: RootKey, library: LibraryID) {
    self.init(root: root, keyring: Keyring(root: root, library: library))
  }

  /// Derives the keys of all epochs that a keyring has.
  package init(root: RootKey, keyring: Keyring) {
    library = keyring.library
    currentEpoch = keyring.newestEpoch
    var epochKeys: [UInt32: [[UInt8]]] = [:]
    for epoch in keyring.epochs {
      epochKeys[epoch] = keyring.secrets(of: epoch).map {
        $0.key("gloss epoch \(epoch)", of: keyring.library)
      }
    }
    self.epochKeys = epochKeys
    tipKey = EpochSecret(root).key("gloss tip 1", of: keyring.library)
    blobNameKey = EpochSecret(root).key("gloss blob name 1", of: keyring.library)
  }

  /// The key of an epoch, which new bundles are sealed under; `nil` where it is not here.
  func epochKey(_ epoch: UInt32) -> [UInt8]? { epochKeys[epoch]?.last }

  /// What a seal is for. A seal that was made for one thing opens as no other.
  package enum Purpose: Sendable {
    /// A run of changes.
    case bundle
    /// A large value.
    case blob
    /// A piece of a snapshot.
    case snapshot
  }
}

extension Sealer {
  /// The number of bytes that a seal has beside the padded plaintext: salt, commitment and tag.
  package static let overheadByteCount = Layout.textOffset + ChaCha20Poly1305.tagByteCount

  /// Returns the number of bytes of the seal of a content of `count` bytes.
  package static func sealedByteCount(contentByteCount count: Int) -> Int {
    overheadByteCount + Padme.paddedCount(Layout.lengthCount + count)
  }

  /// Returns `content` sealed, to be put behind `header`.
  ///
  /// - Parameters:
  ///   - content: What nobody but the library's devices reads: at most 4 GiB less one byte.
  ///   - purpose: What the seal is for.
  ///   - header: What stands in front of the seal; it is authenticated and not part of the result.
  ///   - epoch: The epoch that the header names, whose key is here: ``currentEpoch`` for what is new.
  ///   - generator: A cryptographically secure one outside tests.
  package func seal(
    _ content: [UInt8], as purpose: Purpose, authenticating header: [UInt8], epoch: UInt32,
    using generator: inout some RandomNumberGenerator
  ) -> [UInt8] {
    seal(
      content, as: purpose, authenticating: header, epoch: epoch,
      salt: randomBytes(Layout.saltCount, using: &generator))
  }

  /// Returns `content` sealed with a salt of 32 bytes: for test vectors, which must come out the
  /// same each time.
  package func seal(
    _ content: [UInt8], as purpose: Purpose, authenticating header: [UInt8], epoch: UInt32,
    salt: [UInt8]
  ) -> [UInt8] {
    precondition(salt.count == Layout.saltCount, "a salt has 32 bytes")
    guard let epochKey = epochKey(epoch) else {
      preconditionFailure("what is sealed is sealed under an epoch whose key is here")
    }
    let keys = Self.keys(for: purpose, epochKey: epochKey, salt: salt, header: header)
    let text = ChaCha20Poly1305.seal(
      padded(content), key: keys.key, nonce: Layout.nonce, authenticating: header)
    var sealed: [UInt8] = []
    sealed.reserveCapacity(Layout.textOffset + text.count)
    sealed += salt
    sealed += keys.commitment
    sealed += text
    return sealed
  }

  /// Returns the content that was sealed behind `header`.
  ///
  /// - Parameters:
  ///   - sealed: All that follows the header.
  ///   - purpose: What it was sealed for.
  ///   - header: The header in front of it, as received.
  ///   - epoch: The epoch that the header names.
  /// - Throws: Each case of ``SealError``, whatever the bytes are.
  package func open(
    _ sealed: ArraySlice<UInt8>, as purpose: Purpose, authenticating header: [UInt8], epoch: UInt32
  ) throws(SealError) -> [UInt8] {
    guard let epochKeys = epochKeys[epoch] else { throw .unknownEpoch(epoch) }
    guard sealed.count >= Self.sealedByteCount(contentByteCount: 0) else {
      throw .truncated(byteCount: sealed.count)
    }
    let salt = Array(sealed.prefix(Layout.saltCount))
    let rest = sealed.dropFirst(Layout.saltCount)
    let candidates = epochKeys.lazy.reversed().map {
      Self.keys(for: purpose, epochKey: $0, salt: salt, header: header)
    }
    let keys = candidates.first {
      isEqualInConstantTime($0.commitment, rest.prefix(Layout.commitmentCount))
    }
    guard let keys else { throw .wrongKey }
    let text = ChaCha20Poly1305.open(
      rest.dropFirst(Layout.commitmentCount), key: keys.key, nonce: Layout.nonce,
      authenticating: header)
    guard let text else { throw .tampered }
    return try unpadded(text)
  }

  /// Returns what a header says of `tip`: equal for equal tips of this library, and without meaning
  /// to who lacks the root key.
  package func commitment(toTip tip: [UInt8]) -> [UInt8] {
    hmacSHA256(key: tipKey, tip)
  }

  private static func keys(
    for purpose: Purpose, epochKey: [UInt8], salt: [UInt8], header: [UInt8]
  ) -> (key: [UInt8], commitment: [UInt8]) {
    let bytes = hkdfSHA256(
      secret: epochKey, salt: salt, info: purpose.label + header,
      count: Layout.keyCount + Layout.commitmentCount)
    return (Array(bytes.prefix(Layout.keyCount)), Array(bytes.dropFirst(Layout.keyCount)))
  }

  private func padded(_ content: [UInt8]) -> [UInt8] {
    precondition(content.count <= Int(UInt32.max), "a content's length fits 4 bytes")
    let count = Padme.paddedCount(Layout.lengthCount + content.count)
    var plaintext: [UInt8] = []
    plaintext.reserveCapacity(count)
    withUnsafeBytes(of: UInt32(content.count).bigEndian) { plaintext.append(contentsOf: $0) }
    plaintext += content
    plaintext.append(contentsOf: repeatElement(0, count: count - plaintext.count))
    return plaintext
  }

  private func unpadded(_ plaintext: [UInt8]) throws(SealError) -> [UInt8] {
    let length = plaintext.prefix(Layout.lengthCount).reduce(0) { $0 << 8 | Int($1) }
    let body = plaintext.dropFirst(Layout.lengthCount)
    guard plaintext.count == Padme.paddedCount(Layout.lengthCount + length),
      body.dropFirst(length).allSatisfy({ $0 == 0 })
    else { throw .badPadding }
    return Array(body.prefix(length))
  }
}

extension Sealer: CustomStringConvertible, CustomReflectable {
  /// The library's identifier, and no key.
  public var description: String { "Sealer(\(library), keys hidden)" }

  /// A mirror without children, so that `dump` shows no key.
  public var customMirror: Mirror { Mirror(self, children: []) }
}

/// The parts of a seal, in order.
private enum Layout {
  static let saltCount = 32
  static let commitmentCount = 32
  static let textOffset = saltCount + commitmentCount
  static let keyCount = ChaCha20Poly1305.keyByteCount
  static let lengthCount = 4
  static let nonce = [UInt8](repeating: 0, count: ChaCha20Poly1305.nonceByteCount)
}

extension Sealer.Purpose {
  fileprivate var label: [UInt8] {
    switch self {
    case .bundle: Array("gloss bundle 1".utf8)
    case .blob: Array("gloss blob 1".utf8)
    case .snapshot: Array("gloss snapshot 1".utf8)
    }
  }
}
