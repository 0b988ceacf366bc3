public import GlossCore

extension Snapshot {
  /// Returns the members of a family that records of a kind have, in the order of their bytes.
  ///
  /// - Parameters:
  ///   - prefix: What their names begin with.
  ///   - limit: The greatest number of them.
  /// - Complexity: O(*m* log *n*), where *m* is the number of members and *n* that of all that all records have.
  public func members(
    of family: Name, in kind: Name, beginningWith prefix: String, limit: Int
  ) throws -> [String] {
    guard let kind = schema[kind], let family = kind.families.first(where: { $0.name == family })
    else { return [] }
    // From each member to the next one by the index: records that have the same one are skipped.
    let table = kind.table(of: family)
    let first = try transaction.prepare("SELECT min(member) FROM \"\(table)\" WHERE member >= ?")
    let next = try transaction.prepare("SELECT min(member) FROM \"\(table)\" WHERE member > ?")
    var members: [String] = []
    var last = Array(prefix.utf8)
    while members.count < limit {
      let statement = members.isEmpty ? first : next
      statement.bind(last, at: 1)
      defer { statement.reset() }
      guard try statement.step(), !statement.isNull(at: 0) else { break }
      last = statement.bytes(at: 0)
      guard last.starts(with: prefix.utf8) else { break }
      members.append(String(decoding: last, as: UTF8.self))
    }
    return members
  }

  /// Returns the texts that a field of shown records of a kind has, each once, in the order of their bytes.
  ///
  /// - Parameters:
  ///   - prefix: What they begin with.
  ///   - limit: The greatest number of them.
  /// - Complexity: O(*n*), where *n* is the number of records of the kind.
  public func texts(
    of field: Name, in kind: Name, beginningWith prefix: String, limit: Int
  ) throws -> [String] {
    guard let kind = schema[kind],
      kind.fields.contains(where: { $0.name == field && $0.type == .text })
    else { return [] }
    let column = "\"\(field)\""
    let statement = try transaction.prepare(
      """
      SELECT DISTINCT \(column) FROM "\(kind.name)" WHERE hidden = 0 AND \(column) >= ?
      ORDER BY \(column)
      """)
    statement.bind(prefix, at: 1)
    defer { statement.reset() }
    var texts: [String] = []
    while texts.count < limit, try statement.step() {
      let bytes = statement.bytes(at: 0)
      guard bytes.starts(with: prefix.utf8) else { break }
      if !bytes.isEmpty { texts.append(String(decoding: bytes, as: UTF8.self)) }
    }
    return texts
  }
}
