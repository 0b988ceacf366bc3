package import GlossCore

// Putting back what was damaged
// =============================
//
// The tips that a file keeps say what its changes have to be, so it does not matter who brings them again: changes between two
// tips that come from the one to the other are the ones that were there. What fits is put in the place of what does not; what does
// not fit is left out. Nothing is removed. What is shown follows with `repair()`, once no change is damaged any more.

extension Replica {
  /// Puts changes back that are damaged here. What is shown of them stays as it is until ``repair()``.
  ///
  /// - Parameter runs: Each the changes of a ``DamagedRun``, all of them, in order.
  /// - Returns: The runs that the kept tips vouch for, and that are here now.
  package func restore(_ runs: [[Change]]) throws -> [DamagedRun] {
    try transact { transaction in
      var restored: [DamagedRun] = []
      for run in runs {
        if let run = try transaction.restore(run) { restored.append(run) }
      }
      return restored
    }
  }

  /// Notes that large values are to be fetched though something of their names may be here.
  package func wantAgain(_ ids: [BlobID]) throws {
    try transact { transaction in
      let statement = try transaction.prepare("INSERT OR IGNORE INTO _wanted(digest) VALUES (?)")
      for id in ids {
        statement.bind(id.digest, at: 1)
        try statement.run()
      }
    }
  }

  /// Returns the changes of a replica of these numbers that are here and can be read.
  package func readableChanges(
    of origin: ReplicaID, _ range: ClosedRange<UInt64>
  ) throws -> [UInt64: Change] {
    try read { try $0.transaction.readableChanges(of: origin, range) }
  }
}

extension Transaction {
  fileprivate func readableChanges(
    of origin: ReplicaID, _ range: ClosedRange<UInt64>
  ) throws(StoreError) -> [UInt64: Change] {
    let statement = try prepare(
      """
      SELECT c.id, c.timestamp, c.body, r.uuid FROM _change c JOIN _record r ON r.id = c.record
      WHERE c.id BETWEEN ? AND ?
      """)
    let start = try number(of: origin) << 40
    statement.bind(start | Int64(min(range.lowerBound, Limits.seq)), at: 1)
    statement.bind(start | Int64(min(range.upperBound, Limits.seq)), at: 2)
    let audit = Audit(transaction: self, meter: WorkMeter(total: 0, nil))
    var changes: [UInt64: Change] = [:]
    while try statement.step() {
      let seq = UInt64(statement.integer(at: 0) & Int64(Limits.seq))
      changes[seq] = try audit.change(in: statement, Dot(origin, seq))
    }
    return changes
  }

  /// Puts one run back, or returns `nil` where it does not come from the tip before it to the one behind it.
  fileprivate func restore(_ run: [Change]) throws(StoreError) -> DamagedRun? {
    guard let first = run.first?.dot, let last = run.last?.dot, first.seq > 0,
      run.indices.allSatisfy({ run[$0].dot == Dot(first.replica, first.seq + UInt64($0)) })
    else { return nil }
    let origin = first.replica
    let before = first.seq == 1 ? Self.firstTip : try keptTip(of: origin, at: first.seq - 1)
    guard var tip = before, let kept = try keptTip(of: origin, at: last.seq) else { return nil }
    for change in run { tip = self.tip(after: tip, change) }
    var lacksValues = false
    if tip != kept {
      guard try isThin(origin, first.seq...last.seq, comingTo: tip) else { return nil }
      lacksValues = true
    }
    let held = try readableChanges(of: origin, first.seq...last.seq)
    for change in run where held[change.dot.seq] != change {
      let table = try table(of: change.kind)
      var record = try table.number(of: change.record)
      if record == nil { record = try addRecord(change.record, table.number) }
      guard let record else { continue }
      try replaceInLog(change, record: record, numbers: try table.shape(of: change).numbers)
    }
    if !lacksValues { try forgetThin(origin, first.seq...last.seq) }
    return DamagedRun(origin: origin, range: first.seq...last.seq)
  }

  /// Whether the changes are a run that came without some of its values, and that came to this.
  private func isThin(
    _ origin: ReplicaID, _ range: ClosedRange<UInt64>, comingTo tip: [UInt8]
  ) throws(StoreError) -> Bool {
    let statement = try prepare(
      "SELECT 1 FROM _thin WHERE replica = ? AND first = ? AND last = ? AND held_tip = ?")
    statement.bind(try number(of: origin), at: 1)
    statement.bind(Int64(range.lowerBound), at: 2)
    statement.bind(Int64(range.upperBound), at: 3)
    statement.bind(tip, at: 4)
    return try statement.step()
  }

  /// Notes that all values of a run are here.
  private func forgetThin(
    _ origin: ReplicaID, _ range: ClosedRange<UInt64>
  ) throws(StoreError) {
    guard let thin = try thinRange(of: origin, from: range.lowerBound),
      thin.upperBound <= range.upperBound
    else { return }
    try willChange(.thin)
    let statement = try prepare("DELETE FROM _thin WHERE replica = ? AND first >= ? AND last <= ?")
    statement.bind(try number(of: origin), at: 1)
    statement.bind(Int64(range.lowerBound), at: 2)
    statement.bind(Int64(range.upperBound), at: 3)
    try statement.run()
  }

  /// Gives a record a number that no other one has, whatever tables lack.
  private func addRecord(_ id: RecordID, _ kind: Int64) throws(StoreError) -> Int64 {
    let statement = try prepare(
      """
      SELECT max((SELECT coalesce(max(id), 0) FROM _record),
        (SELECT coalesce(max(record), 0) FROM _change)) + 1
      """)
    _ = try statement.step()
    let number = max(statement.integer(at: 0), try greatestRecordNumber() + 1)
    statement.reset()
    let insert = try prepare("INSERT INTO _record(uuid, kind, id) VALUES (?, ?, ?)")
    insert.bind(id, at: 1)
    insert.bind(kind, at: 2)
    insert.bind(number, at: 3)
    try insert.run()
    return number
  }
}
