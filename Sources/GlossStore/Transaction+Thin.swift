package import GlossCore
internal import GlossWire

// Changes without their history
// =============================
//
// A library may keep the values that were replaced from machines that come later: for the room they take, or because nobody
// is to find them there. Such a machine has every change all the same: its record, time, fields, parents and covers, so that
// merging is the same function of the same set of changes as everywhere, and whatever comes later, in whatever order, comes
// to the same state. Only values are missing, and only those that no merge looks at any more: texts, bytes and large values
// of writes that are no heads. What is short stays, for it saves nothing, and whether a change is a delete can be told from
// it. A record with a change that breaks a rule, or with a parent that has not arrived, keeps all of its values: what comes
// later may make a head again of what is none now.
//
// What cannot be had of a run without some of its values is its tip, which is a hash over all of it, but at its two ends,
// where whoever left the values out has said it. So such a run is *thin*: it is known which numbers it has, no tip within it
// is known, and it is passed on whole, with the tip at its end beside it.

extension Transaction {
  /// Returns the change without the values that were replaced.
  func thinned(_ change: Change) throws(StoreError) -> Change {
    try thinned(change, keepsConflicted: false) { _ in true }
  }

  /// Returns the change without those of the values that were replaced that may go.
  ///
  /// - Parameters:
  ///   - keepsConflicted: Whether all values stay of a record that has a conflict.
  ///   - mayGo: Whether what the change wrote to a field may go, if it was replaced.
  func thinned(
    _ change: Change, keepsConflicted: Bool, mayGo: (Name) throws(StoreError) -> Bool
  ) throws(StoreError) -> Change {
    guard change.writes.contains(where: { $0.value.isLeftOutOnceReplaced }) else { return change }
    let table = try table(of: change.kind)
    guard let record = try table.number(of: change.record),
      let packed = try table.heads(of: record), try !isQuarantined(record),
      !keepsConflicted || !HeadFlags(of: packed).contains(.isConflicted)
    else { return change }
    let registers = try unpack(packed).registers
    guard registers.values.allSatisfy(\.earlyParents.isEmpty) else { return change }
    var writes = change.writes
    for index in writes.indices {
      let write = writes[index]
      let isHead = registers[write.field]?.heads.contains { $0.dot == change.dot } ?? false
      guard !isHead, write.value.isLeftOutOnceReplaced, try mayGo(write.field) else { continue }
      writes[index] = Write(write.field, .leftOut, parents: write.parents)
    }
    return Change(
      dot: change.dot, timestamp: change.timestamp, record: change.record, kind: change.kind,
      writes: writes, covers: change.covers)
  }

  /// Notes that values were left out of a replica's changes of these numbers.
  ///
  /// - Parameter heldTip: The tip that the changes come to without those values, which vouches for what is here of them.
  func noteThin(
    _ replica: ReplicaID, _ run: ClosedRange<UInt64>, heldTip: [UInt8]
  ) throws(StoreError) {
    try willChange(.thin)
    let statement = try prepare(
      "INSERT INTO _thin(replica, first, last, held_tip) VALUES (?, ?, ?, ?)")
    statement.bind(try number(of: replica), at: 1)
    statement.bind(Int64(run.lowerBound), at: 2)
    statement.bind(Int64(run.upperBound), at: 3)
    statement.bind(heldTip, at: 4)
    try statement.run()
  }

  /// Notes a run as thin where it lacks values.
  ///
  /// - Parameter tip: The tip before it.
  func noteThinIfLacking(
    _ replica: ReplicaID, _ run: ClosedRange<UInt64>, after tip: [UInt8]
  ) throws(StoreError) {
    var heldTip = tip
    var lacksValues = false
    try eachChange(of: replica, from: run.lowerBound) { change, _ throws(StoreError) in
      guard change.dot.seq <= run.upperBound else { return false }
      heldTip = self.tip(after: heldTip, change)
      lacksValues = lacksValues || change.lacksValues
      return true
    }
    if lacksValues { try noteThin(replica, run, heldTip: heldTip) }
  }

  /// Returns the thin run of the replica's that has the changes of a number and of the next.
  func thinRun(
    of replica: ReplicaID, around seq: UInt64
  ) throws(StoreError) -> ClosedRange<UInt64>? {
    let statement = try prepare(
      "SELECT first, last FROM _thin WHERE replica = ?1 AND first <= ?2 AND last > ?2")
    statement.bind(try number(of: replica), at: 1)
    statement.bind(Int64(seq), at: 2)
    return try statement.step() ? statement.seq(at: 0)...statement.seq(at: 1) : nil
  }

  /// Returns the first number, from `first` on, of a change of the replica's that lies in a thin run.
  func firstThin(of replica: ReplicaID, from first: UInt64) throws(StoreError) -> UInt64? {
    try thinRange(of: replica, from: first)?.lowerBound
  }

  /// Returns the numbers, from `first` on, of the first thin run of the replica's that has any.
  func thinRange(
    of replica: ReplicaID, from first: UInt64
  ) throws(StoreError) -> ClosedRange<UInt64>? {
    let statement = try prepare(
      "SELECT first, last FROM _thin WHERE replica = ? AND last >= ? ORDER BY first LIMIT 1")
    statement.bind(try number(of: replica), at: 1)
    statement.bind(Int64(first), at: 2)
    guard try statement.step() else { return nil }
    let (start, end) = (max(first, statement.seq(at: 0)), statement.seq(at: 1))
    guard start <= end else { throw corrupt("a run of changes ends before it begins") }
    return start...end
  }

  /// Returns a thin run as it is held: with the tip at its end, which whoever left the values out has said.
  func heldThinRun(
    of origin: ReplicaID, _ numbers: ClosedRange<UInt64>, previousTip: [UInt8]
  ) throws(StoreError) -> ChangeRun? {
    guard let tip = try keptTip(of: origin, at: numbers.upperBound) else { return nil }
    var changes: [Change] = []
    try eachChange(of: origin, from: numbers.lowerBound) { change, _ throws(StoreError) in
      guard change.dot.seq <= numbers.upperBound else { return false }
      changes.append(change)
      return true
    }
    return ChangeRun(
      origin: origin, content: BundleContent(changes: changes, statedTip: tip),
      previousTip: previousTip, tip: tip, first: numbers.lowerBound, last: numbers.upperBound)
  }

  private func isQuarantined(_ record: Int64) throws(StoreError) -> Bool {
    let statement = try reused("SELECT 1 FROM _quarantine WHERE record = ? LIMIT 1")
    defer { statement.reset() }
    statement.bind(record, at: 1)
    return try statement.step()
  }
}

extension Value {
  /// Whether a thin run has the value only where it is a head.
  var isLeftOutOnceReplaced: Bool {
    switch self {
    case .null, .bool, .integer, .real, .record: false
    case .text, .bytes, .blob, .unknown: true
    }
  }
}

extension Change {
  /// Whether it is here without some of its values.
  package var lacksValues: Bool { writes.contains(where: \.value.isLeftOut) }

  /// Whether the two are one change, of which either may lack values that were replaced.
  package func isSame(as other: Change) -> Bool {
    guard self != other else { return true }
    guard dot == other.dot, timestamp == other.timestamp, record == other.record,
      kind == other.kind, covers == other.covers, writes.count == other.writes.count
    else { return false }
    return zip(writes, other.writes).allSatisfy { own, other in
      own.field == other.field && own.parents == other.parents
        && (own.value == other.value || own.value.isLeftOut || other.value.isLeftOut)
    }
  }
}
