import Foundation
import GlossCore
import GlossCrypto
import Testing

@testable import GlossSeal

/// The part of Protocol/vectors/seal.json about device keys, cards and the keyring.
struct KeyringVectorTests {
  private let vectors: SealVectors

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Protocol/vectors/seal.json").standardized
    vectors = try JSONDecoder().decode(SealVectors.self, from: Data(contentsOf: file))
  }

  @Test func `messages to a public key are as in the vectors, both ways`() throws {
    try #require(vectors.messages.count >= 3)
    for vector in vectors.messages {
      let key = try #require(DeviceKey(bytes: vector.deviceKey.bytes))
      #expect(key.publicKey == vector.publicKey.bytes)
      let sealed = HybridEncryption.seal(
        vector.content.bytes, to: key.publicKey, ephemeral: vector.ephemeralKey.bytes,
        info: vector.info.bytes)
      #expect(sealed == vector.sealed.bytes, "\(vector.name)")
      let opened = HybridEncryption.open(
        vector.sealed.bytes, with: key.bytes, info: vector.info.bytes)
      #expect(opened == vector.content.bytes, "\(vector.name)")
    }
  }

  @Test func `cards are as in the vectors, both ways`() throws {
    try #require(vectors.cards.count >= 3)
    for vector in vectors.cards {
      let keyring = try keyring([String(vector.epoch): vector.secret], library: vector.library)
      let card = DeviceCard(
        of: vector.publicKey.bytes, tokenDigest: vector.tokenDigest.bytes, keyring: keyring)
      #expect(card.bytes == vector.card.bytes, "\(vector.name)")
      let read = try #require(DeviceCard(bytes: vector.card.bytes))
      #expect(read == card && read.epoch == vector.epoch)
      #expect(read.isGood(forToken: vector.tokenDigest.bytes, keyring: keyring))
    }
  }

  @Test func `bad cards are refused as in the vectors`() throws {
    try #require(vectors.refusedCards.count >= 12)
    for vector in vectors.refusedCards {
      let keyring = try keyring(vector.secrets, library: vector.library)
      let isGood = DeviceCard(bytes: vector.card.bytes)?
        .isGood(forToken: vector.tokenDigest.bytes, keyring: keyring)
      #expect(isGood ?? false == false, "\(vector.name)")
    }
  }

  @Test func `entries of the keyring are made as in the vectors`() throws {
    try #require(vectors.keyringEntries.count >= 3)
    for vector in vectors.keyringEntries {
      let keyring = try keyring(
        [String(vector.epoch - 1): vector.previousSecret], library: vector.library)
      let keys = try vector.deviceKeys.map { try #require(DeviceKey(bytes: $0.bytes)) }
      var ephemeral = Replay(bytes: vector.ephemeralKeys.flatMap(\.bytes))
      let entry = KeyringEntry.make(
        after: keyring, secret: try #require(EpochSecret(bytes: vector.secret.bytes)),
        recipients: keys.map(\.publicKey), using: &ephemeral)
      #expect(entry.bytes == vector.entry.bytes, "\(vector.name)")
      #expect(entry.recipients == Set(keys.map(\.publicKey)))
    }
  }

  @Test func `entries of the keyring are taken in or refused as in the vectors`() throws {
    try #require(vectors.keyrings.count >= 30)
    for vector in vectors.keyrings {
      var keyring = try keyring(vector.held, library: vector.library)
      let before = contents(of: keyring)
      var outcome: String?
      let key = try #require(DeviceKey(bytes: vector.deviceKey.bytes))
      do {
        try keyring.take(vector.entries.map { try KeyringEntry(bytes: $0.bytes) }, for: key)
      } catch let error as KeyringError {
        outcome = name(of: error)
      }
      #expect(outcome == vector.error, "\(vector.name)")
      let expected = vector.secrets?.mapValues { [$0.bytes] } ?? before
      #expect(contents(of: keyring) == expected, "\(vector.name)")
    }
  }

  /// Found by fuzzing: the epoch after the greatest that fits 32 bits was computed, and that trapped.
  @Test func `entries that go on behind the greatest epoch are malformed`() throws {
    let bytes = [1, 0xFF, 0xFF, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 48 + 2 + 64)
    let entry = try KeyringEntry(bytes: bytes)
    let device = try #require(DeviceKey(bytes: [UInt8](repeating: 1, count: 32)))
    let library = try #require(LibraryID(bytes: [UInt8](repeating: 2, count: 16)))
    var keyring = Keyring(root: Sample.root, library: library)
    #expect(throws: KeyringError.malformed) {
      try keyring.take([entry, entry], for: device)
    }
    #expect(keyring.epochs == [1])
  }

  private func keyring(
    _ secrets: [String: HexadecimalBytes], library: HexadecimalBytes
  ) throws -> Keyring {
    let root = try #require(RootKey(bytes: (secrets["1"]?.bytes ?? Sample.root.bytes)))
    var keyring = Keyring(root: root, library: try #require(LibraryID(bytes: library.bytes)))
    for (epoch, secret) in secrets {
      keyring.add(
        try #require(EpochSecret(bytes: secret.bytes)), of: try #require(UInt32(epoch)))
    }
    return keyring
  }

  private func contents(of keyring: Keyring) -> [String: [[UInt8]]] {
    Dictionary(
      uniqueKeysWithValues: keyring.epochs.map {
        (String($0), keyring.secrets(of: $0).map(\.bytes))
      })
  }

  private func name(of error: KeyringError) -> String {
    switch error {
    case .newerVersion: "newerVersion"
    case .malformed: "malformed"
    case .notByAMember: "notByAMember"
    case .notForThisDevice: "notForThisDevice"
    case .badWrap: "badWrap"
    case .tampered: "tampered"
    case .badLink: "badLink"
    case .otherEpoch: "otherEpoch"
    }
  }
}

/// Gives the numbers whose bytes were recorded.
private struct Replay: RandomNumberGenerator {
  var bytes: [UInt8]

  mutating func next() -> UInt64 {
    defer { bytes.removeFirst(8) }
    return bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
  }
}
