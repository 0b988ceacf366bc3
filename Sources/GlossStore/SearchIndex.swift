internal import GlossCore

// The full-text index
// ===================
//
// Problem: to find any word of any text at once, in a file that several processes and older programs write to, without making a
// write slower.
//
// Idea: an index beside the log that runs after it. Merging does not know of it. Who searches brings it up to date first: the
// index says which changes of each replica it has taken in, so what is behind is read off the log. The texts go folded (see
// `TextFolder`) into an FTS5 table without content, whose tokenizer only has to split at spaces:
//
//     _search           FTS5: a document for each record that has words, by columns
//     _search_document  document -> its record, how many words it has, and which values it was made of
//     _search_waiting   large values that records name and that have not arrived, so that their words are missing
//     _search_state     what the index was made for, up to where it is, and totals
//
// A document is never changed: one without content could be removed only by giving its words once more, which nobody has. A
// record that has changed gets a new document and its row in `_search_document` names that one; what the old one matches is
// passed over. When dead documents have a quarter of all words the index is made anew.
//
// What a document was made of is said by the heads of the record's searchable fields, and by which large values are here. So all
// records can be compared with the index without reading a text. That sweep makes the first index, too, and it happens again
// where the log is not the one that the index has followed: where the last change that it took in of some replica is gone or is
// another one (see `Transaction+Remaking.swift`), as an older program, which does not know of the index, may have left it.
//
// FTS5's own ranking reads the length of each document from a table, which is most of its time. `gloss_gather` weighs the words
// of a document only, has FTS5 go through all that match without a row of SQLite's for each, and lengths come from
// `_search_document`, read once.

/// The tables of the full-text index.
enum SearchIndex {
  /// The version of the tables and of how texts are folded; another one makes the index anew.
  static let version = 1

  static let tableNames = ["_search", "_search_document", "_search_waiting", "_search_state"]

  static func tables(of schema: SearchSchema) -> String {
    let columns = schema.columns.map { "\"\(column($0.name))\"" }.joined(separator: ", ")
    return """
      CREATE VIRTUAL TABLE _search USING fts5(
        \(columns), content = '', columnsize = 0, tokenize = 'ascii');
      CREATE TABLE _search_document(
        id INTEGER PRIMARY KEY, record INTEGER NOT NULL UNIQUE, size INTEGER NOT NULL,
        source INTEGER NOT NULL) STRICT;
      CREATE TABLE _search_waiting(
        digest BLOB NOT NULL, record INTEGER NOT NULL,
        PRIMARY KEY(digest, record)) STRICT, WITHOUT ROWID;
      CREATE INDEX _search_waiting_record ON _search_waiting(record);
      CREATE TABLE _search_state(key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
      """
  }

  /// The name of a column of `_search`; FTS5 has names of its own.
  static func column(_ name: Name) -> String { "c_\(name)" }

  /// Dead documents count only once they have this many words.
  static let leastDeadSize: Int64 = 20_000

  /// How many bytes of text a step takes in, after which other writers have their turn.
  static let stepByteCount = 2_000_000

  /// How many records a step looks at.
  static let stepRecordCount = 4_000
}

/// What `_search_state` has.
struct SearchState: Equatable {
  /// What the index was made for.
  var schema: [UInt8] = []
  var columns: [SearchSchema.Column] = []
  /// The sweep over all records: which of the schema's kinds it is at, and the last record seen of it; `nil` after its end.
  var sweep: Sweep? = Sweep()
  /// The last change that was taken in of each replica, by the replica's number.
  var reached: [Int64: Mark] = [:]
  var totals = Totals()

  struct Sweep: Equatable {
    var kind = 0
    var record: Int64 = 0
  }

  struct Mark: Equatable {
    var seq: UInt64
    /// The change's timestamp and record, by which another change of the same number is told.
    var timestamp: UInt64
    var record: Int64
  }

  struct Totals: Equatable {
    var documentCount: Int64 = 0
    /// The number of words of documents that records have.
    var liveSize: Int64 = 0
    /// The number of words of all documents.
    var size: Int64 = 0
    var lastDocument: Int64 = 0

    /// Whether so much of the index is dead that it has to be made anew.
    var isWorn: Bool {
      let dead = size - liveSize
      return dead >= SearchIndex.leastDeadSize && dead > size / 4
    }
  }
}

extension SearchState {
  /// Reads what ``encoded`` wrote, `nil` where it is something else.
  init?(_ parts: [String: [UInt8]]) {
    guard let schema = parts["schema"], let columns = parts["columns"],
      let reached = parts["reached"], let totals = parts["totals"]
    else { return nil }
    self.schema = schema
    do {
      var reader = ByteReader(columns)
      while !reader.isAtEnd {
        let name = Name(String(decoding: try reader.readCounted(), as: UTF8.self))
        let weight = Double(bitPattern: try reader.readFixed(as: UInt64.self))
        self.columns.append(SearchSchema.Column(name, weight: weight))
      }
      reader = ByteReader(reached)
      while !reader.isAtEnd {
        let replica = Int64(bitPattern: try reader.readVarint())
        self.reached[replica] = Mark(
          seq: try reader.readVarint(), timestamp: try reader.readFixed(as: UInt64.self),
          record: Int64(bitPattern: try reader.readVarint()))
      }
      reader = ByteReader(totals)
      self.totals = Totals(
        documentCount: try reader.readZigZag(), liveSize: try reader.readZigZag(),
        size: try reader.readZigZag(), lastDocument: try reader.readZigZag())
      sweep = nil
      if let bytes = parts["sweep"] {
        reader = ByteReader(bytes)
        sweep = Sweep(
          kind: Int(clamping: try reader.readVarint()),
          record: Int64(bitPattern: try reader.readVarint()))
      }
    } catch {
      return nil
    }
    guard isInRange else { return nil }
  }

