public import GlossCore
internal import GlossCrypto
internal import GlossSeal
internal import GlossStore
internal import GlossWire

// Large values on their way
// =========================
//
// Up. What the hub is not known to have is sent before the changes that may name it. Little is sent at once; of much the hub is
// first asked what it has, by the names alone, because mostly that is everything: another replica sent it. Small values share
// requests. One that fills more than a request is sealed, which gives the same bytes each time, and the hub is asked how much
// of these bytes it has; an upload that was interrupted goes on there, though nothing was kept of it here.
//
// Down. Up to 64 values are asked for at once, and the hub fills its reply with them in order, the last one cut. What came is
// kept in one transaction, the beginning of the one that was cut too, so that a fetch that is interrupted goes on there. The
// place in the order of the names moves past all that is settled: what came, what the hub does not have, and what is not what
// its name says, none of which is asked for again in this conversation.
//
// At most a reply's worth of values and one more are in memory at any time.
//
// A conversation that sent values ends with the question whether the hub has them still. One that was interrupted before is
// followed by one that offers all of them again.

extension SyncEngine {
  /// Fetches one large value, whatever the syncs do, beside any of them.
  ///
  /// - Returns: ``LargeValueOutcome/held`` for one that nothing here names, too.
  /// - Throws: Where the hub cannot be asked. What came until then is kept.
  public func fetch(_ id: BlobID) async throws(SyncError) -> LargeValueOutcome {
    try loadKeys()
    var requests = 0
    return try await fetch(id, counting: &requests)
  }

  func fetch(
    _ id: BlobID, counting requests: inout Int
  ) async throws(SyncError) -> LargeValueOutcome {
    guard let remote = try stored({ try replica.remote() }) else { throw .notConnected }
    var fetch = BlobFetch()
    while let wanted = try stored({ try replica.wantedBlob(id) }) {
      let parts = try await ask(
        for: [wanted], credential: remote.credential, counting: &requests)
      let settled = try take(parts, of: [wanted], &fetch)
      if fetch.refused.contains(id) { return .refused }
      if settled == 1, fetch.receivedCount == 0 { return .missing }
    }
    return .held
  }

  func hasUnsentBlobs() throws(SyncError) -> Bool {
    try stored { try !replica.unsentBlobs(limit: 1).isEmpty }
  }

  // MARK: Up

  /// Sends some of the large values that the hub is not known to have.
  func sendBlobs(byteLimit: Int, _ conversation: inout Conversation) async throws(SyncError) {
    var unsent = try stored { try replica.unsentBlobs(limit: Self.offerCount) }
    if unsent.reduce(0, { $0 + $1.byteCount }) > Self.unaskedByteCount {
      let ids = unsent.map(\.id)
      let held = try await upload(
        ids.map { BlobPart(asking: sealer.name(of: $0)) }, &conversation
      ).map(\.isComplete)
      try noteSent(zip(ids, held).filter(\.1).map(\.0), &conversation)
      unsent = zip(unsent, held).filter { !$0.1 }.map(\.0)
    }
    var outbox: [(id: BlobID, part: BlobPart)] = []
    var byteCount = 0
    for (id, _) in unsent {
      guard let content = try stored({ try replica.read { try $0.blob(id) } }) else { continue }
      let sealed = sealer.sealed(content, as: id)
      if sealed.count > byteLimit {
        try await sendInPieces(sealed, id, byteLimit: byteLimit, &conversation)
        continue
      }
      if byteCount + sealed.count > byteLimit {
        try await send(outbox, &conversation)
        (outbox, byteCount) = ([], 0)
      }
      outbox.append((id, part(of: sealed, id, digest: sha256(sealed), 0..<sealed.count)))
      byteCount += sealed.count
    }
    try await send(outbox, &conversation)
    conversation.session.didSendBlobs(hasMore: try hasUnsentBlobs())
  }

  /// Sends whole blobs in one request.
  private func send(
    _ outbox: [(id: BlobID, part: BlobPart)], _ conversation: inout Conversation
  ) async throws(SyncError) {
    guard !outbox.isEmpty else { return }
    let holdings = try await upload(outbox.map(\.part), &conversation)
    guard holdings.allSatisfy(\.isComplete) else { throw .blobNotKept }
    try noteSent(outbox.map(\.id), &conversation)
  }

