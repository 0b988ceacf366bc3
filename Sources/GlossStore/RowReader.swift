internal import GlossCore

/// Reads rows of a kind's table as records.
struct RowReader {
  let kind: Kind
  let transaction: Transaction

  /// Returns the records of the rows that `sql` selects from the table, which it calls `k`.
  func records(
    _ sql: String, bind: (Statement) throws(StoreError) -> Void
  ) throws(StoreError) -> [Record] {
    try selection(sql).records(bind: bind)
  }

  /// Returns what reads those rows any number of times: compiling its statements takes longer than reading one.
  func selection(_ sql: String) throws(StoreError) -> Selection {
    Selection(
      reader: self, statement: try transaction.reused(selecting(kind.fields.map(\.name), sql)),
      families: try kind.families.map { family throws(StoreError) in
        try FamilyReader(family, of: kind, transaction)
      })
  }

  /// Returns SQL for those rows: what ``RecordRow`` has of all, and then what each of the fields displays.
  func selecting(_ fields: [Name], _ sql: String) -> String {
    let columns = fields.map { name in
      switch kind.fields.first(where: { $0.name == name })?.type {
      case .reference(let target)?:
        "(SELECT uuid FROM \"\(target)\" WHERE id = k.\"\(name)\")"
      case nil: "NULL"
      default: "k.\"\(name)\""
      }
    }
    let list = (["k.id", "k.uuid", "k.hidden", "k.heads"] + columns).joined(separator: ", ")
    return "SELECT \(list) FROM \"\(kind.name)\" k " + sql
  }

  /// Rows that are read once for each time that values are bound.
  struct Selection {
    fileprivate let reader: RowReader
    fileprivate let statement: Statement
    fileprivate let families: [FamilyReader]

    func records(bind: (Statement) throws(StoreError) -> Void) throws(StoreError) -> [Record] {
      defer { statement.reset() }
      try bind(statement)
      var records: [Record] = []
      while try statement.step() {
        records.append(try reader.record(in: statement, families: families))
      }
      return records
    }
  }

  fileprivate func record(
    in statement: Statement, families: [FamilyReader]
  ) throws(StoreError) -> Record {
    var shown: [Record.Shown] = []
    shown.reserveCapacity(kind.fields.count)
    for (index, field) in kind.fields.enumerated() {
      let column = Int32(4 + index)
      guard !statement.isNull(at: column) else { continue }
      shown.append(
        Record.Shown(
          field: field.name, value: try value(of: field.type, in: statement, at: column)))
    }
    let number = statement.integer(at: 0)
    let members = try families.map { family throws(StoreError) in
      Record.Members(family: family.name, members: try family.members(of: number))
    }
    let heads = statement.bytes(at: 3)
    return Record(
      key: RecordKey(kind.name, try statement.identifier(as: RecordID.self, at: 1)),
      shown: shown, families: members, isHidden: statement.integer(at: 2) != 0,
      edited: heads.withUnsafeBytes(PackedHeads.newestTimestamp),
      basis: try transaction.basis(ofPacked: heads))
  }

  private func value(
    of type: FieldType, in statement: Statement, at column: Int32
  ) throws(StoreError) -> Value {
    switch type {
    case .bool: .bool(statement.integer(at: column) != 0)
    case .integer: .integer(statement.integer(at: column))
    case .real: .real(statement.real(at: column))
    case .text: .text(statement.text(at: column))
    case .bytes: .bytes(statement.bytes(at: column))
    case .blob: BlobID(digest: statement.bytes(at: column)).map { .blob($0) } ?? .null
    case .reference: .record(try statement.identifier(as: RecordID.self, at: column))
    }
  }
}

/// Reads the members of one family.
struct FamilyReader {
  let name: Name
  private let statement: Statement

  init(_ family: Family, of kind: Kind, _ transaction: Transaction) throws(StoreError) {
    name = family.name
    statement = try transaction.reused(
      "SELECT member FROM \"\(kind.table(of: family))\" WHERE record = ? ORDER BY member")
  }

  func members(of record: Int64) throws(StoreError) -> [String] {
    statement.bind(record, at: 1)
    defer { statement.reset() }
    var members: [String] = []
    while try statement.step() {
      members.append(statement.utf8(at: 0))
    }
    return members
  }
}
