import GlossCore
import GlossCrypto
import Testing

@testable import GlossSeal

/// Our own mistakes end the process, before anything is sealed with them.
struct TrapTests {
  @Test func `a card is of a public key`() async {
    await #expect(processExitsWith: .failure) {
      let keyring = Keyring(root: Sample.root, library: Sample.library)
      _ = DeviceCard(of: [UInt8](0..<31), tokenDigest: [UInt8](0..<32), keyring: keyring)
    }
  }

  @Test func `epochs are numbered from 1`() async {
    await #expect(processExitsWith: .failure) {
      var keyring = Keyring(root: Sample.root, library: Sample.library)
      keyring.add(EpochSecret(Sample.otherRoot), of: 0)
    }
  }

  @Test func `an enrolment secret has 16 bytes`() async {
    await #expect(processExitsWith: .failure) {
      _ = PairingCode(
        address: "", library: Sample.library, root: Sample.root, enrolmentSecret: [1])
    }
  }

  @Test func `a salt has 32 bytes`() async {
    await #expect(processExitsWith: .failure) {
      _ = Sample.sealer.seal([], as: .bundle, authenticating: [], epoch: 1, salt: [1])
    }
    await #expect(processExitsWith: .failure) {
      _ = try WrappedRootKey(
        Sample.root, library: Sample.library, passphrase: Passphrase("horse")!, salt: [1])
    }
  }

  @Test func `a backup's salt has 32 bytes, and its wrapped key at most 255`() async {
    await #expect(processExitsWith: .failure) {
      _ = BackupHeader(library: Sample.library, milliseconds: 0, wrappedKey: nil, salt: [1])
    }
    await #expect(processExitsWith: .failure) {
      _ = BackupHeader(
        library: Sample.library, milliseconds: 0, wrappedKey: [UInt8](repeating: 1, count: 256),
        salt: [UInt8](0..<32))
    }
  }

  @Test func `only a backup's last chunk is shorter, and none is empty`() async {
    await #expect(processExitsWith: .failure) { Self.seal(1, .within) }
    await #expect(processExitsWith: .failure) { Self.seal(0, .last) }
    await #expect(processExitsWith: .failure) { Self.seal(BackupSeal.chunkByteCount + 1, .last) }
  }

  private static func seal(_ count: Int, _ place: BackupSeal.Place) {
    let header = BackupHeader(
      library: Sample.library, milliseconds: 0, wrappedKey: nil, salt: [UInt8](0..<32))
    var seal = BackupSeal(header, root: Sample.root)
    _ = seal.seal([UInt8](repeating: 1, count: count), place)
  }

  @Test func `nothing is sealed under an epoch whose key is not here`() async {
    await #expect(processExitsWith: .failure) {
      let salt = [UInt8](0..<32)
      _ = Sample.sealer.seal([], as: .bundle, authenticating: [], epoch: 2, salt: salt)
    }
    await #expect(processExitsWith: .failure) {
      _ = Sample.sealer.sealBlob([], authenticating: [], epoch: 2)
    }
  }

  @Test func `a content's length fits 4 bytes`() async {
    await #expect(processExitsWith: .failure) {
      // Nobody looks at the bytes, so they take no memory.
      let content = [UInt8](unsafeUninitializedCapacity: 1 << 32) { $1 = 1 << 32 }
      let salt = [UInt8](0..<32)
      _ = Sample.sealer.seal(content, as: .bundle, authenticating: [], epoch: 1, salt: salt)
    }
  }

  @Test func `keys and nonces of ChaCha20-Poly1305 have their lengths`() async {
    await #expect(processExitsWith: .failure) {
      _ = ChaCha20Poly1305.seal([], key: [1], nonce: [UInt8](0..<12), authenticating: [])
    }
    await #expect(processExitsWith: .failure) {
      _ = ChaCha20Poly1305.seal([], key: [UInt8](0..<32), nonce: [1], authenticating: [])
    }
    await #expect(processExitsWith: .failure) {
      _ = ChaCha20Poly1305.open([], key: [1], nonce: [UInt8](0..<12), authenticating: [])
    }
    await #expect(processExitsWith: .failure) {
      _ = ChaCha20Poly1305.open([], key: [UInt8](0..<32), nonce: [1], authenticating: [])
    }
  }

  @Test func `a private key has 32 bytes`() async {
    await #expect(processExitsWith: .failure) { _ = HybridEncryption.publicKey(of: [1]) }
  }

  @Test(arguments: [0, 8_161]) func `HKDF yields 1 to 8,160 bytes`(count: Int) async {
    await #expect(processExitsWith: .failure) { [count] in
      _ = hkdfSHA256(secret: [1], salt: [], info: [], count: count)
    }
  }

  @Test func `scrypt has a password, a salt and parameters in range`() async {
    await #expect(processExitsWith: .failure) {
      _ = Scrypt.key(
        password: [], salt: [1],
        parameters: Scrypt.Parameters(costLog2: 1, blockSize: 1, parallelism: 1), count: 32)
    }
    await #expect(processExitsWith: .failure) {
      _ = Scrypt.key(
        password: [1], salt: [1],
        parameters: Scrypt.Parameters(costLog2: 25, blockSize: 1, parallelism: 1), count: 32)
    }
    await #expect(processExitsWith: .failure) {
      _ = Scrypt.key(
        password: [1], salt: [1],
        parameters: Scrypt.Parameters(costLog2: 1, blockSize: 17, parallelism: 1), count: 32)
    }
    await #expect(processExitsWith: .failure) {
      _ = Scrypt.key(
        password: [1], salt: [1],
        parameters: Scrypt.Parameters(costLog2: 1, blockSize: 1, parallelism: 0), count: 32)
    }
  }
}
