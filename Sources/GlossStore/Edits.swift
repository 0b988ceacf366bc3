public import GlossCore

/// The edits of one transaction, each of which reads what the earlier ones wrote.
public struct Edits {
  let transaction: Transaction
  /// Physical time in milliseconds since the Unix epoch.
  let now: UInt64
  /// The operation that was taken back.
  var undone: Int64?

  init(transaction: Transaction, now: UInt64) {
    self.transaction = transaction
    self.now = now
  }

  /// The library as it is with the edits so far.
  public var snapshot: Snapshot { Snapshot(transaction: transaction) }

  /// Adds a record.
  ///
  /// Where there is one of this name already, because its identifier comes from a natural key, the given values are written
  /// to it as by somebody who sees it as it is now, and if it was deleted it is shown again.
  ///
  /// - Throws: `StoreError.invalid` where a value breaks a rule.
  public mutating func add(_ key: RecordKey, _ values: [Name: Value]) throws {
    if try addNew(key, values) { return }
    guard let target = try existing(key) else {
      let writes = values.filter { $0.value != .null }.map { Write($0.key, $0.value) }
      let target = Target(
        key: key, number: nil, state: RecordState(), transaction: transaction)
      return try commit(writes, to: target)
    }
    let basis = try target.basis
    var writes = try target.writes(values, basedOn: basis)
    if let undelete = try target.undelete(basedOn: basis) { writes.append(undelete) }
    try commit(writes, to: target)
  }

  /// Writes the values that differ from what was shown when `basis` was read.
  ///
  /// - Returns: Whether any of them did.
  /// - Throws: `StoreError.noSuchRecord`, or `StoreError.invalid` where a value breaks a rule.
  @discardableResult
  public mutating func edit(
    _ key: RecordKey, _ values: [Name: Value], basedOn basis: Basis
  ) throws -> Bool {
    let target = try require(key)
    let writes = try target.writes(values, basedOn: transaction.current(basis))
    try commit(writes, to: target)
    return !writes.isEmpty
  }

  /// Settles a field on a value, closing exactly the conflicting values that were shown when `basis` was read.
  ///
  /// - Returns: Whether there was anything to settle.
  @discardableResult
  public mutating func resolve(
    _ field: Name, of key: RecordKey, to value: Value, basedOn basis: Basis
  ) throws -> Bool {
    let target = try require(key)
    let basis = try transaction.current(basis)
    let write = try target.state.resolution(field, to: value, basedOn: basis) {
      try target.value(of: $0, in: field)
    }
    guard let write else { return false }
    try commit([write], to: target)
    return true
  }

  /// Deletes a record as it was when `basis` was read, and with it the records that refer to it.
  ///
  /// - Returns: All that was deleted, the record itself first.
  @discardableResult
  public mutating func delete(_ key: RecordKey, basedOn basis: Basis) throws -> [RecordKey] {
    let target = try require(key)
    let basis = try transaction.current(basis)
    let parents = Array((basis.heads[Field.deleted] ?? []).prefix(Limits.parents))
    try commit(
      [Write(Field.deleted, .bool(true), parents: parents)], to: target,
      covers: target.covers(basedOn: basis))
    var deleted = [key]
    for child in try transaction.children(of: target, hidden: false) {
      // A note on a highlight goes with the highlight, before its article comes to it.
      guard try !transaction.isHidden(child) else { continue }
      deleted += try delete(child, basedOn: require(child).basis)
    }
    return deleted
  }

  /// Shows a deleted record again, and those that were deleted with it.
  ///
  /// - Returns: All that is shown again, the record itself first.
  @discardableResult
  public mutating func undelete(_ key: RecordKey, basedOn basis: Basis) throws -> [RecordKey] {
    let target = try require(key)
    let basis = try transaction.current(basis)
    guard let write = try target.undelete(basedOn: basis) else { return [] }
    let others = try transaction.deletedTogether(with: target)
    try commit([write], to: target)
    for other in others {
      let target = try require(other)
      if let write = try target.undelete(basedOn: target.basis) { try commit([write], to: target) }
    }
    return [key] + others
  }

  /// Stores a large value, once however often it is added, and returns its name.
  ///
  /// - Throws: `StoreError.invalid` where it is over ``Limits/blobByteCount``.
  public mutating func addBlob(_ content: [UInt8]) throws -> BlobID {
    guard content.count <= Limits.blobByteCount else {
      throw StoreError.invalid(.tooLarge(field: "blob", byteCount: content.count))
    }
    return try transaction.insertBlob(content)
  }
}

// MARK: - One record

/// A record that is about to be edited.
struct Target {
  let key: RecordKey
  /// The record's number, `nil` where nothing was written to it yet.
  let number: Int64?
  let state: RecordState
  let transaction: Transaction

  /// What somebody who looks at the record now sees.
  var basis: Basis {
    get throws(StoreError) { try transaction.basis(of: state) }
  }

  func value(of dot: Dot, in field: Name) throws(StoreError) -> Value? {
    guard let number else { return nil }
    return try transaction.change(dot, of: number, id: key.id)?.write(to: field)?.value
  }

