public import GlossCore

/// A change of a record's history.
public struct HistoryEntry: Hashable, Sendable {
  /// The change.
  public let change: Change

  /// The rule that it breaks, for which it counts for nothing; `nil` for nearly all.
  public let violation: Violation?
}

/// A change that is kept and counts for nothing.
public struct Quarantined: Hashable, Sendable {
  /// The change.
  public let dot: Dot

  /// The rule that it breaks, in words of the program.
  public let reason: String
}

/// How much a library holds.
public struct Statistics: Hashable, Sendable {
  /// What is held of each replica.
  public let vector: Vector

  /// The number of records that are shown, by kind.
  public let recordCountByKind: [Name: Int]

  /// The number of changes that are kept and count for nothing.
  public let quarantinedCount: Int

  /// The number of changes of this replica that the hub has not acknowledged; all of them without a hub.
  public let unsentCount: UInt64

  /// The number of all changes.
  public var changeCount: UInt64 { vector.lastSeqByReplica.values.reduce(0, +) }
}

extension Snapshot {
  /// Returns every change to a record, the oldest first by its timestamp.
  public func history(of key: RecordKey) throws -> [HistoryEntry] {
    guard let number = try transaction.number(of: key) else { return [] }
    let changes = try transaction.changes(of: key, number: number)
      .sorted { ($0.timestamp, $0.dot) < ($1.timestamp, $1.dot) }
    let invalid = RecordState.computed(of: changes).invalid
    return changes.map { HistoryEntry(change: $0, violation: invalid[$0.dot]) }
  }

  /// Returns what was shown of a record at a time, or `nil` where it did not exist yet.
  ///
  /// - Parameter time: Milliseconds since the Unix epoch.
  public func record(_ key: RecordKey, at time: UInt64) throws -> RecordView? {
    try record(key, at: .time(time))
  }

  /// Returns what was shown of a record at a point of its history, or `nil` where it did not exist yet.
  ///
  /// Who looked at that time on a replica that had not received everything may have seen something else: this is what all
  /// changes made up to then, by their timestamps, come to.
  ///
  /// - Throws: `StoreError.noSuchChange` where the point is a change that is not held.
  public func record(_ key: RecordKey, at point: HistoryPoint) throws -> RecordView? {
    guard let kind = schema[key.kind], let number = try transaction.number(of: key) else {
      return nil
    }
    var state = try transaction.state(of: key, number: number)
    if point != .now {
      let isUpTo = try transaction.contains(upTo: point)
      let changes = try transaction.changes(of: number, id: key.id, state: state)
      state = RecordState.computed(of: changes.filter(isUpTo)).state
    }
    guard !state.registers.isEmpty else { return nil }
    return try transaction.view(of: state, kind: kind, record: number, id: key.id)
  }

  /// Returns the fields that show something else at one point of a record's history than at another, in order.
  ///
  /// - Returns: `nil` where the record did not exist yet at either of them.
  /// - Throws: `StoreError.noSuchChange` where a point is a change that is not held.
  public func differences(
    of key: RecordKey, from start: HistoryPoint, to end: HistoryPoint
  ) throws -> [FieldDifference]? {
    guard let kind = schema[key.kind], let before = try record(key, at: start),
      let after = try record(key, at: end)
    else { return nil }
    let (old, new) = (before.shownValues(of: kind), after.shownValues(of: kind))
    return Set(old.keys).union(new.keys).sorted().compactMap { field in
      old[field] == new[field]
        ? nil : FieldDifference(field: field, old: old[field], new: new[field])
    }
  }

  /// Returns exactly what this replica has seen.
  public func vector() throws -> Vector {
    let statement = try transaction.prepare("SELECT uuid, last_seq FROM _replica")
    var vector = Vector()
    while try statement.step() {
      let replica = try statement.identifier(as: ReplicaID.self, at: 0)
      vector[replica] = statement.seq(at: 1)
    }
    return vector
  }

  /// Returns the changes that are kept and count for nothing, in order.
  public func quarantine() throws -> [Quarantined] {
    let statement = try transaction.prepare("SELECT replica, seq, reason FROM _quarantine")
    var quarantined: [Quarantined] = []
    while try statement.step() {
      let replica = try transaction.replica(statement.integer(at: 0))
      quarantined.append(
        Quarantined(
          dot: Dot(replica, statement.seq(at: 1)), reason: statement.text(at: 2)))
    }
    return quarantined.sorted { $0.dot < $1.dot }
  }

  /// Returns how much the library holds.
  public func statistics() throws -> Statistics {
    var counts: [Name: Int] = [:]
    for kind in schema.kinds {
      counts[kind.name] = try count(Query(kind.name))
    }
    let quarantined = try transaction.prepare("SELECT count(*) FROM _quarantine")
    _ = try quarantined.step()
    let vector = try vector()
    var unsentCount: UInt64 = 0
    for (replica, pushed) in try transaction.pushedSeqs() {
      unsentCount += vector[replica] - min(vector[replica], pushed)
    }
    return Statistics(
      vector: vector, recordCountByKind: counts,
      quarantinedCount: Int(quarantined.integer(at: 0)), unsentCount: unsentCount)
  }
}

extension RecordView {
  /// The values that stand for something, and whether the record is deleted where it is.
  fileprivate func shownValues(of kind: Kind) -> [Name: Value] {
    var shown = values.filter { field, value in
      let isMember = kind.families.contains { $0.member(of: field) != nil }
      return value != .null && field != Field.deleted && !(isMember && value != .bool(true))
    }
    if isHidden { shown[Field.deleted] = .bool(true) }
    return shown
  }
}

extension Transaction {
  /// Returns a test of whether a change of a record was made up to a point of its history.
  fileprivate func contains(upTo point: HistoryPoint) throws(StoreError) -> (Change) -> Bool {
    switch point {
    case .now: return { _ in true }
    case .time(let time): return { $0.timestamp.milliseconds <= time }
    case .change(let dot):
      guard let timestamp = try timestamp(of: dot) else { throw .noSuchChange(dot) }
      return { ($0.timestamp, $0.dot) <= (timestamp, dot) }
    }
  }

  /// Returns the timestamp of a change, `nil` where it is not held.
  func timestamp(of dot: Dot) throws(StoreError) -> Timestamp? {
    guard (1...Limits.seq).contains(dot.seq), let replica = try knownNumber(ofReplica: dot.replica)
    else { return nil }
    let statement = try prepare("SELECT timestamp FROM _change WHERE id = ?")
    statement.bind(replica << 40 | Int64(dot.seq), at: 1)
    guard try statement.step() else { return nil }
    return Timestamp(rawValue: UInt64(bitPattern: statement.integer(at: 0)))
  }

  /// Returns every change to a record, in no particular order.
  fileprivate func changes(of key: RecordKey, number: Int64) throws(StoreError) -> [Change] {
    try changes(of: number, id: key.id, state: try state(of: key, number: number))
  }
}
