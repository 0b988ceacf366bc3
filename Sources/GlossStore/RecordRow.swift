public import GlossCore

/// A record as a query finds it, of which only what was asked for is read: valid inside the closure that it is given to.
///
/// It costs a fraction of a ``Record``, and does not say what an edit would be based on.
public struct RecordRow {
  private let statement: Statement
  private let families: [FamilyReader?]

  fileprivate init(statement: Statement, families: [FamilyReader?]) {
    self.statement = statement
    self.families = families
  }

  /// Names the record among those of its kind.
  public func id() throws -> RecordID { try statement.identifier(as: RecordID.self, at: 1) }

  /// Whether the record is deleted.
  public var isHidden: Bool { statement.integer(at: 2) != 0 }

  /// When the newest change to it was made; see ``Record/edited``.
  public var edited: Timestamp? { statement.withBytes(at: 3, PackedHeads.newestTimestamp) }

  /// The text that a field displays, by its place among those that were asked for; `nil` where it displays none.
  public func text(_ place: Int) -> String? { value(place, statement.text) }

  /// The integer that a field displays, by its place.
  public func integer(_ place: Int) -> Int64? { value(place, statement.integer) }

  /// The bytes that a field displays, by its place.
  public func bytes(_ place: Int) -> [UInt8]? { value(place, statement.bytes) }

  private func value<T>(_ place: Int, _ read: (Int32) -> T) -> T? {
    let column = Int32(4 + place)
    return statement.isNull(at: column) ? nil : read(column)
  }

  /// The members of a family, ordered by their bytes, by its place among those that were asked for.
  public func members(_ place: Int) throws -> [String] {
    try families[place]?.members(of: statement.integer(at: 0)) ?? []
  }
}

extension Snapshot {
  /// Goes through the records that satisfy `query`, of a kind that the schema has; there are none of any other.
  ///
  /// - Parameters:
  ///   - fields: What to read of each. A field that the kind does not have displays nothing.
  ///   - families: The families whose members to read. One that the kind does not have has none.
  ///   - body: Is given each record, in the order of the query.
  public func forEachRow(
    of query: Query, reading fields: [Name], families: [Name] = [],
    _ body: (RecordRow) throws -> Void
  ) throws {
    guard let kind = schema[query.kind] else { return }
    let compiled = try CompiledQuery(query, kind: kind, transaction)
    let reader = RowReader(kind: kind, transaction: transaction)
    let statement = try transaction.prepare(
      reader.selecting(fields, compiled.sql + compiled.order))
    let families = try families.map { name in
      try kind.families.first { $0.name == name }.map {
        try FamilyReader($0, of: kind, transaction)
      }
    }
    compiled.bind(to: statement)
    defer { statement.reset() }
    let row = RecordRow(statement: statement, families: families)
    while try statement.step() { try body(row) }
  }
}
