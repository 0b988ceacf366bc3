internal import GlossCore

// One command's deletes stand next to each other in their replica's run: the record's own, and behind it those of what belonged to it.

extension Transaction {
  /// Returns the records that were deleted with one that is deleted, each after the one that it belongs to.
  func deletedTogether(with target: Target) throws(StoreError) -> [RecordKey] {
    var keys: [RecordKey] = []
    var seen: Set<RecordKey> = [target.key]
    var end: UInt64?
    func visit(_ target: Target) throws(StoreError) {
      guard let delete = target.state.registers[Field.deleted]?.heads.first?.dot else { return }
      for key in try children(of: target, hidden: true) where !seen.contains(key) {
        guard let child = try self.target(key),
          let other = child.state.registers[Field.deleted]?.heads.first?.dot,
          other.replica == delete.replica, other.seq > delete.seq
        else { continue }
        let last = if let end { end } else { try endOfDeletes(after: delete) }
        end = last
        guard other.seq <= last else { continue }
        seen.insert(key)
        keys.append(key)
        try visit(child)
      }
    }
    try visit(target)
    return keys
  }

  /// Returns the number of the last change of a replica before which there are deletes only, from one of them on.
  private func endOfDeletes(after delete: Dot) throws(StoreError) -> UInt64 {
    let known = runOfDeletes.flatMap { $0.replica == delete.replica ? $0.numbers : nil }
    if let known, known.contains(delete.seq) { return known.upperBound }
    var end = delete.seq
    defer { runOfDeletes = (delete.replica, delete.seq...end) }
    guard let replica = try knownNumber(ofReplica: delete.replica) else { return end }
    let statement = try reused(
      "SELECT id, timestamp, body FROM _change WHERE id > ? AND id < ? ORDER BY id")
    statement.bind(replica << 40 | Int64(delete.seq), at: 1)
    statement.bind((replica + 1) << 40, at: 2)
    defer { statement.reset() }
    while try statement.step() {
      let change = try decode(
        statement.bytes(at: 2), dot: try dot(at: statement.integer(at: 0)),
        timestamp: Timestamp(rawValue: UInt64(bitPattern: statement.integer(at: 1))),
        record: RecordID(0))
      guard change.isDelete else { break }
      end = change.dot.seq
      if let known, known.lowerBound == end {
        end = known.upperBound
        break
      }
    }
    return end
  }
}

extension Snapshot {
  /// Returns what deleting records deletes: each that is shown and behind it what belongs to it, once.
  public func belongings(of keys: [RecordKey]) throws -> [RecordKey] {
    var belongings: [RecordKey] = []
    var seen: Set<RecordKey> = []
    func visit(_ key: RecordKey) throws {
      guard !seen.contains(key), let target = try transaction.target(key),
        try !transaction.isHidden(key)
      else { return }
      seen.insert(key)
      belongings.append(key)
      for child in try transaction.children(of: target, hidden: false) { try visit(child) }
    }
    for key in keys { try visit(key) }
    return belongings
  }

  /// Returns what undeleting a record brings back, the record itself first; nothing where it was not deleted.
  public func deletedTogether(with key: RecordKey) throws -> [RecordKey] {
    guard let target = try transaction.target(key),
      try target.undelete(basedOn: target.basis) != nil
    else { return [] }
    return [key] + (try transaction.deletedTogether(with: target))
  }
}
