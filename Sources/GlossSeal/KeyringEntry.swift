internal import GlossCore
internal import GlossCrypto

// A new epoch
//
// Problem. A device that is revoked has every key until now, and may have the hub's help: the hub shows it all bundles, and
// lies to the others as far as they cannot tell. What the others write from then on must stay closed to both.
//
// Idea. The secret of the new epoch is random, so nothing that the revoked device has leads to it. Whoever revokes seals it to each
// remaining device's public key, and puts all of that at the hub as one entry:
//
//     link      the secret of the epoch before, under a key derived from the new one
//     wraps     for each device its public key, and the new secret sealed to it (HPKE)
//     codes     HMAC-SHA256 under a key derived from the old secret, and one from the new secret
//
// Why it is right.
// - Who has the newest secret has all, by the links; who has only older ones gets nothing from a link.
// - The code under the old secret shows that a member made the entry: a hub cannot make one.
// - The code under the new secret is checked by who opened a wrap. It covers all recipients, so the hub cannot add one.
// - The link must lead back to the secret that the reader has. Only who has it can make such a link.
// - A card (``DeviceCard``) of the newest epoch takes that epoch's secret. A device that was away has an older card, which
//   a revoked device could make, too; it counts only where the newest entry names its public key.
//
// What it does not do is in Protocol/seal.md: a device can let others in until it is revoked, and a hub can withhold the entry.

/// The beginning of an epoch: its secret, sealed to each device that has the library.
///
/// The bytes are: version (1 byte), epoch (4), link (48), number of devices (2), for each its public key (32) and its wrap (80), the
/// code under the secret of the epoch before (32), and the code under this epoch's secret (32).
package struct KeyringEntry: Hashable, Sendable {
  /// The bytes to put at the hub.
  package let bytes: [UInt8]

  /// The epoch that begins: 2 or later.
  package let epoch: UInt32

  private let link: [UInt8]
  private let wraps: [[UInt8]: [UInt8]]

  /// Reads an entry.
  ///
  /// - Throws: `.newerVersion` or `.malformed`.
  package init(bytes: [UInt8]) throws(KeyringError) {
    guard let version = bytes.first else { throw .malformed }
    guard version == Self.version else { throw .newerVersion(version) }
    self.bytes = bytes
    do {
      var reader = ByteReader(bytes[1...])
      epoch = try reader.readFixed(as: UInt32.self)
      link = Array(try reader.read(Self.linkByteCount))
      let count = Int(try reader.readFixed(as: UInt16.self))
      var wraps: [[UInt8]: [UInt8]] = [:]
      for _ in 0..<count {
        let publicKey = Array(try reader.read(DeviceKey.byteCount))
        wraps[publicKey] = Array(try reader.read(Self.wrapByteCount))
      }
      self.wraps = wraps
      guard epoch >= 2, wraps.count == count, reader.remainingCount == 2 * sha256ByteCount else {
        throw KeyringError.malformed
      }
    } catch {
      throw .malformed
    }
  }

  private init(bytes: [UInt8], epoch: UInt32, link: [UInt8], wraps: [[UInt8]: [UInt8]]) {
    self.bytes = bytes
    self.epoch = epoch
    self.link = link
    self.wraps = wraps
  }

  /// The public keys that the epoch's secret is sealed to.
  package var recipients: Set<[UInt8]> { Set(wraps.keys) }
}

