internal import GlossCore
public import GlossSeal
public import GlossStore
public import GlossWire

/// Syncs one replica with its hub: does what a ``SyncSession`` says.
public actor SyncEngine {
  private let replica: Replica
  private let sealer: Sealer
  private let transport: any HubTransport
  private let sleep: @Sendable (Duration) async throws -> Void
  private let retries: RetryPolicy
  private var generator: any RandomNumberGenerator & Sendable
  private let executor = QueueExecutor(label: "gloss.sync")

  public nonisolated var unownedExecutor: UnownedSerialExecutor {
    executor.asUnownedSerialExecutor()
  }

  /// Creates an engine.
  ///
  /// - Parameters:
  ///   - replica: The replica; others may use it meanwhile.
  ///   - root: The library's root key.
  ///   - transport: Reaches the hub that the replica is connected with.
  ///   - generator: The source of salts and jitter; a cryptographic one outside tests.
  ///   - sleep: Waits; `Task.sleep(for:)` outside tests.
  public init(
    replica: Replica, root: RootKey, transport: any HubTransport,
    using generator: any RandomNumberGenerator & Sendable,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) {
    self.replica = replica
    sealer = Sealer(root: root, library: replica.library)
    self.transport = transport
    self.generator = generator
    self.sleep = sleep
    retries = RetryPolicy()
  }

  /// Pushes and pulls until both sides hold the same.
  ///
  /// One process at a time syncs a library. Nothing is locked while the network is waited for, and each page is applied with
  /// its place in the hub's log in one transaction, so a sync that ends early, however it ends, has lost and repeated nothing.
  ///
  /// - Parameter progress: Is told what was done after each request.
  public func sync(
    progress: (@Sendable (SyncReport) -> Void)? = nil
  ) async throws(SyncError) -> SyncReport {
    let lock: FileLock
    do {
      lock = try FileLock(path: replica.path + "-sync-lock", patienceMilliseconds: 0)
    } catch {
      if case .busy = error { throw .syncInProgress }
      throw .store(error)
    }
    let report = try await converse(progress: progress)
    lock.release()
    return report
  }

  private func converse(
    progress: (@Sendable (SyncReport) -> Void)?
  ) async throws(SyncError) -> SyncReport {
    guard let remote = try stored({ try replica.remote() }) else { throw .notConnected }
    var session = SyncSession(
      own: replica.id, vector: try stored { try replica.read { try $0.vector() } },
      pushedSeq: remote.pushedSeq, cursor: remote.cursor)
    var report = SyncReport()
    while true {
      let step = session.next()
      do throws(SyncError) {
        switch step {
        case .done:
          return report
        case .compareVectors:
          let reply = try await send(.vector(replica.library), remote, &report)
          guard case .vector(let vector) = reply else { throw SyncError.unexpectedReply }
          try acknowledge(vector.origins[replica.id])
          session.didCompare(vector)
        case .pull(let cursor):
          let reply = try await send(.pull(replica.library, after: cursor), remote, &report)
          guard case .page(let page) = reply else { throw SyncError.unexpectedReply }
          guard page.isWhole(after: cursor) else { throw SyncError.pageOutOfPlace }
          try apply(page, to: &session, &report)
        case .push(let origin, let first, let byteLimit, let cursor):
          try await push(
            origin, from: first, byteLimit: byteLimit, after: cursor, remote, &session, &report)
        }
      } catch .hub(.refused(let problem)) {
        let holdsOurs = try isOurs(problem.held)
        guard session.didRefuse(problem, holdsOurs: holdsOurs) else {
          throw divergence(of: problem) ?? .hub(.refused(problem))
        }
      }
      progress?(report)
    }
  }

  private func push(
    _ origin: ReplicaID, from first: UInt64, byteLimit: Int, after cursor: Cursor?,
    _ remote: Remote, _ session: inout SyncSession, _ report: inout SyncReport
  ) async throws(SyncError) {
    let run = try stored { try replica.run(of: origin, from: first, byteLimit: byteLimit) }
    guard let run else { throw .diverged(origin: origin, seq: first) }
    let bundle = seal(run)
    let reply = try await send(
      .push(replica.library, bundles: [bundle], after: cursor), remote, &report)
    guard case .page(let page) = reply else { throw .unexpectedReply }
    session.didPush(origin, through: run.last)
    if origin == replica.id {
      try stored { try replica.acknowledge(run.last, tip: run.tip) }
      report.pushedChanges += run.content.changes.count
    }
    if page.isWhole(after: cursor, leavingOut: bundle) {
      try apply(page, to: &session, &report)
    } else {
      session.didSkipPage()
    }
  }

  /// Applies the page that a push or a pull was answered with.
  private func apply(
    _ page: Page, to session: inout SyncSession, _ report: inout SyncReport
  ) throws(SyncError) {
    var bundles: [OpenedBundle] = []
    for bundle in page.bundles {
      bundles.append(try open(bundle))
    }
    let cursor = session.mayKeepCursor ? page.cursor : nil
    let merged: MergeReport
    do {
      merged = try stored {
        try replica.merge(bundles, upTo: cursor, commitment: sealer.commitment(toTip:))
      }
    } catch .store(.bundleFork(let replica, let seq)) {
      throw .diverged(origin: replica, seq: seq)
    }
    report.pulledChanges += merged.changeCount
    report.touched += merged.touched
    session.didApply(upTo: page.cursor, hasMore: page.hasMore)
  }

  private func seal(_ run: ChangeRun) -> [UInt8] {
    let header = BundleHeader(
      library: replica.library, epoch: sealer.currentEpoch, origin: run.origin, first: run.first,
      last: run.last, previousTip: sealer.commitment(toTip: run.previousTip),
      tip: sealer.commitment(toTip: run.tip)
    ).bytes
    let sealed = sealer.seal(
      run.content.encoded(), authenticating: header, epoch: sealer.currentEpoch, using: &generator)
    return header + sealed
  }

  private func open(_ bundle: [UInt8]) throws(SyncError) -> OpenedBundle {
    let header: BundleHeader
    do {
      header = try BundleHeader(of: bundle)
    } catch .unknownSuite {
      throw .hub(.refused(.newerSuite))
    } catch {
      throw .hub(.notOurs("a bundle has no header: \(error)"))
    }
    guard header.library == replica.library else {
      throw .hub(.notOurs("a bundle is of another library"))
    }
    let content: [UInt8]
    do {
      content = try sealer.open(
        bundle[BundleHeader.byteCount...], authenticating: header.bytes, epoch: header.epoch)
    } catch {
      throw .seal(error, origin: header.origin, first: header.first)
    }
    do {
      return OpenedBundle(header: header, content: try BundleContent(decoding: content, of: header))
    } catch .newerVersion {
      throw .newerBundle(origin: header.origin, first: header.first)
    } catch {
      throw .malformedBundle(origin: header.origin, first: header.first)
    }
  }

  /// Sends a request, again where that may help.
  private func send(
    _ action: HubRequest.Action, _ remote: Remote, _ report: inout SyncReport
  ) async throws(SyncError) -> HubReply {
    let request = HubRequest(action, credential: remote.credential)
    var failures = 0
    while true {
      if Task.isCancelled { throw .hub(.transport(.cancelled)) }
      report.requests += 1
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

  /// Keeps how far the hub is with this replica's changes, where they are the same ones.
  private func acknowledge(_ held: HubVector.Held?) throws(SyncError) {
    guard let held else { return }
    try stored {
      let tip = try replica.tip(of: replica.id, at: held.lastSeq)
      guard let tip, sealer.commitment(toTip: tip) == held.tip else { return }
      try replica.acknowledge(held.lastSeq, tip: tip)
    }
  }

  /// Whether what a hub holds of an origin is a place in the run that is held here.
  private func isOurs(_ held: Problem.Held?) throws(SyncError) -> Bool {
    guard let held, let origin = ReplicaID(bytes: held.origin) else { return false }
    let tip = try stored { try replica.tip(of: origin, at: held.lastSeq) }
    return held.lastSeq == 0 || tip.map(sealer.commitment(toTip:)) == held.tip
  }

  private func divergence(of problem: Problem) -> SyncError? {
    guard problem.type == .bundleFork || problem.type == .bundleGap, let held = problem.held,
      let origin = ReplicaID(bytes: held.origin)
    else { return nil }
    return .diverged(origin: origin, seq: held.lastSeq)
  }

  private func stored<T>(_ body: () throws -> T) throws(SyncError) -> T {
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

extension Problem {
  /// What a replica reports of a bundle of a suite that it does not know.
  fileprivate static let newerSuite = Problem(
    .upgradeRequired, status: 406, detail: "A bundle was sealed in a newer way.")
}
