import GlossCore
import GlossCrypto
import Testing

@testable import GlossSeal

/// What a device keeps of keys on its disk, and what it is not read from.
struct LocalKeysTests {
  private let device = DeviceKey(bytes: [UInt8](repeating: 7, count: 32))!

  private func keys() -> LocalKeys {
    var keyring = Keyring(root: Sample.root, library: Sample.library)
    for (epoch, byte) in [(2, 2), (3, 3), (3, 4)] as [(UInt32, UInt8)] {
      keyring.add(EpochSecret(bytes: [UInt8](repeating: byte, count: 32))!, of: epoch)
    }
    return LocalKeys(device: device, keyring: keyring)
  }

  private func sealed() -> [UInt8] {
    var generator = SeededGenerator(state: 1)
    return keys().sealed(root: Sample.root, using: &generator)
  }

  private func read(
    _ bytes: [UInt8], root: RootKey = Sample.root, library: LibraryID = Sample.library
  ) -> LocalKeys? {
    LocalKeys(sealed: bytes, root: root, library: library)
  }

  /// Seals any content as ``LocalKeys`` does, which itself writes none that it does not read.
  private func sealed(content: [UInt8]) -> [UInt8] {
    let head = [1] + [UInt8](0..<32)
    let key = hkdfSHA256(
      secret: Sample.root.bytes, salt: Array(head[1...]),
      info: Array("gloss device at rest 1".utf8) + Sample.library.bytes, count: 32)
    return head
      + ChaCha20Poly1305.seal(
        content, key: key, nonce: [UInt8](repeating: 0, count: 12), authenticating: head)
  }

  @Test func `keys are read back, several secrets of an epoch in their order`() throws {
    let same = try #require(read(sealed()))
    #expect(same.device.bytes == device.bytes)
    #expect(same.keyring.epochs == [1, 2, 3])
    for epoch in UInt32(1)...3 {
      #expect(same.keyring.secrets(of: epoch) == keys().keyring.secrets(of: epoch))
    }
    #expect(same.keyring.newestSecret == EpochSecret(bytes: [UInt8](repeating: 4, count: 32)))
  }

  @Test func `no byte of them is in what is kept`() {
    #expect(!sealed().contains(device.bytes))
  }

  @Test func `another root key, another library and any altered or missing byte are refused`() {
    let bytes = sealed()
    #expect(read(bytes, root: Sample.otherRoot) == nil)
    #expect(read(bytes, library: Sample.otherLibrary) == nil)
    for index in bytes.indices {
      #expect(read(flipping(bit: index * 8, of: bytes)) == nil, "byte \(index)")
      #expect(read(Array(bytes.prefix(index))) == nil, "\(index) bytes")
    }
  }

  @Test func `a content that no program writes is refused`() {
    let secret = [UInt8](repeating: 2, count: 32)
    #expect(read(sealed(content: device.bytes))?.keyring.epochs == [1])
    #expect(read(sealed(content: device.bytes + [0, 0, 0, 2] + secret))?.keyring.epochs == [1, 2])
    #expect(read(sealed(content: [])) == nil)
    #expect(read(sealed(content: device.bytes.dropLast())) == nil)
    for epoch: UInt8 in [0, 1] {
      #expect(read(sealed(content: device.bytes + [0, 0, 0, epoch] + secret)) == nil)
    }
    #expect(read(sealed(content: device.bytes + [0, 0])) == nil)
    #expect(read(sealed(content: device.bytes + [0, 0, 0, 2] + secret.dropLast())) == nil)
  }

  @Test func `keys have 32 bytes, and each random one is new`() {
    for count in [0, 31, 33] {
      #expect(DeviceKey(bytes: [UInt8](repeating: 1, count: count)) == nil)
      #expect(EpochSecret(bytes: [UInt8](repeating: 1, count: count)) == nil)
    }
    var generator = SeededGenerator(state: 1)
    let keys = (0..<10).map { _ in DeviceKey.random(using: &generator) }
    #expect(Set(keys.map(\.publicKey)).count == 10)
    #expect(keys.allSatisfy { $0.publicKey == DeviceKey(bytes: $0.bytes)?.publicKey })
    let secrets = (0..<10).map { _ in EpochSecret.random(using: &generator).bytes }
    #expect(Set(secrets).count == 10)
    #expect(secrets.allSatisfy { $0.count == EpochSecret.byteCount })
  }
}
