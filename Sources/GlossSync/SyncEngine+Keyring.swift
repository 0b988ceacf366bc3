internal import GlossSeal
internal import GlossStore
internal import GlossWire

// A page says up to which epoch the hub's keyring goes, so a replica learns of a new one with any sync. It follows before it takes
// the page in, because what is in it may be sealed under the new epoch.

extension SyncEngine {
  /// Takes the keys from the replica's file: another process may have brought new ones.
  func loadKeys() throws(SyncError) {
    use(try stored { try replica.localKeys(root: root, using: &generator).keys.keyring })
  }

  /// Lets the others know this replica's key, unless the hub has its card.
  func showCard(_ conversation: inout Conversation) async throws(SyncError) {
    guard let card = try stored({ try replica.cardToPut(root: root, using: &generator) }) else {
      return
    }
    do throws(SyncError) {
      _ = try await send(
        .putCard(replica.library, tokenDigest: card.tokenDigest, card: card.card), &conversation)
    } catch .hub(.refused(let problem)) where problem.isOfOlderHub {
      return
    }
    try stored { try replica.noteCard(card) }
  }

  /// Brings the replica's keyring and the hub's to the same.
  ///
  /// Where that fails for what the hub has, the conversation goes on with the keys that are here, and tells at its end. Where the
  /// hub lost an epoch, and somebody began another one of its number, it sends nothing more, which only these would open; and the
  /// place that it comes to is not kept, so that what does not open now comes again once a code has brought the other key.
  ///
  /// - Parameter epoch: The newest epoch at the hub, 0 for none; `nil` to ask, and to compare all that both have.
  func followKeyring(
    to epoch: UInt32?, _ conversation: inout Conversation
  ) async throws(SyncError) {
    guard conversation.keyringError == nil else { return }
    let (keys, entries) = try stored { try replica.localKeys(root: root, using: &generator) }
    guard entries.keyringEnd != max(epoch ?? 1, 1) else { return }
    let exchange = KeyringExchange(
      keys: keys, entries: entries, hubEpoch: epoch, comparesAll: epoch == nil)
    let done: KeyringExchange
    do throws(SyncError) {
      done = try await exchange.finished(of: replica.library) {
        action async throws(SyncError) in
        try await send(action, &conversation)
      }
      try stored { try replica.keep(done, root: root, using: &generator) }
    } catch .keyring(let error, let epoch) {
      conversation.keyringError = .keyring(error, epoch: epoch)
      if error == .otherEpoch {
        conversation.hasOtherKeyring = true
        conversation.session.stopPushing()
      }
      if error == .notForThisDevice {
        try stored { try replica.noteLeftOut(of: epoch) }
        conversation.session.stopPushing()
      }
      return
    }
    guard done.entries != entries else { return }
    try loadKeys()
    conversation.hasNewKeys = true
    try await showCard(&conversation)
  }

  /// Whether a bundle does not open under the key of its epoch, which is one that the hub's keyring has an entry for.
  func mayBeOfOtherKeyring(_ bundles: [ReceivedBundle]) -> Bool {
    bundles.contains { $0.content == .failure(.wrongKey) && $0.header.epoch > 1 }
  }
}

extension Problem {
  /// Whether a hub says so that is of a version without keyrings.
  var isOfOlderHub: Bool { type == .notFound || type == .methodNotAllowed }

  /// What a replica reports of such a hub where it has to begin an epoch.
  static let noKeyring = Problem(
    .upgradeRequired, status: 406, detail: "it is of a version that keeps no keys of libraries")
}
