internal import CSQLite
internal import Glibc
internal import GlossCore

/// The records that match a pattern.
struct SearchMatches {
  /// The store's numbers of the records, in no particular order.
  var records: [Int64] = []
  /// How well each of them matches; see ``SearchReader``.
  var scores: [Float] = []

  /// The records as a set that has a bit for each number.
  var bits: [UInt8] {
    var bits = [UInt8](repeating: 0, count: Int((records.max() ?? 0) >> 3) + 1)
    for record in records { bits[Int(record >> 3)] |= 1 << UInt8(record & 7) }
    return bits
  }
}

/// Reads the full-text index within one transaction.
///
/// Scores are those of BM25 with columns that weigh differently (Robertson, Zaragoza and Taylor, "Simple BM25 Extension to
/// Multiple Weighted Fields", 2004): a word counts more the fewer records have it, the more a column weighs that has it, and the
/// shorter the record is; and the tenth time much less than the first.
final class SearchReader {
  /// It keeps the reader.
  private unowned let transaction: Transaction
  private let state: SearchState?
  private let folder = TextFolder()
  private var found: [TextPattern: SearchMatches] = [:]
  private var allDocuments: [Document?] = []
  private let greatestRecord: Int64

  /// What a document stands for.
  private struct Document {
    var record: Int64
    var size: Int64
  }

  init(_ transaction: Transaction) throws(StoreError) {
    self.transaction = transaction
    state = try transaction.searchState()
    greatestRecord = state == nil ? 0 : try transaction.greatestRecordNumber()
    if state != nil {
      try SearchGathering.addFunction(to: transaction.connection, path: transaction.path)
    }
  }

  /// Returns the records that match a pattern; none where there is no index.
  func matches(_ pattern: TextPattern) throws(StoreError) -> SearchMatches {
    if let matches = found[pattern] { return matches }
    let matches = try search(pattern)
    found[pattern] = matches
    return matches
  }

  /// Returns the scores of all records by their numbers: the sums over the patterns.
  func relevances(of patterns: Set<TextPattern>) throws(StoreError) -> [Float] {
    var relevances: [Float] = []
    // In one order, for sums of floating-point numbers depend on it.
    for pattern in patterns.sorted(by: { Name($0.text) < Name($1.text) }) {
      let matches = try matches(pattern)
      let count = Int(matches.records.max() ?? -1) + 1
      if relevances.count < count {
        relevances += [Float](repeating: 0, count: count - relevances.count)
      }
      for (record, score) in zip(matches.records, matches.scores) {
        relevances[Int(record)] += score
      }
    }
    return relevances
  }

  private func search(_ pattern: TextPattern) throws(StoreError) -> SearchMatches {
    guard let state, let query = query(for: pattern, state) else { return SearchMatches() }
    // From one row FTS5 goes through all that match. What a prefix matches it would put together twice for that, so there each row
    // gathers itself, and none is one of the result.
    let statement = try transaction.prepare(
      pattern.isPrefix
        ? "SELECT 1 FROM _search WHERE _search MATCH ?1 AND gloss_gather_row(_search, ?2)"
        : "SELECT gloss_gather(_search, ?2) FROM _search WHERE _search MATCH ?1 LIMIT 1")
    statement.bindText(query, at: 1)
    var gathered = SearchGathering(weights: state.columns.map(\.weight))
    try withUnsafeMutablePointer(to: &gathered) { place throws(StoreError) in
      statement.bind(UnsafeMutableRawPointer(place), named: SearchGathering.name, at: 2)
      try statement.run()
    }
    return try matches(gathered.documents, state)
  }

  private func matches(
    _ documents: [(number: Int64, frequency: Double)], _ state: SearchState
  ) throws(StoreError) -> SearchMatches {
    var matches = SearchMatches()
    matches.records.reserveCapacity(documents.count)
    matches.scores.reserveCapacity(documents.count)
    let count = Double(max(state.totals.documentCount, 1))
    let averageSize = max(1, Double(state.totals.liveSize) / count)
    let matching = min(Double(documents.count), count)
    let rarity = log(1 + (count - matching + 0.5) / (matching + 0.5))
    let lookUp = try documentLookUp(forCount: documents.count)
    for (number, frequency) in documents {
      guard let document = try lookUp(number) else { continue }
      let length = 0.25 + 0.75 * Double(document.size) / averageSize
      matches.records.append(document.record)
      matches.scores.append(Float(rarity * frequency * 2.2 / (frequency + 1.2 * length)))
    }
    return matches
  }

  /// Returns what a row says, which a damaged file may have of a record that there is not.
  private func document(_ record: Int64, size: Int64) throws(StoreError) -> Document {
    guard (1...max(1, greatestRecord)).contains(record), size >= 0 else {
      throw transaction.corrupt("the index of texts names a record that there is not")
    }
    return Document(record: record, size: size)
  }

  /// Returns what finds the record of a document, `nil` for a dead one. For many documents all are read at once.
  private func documentLookUp(
    forCount count: Int
  ) throws(StoreError) -> (Int64) throws(StoreError) -> Document? {
    if count < 1_000, allDocuments.isEmpty {
      let select = try transaction.prepare(
        "SELECT record, size FROM _search_document WHERE id = ?")
      return { number throws(StoreError) in
        select.bind(number, at: 1)
        defer { select.reset() }
        guard try select.step() else { return nil }
        return try self.document(select.integer(at: 0), size: select.integer(at: 1))
      }
    }
    if allDocuments.isEmpty {
      let last = Int(clamping: state?.totals.lastDocument ?? 0)
      var documents = [Document?](repeating: nil, count: last + 1)
      let select = try transaction.prepare("SELECT id, record, size FROM _search_document")
      while try select.step() {
        let number = Int(select.integer(at: 0))
        guard documents.indices.contains(number) else { continue }
        documents[number] = try document(select.integer(at: 1), size: select.integer(at: 2))
      }
      allDocuments = documents
    }
    return { [allDocuments] number throws(StoreError) in
      allDocuments.indices.contains(Int(number)) ? allDocuments[Int(number)] : nil
    }
  }

