public import GlossStore

/// A record that a search found.
public struct Finding: Sendable {
  public let item: Item

  /// How well it answers the patterns of the search, to be compared within one search; 0 where it matches none.
  public let relevance: Double

  /// Where the patterns are in it, the most telling first; empty where it matches none, or none was asked for.
  public let passages: [Passage]
}

extension Library {
  /// Brings the full-text index up to date; see ``GlossStore/Replica/updateSearchIndex(_:willStep:)``.
  ///
  /// - Parameter willStep: Called before each step; what it throws ends the work, and is thrown.
  /// - Throws: `LibraryError`, or what `willStep` throws.
  public func updateSearchIndex(
    willStep: (SearchIndexProgress) throws -> Void = { _ in }
  ) throws {
    var thrown: (any Error)?
    do {
      try Self.translating(replica.path) {
        try replica.updateSearchIndex(.reading) { progress in
          do {
            try willStep(progress)
          } catch {
            thrown = error
            throw error
          }
        }
      }
    } catch {
      throw thrown ?? error
    }
  }

  /// Returns what the full-text index lacks: what ``find(_:passageWidth:columns:)`` cannot find yet.
  public func searchIndexLag() throws(LibraryError) -> SearchIndexLag {
    try reading { try $0.searchIndexLag(.reading) }
  }

  /// Returns what a search finds. What the index has not taken in is not found; see ``updateSearchIndex(willStep:)``.
  ///
  /// - Parameters:
  ///   - passageWidth: The greatest width of the passages, in columns; 0 for none.
  ///   - columns: Returns how many columns a character takes.
  public func find(
    _ search: Search, passageWidth: Int, columns: @escaping (Character) -> Int = { _ in 1 }
  ) throws(LibraryError) -> [Finding] {
    let patterns = search.patterns
    return try reading { snapshot in
      try snapshot.find(search).compactMap { found in
        guard let item = Item(RecordFields(found.record)) else { return nil }
        var passages: [Passage] = []
        if passageWidth > 0, !patterns.isEmpty {
          passages = try snapshot.passages(
            of: found.record.key, patterns, .reading, width: passageWidth, columns: columns)
        }
        return Finding(item: item, relevance: found.relevance, passages: passages)
      }
    }
  }

  /// Returns the number of records that a search finds; its limit and offset do not count.
  public func count(_ search: Search) throws(LibraryError) -> Int {
    try reading { try $0.count(search) }
  }

  /// Returns the articles, highlights and notes that have all of the words, the most relevant first.
  ///
  /// ```swift
  /// try library.updateSearchIndex()
  /// for finding in try library.find("crème brûlée", limit: 10) {
  ///   print(finding.item.headline, finding.passages.first?.text ?? "")
  /// }
  /// ```
  public func find(_ words: String, limit: Int?) throws(LibraryError) -> [Finding] {
    let patterns = words.split(whereSeparator: \.isWhitespace).map { TextPattern(String($0)) }
    let conditions = patterns.filter { !$0.isEmpty }.map { Condition.matches($0) }
    guard !conditions.isEmpty else { return [] }
    var search = Search(
      ReadingKind.allCases.map { kind in
        var query = Query(kind.name)
        query.filters = conditions
        return query
      })
    search.limit = limit
    return try find(search, passageWidth: 80)
  }
}