  /// Sends one blob from where the hub's part of it ends.
  private func sendInPieces(
    _ sealed: [UInt8], _ id: BlobID, byteLimit: Int, _ conversation: inout Conversation
  ) async throws(SyncError) {
    let digest = sha256(sealed)
    var range = 0..<0
    while true {
      let holding = try await upload([part(of: sealed, id, digest: digest, range)], &conversation)[
        0]
      if holding.isComplete { break }
      guard holding.held < sealed.count, range.isEmpty || holding.held >= range.upperBound else {
        throw .blobNotKept
      }
      range = holding.held..<min(holding.held + byteLimit, sealed.count)
    }
    try noteSent([id], &conversation)
  }

  private func part(
    of sealed: [UInt8], _ id: BlobID, digest: [UInt8], _ range: Range<Int>
  ) -> BlobPart {
    BlobPart(
      name: sealer.name(of: id), digest: digest, size: sealed.count, offset: range.lowerBound,
      bytes: Array(sealed[range]))
  }

  private func upload(
    _ parts: [BlobPart], _ conversation: inout Conversation
  ) async throws(SyncError) -> [BlobHolding] {
    let reply = try await send(.uploadBlobs(replica.library, parts: parts), &conversation)
    guard case .holdings(let holdings) = reply, holdings.map(\.name) == parts.map(\.name) else {
      throw .unexpectedReply
    }
    return holdings
  }

  private func noteSent(_ ids: [BlobID], _ conversation: inout Conversation) throws(SyncError) {
    try stored { try replica.noteSent(ids) }
    conversation.report.sentBlobs += ids.count
    conversation.unconfirmedBlobs += ids
  }

  /// Asks whether the hub still has what was sent, now that it has what names that, and returns whether it does.
  ///
  /// A hub that is put back between the two has lost the one and takes in the other; any later loss shows in its log.
  func confirmBlobs(_ conversation: inout Conversation) async throws(SyncError) -> Bool {
    guard conversation.quota == nil, conversation.keyringError == nil,
      try stored({ try replica.hasUnconfirmedBlobs() })
    else { return true }
    var lacking: [BlobID] = []
    var waiting = conversation.unconfirmedBlobs[...]
    while !waiting.isEmpty {
      let ids = waiting.prefix(Self.offerCount)
      waiting = waiting.dropFirst(ids.count)
      let held = try await upload(
        ids.map { BlobPart(asking: sealer.name(of: $0)) }, &conversation
      ).map(\.isComplete)
      lacking += zip(ids, held).filter { !$0.1 }.map(\.0)
    }
    conversation.unconfirmedBlobs = []
    // One that says that it keeps them, and then that it has not, does so for ever.
    guard lacking.isEmpty || conversation.confirmationCount < Self.confirmationLimit else {
      throw .blobNotKept
    }
    conversation.confirmationCount += 1
    try stored { try replica.confirmBlobs(lacking: lacking) }
    if !lacking.isEmpty { conversation.session.didFindUnsentBlobs() }
    return lacking.isEmpty
  }

  /// How often a conversation sends what the hub has lost meanwhile.
  private static let confirmationLimit = 3
  /// How many large values are looked at at once.
  private static let offerCount = 1_000
  /// How many bytes are sent without a question before.
  private static let unaskedByteCount = 64 * 1_024

  // MARK: Down

  /// Fetches some of the large values that are wanted.
  func fetchBlobs(_ conversation: inout Conversation) async throws(SyncError) {
    let wanted = try stored {
      try replica.wantedBlobs(after: conversation.fetchedUpTo, limit: HTTPBinding.wantCountLimit)
    }
    guard !wanted.isEmpty else { return conversation.session.didFetchBlobs(hasMore: false) }
    let parts = try await ask(
      for: wanted, credential: conversation.remote.credential,
      counting: &conversation.report.requests)
    let settled = try take(parts, of: wanted, &conversation.fetch)
    conversation.report.receivedBlobs = conversation.fetch.receivedCount
    conversation.report.refusedBlobs = conversation.fetch.refused
    if settled > 0 { conversation.fetchedUpTo = wanted[settled - 1].id }
    let isLast = settled == wanted.count && wanted.count < HTTPBinding.wantCountLimit
    conversation.session.didFetchBlobs(hasMore: !isLast)
  }

