internal import GlossCore
internal import GlossCrypto
internal import GlossSeal
internal import GlossStore

// The keys of a replica beside the root key: its own, and the secrets of the epochs after the first. They lie in its file, sealed
// under the root key.

extension Replica {
  /// Returns the replica's keys and the entries of the keyring that it has. A replica without a key of its own makes one.
  func localKeys(
    root: RootKey, using generator: inout some RandomNumberGenerator
  ) throws -> (keys: LocalKeys, entries: [UInt32: [UInt8]]) {
    let stored = try storedKeyring()
    if let keys = opened(stored, root: root) { return (keys, stored.entries) }
    return try updateKeys(root: root, using: &generator) { keys, entries in (keys, entries) }
  }

  /// Lets `body` change the keys and the entries in one transaction.
  func updateKeys<T>(
    root: RootKey, using generator: inout some RandomNumberGenerator,
    _ body: (inout LocalKeys, inout [UInt32: [UInt8]]) throws -> T
  ) throws -> T {
    try updateKeyring { stored in
      // What another root key sealed is of no more use: the entries are fetched again.
      let isReadable = opened(stored, root: root) != nil
      var keys =
        opened(stored, root: root)
        ?? LocalKeys(
          device: .random(using: &generator), keyring: Keyring(root: root, library: library))
      if !isReadable { stored.entries = [:] }
      let result = try body(&keys, &stored.entries)
      stored.keys = keys.sealed(root: root, using: &generator)
      return result
    }
  }

  /// Keeps what an exchange brought.
  func keep(
    _ exchange: KeyringExchange, root: RootKey, using generator: inout some RandomNumberGenerator
  ) throws {
    try updateKeys(root: root, using: &generator) { keys, entries in
      keys.keyring.add(exchange.keys.keyring)
      entries.merge(exchange.entries) { _, new in new }
    }
  }

  /// Returns the digest of the replica's token and its card, where the hub does not have that card yet.
  func cardToPut(
    root: RootKey, using generator: inout some RandomNumberGenerator
  ) throws -> (tokenDigest: [UInt8], card: [UInt8])? {
    guard let remote = try remote() else { return nil }
    let keys = try localKeys(root: root, using: &generator).keys
    let digest = sha256(Array(remote.credential.utf8))
    let card = DeviceCard(
      of: keys.device.publicKey, tokenDigest: digest, keyring: keys.keyring)
    return try setting(Self.cardSetting) == digest + card.bytes ? nil : (digest, card.bytes)
  }

  /// Notes which card the hub has of the replica.
  func noteCard(_ card: (tokenDigest: [UInt8], card: [UInt8])?) throws {
    try setSetting(Self.cardSetting, to: card.map { $0.tokenDigest + $0.card })
  }

  /// Notes that the keyring has an epoch of which nothing was for this replica.
  func noteLeftOut(of epoch: UInt32) throws {
    try setSetting(Self.leftOutSetting, to: withUnsafeBytes(of: epoch.bigEndian) { Array($0) })
  }

  /// Whether the library has a later epoch than these keys, of which nothing was for this replica. Who was revoked may read what is
  /// sealed under an earlier one, so it sends nothing until it joins again.
  func isLeftOut(with keyring: Keyring) throws -> Bool {
    let epoch = try setting(Self.leftOutSetting)?.reduce(0) { $0 << 8 | UInt32($1) }
    return epoch ?? 0 > keyring.newestEpoch
  }

  private func opened(_ stored: StoredKeyring, root: RootKey) -> LocalKeys? {
    stored.keys.flatMap { LocalKeys(sealed: $0, root: root, library: library) }
  }

  private static let cardSetting = "card"
  private static let leftOutSetting = "left-out"
}
