import GlossCore
import GlossCrypto
import Testing

@testable import GlossSeal

/// What the vectors do not say of keyrings: they are of one secret an epoch.
struct KeyringTests {
  private let device = DeviceKey(bytes: [UInt8](repeating: 7, count: 32))!

  private func secret(_ byte: UInt8) -> EpochSecret {
    EpochSecret(bytes: [UInt8](repeating: byte, count: 32))!
  }

  private func keyring(_ secrets: [(epoch: UInt32, byte: UInt8)] = []) -> Keyring {
    var keyring = Keyring(root: Sample.root, library: Sample.library)
    for (epoch, byte) in secrets { keyring.add(secret(byte), of: epoch) }
    return keyring
  }

  @Test func `the secret that was added last counts, a known one too`() {
    var keyring = keyring([(2, 2), (3, 3), (3, 4)])
    #expect(keyring.newestEpoch == 3 && keyring.newestSecret == secret(4))
    keyring.add(secret(3), of: 3)
    #expect(keyring.newestSecret == secret(3))
    #expect(keyring.secrets(of: 3) == [secret(4), secret(3)])
    keyring.add(secret(9), of: 2)
    #expect(keyring.newestEpoch == 3 && keyring.newestSecret == secret(3))
    #expect(keyring.secrets(of: 2) == [secret(2), secret(9)])
    #expect(keyring.secrets(of: 4).isEmpty)
  }

  @Test func `who turns to another history forgets the later epochs of the one before`() {
    var keyring = keyring([(2, 2), (3, 3), (4, 4)])
    keyring.turn(to: secret(9), of: 2)
    #expect(keyring.epochs == [1, 2] && keyring.secrets(of: 2) == [secret(2), secret(9)])
    #expect(keyring.newestEpoch == 2 && keyring.newestSecret == secret(9))
    keyring.add(secret(5), of: 3)
    #expect(keyring.newestEpoch == 3 && keyring.newestSecret == secret(5))
  }

  @Test func `another keyring adds what is lacking and moves nothing`() {
    var keyring = keyring([(2, 2), (2, 3)])
    keyring.add(self.keyring([(2, 2), (2, 4), (5, 5)]))
    #expect(keyring.secrets(of: 1) == [EpochSecret(Sample.root)])
    #expect(keyring.secrets(of: 2) == [secret(2), secret(3), secret(4)])
    #expect(keyring.epochs == [1, 2, 5])
    #expect(keyring.newestSecret == secret(5))
  }

  @Test func `no entries change nothing`() throws {
    var keyring = keyring([(2, 2)])
    try keyring.take([], for: device)
    #expect(keyring.epochs == [1, 2])
  }

  @Test func `an entry that was made is as it is read, without what is no public key`() throws {
    var generator = SeededGenerator(state: 1)
    let other = DeviceKey.random(using: &generator)
    let entry = KeyringEntry.make(
      after: keyring(), secret: secret(2),
      // A point of small order, and one byte too few.
      recipients: [
        device.publicKey, other.publicKey, device.publicKey, [UInt8](repeating: 0, count: 32), [1],
      ],
      using: &generator)
    #expect(entry.recipients == [device.publicKey, other.publicKey])
    #expect(try KeyringEntry(bytes: entry.bytes) == entry)
    for key in [device, other] {
      var keyring = keyring()
      try keyring.take([entry], for: key)
      #expect(keyring.newestSecret == secret(2))
    }
    var keyring = keyring()
    #expect(throws: KeyringError.notForThisDevice) {
      try keyring.take([entry], for: .random(using: &generator))
    }
    #expect(keyring.epochs == [1])
  }

  @Test func `a member's entry whose link does not open is refused`() throws {
    var generator = SeededGenerator(state: 1)
    var bytes = KeyringEntry.make(
      after: keyring(), secret: secret(2), recipients: [device.publicKey], using: &generator
    ).bytes.dropLast(64)
    bytes[5] ^= 1
    for (maker, label) in [
      (EpochSecret(Sample.root), "gloss maker 1"), (secret(2), "gloss entry 1"),
    ] {
      bytes += hmacSHA256(key: maker.key(label, of: Sample.library), Array(bytes))
    }
    let entry = try KeyringEntry(bytes: Array(bytes))
    var keyring = keyring()
    #expect(throws: KeyringError.badLink) { try keyring.take([entry], for: device) }
    #expect(keyring.epochs == [1])
  }

  @Test func `the secret of a code brings what came before it, beside another history`()
    throws
  {
    var generator = SeededGenerator(state: 1)
    let second = KeyringEntry.make(
      after: keyring(), secret: secret(9), recipients: [], using: &generator)
    let third = KeyringEntry.make(
      after: keyring([(2, 9)]), secret: secret(3), recipients: [device.publicKey], using: &generator
    )
    // The second epoch is another one here.
    var alone = keyring([(2, 2)])
    #expect(throws: KeyringError.notByAMember) { try alone.take([third], for: device) }
    #expect(throws: KeyringError.self) { try alone.take([second, third], for: device) }
    #expect(alone.epochs == [1, 2])
    var withCode = keyring([(2, 2), (3, 3)])
    try withCode.take([second, third], for: device)
    #expect(withCode.secrets(of: 2) == [secret(2), secret(9)])
    #expect(withCode.newestEpoch == 3 && withCode.newestSecret == secret(3))
    #expect(withCode.secrets(of: 1) == [EpochSecret(Sample.root)])
  }

  @Test func `an entry cut anywhere is malformed`() throws {
    var generator = SeededGenerator(state: 1)
    let bytes = KeyringEntry.make(
      after: keyring(), secret: secret(2), recipients: [device.publicKey], using: &generator
    ).bytes
    for count in 0..<bytes.count {
      #expect(throws: KeyringError.malformed) {
        try KeyringEntry(bytes: Array(bytes.prefix(count)))
      }
    }
    #expect(throws: KeyringError.malformed) { try KeyringEntry(bytes: bytes + [0]) }
  }
}
