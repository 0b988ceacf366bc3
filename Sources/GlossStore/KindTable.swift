internal import GlossCore
internal import GlossWire

/// The rows of one kind's table and the statements that write them; for a kind that the program does not know, the rows of
/// the table that all such kinds share.
final class KindTable {
  let kind: Kind?
  /// The kind's number.
  let number: Int64
  private unowned let transaction: Transaction
  private var lastShape: Shape
  private var recentNumbers = [(id: RecordID, number: Int64)?](repeating: nil, count: 4_096)
  let tableName: String
  private let columnByField: [Name: Int]
  /// The names of the kind's fields, in order.
  private let fieldNames: [Name]
  private let refersToItself: Bool
  private var selectHeads: Statement?
  private var selectUUID: Statement?
  private var insertRow: Statement?
  private var updatesByColumns: [[Int]: Statement] = [:]
  private var insertMember: [Name: Statement] = [:]
  private var deleteMember: [Name: Statement] = [:]

  init(kind: Kind?, number: Int64, transaction: Transaction) {
    self.kind = kind
    self.number = number
    self.transaction = transaction
    lastShape = Shape(fields: [], numbers: [number], columns: [], emptyColumns: [])
    tableName = kind?.name.text ?? "_other"
    columnByField = Dictionary(
      uniqueKeysWithValues: (kind?.fields ?? []).enumerated().map { ($1.name, $0) })
    fieldNames = columnByField.keys.sorted()
    refersToItself =
      kind.map { kind in
        kind.fields.contains { $0.type == .reference(kind.name) }
      } ?? false
  }

  /// The store's numbers for the fields that a change writes to, and their places in the kind.
  struct Shape {
    let fields: [Name]
    /// The kind's number and then those of the fields.
    let numbers: [Int64]
    let columns: [Int?]
    /// The places of the other fields in the kind.
    let emptyColumns: [Int]
  }

  /// Returns the shape of a change. Most changes of a kind write to the same fields as the one before.
  func shape(of change: Change) throws(StoreError) -> Shape {
    let writes = change.writes
    if lastShape.fields.count == writes.count,
      writes.indices.allSatisfy({ writes[$0].field == lastShape.fields[$0] })
    {
      return lastShape
    }
    var numbers = [number]
    for write in writes { numbers.append(try transaction.number(of: write.field)) }
    let columns = writes.map { columnByField[$0.field] }
    lastShape = Shape(
      fields: writes.map(\.field), numbers: numbers, columns: columns,
      emptyColumns: (kind?.fields ?? []).indices.filter { !columns.contains($0) })
    return lastShape
  }

  /// Returns the writes that give a new record these values, in the order of their fields where they are the kind's own,
  /// which saves sorting them.
  func creation(_ values: [Name: Value]) -> [Write] {
    var writes: [Write] = []
    writes.reserveCapacity(values.count)
    var count = 0
    for field in fieldNames {
      guard let value = values[field] else { continue }
      count += 1
      if case .null = value { continue }
      writes.append(Write(field, value))
    }
    if count == values.count { return writes }
    return values.filter { $0.value != .null }.map { Write($0.key, $0.value) }
  }

  /// Returns the number of a record, or `nil` where nothing is known of it.
  func number(of id: RecordID) throws(StoreError) -> Int64? {
    if let recent = recentNumbers[place(of: id)], recent.id == id { return recent.number }
    let found = try transaction.recordNumber(of: id, kind: number)
    if let found { remember(id, found) }
    return found
  }

  /// Keeps a record's number for the changes to come, which are often to the same or refer to it.
  func remember(_ id: RecordID, _ number: Int64) {
    recentNumbers[place(of: id)] = (id, number)
  }

  /// Where a record's number is kept, until that of another one of the same place is.
  private func place(of id: RecordID) -> Int {
    Int(truncatingIfNeeded: id.value ^ id.value >> 64) & (recentNumbers.count - 1)
  }

  /// Returns the packed heads of a record, or `nil` where it has no row.
  func heads(of record: Int64) throws(StoreError) -> [UInt8]? {
    let statement = try prepared(&selectHeads, "SELECT heads FROM \"\(tableName)\" WHERE id = ?")
    statement.bind(record, at: 1)
    defer { statement.reset() }
    return try statement.step() ? statement.bytes(at: 0) : nil
  }

