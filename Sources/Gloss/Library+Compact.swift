internal import GlossCore
public import GlossStore
internal import GlossSync
public import GlossWire

/// What a compaction of a library may drop, and who keeps it from dropping more.
public struct CompactionPlan: Sendable {
  /// What may go.
  public let terms: CompactionTerms
  /// The other machines that have not applied all that the hub has.
  public let waitingFor: [Device]
}

extension Library {
  /// Finds out what may be dropped: what was replaced by what every machine has that the hub lets in. A library without a hub is
  /// alone, and may drop all that was replaced.
  ///
  /// - Parameters:
  ///   - milliseconds: How long a value stays after it was replaced.
  ///   - transport: Reaches the hub at ``hubAddress()``.
  /// - Throws: `.sync(.notConnected)` where there is a hub and no transport; `.store` or `.sync`.
  public func compactionPlan(
    keepingMilliseconds milliseconds: UInt64, over transport: (any HubTransport)?
  ) async throws(LibraryError) -> CompactionPlan {
    let now = clock()
    let limit = now - min(now, milliseconds)
    guard try hubAddress() != nil else {
      let vector = try reading { try $0.vector() }
      return CompactionPlan(
        terms: CompactionTerms(acknowledged: vector, replacedUpTo: limit), waitingFor: [])
    }
    guard let transport else { throw .sync(.notConnected) }
    let root = try isLocked() ? nil : try rootKey()
    let acknowledged: Vector
    do throws(SyncError) {
      acknowledged = try await HubSetup.acknowledged(of: replica, root: root, over: transport)
    } catch {
      throw .sync(error)
    }
    let others = try await devices(over: transport).filter { device in
      !device.isThis && device.account.map { $0.bundlesUnconfirmed > 0 } ?? false
    }
    return CompactionPlan(
      terms: CompactionTerms(acknowledged: acknowledged, replacedUpTo: limit), waitingFor: others)
  }

  /// Drops values that were replaced from this machine's file, for good, and makes the file smaller. No change goes, nothing that
  /// is shown, and nothing of a record with an open conflict.
  ///
  /// - Parameter progress: Is told how far it is.
  public func compact(
    _ plan: CompactionPlan, progress: WorkProgress? = nil
  ) throws(LibraryError) -> CompactionReport {
    try Self.translating(replica.path) {
      try replica.compact(plan.terms, at: clock(), progress: progress)
    }
  }

  /// Returns what ``compact(_:progress:)`` would drop.
  ///
  /// - Parameter progress: Is told how far it is.
  public func compactionPreview(
    _ plan: CompactionPlan, progress: WorkProgress? = nil
  ) throws(LibraryError) -> CompactionReport {
    try Self.translating(replica.path) {
      try replica.compactionPreview(plan.terms, progress: progress)
    }
  }

  /// When values were dropped from this machine's file last, in milliseconds since the Unix epoch, `nil` for never.
  public func compactionTime() throws(LibraryError) -> UInt64? {
    try Self.translating(replica.path) { try replica.compactionTime() }
  }
}
