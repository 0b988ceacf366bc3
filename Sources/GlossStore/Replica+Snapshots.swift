package import GlossCore
package import GlossWire

// Cutting a snapshot
// ==================
//
// A snapshot holds every change up to a vector, in pieces that are read one after another, so that neither side holds more
// than one in memory. What is up to the vector never changes, so each piece is read by itself.
//
// A change that comes before its parents is merged all the same, but its record is then computed twice. So the pieces go
// through all origins by time: the next run is of the origin whose next change is the oldest, and it goes on for as long as no
// other origin's is older, but for at least ``SnapshotPlan/leastRunByteCount``: origins that take turns all the time would
// otherwise be cut to crumbs.

/// What a snapshot that is being made still has to bring.
package struct SnapshotPlan: Sendable {
  /// Of each origin the last change that a piece has had.
  fileprivate var doneByOrigin: [ReplicaID: SnapshotHead.End]
  /// What all pieces come to.
  package let ends: [ReplicaID: SnapshotHead.End]
  /// Whether values that were replaced are left out.
  package let isThin: Bool

  /// About how many bytes of values a piece has at most.
  package static let pieceByteCount = 768 * 1_024

  /// How long a run is at least, in bytes of values, where its origin has as much.
  static let leastRunByteCount = 16 * 1_024

  init(ends: [ReplicaID: SnapshotHead.End], isThin: Bool) {
    self.ends = ends
    self.isThin = isThin
    let start = SnapshotHead.End(lastSeq: 0, tip: Transaction.firstTip)
    doneByOrigin = ends.mapValues { _ in start }
  }

  fileprivate func end(of origin: ReplicaID) -> UInt64 { ends[origin]?.lastSeq ?? 0 }
}

/// How far a replica is with a snapshot that it takes in.
package struct SnapshotProgress: Equatable, Sendable {
  package var snapshot: SnapshotID
  /// The number of pieces taken in, the head not counted.
  package var pieceCount: UInt32

  package init(snapshot: SnapshotID, pieceCount: UInt32 = 0) {
    self.snapshot = snapshot
    self.pieceCount = pieceCount
  }
}

extension Replica {
  /// Returns what a snapshot has to bring that holds exactly what a hub's log holds, or `nil` where the two differ.
  ///
  /// Own changes that are unsent are left out. In everything else the hub and this replica have to be of one mind: a snapshot
  /// takes the place of the log.
  ///
  /// - Parameters:
  ///   - hub: What the hub holds.
  ///   - isThin: Whether to leave out values that were replaced. What replaced them has to be in the snapshot then, so that
  ///     nothing may be unsent; see ``covers(_:)``.
  ///   - commitment: Returns the commitment to a tip.
  package func snapshotPlan(
    of hub: HubVector, isThin: Bool, commitment: ([UInt8]) -> [UInt8]
  ) throws -> SnapshotPlan? {
    try read { snapshot in
      let transaction = snapshot.transaction
      let vector = try snapshot.vector()
      let pushed = Dictionary(
        uniqueKeysWithValues: try transaction.pushedSeqs().map { ($0.replica, $0.seq) })
      var ends: [ReplicaID: SnapshotHead.End] = [:]
      for origin in Set(vector.replicas).union(hub.origins.keys) {
        let least = isThin ? vector[origin] : pushed[origin] ?? vector[origin]
        guard let held = hub.origins[origin] else {
          guard least == 0 else { return nil }
          continue
        }
        guard held.lastSeq >= least, held.lastSeq <= vector[origin] else { return nil }
        guard let tip = try transaction.tip(of: origin, at: held.lastSeq),
          commitment(tip) == held.tip
        else { return nil }
        ends[origin] = SnapshotHead.End(lastSeq: held.lastSeq, tip: tip)
      }
      return SnapshotPlan(ends: ends, isThin: isThin)
    }
  }

  /// Whether all that is held is in a snapshot, still.
  package func covers(_ plan: SnapshotPlan) throws -> Bool {
    try read { try $0.vector() } == Vector(plan.ends.mapValues(\.lastSeq))
  }

  /// Returns the runs of the next piece, none where the plan is done.
  package func nextPiece(
    of plan: inout SnapshotPlan, byteLimit: Int
  ) throws -> SnapshotPiece? {
    var next = plan
    let runs = try read { try $0.transaction.nextRuns(of: &next, byteLimit: byteLimit) }
    plan = next
    return runs.isEmpty ? nil : SnapshotPiece(runs: runs)
  }

  /// Returns how far this replica is with a snapshot, `nil` where it is with none.
  package func snapshotProgress() throws -> SnapshotProgress? {
    try read { try $0.transaction.snapshotProgress() }
  }

  /// Forgets how far this replica is with a snapshot.
  package func forgetSnapshotProgress() throws {
    guard try snapshotProgress() != nil else { return }
    try transact { try $0.setSnapshotProgress(nil) }
  }