  /// Returns the statement that selects the identifier of the record of a number.
  func selectID() throws(StoreError) -> Statement {
    try prepared(&selectUUID, "SELECT uuid FROM \"\(tableName)\" WHERE id = ?")
  }

  /// Adds the row of a record that nothing is shown of yet.
  func insertPlaceholder(_ record: Int64, _ id: RecordID) throws(StoreError) {
    let statement = try insertion(record, id, isHidden: true)
    statement.bind([], at: 4)
    if kind == nil { statement.bind(number, at: 5) }
    for index in (kind?.fields ?? []).indices {
      statement.bindNull(at: Int32(5 + index))
    }
    try statement.run()
  }

  /// Adds the row of a record that a change creates.
  ///
  /// - Parameters:
  ///   - shape: The change's.
  ///   - encoding: The change's, of which texts and bytes are bound without a copy.
  func insert(
    _ record: Int64, heads: [UInt8], of change: Change, _ shape: Shape,
    _ encoding: CanonicalEncoding
  ) throws(StoreError) {
    let fields = kind?.fields ?? []
    if refersToItself { try insertPlaceholders(of: change) }
    let statement = try insertion(record, change.record, isHidden: false)
    if kind == nil { statement.bind(number, at: 5) }
    for column in shape.emptyColumns { statement.bindNull(at: Int32(5 + column)) }
    let writes = change.writes
    let places = encoding.values
    try encoding.bytes.withUnsafeBufferPointer { bytes throws(StoreError) in
      for index in writes.indices {
        guard let column = shape.columns[index] else {
          try setMember(writes[index].field, of: record, to: writes[index].value)
          continue
        }
        let place = Int32(5 + column)
        switch (fields[column].type, writes[index].value) {
        case (.text, .text(let text)):
          statement.bindTextInPlace(bytes.last(text.utf8.count, of: places[index]), at: place)
        case (.bytes, .bytes(let content)):
          statement.bindInPlace(bytes.last(content.count, of: places[index]), at: place)
        case (let type, let value):
          try bind(value, of: type, to: statement, at: place)
        }
      }
      try heads.withUnsafeBufferPointer { heads throws(StoreError) in
        statement.bindInPlace(heads, at: 4)
        try statement.run()
      }
    }
  }

  /// Adds the rows of records of this kind that a change refers to, for which the statement that is about to be bound is used.
  private func insertPlaceholders(of change: Change) throws(StoreError) {
    guard let kind else { return }
    for write in change.writes {
      guard case .record(let id) = write.value, let column = columnByField[write.field],
        kind.fields[column].type == .reference(kind.name)
      else { continue }
      _ = try transaction.numberOrPlaceholder(of: id, kind: kind.name)
    }
  }

  private func insertion(
    _ record: Int64, _ id: RecordID, isHidden: Bool
  ) throws(StoreError) -> Statement {
    let statement = try prepared(&insertRow, insertion(of: kind?.fields ?? []))
    statement.bind(record, at: 1)
    statement.bind(id, at: 2)
    statement.bind(isHidden, at: 3)
    return statement
  }

  private func insertion(of fields: [Field]) -> String {
    let columns = kind == nil ? ", kind" : fields.map { ", \"\($0.name)\"" }.joined()
    let places = String(repeating: ", ?", count: kind == nil ? 1 : fields.count)
    return """
      INSERT INTO "\(tableName)"(id, uuid, hidden, heads\(columns)) VALUES (?, ?, ?, ?\(places))
      """
  }

  /// Changes what is displayed of a record in the fields of `writes`, and its heads.
  func update(_ record: Int64, heads: [UInt8], writes: [Write]) throws(StoreError) {
    let fields = kind?.fields ?? []
    let known = writes.compactMap { write in
      columnByField[write.field].map { (column: $0, value: write.value) }
    }
    let columns = known.map(\.column)
    let statement: Statement
    if let prepared = updatesByColumns[columns] {
      statement = prepared
    } else {
      let assignments = columns.map { ", \"\(fields[$0].name)\" = ?" }.joined()
      statement = try transaction.prepare(
        "UPDATE \"\(tableName)\" SET heads = ?\(assignments) WHERE id = ?")
      updatesByColumns[columns] = statement
    }
    statement.bind(heads, at: 1)
    for (index, (column, value)) in known.enumerated() {
      try bind(value, of: fields[column].type, to: statement, at: Int32(2 + index))
    }
    statement.bind(record, at: Int32(2 + known.count))
    try statement.run()
    for write in writes where columnByField[write.field] == nil {
      try setMember(write.field, of: record, to: write.value)
    }
  }

