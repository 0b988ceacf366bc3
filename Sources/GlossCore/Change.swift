/// An atomic set of writes to one record by one replica.
public struct Change: Hashable, Sendable {
  /// The change's identity.
  public let dot: Dot

  /// When the change was made, in hybrid logical time.
  public let timestamp: Timestamp

  /// The record written to. A record is named by its kind and its identifier together.
  public let record: RecordID

  /// The record's kind.
  public let kind: Name

  /// The writes, one a field, in the order of the fields' bytes.
  public let writes: [Write]

  /// For a delete, the heads of every register that its author saw, in order; empty for any other change.
  public let covers: [Dot]

  /// Creates a change; writes and covers are put in order.
  public init(
    dot: Dot, timestamp: Timestamp, record: RecordID, kind: Name, writes: [Write],
    covers: [Dot] = []
  ) {
    self.dot = dot
    self.timestamp = timestamp
    self.record = record
    self.kind = kind
    var writes = writes
    // By index and in place: a copy of a write would cost three counts of references.
    if !writes.indices.dropFirst().allSatisfy({ writes[$0 - 1].field < writes[$0].field }) {
      writes.sort { $0.field < $1.field }
    }
    self.writes = writes
    self.covers = covers.count < 2 ? covers : covers.sorted()
  }
}

/// One field's new value and what it replaces.
public struct Write: Hashable, Sendable {
  /// The field written.
  public let field: Name

  /// The new value.
  public let value: Value

  /// The writes to the same register that this one replaces, in order.
  public let parents: [Dot]

  /// Creates a write; parents are put in order.
  public init(_ field: Name, _ value: Value, parents: [Dot] = []) {
    self.field = field
    self.value = value
    self.parents = parents.count < 2 ? parents : parents.sorted()
  }
}

extension Change {
  /// Returns the write to `field`, if there is one.
  public func write(to field: Name) -> Write? {
    writes.first { $0.field == field }
  }
}
