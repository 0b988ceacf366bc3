public import GlossCore

/// Something that a person has to decide about.
public struct OpenConflict: Hashable, Sendable {
  /// The record.
  public let key: RecordKey

  /// The field at odds; for a deleted parent, the field that refers to it.
  public let field: Name

  /// What is at odds.
  public let reason: Reason

  public init(key: RecordKey, field: Name, reason: Reason) {
    self.key = key
    self.field = field
    self.reason = reason
  }

  /// What is at odds.
  public enum Reason: Hashable, Sendable {
    /// Concurrent writes put different values into the field.
    case values
    /// The record was deleted by somebody who had not seen its newest values.
    case editedAndDeleted
    /// The record that this one belongs to is deleted, and whoever deleted it had not seen this one.
    case parentDeleted(RecordKey)
  }
}

/// One of the values that a field has at once.
public struct Version: Hashable, Sendable {
  /// The change that wrote the value.
  public let dot: Dot

  /// When it was written.
  public let timestamp: Timestamp

  /// The value.
  public let value: Value

  /// The change that this one put back: another one where the resolution of a conflict was undone, which writes the values again
  /// that it had replaced.
  public let source: Dot

  init(dot: Dot, timestamp: Timestamp, value: Value, source: Dot? = nil) {
    self.dot = dot
    self.timestamp = timestamp
    self.value = value
    self.source = source ?? dot
  }
}

extension Snapshot {
  /// Returns what has to be decided, in the order of kinds, identifiers and fields.
  public func conflicts() throws -> [OpenConflict] {
    var conflicts: [OpenConflict] = []
    for kind in schema.kinds {
      conflicts += try storedConflicts(of: kind, where: "")
      conflicts += try orphans(of: kind, where: "")
    }
    return conflicts.sorted { ($0.key, $0.field) < ($1.key, $1.field) }
  }

  /// Returns what has to be decided about one record.
  public func conflicts(of key: RecordKey) throws -> [OpenConflict] {
    guard let kind = schema[key.kind], let number = try transaction.number(of: key) else {
      return []
    }
    let conflicts =
      try storedConflicts(of: kind, where: "AND k.id = \(number)")
      + orphans(of: kind, where: "AND k.id = \(number)")
    return conflicts.sorted { $0.field < $1.field }
  }

  /// Returns the number of fields and records that have to be decided about.
  public func conflictCount() throws -> Int {
    try conflicts().count
  }

  /// Returns the values that a field has at once, the displayed one first.
  public func versions(of field: Name, in key: RecordKey) throws -> [Version] {
    guard let number = try transaction.number(of: key) else { return [] }
    let state = try transaction.state(of: key, number: number)
    let heads = state.registers[field]?.heads ?? []
    var writes: [Dot: Write] = [:]
    func note(_ dot: Dot) throws {
      writes[dot] = try transaction.change(dot, of: number, id: key.id)?.write(to: field)
    }
    for head in heads { try note(head.dot) }
    for head in heads {
      guard let parents = writes[head.dot]?.parents, parents.count == 1 else { continue }
      try note(parents[0])
    }
    let mayBePutBack = heads.contains { head in
      writes[head.dot].map { PutBack.mayPutBack($0, writes) } ?? false
    }
    let putBack = PutBack(
      mayBePutBack ? try self.writes(to: field, of: key).mapValues(\.write) : [:])
    return heads.map { head in
      Version(
        dot: head.dot, timestamp: head.timestamp, value: writes[head.dot]?.value ?? .null,
        source: putBack.source(of: head.dot))
    }
  }

  private func storedConflicts(of kind: Kind, where condition: String) throws -> [OpenConflict] {
    let statement = try transaction.reused(
      """
      SELECT k.uuid, c.field, c.reason FROM _conflict c JOIN "\(kind.name)" k ON k.id = c.record
      WHERE c.kind = (SELECT id FROM _name WHERE text = ?) \(condition)
      """)
    statement.bind(Array(kind.name.text.utf8), at: 1)
    var conflicts: [OpenConflict] = []
    while try statement.step() {
      conflicts.append(
        OpenConflict(
          key: RecordKey(kind.name, try statement.identifier(as: RecordID.self, at: 0)),
          field: try transaction.name(statement.integer(at: 1)),
          reason: statement.integer(at: 2) == 0 ? .values : .editedAndDeleted))
    }
    return conflicts
  }

  /// The live records whose parent is deleted. A parent that has not arrived is not deleted.
  private func orphans(of kind: Kind, where condition: String) throws -> [OpenConflict] {
    var conflicts: [OpenConflict] = []
    for field in kind.fields {
      guard case .reference(let target) = field.type else { continue }
      let statement = try transaction.reused(
        """
        SELECT k.uuid, p.uuid FROM "\(target)" p JOIN "\(kind.name)" k ON k."\(field.name)" = p.id
        WHERE p.hidden AND length(p.heads) > 0 AND NOT k.hidden \(condition)
        """)
      while try statement.step() {
        let id = try statement.identifier(as: RecordID.self, at: 0)
        let parent = try statement.identifier(as: RecordID.self, at: 1)
        conflicts.append(
          OpenConflict(
            key: RecordKey(kind.name, id), field: field.name,
            reason: .parentDeleted(RecordKey(target, parent))))
      }
    }
    return conflicts
  }
}

extension Transaction {
  /// Returns the state of the record of this number.
  func state(of key: RecordKey, number: Int64) throws(StoreError) -> RecordState {
    try unpack(try table(of: key.kind).heads(of: number) ?? [])
  }
}
