internal import GlossStore
internal import GlossWire

// Staying current
// ===============
//
// A watch syncs, and then waits for one of two things: that the hub has something new, or that somebody has written here. The
// first is a pull that the hub answers when there is something (a long-poll), which is begun anew before proxies grow
// impatient; the page that it brings is the first one of the sync that follows, so that news costs one request. The second is
// told by the file itself, because other processes write to it too. Nothing is locked while a watch waits, so that others
// may sync meanwhile.
//
// What fails and may be better later (no network, a hub that is down, a login portal) is tried again after waits that double
// with full jitter. A machine that slept, or has another network, notices by a request that fails or stalls.

/// What a watch tells.
public enum WatchEvent: Sendable {
  /// A sync came to its end.
  case synced(SyncReport)
  /// A sync or the wait for news failed, and begins anew after this time.
  case failed(SyncError, retryAfter: Duration)
}

/// How long a watch waits.
package struct WatchPolicy: Sendable {
  /// For how long a hub is asked to wait, in seconds: below the minute after which proxies give up.
  package var waitSeconds = 50

  /// How often a hub that does not wait is asked.
  package var pollInterval: Duration = .seconds(30)

  /// How long after a write here the sync begins, so that several writes make one.
  package var settling: Duration = .milliseconds(200)

  /// The waits after failures.
  package var retries: RetryPolicy = {
    var policy = RetryPolicy()
    policy.first = .seconds(1)
    policy.longest = .seconds(300)
    return policy
  }()

  package init() {}
}

extension SyncEngine {
  /// Syncs, and again whenever the hub has something new or somebody has written to the file, until the task is cancelled.
  ///
  /// - Parameters:
  ///   - massDeletes: What to do where the hub's changes delete much of the library.
  ///   - largeValues: What to do about those that are not here.
  ///   - onEvent: Is told of every sync and every failure, in order.
  /// - Throws: What does not get better by waiting, such as a token that the hub does not accept, and ``HubFailure`` with
  ///   `TransportError.cancelled` where the task was cancelled.
  public func watch(
    massDeletes: MassDeletePolicy = .refuse, largeValues: LargeValues = .fetch,
    onEvent: @Sendable (WatchEvent) -> Void
  ) async throws(SyncError) {
    try await watch(
      massDeletes: massDeletes, largeValues: largeValues, policy: WatchPolicy(), onEvent: onEvent)
  }

  package func watch(
    massDeletes: MassDeletePolicy, largeValues: LargeValues = .fetch, policy: WatchPolicy,
    onEvent: @Sendable (WatchEvent) -> Void
  ) async throws(SyncError) {
    var failures = 0
    var news: News?
    while true {
      do throws(SyncError) {
        let report = try await sync(
          massDeletes, largeValues, startingWith: news, progress: nil)
        failures = 0
        onEvent(.synced(report))
        news = try await waitForNews(policy)
      } catch {
        news = nil
        guard error.mayPass, !Task.isCancelled else { throw error }
        failures += 1
        let wait = policy.retries.jitter(failures: failures, using: &generator)
        onEvent(.failed(error, retryAfter: wait))
        try await pause(wait)
      }
    }
  }

  /// Returns when the hub has something new, which is returned, or when something here is unsent.
  private func waitForNews(_ policy: WatchPolicy) async throws(SyncError) -> News? {
    while true {
      if Task.isCancelled { throw .hub(.transport(.cancelled)) }
      guard let remote = try stored({ try replica.remote() }) else { throw .notConnected }
      // The stream is there before the look, so that no write in between is missed.
      let writes = replica.writes
      if try stored({ try replica.hasUnsent() }) { return nil }
      let request = HubRequest(
        .pull(replica.library, after: remote.cursor, waitSeconds: policy.waitSeconds),
        credential: remote.credential)
      switch await first(of: request, writes) {
      case .written:
        try await pause(policy.settling)
        if try stored({ try replica.hasUnsent() }) { return nil }
      case .answered(.failure(let failure)):
        throw .hub(failure)
      case .answered(.success(.page(let page))):
        let epoch = try stored { try replica.storedKeyring().entries.keyringEnd }
        if !page.bundles.isEmpty || page.hasMore || page.epoch > epoch || page.wantsSnapshot {
          return News(cursor: remote.cursor, page: page)
        }
        if !page.hasWaited { try await pause(policy.pollInterval) }
      case .answered(.success):
        throw .unexpectedReply
      }
    }
  }

  /// What ends a wait.
  private enum Outcome: Sendable {
    case written
    case answered(Result<HubReply, HubFailure>)
  }

  private nonisolated func first(
    of request: HubRequest, _ writes: AsyncStream<Void>
  ) async -> Outcome {
    await withTaskGroup(of: Outcome?.self) { group in
      let transport = transport
      group.addTask {
        do throws(HubFailure) {
          return .answered(.success(try await transport.send(request)))
        } catch {
          return .answered(.failure(error))
        }
      }
      group.addTask {
        for await _ in writes { return .written }
        return nil
      }
      defer { group.cancelAll() }
      for await case let outcome? in group { return outcome }
      return .answered(.failure(.transport(.cancelled)))
    }
  }

  private func pause(_ duration: Duration) async throws(SyncError) {
    do { try await sleep(duration) } catch { throw .hub(.transport(.cancelled)) }
  }
}

extension SyncError {
  /// Whether the same may succeed later without anybody doing anything about it.
  var mayPass: Bool {
    switch self {
    case .syncInProgress, .hub(.notOurs), .store(.busy), .store(.full): true
    case .hub(.transport(let error)):
      switch error {
      case .unreachable, .interrupted, .timedOut: true
      case .insecure, .tooLarge, .badAddress, .cancelled: false
      }
    case .hub(.refused(let problem)): problem.type == .slowDown || problem.type == .unavailable
    case .notConnected, .store, .diverged, .keyring, .snapshotUnusable: false
    }
  }
}
