public import GlossCore

/// Which changes of a library to read.
public struct LogQuery: Hashable, Sendable {
  /// The kinds of the records that they write to.
  public var kinds: [Name]

  /// Those who made them, `nil` for everybody.
  public var replicas: [ReplicaID]?

  /// The first millisecond since the Unix epoch, by the clocks of the machines that made them.
  public var start: UInt64 = 0

  /// The last one.
  public var end: UInt64 = .max

  /// The greatest number of changes, the newest; `nil` for all.
  public var limit: Int?

  public init(kinds: [Name]) {
    self.kinds = kinds
  }
}

/// A change of a library, and what it replaced.
public struct LoggedChange: Sendable {
  /// The change.
  public let change: Change

  /// Of each field that it wrote to, the values that it replaced, the latest of them first.
  public let replaced: [Name: [Value]]
}

// The log has no index by time, which every change would have to be added to. SQLite goes over it once and keeps as many of the
// newest as are asked for (or sorts their places beside the database where that is all of them); a change's time stands in front of
// its values, so large values are passed over. What a change says is read when its turn comes, so memory stays as it is.

extension Snapshot {
  /// Reads changes, the newest first by their timestamps.
  public func eachChange(_ query: LogQuery, _ body: (LoggedChange) throws -> Void) throws {
    guard let sql = try transaction.sql(of: query) else { return }
    let places = try transaction.prepare(sql)
    let select = try transaction.prepare("SELECT timestamp, record, body FROM _change WHERE id = ?")
    while try places.step() {
      let place = places.integer(at: 0)
      select.bind(place, at: 1)
      guard try select.step() else { continue }
      let record = select.integer(at: 1)
      let change = try transaction.decode(
        select.bytes(at: 2), dot: try transaction.dot(at: place),
        timestamp: Timestamp(rawValue: UInt64(bitPattern: select.integer(at: 0))),
        record: RecordID(0))
      select.reset()
      guard let id = try transaction.recordID(of: record, kind: change.kind) else { continue }
      try body(
        LoggedChange(
          change: Change(
            dot: change.dot, timestamp: change.timestamp, record: id, kind: change.kind,
            writes: change.writes, covers: change.covers),
          replaced: try transaction.replaced(by: change, record: record)))
    }
  }

  /// Returns the replicas whose changes were given another name in this file, by those that they have now: two copies had used one
  /// name, and the changes of one of them are made again under a name that says nothing of the machine.
  public func originByBranch() throws -> [ReplicaID: ReplicaID] {
    var origins: [ReplicaID: ReplicaID] = [:]
    for renaming in try transaction.renamings() {
      origins[renaming.branch] = origins[renaming.origin] ?? renaming.origin
    }
    return origins
  }
}

extension Transaction {
  /// Returns the statement that selects the places of the changes of a query, `nil` where there are none.
  fileprivate func sql(of query: LogQuery) throws(StoreError) -> String? {
    var conditions: [String] = []
    var prefixesByCount: [Int: [String]] = [:]
    for kind in query.kinds {
      guard let number = try knownNumber(of: kind) else { continue }
      // What a change says begins with the number of its kind, and no such beginning is one of another number.
      var prefix = ByteWriter()
      prefix.writeVarint(UInt64(number))
      prefixesByCount[prefix.bytes.count, default: []].append("x'\(hexadecimal(prefix.bytes))'")
    }
    guard !prefixesByCount.isEmpty else { return nil }
    let kinds = prefixesByCount.sorted { $0.key < $1.key }
      .map { "substr(body, 1, \($0)) IN (\($1.joined(separator: ", ")))" }
    conditions.append("(\(kinds.joined(separator: " OR ")))")
    if let replicas = query.replicas {
      var runs: [String] = []
      for replica in replicas {
        guard let number = try knownNumber(ofReplica: replica) else { continue }
        runs.append("id BETWEEN \(number << 40) AND \(number << 40 | Int64(Limits.seq))")
      }
      guard !runs.isEmpty else { return nil }
      conditions.append("(\(runs.joined(separator: " OR ")))")
    }
    if query.start > 0 {
      conditions.append(Self.condition(">=", Timestamp(milliseconds: query.start)))
    }
    if query.end < .max {
      conditions.append(Self.condition("<=", Timestamp(milliseconds: query.end, counter: .max)))
    }
    return """
      SELECT id FROM _change WHERE \(conditions.joined(separator: " AND "))
      ORDER BY timestamp < 0 DESC, timestamp DESC, id DESC LIMIT \(query.limit ?? -1)
      """
  }

  /// Compares timestamps, which have no sign and are stored as numbers that have one.
  private static func condition(_ comparison: String, _ timestamp: Timestamp) -> String {
    let value = Int64(bitPattern: timestamp.rawValue)
    let sign = value < 0 ? 1 : 0
    return "((timestamp < 0), timestamp) \(comparison) (\(sign), \(value))"
  }

  /// Returns the number of a replica, or `nil` where it was never heard of.
  func knownNumber(ofReplica id: ReplicaID) throws(StoreError) -> Int64? {
    let statement = try prepare("SELECT id FROM _replica WHERE uuid = ?")
    statement.bind(id, at: 1)
    return try statement.step() ? statement.integer(at: 0) : nil
  }

  /// Returns of each field that a change wrote to the values that it replaced.
  fileprivate func replaced(by change: Change, record: Int64) throws(StoreError) -> [Name: [Value]]
  {
    var replaced: [Name: [Value]] = [:]
    for write in change.writes where !write.parents.isEmpty {
      var parents: [Change] = []
      for parent in write.parents {
        if let parent = try self.change(parent, of: record, id: change.record) {
          parents.append(parent)
        }
      }
      // Of several, the latest is the one that was shown.
      parents.sort { ($0.timestamp, $0.dot.replica) > ($1.timestamp, $1.dot.replica) }
      replaced[write.field] = parents.compactMap { $0.write(to: write.field)?.value }
    }
    return replaced
  }
}
