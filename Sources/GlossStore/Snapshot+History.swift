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
  /// Who looked at that time on a replica that had not received everything may have seen something else: this is what all
  /// changes made up to then, by their timestamps, come to.
  ///
  /// - Parameter time: Milliseconds since the Unix epoch.
  public func record(_ key: RecordKey, at time: UInt64) throws -> RecordView? {
    guard let kind = schema[key.kind], let number = try transaction.number(of: key) else {
      return nil
    }
    let changes = try transaction.changes(of: key, number: number)
      .filter { $0.timestamp.milliseconds <= time }
    let state = RecordState.computed(of: changes).state
    guard !state.registers.isEmpty else { return nil }
    return try transaction.view(of: state, kind: kind, record: number, id: key.id)
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

extension Transaction {
  /// Returns every change to a record, in no particular order.
  fileprivate func changes(of key: RecordKey, number: Int64) throws(StoreError) -> [Change] {
    try changes(of: number, id: key.id, state: try state(of: key, number: number))
  }
}
