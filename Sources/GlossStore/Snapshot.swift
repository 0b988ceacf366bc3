public import GlossCore

/// One consistent view of a library, valid inside the closure that it is given to and nowhere else.
public struct Snapshot {
  let transaction: Transaction

  /// The kinds that the program knows.
  public var schema: Schema { transaction.schema }

  /// Returns a record, deleted or not, or `nil` where nothing was ever written to it.
  public func record(_ key: RecordKey) throws -> Record? {
    guard let kind = schema[key.kind], let number = try transaction.number(of: key) else {
      return nil
    }
    let reader = RowReader(kind: kind, transaction: transaction)
    let records = try reader.records("WHERE k.id = ?1") { $0.bind(number, at: 1) }
    return records.first { !$0.basis.heads.isEmpty }
  }

  /// Returns the records that satisfy `query`, of a kind that the schema has; none for any other.
  public func records(_ query: Query) throws -> [Record] {
    guard let kind = schema[query.kind] else { return [] }
    let compiled = try CompiledQuery(query, kind: kind, transaction)
    let reader = RowReader(kind: kind, transaction: transaction)
    return try reader.records(compiled.sql + compiled.order) { compiled.bind(to: $0) }
  }

  /// Returns the number of records that satisfy `query`; its limit and offset do not count.
  public func count(_ query: Query) throws -> Int {
    guard let kind = schema[query.kind] else { return 0 }
    let compiled = try CompiledQuery(query, kind: kind, transaction)
    let statement = try transaction.prepare(
      "SELECT count(*) FROM \"\(kind.name)\" k " + compiled.sql)
    compiled.bind(to: statement)
    _ = try statement.step()
    return Int(statement.integer(at: 0))
  }

  /// Returns the records whose identifiers begin with these hexadecimal digits, in the order of the identifiers.
  public func keys(
    hexPrefix: String, kinds: [Name], limit: Int, includesHidden: Bool = false
  ) throws -> [RecordKey] {
    let width = 2 * RecordID.byteCount
    guard hexPrefix.utf8.count <= width,
      let least = RecordID(hex: hexPrefix + String(repeating: "0", count: width - hexPrefix.count)),
      let most = RecordID(hex: hexPrefix + String(repeating: "f", count: width - hexPrefix.count))
    else { return [] }
    let statement = try transaction.prepare(
      "SELECT uuid, kind, id FROM _record WHERE uuid BETWEEN ? AND ? ORDER BY uuid, kind")
    statement.bind(least, at: 1)
    statement.bind(most, at: 2)
    var keys: [RecordKey] = []
    while keys.count < limit, try statement.step() {
      let kind = try transaction.name(statement.integer(at: 1))
      guard kinds.contains(kind), schema[kind] != nil,
        try isShown(statement.integer(at: 2), kind: kind, orHidden: includesHidden)
      else { continue }
      keys.append(RecordKey(kind, try statement.identifier(as: RecordID.self, at: 0)))
    }
    return keys
  }

  /// Returns a large value, or `nil` where it is not held.
  public func blob(_ id: BlobID) throws -> [UInt8]? {
    try transaction.storedBlob(id)
  }

  /// Whether a large value is held.
  public func holdsBlob(_ id: BlobID) throws -> Bool {
    let statement = try transaction.prepare("SELECT 1 FROM _blob WHERE digest = ?")
    statement.bind(id.digest, at: 1)
    return try statement.step()
  }

  private func isShown(_ number: Int64, kind: Name, orHidden: Bool) throws -> Bool {
    let statement = try transaction.prepare(
      "SELECT hidden, length(heads) FROM \"\(kind)\" WHERE id = ?")
    statement.bind(number, at: 1)
    guard try statement.step(), statement.integer(at: 1) > 0 else { return false }
    return orHidden || statement.integer(at: 0) == 0
  }
}