extension KeyringEntry {
  /// Makes the entry of the epoch after the newest of a keyring.
  ///
  /// - Parameters:
  ///   - secret: The new epoch's: random and new.
  ///   - recipients: Public keys. Those that are none are left out.
  ///   - generator: The source of ephemeral keys; a cryptographically secure one outside tests.
  package static func make(
    after keyring: Keyring, secret: EpochSecret, recipients: [[UInt8]],
    using generator: inout some RandomNumberGenerator
  ) -> KeyringEntry {
    let epoch = keyring.newestEpoch + 1
    let info = wrapInfo(library: keyring.library, epoch: epoch)
    var wraps: [[UInt8]: [UInt8]] = [:]
    var writtenWraps: [UInt8] = []
    for key in Set(recipients).sorted(by: { $0.lexicographicallyPrecedes($1) }) {
      let wrap = HybridEncryption.seal(
        secret.bytes, to: key, ephemeral: randomBytes(DeviceKey.byteCount, using: &generator),
        info: info)
      guard let wrap else { continue }
      wraps[key] = wrap
      writtenWraps += key + wrap
    }
    let link = ChaCha20Poly1305.seal(
      keyring.newestSecret.bytes, key: secret.key(linkLabel, of: keyring.library), nonce: nonce,
      authenticating: linkHeader(library: keyring.library, epoch: epoch))
    var writer = ByteWriter()
    writer.writeByte(version)
    writer.writeFixed(epoch)
    writer.write(link)
    writer.writeFixed(UInt16(wraps.count))
    writer.write(writtenWraps)
    writer.write(
      hmacSHA256(key: keyring.newestSecret.key(makerLabel, of: keyring.library), writer.bytes))
    writer.write(hmacSHA256(key: secret.key(entryLabel, of: keyring.library), writer.bytes))
    return KeyringEntry(bytes: writer.bytes, epoch: epoch, link: link, wraps: wraps)
  }

  /// Whether somebody made it who had the secret of the epoch before.
  func isMade(byHolderOf previous: EpochSecret, library: LibraryID) -> Bool {
    let body = Array(bytes.dropLast(2 * sha256ByteCount))
    return isEqualInConstantTime(
      hmacSHA256(key: previous.key(Self.makerLabel, of: library), body),
      bytes.dropLast(sha256ByteCount).suffix(sha256ByteCount))
  }

  /// Whether it is as it was made by somebody who had this secret of the epoch that begins.
  func isWhole(under secret: EpochSecret, library: LibraryID) -> Bool {
    isEqualInConstantTime(
      hmacSHA256(
        key: secret.key(Self.entryLabel, of: library), Array(bytes.dropLast(sha256ByteCount))),
      bytes.suffix(sha256ByteCount))
  }

  /// Returns the epoch's secret, or `nil` where it is not sealed to this device.
  ///
  /// - Throws: `.badWrap` or `.tampered`.
  func open(with key: DeviceKey, library: LibraryID) throws(KeyringError) -> EpochSecret? {
    guard let wrap = wraps[key.publicKey] else { return nil }
    let opened = HybridEncryption.open(
      wrap, with: key.bytes, info: Self.wrapInfo(library: library, epoch: epoch))
    guard let opened, let secret = EpochSecret(bytes: opened) else { throw .badWrap }
    guard isWhole(under: secret, library: library) else { throw .tampered }
    return secret
  }

  /// Returns the secret of the epoch before.
  ///
  /// - Throws: `.badLink`.
  func previous(under secret: EpochSecret, library: LibraryID) throws(KeyringError) -> EpochSecret {
    let opened = ChaCha20Poly1305.open(
      link[0...], key: secret.key(Self.linkLabel, of: library), nonce: Self.nonce,
      authenticating: Self.linkHeader(library: library, epoch: epoch))
    guard let opened, let previous = EpochSecret(bytes: opened) else { throw .badLink }
    return previous
  }

  private static func linkHeader(library: LibraryID, epoch: UInt32) -> [UInt8] {
    library.bytes + withUnsafeBytes(of: epoch.bigEndian) { Array($0) }
  }

  private static func wrapInfo(library: LibraryID, epoch: UInt32) -> [UInt8] {
    Array("gloss wrap 1".utf8) + linkHeader(library: library, epoch: epoch)
  }

  private static let version: UInt8 = 1
  private static let linkLabel = "gloss link 1"
  private static let makerLabel = "gloss maker 1"
  private static let entryLabel = "gloss entry 1"
  private static let linkByteCount = EpochSecret.byteCount + ChaCha20Poly1305.tagByteCount
  private static let wrapByteCount = EpochSecret.byteCount + HybridEncryption.overheadByteCount
  /// Each key is used once: the link's because its secret is new, a wrap's because its ephemeral key is.
  private static let nonce = [UInt8](repeating: 0, count: ChaCha20Poly1305.nonceByteCount)
}

extension EpochSecret {
  /// Returns the key that is derived from the secret for one purpose.
  func key(_ label: String, of library: LibraryID) -> [UInt8] {
    hkdfSHA256(
      secret: bytes, salt: library.bytes, info: Array(label.utf8),
      count: ChaCha20Poly1305.keyByteCount)
  }
}
