internal import GlossCore
internal import GlossCrypto
internal import GlossStore

// A saved query is a record of its own kind, which syncs like any other. Its identifier is made from its name, so that two
// machines that save one under the same name offline have one, the later.

extension Library {
  /// Returns the saved queries, ordered by their names' bytes.
  public func savedQueries() throws(LibraryError) -> [SavedQuery] {
    try reading { try Self.savedQueries(in: $0) }
  }

  /// Saves a query under a name, in place of what had the name before.
  ///
  /// - Throws: ``LibraryError/filter(_:text:)`` where the name is none, or the text is no query, or is made of itself or of queries that do not work.
  public func saveQuery(_ query: SavedQuery) throws(LibraryError) {
    guard SavedQuery.isName(query.name) else {
      throw .filter(
        FilterError(place: 0..<query.name.utf8.count, problem: .notAQueryName), text: query.name)
    }
    let others = try savedQueries().filter { !$0.name.hasSameBytes(as: query.name) }
    do {
      let filter = try Filter(parsing: query.text)
      _ = try filter.expanded(with: others + [query], beginningWith: query.name)
    } catch {
      throw .filter(error.placed(in: query.text), text: query.text)
    }
    let key = Self.queryKey(query.name)
    try writing { edits in
      try edits.add(
        key, [ReadingField.name: .text(query.name), ReadingField.text: .text(query.text)])
    }
  }

  /// Removes a saved query.
  ///
  /// - Returns: Whether there was one of this name.
  @discardableResult
  public func removeQuery(named name: String) throws(LibraryError) -> Bool {
    let key = Self.queryKey(name)
    guard let record = try reading({ try $0.record(key) }), !record.isHidden else { return false }
    try writing { _ = try $0.delete(key, basedOn: record.basis) }
    return true
  }

  static func savedQueries(in snapshot: Snapshot) throws -> [SavedQuery] {
    try snapshot.records(Query(ReadingField.query)).compactMap { record in
      guard case .text(let name)? = record[ReadingField.name], SavedQuery.isName(name),
        case .text(let text)? = record[ReadingField.text]
      else { return nil }
      return SavedQuery(name: name, text: text)
    }
    .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  private static func queryKey(_ name: String) -> RecordKey {
    RecordKey(ReadingField.query, RecordID(truncating: sha256(Array(name.utf8))))
  }
}
