package import GlossCore
internal import GlossCrypto

/// What a device keeps of keys beside the root key: its own private key, and the secrets of the epochs after the first.
package struct LocalKeys: Sendable {
  /// The device's own key.
  package var device: DeviceKey

  /// The epochs that it has.
  package var keyring: Keyring

  package init(device: DeviceKey, keyring: Keyring) {
    self.device = device
    self.keyring = keyring
  }
}

// At rest all of it is under the root key, so what guards that one, such as a passphrase, guards it too. The bytes are: version (1
// byte), salt (32), and the ciphertext with its tag of: private key (32), and for each secret its epoch (4) and itself (32).

extension LocalKeys {
  /// Returns the keys as they may lie on a disk.
  ///
  /// - Parameter generator: A cryptographically secure one outside tests.
  package func sealed(
    root: RootKey, using generator: inout some RandomNumberGenerator
  ) -> [UInt8] {
    let salt = randomBytes(Self.saltByteCount, using: &generator)
    var writer = ByteWriter()
    writer.write(device.bytes)
    for epoch in keyring.epochs where epoch > 1 {
      for secret in keyring.secrets(of: epoch) {
        writer.writeFixed(epoch)
        writer.write(secret.bytes)
      }
    }
    let head = [Self.version] + salt
    return head
      + ChaCha20Poly1305.seal(
        writer.bytes, key: Self.key(root, keyring.library, salt: salt), nonce: Self.nonce,
        authenticating: head)
  }

  /// Reads what ``sealed(root:using:)`` made, or returns `nil` where it is of another root key, damaged, or of a later version.
  package init?(sealed bytes: [UInt8], root: RootKey, library: LibraryID) {
    let head = Array(bytes.prefix(1 + Self.saltByteCount))
    guard head.count == 1 + Self.saltByteCount, head[0] == Self.version,
      let opened = ChaCha20Poly1305.open(
        bytes.dropFirst(head.count), key: Self.key(root, library, salt: Array(head[1...])),
        nonce: Self.nonce, authenticating: head)
    else { return nil }
    var keyring = Keyring(root: root, library: library)
    guard let device = DeviceKey(bytes: opened.prefix(DeviceKey.byteCount)) else { return nil }
    do {
      var reader = ByteReader(opened.dropFirst(DeviceKey.byteCount))
      while !reader.isAtEnd {
        let epoch = try reader.readFixed(as: UInt32.self)
        guard epoch > 1, let secret = EpochSecret(bytes: try reader.read(EpochSecret.byteCount))
        else { return nil }
        keyring.add(secret, of: epoch)
      }
      self.init(device: device, keyring: keyring)
    } catch {
      return nil
    }
  }

  private static func key(_ root: RootKey, _ library: LibraryID, salt: [UInt8]) -> [UInt8] {
    hkdfSHA256(
      secret: root.bytes, salt: salt, info: Array("gloss device at rest 1".utf8) + library.bytes,
      count: ChaCha20Poly1305.keyByteCount)
  }

  private static let version: UInt8 = 1
  private static let saltByteCount = 32
  /// A key is used once, because its salt is.
  private static let nonce = [UInt8](repeating: 0, count: ChaCha20Poly1305.nonceByteCount)
}