  func writes(_ values: [Name: Value], basedOn basis: Basis) throws(StoreError) -> [Write] {
    let kind = transaction.schema[key.kind]
    var writes: [Write] = []
    for (field, value) in values {
      let write = try state.edit(
        field, to: value, policy: kind?.policy(of: field) ?? .keep, basedOn: basis
      ) { dot throws(StoreError) in
        try self.value(of: dot, in: field)
      }
      if let write { writes.append(write) }
    }
    return writes
  }

  /// Returns what a delete covers. Only heads of fields whose values are kept can bring a record back, so where there are too
  /// many heads those come first.
  func covers(basedOn basis: Basis) -> [Dot] {
    guard basis.dots.count > Limits.covers else { return basis.dots }
    let kind = transaction.schema[key.kind]
    let kept = basis.heads.filter { (kind?.policy(of: $0.key) ?? .keep) == .keep }
    return Array(Basis(heads: kept).dots.prefix(Limits.covers))
  }

  /// Returns the least timestamp that a change with these writes has to be above.
  func floor(of writes: [Write]) throws(StoreError) -> Timestamp? {
    var floor = state.floor(of: writes.map(\.field))
    guard let number else { return floor }
    for parent in writes.flatMap(\.parents) {
      guard let timestamp = try transaction.timestamp(of: parent, record: number) else { continue }
      floor = max(floor ?? timestamp, timestamp)
    }
    return floor
  }

  /// Returns the write that undeletes the record, or `nil` where it was not deleted.
  func undelete(basedOn basis: Basis) throws(StoreError) -> Write? {
    let seen = basis.heads[Field.deleted] ?? []
    guard let shown = seen.first, try value(of: shown, in: Field.deleted) == .bool(true) else {
      return nil
    }
    return Write(Field.deleted, .bool(false), parents: Array(seen.prefix(Limits.parents)))
  }
}

extension Edits {
  func existing(_ key: RecordKey) throws(StoreError) -> Target? { try transaction.target(key) }

  func require(_ key: RecordKey) throws(StoreError) -> Target {
    guard let target = try existing(key) else { throw .noSuchRecord(key) }
    return target
  }

  /// Adds a record if nothing is known of it, which inserting it tells without a look before, and returns whether it did.
  /// Values that break a rule are left to the long way, which reports them.
  private func addNew(_ key: RecordKey, _ values: [Name: Value]) throws(StoreError) -> Bool {
    let writes = try transaction.table(of: key.kind).creation(values)
    let own = try transaction.ownID()
    let change = Change(
      dot: Dot(own, try transaction.known(own).lastSeq + 1),
      timestamp: .next(at: now, above: nil),
      record: key.id, kind: key.kind, writes: writes)
    guard change.violation == nil else { return false }
    return try transaction.mergeIfNew(change)
  }

  /// Makes the writes this replica's next change and merges it.
  func commit(
    _ writes: [Write], to target: Target, covers: [Dot] = []
  ) throws(StoreError) {
    guard !writes.isEmpty else { return }
    let own = try transaction.ownID()
    let change = Change(
      dot: Dot(own, try transaction.known(own).lastSeq + 1),
      timestamp: .next(at: now, above: try target.floor(of: writes)),
      record: target.key.id, kind: target.key.kind, writes: writes, covers: covers)
    if let violation = change.violation { throw .invalid(violation) }
    if change.isDelete { transaction.runOfDeletes = nil }
    try transaction.merge(change, isChecked: true)
  }
}

extension Transaction {
  /// Returns a record of which something is known.
  func target(_ key: RecordKey) throws(StoreError) -> Target? {
    guard let number = try number(of: key) else { return nil }
    let state = try state(of: key, number: number)
    return state.registers.isEmpty
      ? nil : Target(key: key, number: number, state: state, transaction: self)
  }

  /// Returns the records that refer to a record, of those that are hidden or of those that are not.
  func children(
    of target: Target, hidden: Bool
  ) throws(StoreError) -> [RecordKey] {
    guard let number = target.number else { return [] }
    var keys: [RecordKey] = []
    for kind in schema.kinds {
      for field in kind.fields where field.type == .reference(target.key.kind) {
        let statement = try reused(
          """
          SELECT uuid FROM "\(kind.name)" WHERE "\(field.name)" = ? AND hidden = ? ORDER BY id
          """)
        statement.bind(number, at: 1)
        statement.bind(hidden, at: 2)
        while try statement.step() {
          keys.append(RecordKey(kind.name, try statement.identifier(as: RecordID.self, at: 0)))
        }
      }
    }
    return keys
  }

  func isHidden(_ key: RecordKey) throws(StoreError) -> Bool {
    guard let number = try number(of: key) else { return true }
    let table = try otherTable(of: key.kind).tableName
    let statement = try reused("SELECT hidden FROM \"\(table)\" WHERE id = ?")
    defer { statement.reset() }
    statement.bind(number, at: 1)
    return try statement.step() && statement.integer(at: 0) != 0
  }
}
