internal import GlossCore
internal import GlossSeal
internal import GlossStore
internal import GlossWire

extension HubSetup {
  /// Keeps the newest epoch's secret that a code brings.
  static func take(
    _ code: PairingCode, into replica: Replica, using generator: inout some RandomNumberGenerator
  ) throws(SyncError) {
    do {
      try replica.updateKeys(root: code.root, using: &generator) { keys, entries in
        guard code.epoch > 1 else { return }
        let held = keys.keyring.secrets(of: code.epoch)
        // A person chose this history of the keyring, whichever epochs it has in common with the one here: its entries are fetched.
        if !held.contains(code.secret) { entries = [:] }
        if held.isEmpty || held.contains(code.secret) {
          keys.keyring.add(code.secret, of: code.epoch)
        } else {
          keys.keyring.turn(to: code.secret, of: code.epoch)
        }
      }
    } catch {
      throw .store(StoreError(error, path: replica.path))
    }
  }

  /// Brings a replica's keyring and the hub's to the same, and returns what the replica has then.
  ///
  /// - Parameter comparesAll: See ``KeyringExchange/init(keys:entries:hubEpoch:comparesAll:)``.
  static func followKeyring(
    of replica: Replica, root: RootKey, comparesAll: Bool = false,
    over transport: any HubTransport, using generator: inout some RandomNumberGenerator
  ) async throws(SyncError) -> (keys: LocalKeys, entries: [UInt32: [UInt8]]) {
    let credential = try credential(of: replica)
    let (keys, entries) = try stored(replica) {
      try replica.localKeys(root: root, using: &generator)
    }
    let exchange = try await KeyringExchange(
      keys: keys, entries: entries, hubEpoch: nil, comparesAll: comparesAll
    ).finished(of: replica.library) { action async throws(SyncError) in
      try await request(action, credential: credential, transport)
    }
    if exchange.entries != entries {
      try stored(replica) { try replica.keep(exchange, root: root, using: &generator) }
      await showCard(of: replica, root: root, over: transport, using: &generator)
    }
    return (exchange.keys, exchange.entries)
  }

  /// Lets the others know the replica's key. Where that fails, the next sync does it.
  static func showCard(
    of replica: Replica, root: RootKey, over transport: any HubTransport,
    using generator: inout some RandomNumberGenerator
  ) async {
    guard let card = try? replica.cardToPut(root: root, using: &generator),
      let credential = try? credential(of: replica)
    else { return }
    let put = HubRequest.Action.putCard(
      replica.library, tokenDigest: card.tokenDigest, card: card.card)
    guard (try? await request(put, credential: credential, transport)) != nil else { return }
    try? replica.noteCard(card)
  }

  static func stored<T>(
    _ replica: Replica, _ body: () throws -> T
  ) throws(SyncError) -> T {
    do {
      return try body()
    } catch {
      throw .store(StoreError(error, path: replica.path))
    }
  }
}