  /// Whether the numbers are such as an index may come to. What a damaged file says may be anything.
  private var isInRange: Bool {
    let counts = 0...Int64(1) << 40
    return reached.values.allSatisfy { $0.seq <= Limits.seq }
      && counts.contains(totals.documentCount) && counts.contains(totals.size)
      && (0...totals.size).contains(totals.liveSize)
      && (0...Int64(1) << 28).contains(totals.lastDocument)
  }

  /// The rows of `_search_state`.
  var encoded: [(key: String, value: [UInt8]?)] {
    var columns = ByteWriter()
    for column in self.columns {
      columns.writeCounted(Array(column.name.text.utf8))
      columns.writeFixed(column.weight.bitPattern)
    }
    var reached = ByteWriter()
    for (replica, mark) in self.reached.sorted(by: { $0.key < $1.key }) {
      reached.writeVarint(UInt64(bitPattern: replica))
      reached.writeVarint(mark.seq)
      reached.writeFixed(mark.timestamp)
      reached.writeVarint(UInt64(bitPattern: mark.record))
    }
    var totals = ByteWriter()
    for total in [
      self.totals.documentCount, self.totals.liveSize, self.totals.size, self.totals.lastDocument,
    ] {
      totals.writeZigZag(total)
    }
    let sweep = self.sweep.map { sweep in
      var writer = ByteWriter()
      writer.writeVarint(UInt64(sweep.kind))
      writer.writeVarint(UInt64(bitPattern: sweep.record))
      return writer.bytes
    }
    return [
      ("columns", columns.bytes), ("reached", reached.bytes), ("schema", schema), ("sweep", sweep),
      ("totals", totals.bytes),
    ]
  }
}

extension Transaction {
  /// Returns the state of the file's index, `nil` where it has none.
  func searchState() throws(StoreError) -> SearchState? {
    guard try hasSearchIndex() else { return nil }
    let statement = try prepare("SELECT key, value FROM _search_state")
    var parts: [String: [UInt8]] = [:]
    while try statement.step() { parts[statement.text(at: 0)] = statement.bytes(at: 1) }
    return SearchState(parts)
  }

  func setSearchState(_ state: SearchState) throws(StoreError) {
    for (key, value) in state.encoded {
      let statement = try prepare(
        value == nil
          ? "DELETE FROM _search_state WHERE key = ?"
          : "INSERT OR REPLACE INTO _search_state VALUES (?, ?)")
      statement.bind(key, at: 1)
      if let value { statement.bind(value, at: 2) }
      try statement.run()
    }
  }

  private func hasSearchIndex() throws(StoreError) -> Bool {
    let names = SearchIndex.tableNames.map { "'\($0)'" }.joined(separator: ", ")
    let statement = try prepare("SELECT count(*) FROM sqlite_schema WHERE name IN (\(names))")
    return try statement.step()
      && statement.integer(at: 0) == Int64(SearchIndex.tableNames.count)
  }

  /// Removes the index, whatever there is of it.
  func dropSearchIndex() throws(StoreError) {
    do {
      try execute("DROP TABLE IF EXISTS _search")
    } catch {
      guard case .corrupt = error else { throw error }
      // FTS5 opens what it is to remove, which damage keeps it from. Without it, what it made are tables like others.
      try execute(
        """
        PRAGMA writable_schema = ON;
        DELETE FROM sqlite_schema WHERE name = '_search';
        PRAGMA writable_schema = RESET
        """)
      for suffix in ["data", "idx", "docsize", "config", "content"] {
        try execute("DROP TABLE IF EXISTS _search_\(suffix)")
      }
    }
    for name in SearchIndex.tableNames where name != "_search" {
      try execute("DROP TABLE IF EXISTS \(name)")
    }
  }

  /// Counts the words of all documents, which reads all of the index.
  func searchWordCount() throws(StoreError) -> Int64 {
    try execute("CREATE VIRTUAL TABLE temp._search_words USING fts5vocab(main, _search, 'row')")
    defer { try? execute("DROP TABLE temp._search_words") }
    let words = try prepare("SELECT coalesce(sum(cnt), 0) FROM temp._search_words")
    defer { words.reset() }
    return try words.step() ? words.integer(at: 0) : 0
  }

  /// Lets the index be compared with all records before it is used again.
  func sweepSearchIndex() throws(StoreError) {
    guard var state = try searchState() else { return }
    state.sweep = SearchState.Sweep()
    try setSearchState(state)
  }
}