  /// Whether all that a snapshot holds is here.
  ///
  /// - Parameter orAside: Whether it counts, too, where something of its origin is set aside. Before the snapshot is read that
  ///   says nothing: what is set aside may have been altered on its way.
  package func holds(_ head: SnapshotHead, orAside: Bool) throws -> Bool {
    try read { snapshot in
      let vector = try snapshot.vector()
      return try head.ends.allSatisfy { origin, end in
        if orAside, try snapshot.transaction.hasSetAside(of: origin) { return true }
        guard end.lastSeq <= vector[origin] else { return false }
        // Within a run that values were dropped from no tip is known, and nothing is said against what is held.
        let tip = try snapshot.transaction.tip(of: origin, at: end.lastSeq)
        return tip == nil || tip == end.tip
      }
    }
  }
}

extension Transaction {
  fileprivate func nextRuns(
    of plan: inout SnapshotPlan, byteLimit: Int
  ) throws(StoreError) -> [SnapshotPiece.Run] {
    var runs: [SnapshotPiece.Run] = []
    var times: [ReplicaID: Timestamp] = [:]
    for (origin, done) in plan.doneByOrigin where done.lastSeq < plan.end(of: origin) {
      times[origin] = try timestamp(of: origin, done.lastSeq + 1)
    }
    var byteCount = 0
    while byteCount < byteLimit {
      let order = times.sorted { ($0.value, $0.key) < ($1.value, $1.key) }
      guard let (origin, _) = order.first, let done = plan.doneByOrigin[origin] else { break }
      let limit = RunLimit(
        last: plan.end(of: origin), byteCount: byteLimit - byteCount,
        time: order.dropFirst().first?.value, isThin: plan.isThin)
      let (run, count) = try run(of: origin, after: done, limit)
      guard !run.content.changes.isEmpty else { throw corrupt("a change of \(origin) is missing") }
      byteCount += count
      runs.append(run)
      plan.doneByOrigin[origin] = SnapshotHead.End(lastSeq: run.last, tip: run.tip)
      times[origin] = run.last < limit.last ? try timestamp(of: origin, run.last + 1) : nil
    }
    return runs
  }

  /// Where a run of a snapshot ends.
  private struct RunLimit {
    /// The last change that it may have.
    let last: UInt64
    /// How many bytes it has at most, but for the change that is over.
    let byteCount: Int
    /// When it is another origin's turn.
    let time: Timestamp?
    /// Whether it leaves out values that were replaced.
    let isThin: Bool
  }

  private func run(
    of origin: ReplicaID, after done: SnapshotHead.End, _ limit: RunLimit
  ) throws(StoreError) -> (run: SnapshotPiece.Run, byteCount: Int) {
    var run = SnapshotPiece.Run(
      origin: origin, first: done.lastSeq + 1, previousTip: done.tip, tip: done.tip,
      content: BundleContent(changes: []))
    var byteCount = 0
    // A run that came without some of its values has a tip only where somebody said it: what ends there ends here, too.
    var tip: [UInt8]? = done.tip
    var thin = try firstThin(of: origin, from: run.first)
    try eachChange(of: origin, from: run.first) { change, bodyByteCount throws(StoreError) in
      let seq = change.dot.seq
      let isTurn = limit.time.map { change.timestamp <= $0 } ?? true
      let goesOn =
        byteCount < limit.byteCount && (isTurn || byteCount < SnapshotPlan.leastRunByteCount)
      guard seq <= limit.last, goesOn || tip == nil else { return false }
      byteCount += bodyByteCount
      if seq == thin { tip = nil }
      if let known = tip {
        tip = self.tip(after: known, change)
      } else if let kept = try keptTip(of: origin, at: seq) {
        tip = kept
        thin = try firstThin(of: origin, from: seq + 1)
      }
      if let tip { run.tip = tip }
      run.content.changes.append(limit.isThin ? try thinned(change) : change)
      return true
    }
    guard tip != nil else { throw corrupt("a tip of \(origin) is missing") }
    return (run, byteCount)
  }

  private func timestamp(of origin: ReplicaID, _ seq: UInt64) throws(StoreError) -> Timestamp? {
    guard let place = try place(of: Dot(origin, seq)) else { return nil }
    let statement = try prepare("SELECT timestamp FROM _change WHERE id = ?")
    statement.bind(place, at: 1)
    guard try statement.step() else { return nil }
    return Timestamp(rawValue: UInt64(bitPattern: statement.integer(at: 0)))
  }

  func snapshotProgress() throws(StoreError) -> SnapshotProgress? {
    guard let bytes = try meta(Self.snapshotKey) else { return nil }
    var reader = ByteReader(bytes)
    do {
      let snapshot = try reader.readIdentifier(as: SnapshotID.self)
      return SnapshotProgress(
        snapshot: snapshot, pieceCount: try reader.readFixed(as: UInt32.self))
    } catch {
      throw corrupt("the progress with a snapshot cannot be read")
    }
  }

  func setSnapshotProgress(_ progress: SnapshotProgress?) throws(StoreError) {
    guard let progress else { return try setMeta(Self.snapshotKey, to: nil) }
    var writer = ByteWriter()
    writer.writeFixed(progress.snapshot.value)
    writer.writeFixed(progress.pieceCount)
    try setMeta(Self.snapshotKey, to: writer.bytes)
  }

  /// The setting that says how far the replica is with a snapshot.
  private static let snapshotKey = "snapshot"
}
