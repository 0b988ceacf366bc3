internal import GlossCore
public import GlossSeal
public import GlossStore
public import GlossWire

/// Syncs one replica with its hub: does what a ``SyncSession`` says.
public actor SyncEngine {
  let replica: Replica
  let root: RootKey
  /// The keys of all epochs that the replica has, as it begins a conversation and learns of new ones.
  private(set) var sealer: Sealer
  /// What ``sealer`` was derived from.
  private(set) var keyring: Keyring
  let transport: any HubTransport
  let sleep: @Sendable (Duration) async throws -> Void
  private let retries: RetryPolicy
  let history: @Sendable () -> SnapshotHistory
  var generator: any RandomNumberGenerator & Sendable
  private let executor = QueueExecutor(label: "gloss.sync")
  /// About how many bytes of values a piece of a snapshot has that this engine makes.
  private(set) var pieceByteCount = SnapshotPlan.pieceByteCount

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Creates an engine.
  ///
  /// - Parameters:
  ///   - replica: The replica; others may use it meanwhile.
  ///   - root: The library's root key.
  ///   - transport: Reaches the hub that the replica is connected with.
  ///   - history: Says what snapshots carry of the past, at the moment when one is made.
  ///   - generator: The source of salts and jitter; a cryptographic one outside tests.
  ///   - sleep: Waits; `Task.sleep(for:)` outside tests.
  public init(
    replica: Replica, root: RootKey, transport: any HubTransport,
    history: @escaping @Sendable () -> SnapshotHistory = { .whole },
    using generator: any RandomNumberGenerator & Sendable,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.replica = replica
    self.root = root
    sealer = Sealer(root: root, library: replica.library)
    keyring = Keyring(root: root, library: replica.library)
    self.transport = transport
    self.generator = generator
    self.sleep = sleep
    self.history = history
    retries = RetryPolicy()
  }

  /// Makes snapshots of smaller pieces from now on: for tests.
  package func cutSnapshots(at byteCount: Int) { pieceByteCount = byteCount }

  /// Pushes and pulls until both sides hold the same.
  ///
  /// One process at a time syncs a library. Nothing is locked while the network is waited for, and each page is applied with
  /// its place in the hub's log in one transaction, so a sync that ends early, however it ends, has lost and repeated nothing.
  ///
  /// - Parameters:
  ///   - massDeletes: What to do where the hub's changes delete much of the library.
  ///   - largeValues: What to do about those that are not here.
  ///   - progress: Is told what was done after each step that asked the hub something.
  public func sync(
    massDeletes: MassDeletePolicy = .refuse, largeValues: LargeValues = .fetch,
    progress: (@Sendable (SyncReport) -> Void)? = nil
  ) async throws(SyncError) -> SyncReport {
    try await sync(massDeletes, largeValues, startingWith: nil, progress: progress)
  }

  /// A page that was asked for outside a conversation, and where it was asked to begin.
  struct News: Sendable {
    var cursor: Cursor?
    var page: Page
  }

  /// Does what ``sync(massDeletes:largeValues:progress:)`` does, beginning with a page that is here already.
  func sync(
    _ massDeletes: MassDeletePolicy, _ largeValues: LargeValues, startingWith news: News?,
    progress: (@Sendable (SyncReport) -> Void)?
  ) async throws(SyncError) -> SyncReport {
    let lock = try lockSyncing()
    let report = try await converse(
      massDeletes, largeValues, startingWith: news, progress: progress)
    lock.release()
    return report
  }

  /// Keeps other processes from syncing the library until the lock is released.
  func lockSyncing() throws(SyncError) -> FileLock {
    do {
      return try FileLock(path: replica.path + "-sync-lock", patienceMilliseconds: 0)
    } catch {
      if case .busy = error { throw .syncInProgress }
      throw .store(error)
    }
  }

  private func converse(
    _ massDeletes: MassDeletePolicy, _ largeValues: LargeValues, startingWith news: News?,
    progress: (@Sendable (SyncReport) -> Void)?
  ) async throws(SyncError) -> SyncReport {
    try await HubSetup.renewSharedToken(
      of: replica, root: root, over: transport, using: &generator)
    try loadKeys()
    guard let remote = try stored({ try replica.remote() }) else { throw .notConnected }
    if try stored({ try replica.hasUnconfirmedBlobs() }) {
      try stored { try replica.offerAllBlobs() }
    }
    var conversation = Conversation(
      remote: remote, session: try newSession(largeValues), massDeletes: massDeletes,
      largeValues: largeValues)
    try await showCard(&conversation)
    if remote.cursor == nil { try await followKeyring(to: nil, &conversation) }
    try retrySetAside(&conversation)
    // Another process may have been there meanwhile: then the page is asked for again.
    if let news, news.cursor == remote.cursor, news.page.isWhole(after: news.cursor) {
      try await apply(news.page, to: &conversation)
    }
    while true {
      let requests = conversation.report.requests
      do throws(SyncError) {
        let step = conversation.session.next()
        if step == .done, try await isComplete(&conversation) {
          try finish(&conversation)
          await makeSnapshot(&conversation)
          return conversation.report
        }
        try await perform(step, &conversation, progress)
      } catch .hub(.refused(let problem)) {
        try answer(problem, &conversation)
      }
      if conversation.report.requests > requests { progress?(conversation.report) }
    }
  }

  /// Whether nothing is left to do once the session has nothing more to say.
  private func isComplete(_ conversation: inout Conversation) async throws(SyncError) -> Bool {
    if try takeInWithNewKeys(&conversation) { return false }
    return try await confirmBlobs(&conversation)
  }

  /// Does what the session says; after the last step nothing is left to do.
  private func perform(
    _ step: SyncSession.Step, _ conversation: inout Conversation,
    _ progress: (@Sendable (SyncReport) -> Void)?
  ) async throws(SyncError) {
    switch step {
    case .done: break
    case .compareVectors: try await compareVectors(&conversation)
    case .takeSnapshot: try await takeSnapshot(&conversation, progress)
    case .pull(let cursor):
      let reply = try await send(.pull(replica.library, after: cursor), &conversation)
      guard case .page(let page) = reply else { throw .unexpectedReply }
      guard page.isWhole(after: cursor) else { throw .pageOutOfPlace }
      try await apply(page, to: &conversation)
    case .push(let origin, let first, let byteLimit, let cursor):
      try await push(origin, from: first, byteLimit: byteLimit, after: cursor, &conversation)
    case .pushSetAside(let cursor): try await pushSetAside(after: cursor, &conversation)
    case .sendBlobs(let byteLimit): try await sendBlobs(byteLimit: byteLimit, &conversation)
    case .fetchBlobs: try await fetchBlobs(&conversation)
    }
  }

  /// Lets the session answer a refusal.
  ///
  /// - Throws: The refusal, where it ends the conversation.
  private func answer(
    _ problem: Problem, _ conversation: inout Conversation
  ) throws(SyncError) {
    let holdsOurs = try isOurs(problem.held)
    guard conversation.session.didRefuse(problem, holdsOurs: holdsOurs) else {
      if problem.type == .compacted {
        // Without the key no snapshot opens: that is what a person can do something about.
        if let error = conversation.keyringError { throw error }
        if let fault = conversation.snapshotFault { throw .snapshotUnusable(fault) }
      }
      throw .hub(.refused(problem))
    }
    if problem.type == .quotaExceeded { conversation.quota = problem }
    if !holdsOurs, let held = problem.held, let origin = ReplicaID(bytes: held.origin) {
      conversation.divergedSeqByOrigin[origin] = held.lastSeq
    }
  }

  private func compareVectors(_ conversation: inout Conversation) async throws(SyncError) {
    let reply = try await send(.vector(replica.library), &conversation)
    guard case .vector(let vector) = reply else { throw .unexpectedReply }
    conversation.divergedSeqByOrigin = [:]
    try await followKeyring(to: nil, &conversation)
    try acknowledge(vector.origins[replica.id])
    try stored { try replica.offerAllBlobs() }
    conversation.asideToPush = try stored { try replica.bundlesToForward() }
      .filter { vector.origins[$0.origin].map(\.lastSeq) ?? 0 < $0.last }
    conversation.session.didCompare(
      vector, hasBlobs: try hasUnsentBlobs(), hasAside: !conversation.asideToPush.isEmpty)
    // A hub that lost its log may have lost the card, too.
    try stored { try replica.noteCard(nil) }
    try await showCard(&conversation)
  }

  func newSession(_ largeValues: LargeValues) throws(SyncError) -> SyncSession {
    let hasUnsentBlobs = try hasUnsentBlobs()
    return try stored {
      var session = SyncSession(
        vector: try replica.read { try $0.vector() },
        pushedSeqByOrigin: try replica.pushedSeqByReplica(), authors: try replica.authors(),
        cursor: try replica.remote()?.cursor,
        hasUnsentBlobs: hasUnsentBlobs, fetchesBlobs: largeValues == .fetch,
        isMidSnapshot: try replica.snapshotProgress() != nil,
        hasAside: try !replica.bundlesToForward().isEmpty,
        looksFirst: sealer.currentEpoch > 1)
      if try replica.isLeftOut(with: keyring) { session.stopPushing() }
      return session
    }
  }

  /// Begins the conversation anew with what the replica holds by now.
  func beginSession(_ conversation: inout Conversation) throws(SyncError) {
    conversation.session = try newSession(conversation.largeValues)
    if conversation.hasOtherKeyring { conversation.session.stopPushing() }
  }

  private func finish(_ conversation: inout Conversation) throws(SyncError) {
    conversation.report.setAside = try stored { try replica.setAside() }
    conversation.report.missingBlobs = try stored { try replica.wantedBlobCount() }
    try stored {
      for (former, seq) in conversation.sentSeqByFormer {
        try replica.acknowledgeFormer(former, upTo: seq)
      }
      try replica.noteCaughtUp()
    }
    if let error = conversation.keyringError { throw error }
    if let quota = conversation.quota { throw .hub(.refused(quota)) }
    if let (origin, seq) = conversation.divergedSeqByOrigin.min(by: { $0.key < $1.key }) {
      throw .diverged(origin: origin, seq: seq)
    }
  }

  private func push(
    _ origin: ReplicaID, from first: UInt64, byteLimit: Int, after cursor: Cursor?,
    _ conversation: inout Conversation
  ) async throws(SyncError) {
    let run = try stored { try replica.run(of: origin, from: first, byteLimit: byteLimit) }
    guard let run else { throw .diverged(origin: origin, seq: first) }
    // The run has what others wrote in the meantime, too, and what that names is to be there first.
    if try hasUnsentBlobs() { return conversation.session.didFindUnsentBlobs() }
    let bundle = seal(run)
    let reply = try await send(
      .push(replica.library, bundles: [bundle], after: cursor), &conversation)
    guard case .page(let page) = reply else { throw .unexpectedReply }
    conversation.session.didPush(origin, through: run.last)
    if origin == replica.id {
      try stored { try replica.acknowledge(run.last, tip: run.tip) }
      conversation.report.pushedChanges += run.content.changes.count
    } else {
      conversation.sentSeqByFormer[origin] = run.last
      // A hub that loses something once more may end there.
      try stored { try replica.noteTip(run.tip, of: origin, at: run.last) }
    }
    if page.isWhole(after: cursor, leavingOut: bundle) {
      try await apply(page, to: &conversation)
    } else {
      conversation.session.didSkipPage()
    }
  }

  /// Applies the page that a push or a pull was answered with.
  private func apply(_ page: Page, to conversation: inout Conversation) async throws(SyncError) {
    try await followKeyring(to: page.epoch, &conversation)
    if page.wantsSnapshot { conversation.wantsSnapshot = true }
    var bundles: [ReceivedBundle] = []
    for bundle in page.bundles {
      bundles.append(try receive(bundle))
    }
    if mayBeOfOtherKeyring(bundles) { try await followKeyring(to: nil, &conversation) }
    let mayKeep = conversation.session.mayKeepCursor && !conversation.hasOtherKeyring
    let cursor = mayKeep ? page.cursor : nil
    try take(bundles, upTo: cursor, &conversation)
    conversation.session.didApply(upTo: page.cursor, hasMore: page.hasMore)
  }

  /// Makes the keys of a keyring those that bundles are sealed and opened with.
  func use(_ keyring: Keyring) {
    self.keyring = keyring
    sealer = Sealer(root: root, keyring: keyring)
  }

  func newReplicaID() -> ReplicaID {
    func make(_ generator: inout some RandomNumberGenerator) -> ReplicaID {
      .random(using: &generator)
    }
    return make(&generator)
  }

  /// Sends a request, again where that may help.
  func send(
    _ action: HubRequest.Action, _ conversation: inout Conversation
  ) async throws(SyncError) -> HubReply {
    try await send(
      action, credential: conversation.remote.credential, counting: &conversation.report.requests)
  }

  func send(
    _ action: HubRequest.Action, credential: String, counting requests: inout Int
  ) async throws(SyncError) -> HubReply {
    let request = HubRequest(action, credential: credential)
    var failures = 0
    while true {
      if Task.isCancelled { throw .hub(.transport(.cancelled)) }
      requests += 1
      do {
        return try await transport.send(request)
      } catch {
        failures += 1
        guard let wait = retries.wait(after: error, failures: failures, using: &generator) else {
          throw .hub(error)
        }
        do { try await sleep(wait) } catch { throw .hub(.transport(.cancelled)) }
      }
    }
  }

  func stored<T>(_ body: () throws -> T) throws(SyncError) -> T {
    do {
      return try body()
    } catch {
      throw .store(StoreError(error, path: replica.path))
    }
  }
}

extension SyncError {
  /// The hub answered another action than it was asked for.
  static let unexpectedReply = SyncError.hub(.notOurs("the reply is to another request"))

  /// The page's bundles are not those between where it was asked to begin and where it says that it ends.
  static let pageOutOfPlace = SyncError.hub(.notOurs("a page leaves out part of the log"))
}