  /// Replaces all that is displayed of a record, and returns whether that hides what was shown or shows what was hidden.
  func replace(_ record: Int64, heads: [UInt8], view: RecordView) throws(StoreError) -> Bool {
    let statement = try transaction.reused(
      "UPDATE \"\(tableName)\" SET hidden = ?1 WHERE id = ?2 AND hidden <> ?1")
    statement.bind(view.isHidden, at: 1)
    statement.bind(record, at: 2)
    try statement.run()
    let isFlipped = transaction.changedRowCount > 0
    for family in kind?.families ?? [] {
      guard let kind else { continue }
      let clear = try transaction.reused(
        "DELETE FROM \"\(kind.table(of: family))\" WHERE record = ?")
      clear.bind(record, at: 1)
      try clear.run()
    }
    let cleared = (kind?.fields ?? []).filter { view.values[$0.name] == nil }
    let writes =
      view.values.map { Write($0.key, $0.value) } + cleared.map { Write($0.name, .null) }
    try update(record, heads: heads, writes: writes.sorted { $0.field < $1.field })
    return isFlipped
  }

  /// Adds or removes a member of one of the kind's families; a field of no family is left alone.
  private func setMember(_ field: Name, of record: Int64, to value: Value) throws(StoreError) {
    guard let kind else { return }
    for family in kind.families {
      guard let member = family.member(of: field) else { continue }
      let table = kind.table(of: family)
      let isMember = value == .bool(true)
      let statement =
        isMember
        ? try prepared(
          &insertMember[family.name],
          "INSERT OR IGNORE INTO \"\(table)\"(record, member) VALUES (?, ?)")
        : try prepared(
          &deleteMember[family.name], "DELETE FROM \"\(table)\" WHERE record = ? AND member = ?")
      statement.bind(record, at: 1)
      statement.bind(Array(member.utf8), at: 2)
      try statement.run()
    }
  }

  /// Binds a value to a column of a type; a value of another type is shown as none, and stays in the log.
  private func bind(
    _ value: Value, of type: FieldType, to statement: Statement, at index: Int32
  ) throws(StoreError) {
    switch (type, value) {
    case (.bool, .bool(let bool)): statement.bind(bool, at: index)
    case (.integer, .integer(let integer)): statement.bind(integer, at: index)
    case (.real, .real(let real)): statement.bind(real, at: index)
    case (.text, .text(let text)): statement.bind(text, at: index)
    case (.bytes, .bytes(let bytes)): statement.bind(bytes, at: index)
    case (.blob, .blob(let blob)): statement.bind(blob.digest, at: index)
    case (.reference(let kind), .record(let id)):
      statement.bind(try transaction.numberOrPlaceholder(of: id, kind: kind), at: index)
    default: statement.bindNull(at: index)
    }
  }

  private func prepared(
    _ place: inout Statement?, _ sql: @autoclosure () -> String
  ) throws(StoreError) -> Statement {
    if let statement = place { return statement }
    let statement = try transaction.prepare(sql())
    place = statement
    return statement
  }
}

extension Transaction {
  /// Returns the number of a record that another one refers to. One that has not arrived gets a number and a hidden row.
  func numberOrPlaceholder(of id: RecordID, kind: Name) throws(StoreError) -> Int64 {
    let table = try otherTable(of: kind)
    if let number = try table.number(of: id) { return number }
    let number = try insertRecord(id, kind: table.number)
    try table.insertPlaceholder(number, id)
    table.remember(id, number)
    return number
  }
}

extension UnsafeBufferPointer {
  /// The last `count` elements of a range: a counted value's bytes without their count.
  fileprivate func last(_ count: Int, of range: Range<Int>) -> UnsafeBufferPointer {
    UnsafeBufferPointer(rebasing: self[range.upperBound - count..<range.upperBound])
  }
}
