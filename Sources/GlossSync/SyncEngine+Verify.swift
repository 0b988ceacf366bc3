internal import GlossCore
internal import GlossSeal
internal import GlossStore
internal import GlossWire

extension SyncEngine {
  /// Compares what the hub holds with what is here, by tips, and finds the records that differ.
  ///
  /// Tips are hashes over all changes of an origin, so where they are equal everything is; where one is not, the first bundle that
  /// differs is found by halves, fetched, and compared change by change. That the changes here are those that the tips here stand for
  /// is for `Replica.verify()` to say. Nothing is written.
  ///
  /// - Complexity: O(log *n*) requests in the length *n* of the hub's log for each origin that differs, two where none does.
  public func verify() async throws(SyncError) -> HubVerification {
    var conversation = try newConversation()
    var search = try await beginSearch(&conversation)
    var found = HubVerification()
    let own = try stored { try replica.read { try $0.vector() } }
    let shared = try await sharedPlace(&search, &conversation, &found)
    for origin in Set(own.replicas).union(search.end.origins.keys).sorted() {
      let hub = search.end.origins[origin]?.lastSeq ?? 0
      if own[origin] > hub { found.unsentByOrigin[origin] = own[origin] - hub }
      if hub > own[origin] { found.unreceivedByOrigin[origin] = hub - own[origin] }
      var agreement = try agreement(with: search.end, about: origin, own)
      // What is here and not in what was read of the hub's log may be another than what the hub has of these numbers.
      if agreement == .beyond, let shared, shared.origins[origin]?.lastSeq ?? 0 == own[origin] {
        agreement = try self.agreement(with: shared, about: origin, own)
      }
      switch agreement {
      case .equal: break
      case .beyond where own[origin] == 0: break
      case .unknown: found.uncompared.append(origin)
      case .different, .beyond:
        let difference = try await difference(of: origin, own, &search, &conversation)
        if let difference { found.differences.append(difference) }
      }
    }
    found.requests = conversation.report.requests
    return found
  }

  /// Returns what the hub held where this replica has read its log up to, which is no more than what is here.
  private func sharedPlace(
    _ search: inout LogSearch, _ conversation: inout Conversation, _ found: inout HubVerification
  ) async throws(SyncError) -> HubVector? {
    guard let cursor = conversation.remote.cursor else { return nil }
    guard cursor.log == search.end.end.log, cursor.index <= search.end.end.index else {
      found.isSameLog = false
      return nil
    }
    let shared = try await vector(at: cursor.index, &search, &conversation)
    if let shared, shared.end != cursor { found.isSameLog = false }
    return shared
  }

  /// How the hub's tip of an origin is to this replica's own.
  private enum Agreement { case equal, different, beyond, unknown }

  private func agreement(
    with hub: HubVector, about origin: ReplicaID, _ own: Vector
  ) throws(SyncError) -> Agreement {
    guard let held = hub.origins[origin] else { return .equal }
    guard held.lastSeq <= own[origin] else { return .beyond }
    do throws(SyncError) {
      let tip = try stored { try replica.tip(of: origin, at: held.lastSeq) }
      guard let tip else { return .unknown }
      return sealer.commitment(toTip: tip) == held.tip ? .equal : .different
    } catch .store(.corrupt) {
      return .different
    }
  }

  /// Finds the first bundle of an origin that is another one here, or that goes beyond what is here. Returns `nil` where that is
  /// all.
  private func difference(
    of origin: ReplicaID, _ own: Vector, _ search: inout LogSearch,
    _ conversation: inout Conversation
  ) async throws(SyncError) -> HubVerification.Difference? {
    let place = try await firstPlace(&search, &conversation) { vector throws(SyncError) in
      switch try agreement(with: vector, about: origin, own) {
      case .different, .beyond: true
      case .equal, .unknown: false
      }
    }
    let isBeyond = try agreement(with: place.at, about: origin, own) == .beyond
    let last = place.at.origins[origin]?.lastSeq ?? 1
    let first = min((place.before?.origins[origin]?.lastSeq ?? 0) + 1, last)
    var difference = HubVerification.Difference(
      origin: origin, range: first...last, reason: .compacted)
    if isBeyond, first > own[origin] { return nil }
    guard let before = place.before else { return isBeyond ? nil : difference }
    let bundle = try await page(after: before.end, &conversation).first
    guard let bundle, bundle.header.origin == origin else { throw .pageOutOfPlace }
    guard case .success(let content) = bundle.content else {
      difference.reason = .unreadable
      return difference
    }
    let here = try stored { try replica.readableChanges(of: origin, first...last) }
    var records: Set<RecordKey> = []
    for change in content.changes where change.dot.seq <= own[origin] {
      let own = here[change.dot.seq]
      guard own.map({ !$0.isSame(as: change) }) ?? true else { continue }
      records.insert(RecordKey(change.kind, change.record))
      if let own { records.insert(RecordKey(own.kind, own.record)) }
    }
    if isBeyond, records.isEmpty { return nil }
    difference.reason = records.isEmpty ? .tip : .records(records.sorted())
    return difference
  }
}
