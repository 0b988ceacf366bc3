internal import GlossCore
internal import GlossCrypto

/// What a device lets the others know of its key: they seal the secret of the next epoch to it.
///
/// It lies on the hub beside the device's token. The code in it takes the secret of the epoch that it names, so neither the hub nor a
/// device that lacks that epoch can make one.
///
/// The 69 bytes are: version (1 byte), the newest epoch that the device has (4), its public key (32), and the code (32):
/// HMAC-SHA256 over all these, the library and the digest of the token.
package struct DeviceCard: Hashable, Sendable {
  /// The bytes to put at the hub.
  package let bytes: [UInt8]

  /// The newest epoch that the device has.
  package let epoch: UInt32

  /// The device's public key: 32 bytes.
  package let publicKey: [UInt8]

  private let code: [UInt8]

  /// Makes the card of a device that has this keyring.
  ///
  /// - Parameter tokenDigest: The SHA-256 of the device's token.
  package init(of publicKey: [UInt8], tokenDigest: [UInt8], keyring: Keyring) {
    epoch = keyring.newestEpoch
    self.publicKey = publicKey
    let head = Self.head(epoch: epoch, publicKey: publicKey)
    code = Self.code(
      head, tokenDigest: tokenDigest, secret: keyring.newestSecret, library: keyring.library)
    bytes = head + code
  }

  /// Reads a card, or returns `nil` where it is none of this version.
  package init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount, bytes[0] == Self.version else { return nil }
    epoch = bytes[1..<5].reduce(0) { $0 << 8 | UInt32($1) }
    publicKey = Array(bytes[5..<37])
    code = Array(bytes[37...])
    self.bytes = bytes
    guard epoch > 0 else { return nil }
  }

  /// Whether the card was made for the token by somebody who has the epoch that it names. `false` too where this keyring lacks
  /// that epoch.
  package func isGood(forToken tokenDigest: [UInt8], keyring: Keyring) -> Bool {
    let head = Self.head(epoch: epoch, publicKey: publicKey)
    return keyring.secrets(of: epoch).contains {
      isEqualInConstantTime(
        code, Self.code(head, tokenDigest: tokenDigest, secret: $0, library: keyring.library))
    }
  }

  private static func head(epoch: UInt32, publicKey: [UInt8]) -> [UInt8] {
    precondition(publicKey.count == DeviceKey.byteCount, "a public key has 32 bytes")
    var writer = ByteWriter()
    writer.writeByte(version)
    writer.writeFixed(epoch)
    writer.write(publicKey)
    return writer.bytes
  }

  private static func code(
    _ head: [UInt8], tokenDigest: [UInt8], secret: EpochSecret, library: LibraryID
  ) -> [UInt8] {
    hmacSHA256(
      key: secret.key("gloss card 1", of: library), head + library.bytes + tokenDigest)
  }

  private static let version: UInt8 = 1
  private static let byteCount = 5 + DeviceKey.byteCount + sha256ByteCount
}