  /// What a fetch over several requests has come to.
  struct BlobFetch {
    var receivedCount = 0
    var refused: Set<BlobID> = []
    /// Those whose beginning turned out to be of another seal.
    var restarted: Set<BlobID> = []
  }

  private func ask(
    for wanted: [WantedBlob], credential: String, counting requests: inout Int
  ) async throws(SyncError) -> [[UInt8]: BlobPart] {
    let wants = wanted.map {
      BlobWant(name: sealer.name(of: $0.id), offset: $0.part?.byteCount ?? 0)
    }
    let reply = try await send(
      .fetchBlobs(replica.library, wants: wants), credential: credential, counting: &requests)
    guard case .blobParts(let parts) = reply else { throw .unexpectedReply }
    return Dictionary(parts.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// Keeps what a reply has of the wanted values.
  ///
  /// - Returns: How many of them, from the first on, are not to be asked for again.
  private func take(
    _ parts: [[UInt8]: BlobPart], of wanted: [WantedBlob], _ fetch: inout BlobFetch
  ) throws(SyncError) -> Int {
    var arrivals: [BlobArrival] = []
    var byteCount = 0
    var firstUnsettled: Int?
    // The hub has room for some of the first one that it has: where nothing came, it does not mean to send anything.
    let hasBytes = wanted.contains { parts[sealer.name(of: $0.id)]?.bytes.isEmpty == false }
    for (place, blob) in wanted.enumerated() {
      guard let part = parts[sealer.name(of: blob.id)] else { continue }
      var step = try step(part, of: blob, fetch)
      if case .noRoom = step, !hasBytes { step = .refuse }
      switch step {
      case .keep(let content):
        arrivals.append(.whole(content))
        byteCount += content.count
        fetch.receivedCount += 1
      case .extend:
        arrivals.append(
          .piece(blob.id, digest: part.digest, start: part.offset, bytes: part.bytes))
        byteCount += part.bytes.count
      case .restart:
        arrivals.append(.restart(blob.id))
        fetch.restarted.insert(blob.id)
      case .refuse:
        arrivals.append(.restart(blob.id))
        fetch.refused.insert(blob.id)
      case .noRoom: break
      }
      if !step.isSettled { firstUnsettled = firstUnsettled ?? place }
      // What compresses well may be many times what came.
      if byteCount > Limits.blobByteCount {
        try stored { try replica.keep(arrivals) }
        (arrivals, byteCount) = ([], 0)
      }
    }
    try stored { try replica.keep(arrivals) }
    return firstUnsettled ?? wanted.count
  }

  /// What a part of a wanted value comes to.
  private enum Step {
    /// The value is here.
    case keep([UInt8])
    /// More of it is here.
    case extend
    /// What was here of it is of no use.
    case restart
    /// It is not the value.
    case refuse
    /// The hub has it, and had no room for it.
    case noRoom

    var isSettled: Bool {
      switch self {
      case .keep, .refuse: true
      case .extend, .restart, .noRoom: false
      }
    }
  }

  private func step(
    _ part: BlobPart, of blob: WantedBlob, _ fetch: BlobFetch
  ) throws(SyncError) -> Step {
    if let held = blob.part, held.digest != part.digest {
      return fetch.restarted.contains(blob.id) ? .refuse : .restart
    }
    let heldCount = blob.part?.byteCount ?? 0
    guard !part.digest.isEmpty, part.offset == heldCount, heldCount < part.size else {
      return .refuse
    }
    if part.bytes.isEmpty { return .noRoom }
    if part.end < part.size { return .extend }
    var sealed = part.bytes
    if heldCount > 0 { sealed = try stored { try replica.blobPart(blob.id) } + sealed }
    guard sealed.count == part.size, let content = try? sealer.opened(sealed, as: blob.id) else {
      return .refuse
    }
    return .keep(content)
  }
}

extension SyncError {
  /// The hub did not keep what it was sent, and did not say why.
  fileprivate static let blobNotKept = SyncError.hub(
    .notOurs("a large value was sent and is not held"))
}