  /// Returns a pattern in FTS5's language, `nil` for one that nothing can match.
  private func query(for pattern: TextPattern, _ state: SearchState) -> [UInt8]? {
    let words = pattern.words(by: folder)
    guard words.count > 0 else { return nil }
    var query = ""
    if let columns = pattern.columns {
      let known = state.columns.map(\.name).filter(columns.contains)
      guard !known.isEmpty else { return nil }
      query = "{\(known.map { SearchIndex.column($0) }.joined(separator: " "))} : "
    }
    // Folded words have letters, digits and marks only, so that nothing in them means anything to FTS5 within quotes.
    return Array(query.utf8) + [UInt8(ascii: "\"")] + words.bytes + [UInt8(ascii: "\"")]
      + (pattern.isPrefix ? Array(" *".utf8) : [])
  }
}

extension Transaction {
  /// Returns what reads the full-text index.
  func searchReader() throws(StoreError) -> SearchReader {
    if let knownSearchReader { return knownSearchReader }
    let reader = try SearchReader(self)
    knownSearchReader = reader
    return reader
  }
}

/// The documents that match, each with how often the words that were asked for are in it, each time as much as its column
/// weighs. FTS5 calls for each of them: a row of SQLite's loop costs as much as counting a dozen words.
private struct SearchGathering {
  /// What SQLite knows a pointer to one by.
  static let name: StaticString = "gloss-gathering"

  let weights: [Double]
  private(set) var documents: [(number: Int64, frequency: Double)] = []

  init(weights: [Double]) {
    self.weights = weights
  }

  /// Adds the document that FTS5 stands at, of a query of one phrase, and returns SQLite's code.
  mutating func add(
    _ functions: UnsafePointer<Fts5ExtensionApi>, _ document: OpaquePointer?
  ) -> Int32 {
    var sum = 0.0
    var place = Fts5PhraseIter()
    var column: Int32 = 0
    var offset: Int32 = 0
    let code = functions.pointee.xPhraseFirst(document, 0, &place, &column, &offset)
    guard code == SQLITE_OK, let next = functions.pointee.xPhraseNext else { return code }
    while column >= 0 {
      let current = column
      let weight = Int(column) < weights.count ? weights[Int(column)] : 1
      repeat {
        sum += weight
        next(document, &place, &column, &offset)
      } while column == current
    }
    documents.append((functions.pointee.xRowid(document), sum))
    return SQLITE_OK
  }

  /// The gathering that a function was called with.
  private static func given(
    _ count: Int32, _ values: UnsafeMutablePointer<OpaquePointer?>?
  ) -> UnsafeMutablePointer<SearchGathering>? {
    guard count == 1, let value = values?[0] else { return nil }
    return sqlite3_value_pointer(value, name.characters)?
      .assumingMemoryBound(to: SearchGathering.self)
  }

  /// Makes two functions of a table and a pointer to a gathering known to a connection: `gloss_gather` adds all documents that match
  /// the query's one phrase, `gloss_gather_row` the one of the row.
  static func addFunction(to connection: OpaquePointer, path: String) throws(StoreError) {
    let api = try fts5(of: connection, path: path)
    _ = api.pointee.xCreateFunction(
      api, "gloss_gather", nil,
      { functions, query, result, count, values in
        guard let functions, let gathering = SearchGathering.given(count, values) else { return }
        let code = functions.pointee.xQueryPhrase(query, 0, gathering) {
          functions, document, gathering in
          guard let functions, let gathering else { return SQLITE_MISUSE }
          return gathering.assumingMemoryBound(to: SearchGathering.self).pointee
            .add(functions, document)
        }
        if code != SQLITE_OK { sqlite3_result_error_code(result, code) }
      }, nil)
    _ = api.pointee.xCreateFunction(
      api, "gloss_gather_row", nil,
      { functions, document, result, count, values in
        guard let functions, let gathering = SearchGathering.given(count, values) else { return }
        let code = gathering.pointee.add(functions, document)
        if code != SQLITE_OK { sqlite3_result_error_code(result, code) }
      }, nil)
  }

  private static func fts5(
    of connection: OpaquePointer, path: String
  ) throws(StoreError) -> UnsafeMutablePointer<fts5_api> {
    var statement: OpaquePointer?
    let code = sqlite3_prepare_v2(connection, "SELECT fts5(?1)", -1, &statement, nil)
    guard code == SQLITE_OK else {
      throw StoreError(code: code, path: path, detail: "SQLite has no FTS5")
    }
    defer { sqlite3_finalize(statement) }
    var api: UnsafeMutablePointer<fts5_api>?
    withUnsafeMutablePointer(to: &api) { place in
      "fts5_api_ptr".withCString { name in
        _ = sqlite3_bind_pointer(statement, 1, place, name, nil)
        _ = sqlite3_step(statement)
        _ = sqlite3_clear_bindings(statement)
      }
    }
    guard let api else { throw .io(path: path, detail: "SQLite's FTS5 has no extensions") }
    return api
  }
}
