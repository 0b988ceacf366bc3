public import GlossCore
public import GlossStore

/// One change of a record, as a person reads it.
public struct HistoryLine: Sendable {
  /// The change's identity.
  public let dot: Dot
  /// When it was made, in milliseconds since the Unix epoch by the clock of the machine that made it.
  public let milliseconds: UInt64
  /// The fields written, in order.
  public let writes: [FieldWrite]
  /// Whether it is the record's first.
  public let isFirst: Bool
  /// The rule that it breaks, for which it counts for nothing; `nil` for nearly all.
  public let violation: Violation?

  /// One field's old and new value.
  public struct FieldWrite: Sendable {
    public let field: Name
    /// What was replaced; `nil` where the change replaced nothing that is known.
    public let old: Value?
    public let new: Value
    /// The other values that a person put aside with this change, settling a conflict.
    public let putAside: [Value]

    public init(field: Name, old: Value?, new: Value, putAside: [Value] = []) {
      self.field = field
      self.old = old
      self.new = new
      self.putAside = putAside
    }
  }
}

extension HistoryLine.FieldWrite {
  /// - Parameter replaced: The values that the write replaced, the latest first.
  init(_ write: Write, replaced: [Value]) {
    field = write.field
    old = replaced.first
    new = write.value
    var putAside: [Value] = []
    for value in replaced.dropFirst()
    where value != replaced[0] && value != write.value && !putAside.contains(value) {
      putAside.append(value)
    }
    self.putAside = putAside
  }
}

extension Library {
  /// Returns what happened to a record, the oldest first.
  ///
  /// - Parameter field: Only changes of this field, or `nil` for all.
  public func history(
    of key: RecordKey, field: Name? = nil
  ) throws(LibraryError) -> [HistoryLine] {
    let entries = try reading { try $0.history(of: key) }
    let changes = Dictionary(entries.map { ($0.change.dot, $0.change) }) { first, _ in first }
    var isFirst = true
    return entries.compactMap { entry in
      let change = entry.change
      let writes = change.writes.filter { field == nil || $0.field == field }.map { write in
        // Of several values that were replaced, the latest is the one that was shown.
        let replaced = write.parents.compactMap { changes[$0] }
          .sorted { ($0.timestamp, $0.dot.replica) > ($1.timestamp, $1.dot.replica) }
          .compactMap { $0.write(to: write.field)?.value }
        return HistoryLine.FieldWrite(write, replaced: replaced)
      }
      defer { isFirst = false }
      guard !writes.isEmpty else { return nil }
      return HistoryLine(
        dot: change.dot, milliseconds: change.timestamp.milliseconds, writes: writes,
        isFirst: isFirst, violation: entry.violation)
    }
  }

  /// Returns the record as all changes made up to a time come to, or `nil` where it did not exist yet.
  public func item(_ key: RecordKey, at milliseconds: UInt64) throws(LibraryError) -> Item? {
    try item(key, at: .time(milliseconds))
  }

  /// Returns the record as it was at a point of its history, or `nil` where it did not exist yet.
  public func item(_ key: RecordKey, at point: HistoryPoint) throws(LibraryError) -> Item? {
    try reading { snapshot in
      try snapshot.record(key, at: point).flatMap { Item(RecordFields(key, $0)) }
    }
  }

  /// Returns the fields whose values of that time were replaced since and never came to this machine, in order.
  ///
  /// ``item(_:at:)`` has nothing in them.
  public func fieldsLeftOut(
    of key: RecordKey, at point: HistoryPoint
  ) throws(LibraryError) -> [Name] {
    try reading { snapshot in
      let view = try snapshot.record(key, at: point)
      return (view?.values ?? [:]).filter(\.value.isLeftOut).keys.sorted()
    }
  }
}
