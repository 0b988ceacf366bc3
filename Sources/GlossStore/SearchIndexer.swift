internal import GlossCore

/// Brings the full-text index up to date, a step at a time; see `SearchIndex.swift`.
final class SearchIndexer {
  private let transaction: Transaction
  private let schema: SearchSchema
  private var state: SearchState
  private let sourcesByKind: [(kind: Kind, sources: [Source])]
  private let folder = TextFolder()
  private var byteCount = 0
  /// The number of records looked at in this step.
  private(set) var recordCount = 0

  private let insertText: Statement
  private let selectDocument: Statement
  private let deleteDocument: Statement
  private let insertDocument: Statement
  private let deleteWaiting: Statement
  private let insertWaiting: Statement
  private let selectBlob: Statement

  /// A source with the place of its column, and its field's type.
  private struct Source {
    let field: Name
    let type: FieldType
    let column: Int
    let decode: ([UInt8]) -> String?
  }

  private let limit: Int

  /// Begins a step; makes the index, or makes it anew, where it has to be.
  ///
  /// - Parameter limit: How many records it looks at.
  init(_ schema: SearchSchema, limit: Int, _ transaction: Transaction) throws(StoreError) {
    self.schema = schema
    self.limit = limit
    self.transaction = transaction
    let description = Array(schema.description.utf8)
    if let state = try transaction.searchState(), state.schema == description,
      !state.totals.isWorn
    {
      self.state = state
    } else {
      try transaction.dropSearchIndex()
      try transaction.execute(SearchIndex.tables(of: schema))
      state = SearchState()
      state.schema = description
      state.columns = schema.columns
    }
    sourcesByKind = schema.kinds.compactMap { name in
      guard let kind = transaction.schema[name] else { return nil }
      let sources = schema.sources.filter { $0.kind == name }.compactMap { source -> Source? in
        guard let field = kind.fields.first(where: { $0.name == source.field }),
          let column = schema.columns.firstIndex(where: { $0.name == source.column })
        else { return nil }
        return Source(
          field: field.name, type: field.type, column: column, decode: source.decode)
      }
      return (kind, sources)
    }
    let places = String(repeating: ", ?", count: schema.columns.count)
    let columns = schema.columns.map { ", \"\(SearchIndex.column($0.name))\"" }.joined()
    insertText = try transaction.prepare(
      "INSERT INTO _search(rowid\(columns)) VALUES (?\(places))")
    selectDocument = try transaction.prepare(
      "SELECT size, source FROM _search_document WHERE record = ?")
    deleteDocument = try transaction.prepare("DELETE FROM _search_document WHERE record = ?")
    insertDocument = try transaction.prepare("INSERT INTO _search_document VALUES (?, ?, ?, ?)")
    deleteWaiting = try transaction.prepare("DELETE FROM _search_waiting WHERE record = ?")
    insertWaiting = try transaction.prepare("INSERT OR IGNORE INTO _search_waiting VALUES (?, ?)")
    selectBlob = try transaction.prepare("SELECT 1 FROM _blob WHERE digest = ?")
  }

  private var isFull: Bool {
    byteCount >= SearchIndex.stepByteCount || recordCount >= limit
  }

  /// Takes in some of what is behind. Returns whether there is more.
  func step() throws(StoreError) -> Bool {
    if state.sweep != nil, state.sweep == SearchState.Sweep() || state.reached.isEmpty {
      try noteReached()
    }
    // Also within a sweep: what it has passed may be of another log since.
    if try !transaction.isOnTheWay(state) {
      state.sweep = SearchState.Sweep()
      try noteReached()
    }
    try sweep()
    try followLog()
    try takeArrivals()
    try transaction.setSearchState(state)
    return isFull || state.sweep != nil || state.totals.isWorn
  }

  // MARK: What is behind

  /// Says that what is in the log now is taken in: by a sweep that begins now.
  private func noteReached() throws(StoreError) {
    state.reached = [:]
    let replicas = try transaction.prepare("SELECT id, last_seq FROM _replica")
    while try replicas.step() {
      try noteReached(replicas.integer(at: 0), replicas.seq(at: 1))
    }
  }

  private func noteReached(_ replica: Int64, _ seq: UInt64) throws(StoreError) {
    guard seq > 0 else { return }
    state.reached[replica] = try transaction.searchMark(replica, seq)
  }

  /// Compares records with their documents, from where the sweep is.
  private func sweep() throws(StoreError) {
    while let sweep = state.sweep, !isFull {
      guard sweep.kind < sourcesByKind.count else {
        state.sweep = nil
        return
      }
      let (kind, sources) = sourcesByKind[sweep.kind]
      let rows = try transaction.prepare(
        "SELECT id FROM \"\(kind.name)\" WHERE id > ? ORDER BY id LIMIT 256")
      rows.bind(sweep.record, at: 1)
      var last = sweep.record
      var count = 0
      while !isFull, try rows.step() {
        last = rows.integer(at: 0)
        count += 1
        try take(last, of: kind, sources)
      }
      state.sweep =
        count == 0
        ? SearchState.Sweep(kind: sweep.kind + 1)
        : SearchState.Sweep(kind: sweep.kind, record: last)
    }
  }

  /// Takes in what changes behind those reached have written to.
  private func followLog() throws(StoreError) {
    guard state.sweep == nil else { return }
    let replicas = try transaction.prepare("SELECT id, last_seq FROM _replica ORDER BY id")
    var seen: Set<Int64> = []
    while !isFull, try replicas.step() {
      let replica = replicas.integer(at: 0)
      let reached = state.reached[replica]?.seq ?? 0
      guard reached < replicas.seq(at: 1) else { continue }
      let log = try transaction.prepare(
        "SELECT id, record FROM _change WHERE id > ? AND id <= ? ORDER BY id")
      log.bind(replica << 40 | Int64(reached), at: 1)
      log.bind(replica << 40 | Int64(Limits.seq), at: 2)
      var last = reached
      while !isFull, try log.step() {
        last = UInt64(log.integer(at: 0) & Int64(Limits.seq))
        let record = log.integer(at: 1)
        if seen.insert(record).inserted { try take(record) }
      }
      try noteReached(replica, last)
    }
  }

  /// Takes in what large values have arrived for.
  private func takeArrivals() throws(StoreError) {
    guard state.sweep == nil, !isFull else { return }
    let arrivals = try transaction.prepare(
      """
      SELECT DISTINCT w.record FROM _search_waiting w JOIN _blob b ON b.digest = w.digest
      ORDER BY w.record
      """)
    var records: [Int64] = []
    while try arrivals.step() { records.append(arrivals.integer(at: 0)) }
    arrivals.reset()
    for record in records where !isFull { try take(record) }
  }

  // MARK: Records

  private func take(_ record: Int64) throws(StoreError) {
    for (kind, sources) in sourcesByKind
    where try transaction.table(of: kind.name).heads(of: record) != nil {
      return try take(record, of: kind, sources)
    }
  }

  /// Gives a record a new document where what is searchable of it has changed.
  private func take(_ record: Int64, of kind: Kind, _ sources: [Source]) throws(StoreError) {
    recordCount += 1
    let texts = try SearchTexts(of: record, kind, sources.map(\.field), transaction)
    var source: UInt64 = 0xCBF2_9CE4_8422_2325
    func mix(_ number: UInt64) {
      source = (source ^ number) &* 0x0000_0100_0000_01B3 ^ source >> 29
    }
    var missing: [BlobID] = []
    for (index, heads) in texts.heads.enumerated() {
      mix(UInt64(index))
      for head in heads {
        mix(UInt64(try transaction.number(of: head.dot.replica)))
        mix(head.dot.seq)
        guard sources[index].type == .blob, case .blob(let id) = try texts.value(head, at: index)
        else { continue }
        let isHere = try holds(id)
        mix(isHere ? 1 : 2)
        if !isHere { missing.append(id) }
      }
    }
    selectDocument.bind(record, at: 1)
    let hasDocument = try selectDocument.step()
    let size = hasDocument ? min(max(0, selectDocument.integer(at: 0)), state.totals.liveSize) : 0
    let isSame = hasDocument && UInt64(bitPattern: selectDocument.integer(at: 1)) == source
    selectDocument.reset()
    if isSame { return }
    if hasDocument {
      deleteDocument.bind(record, at: 1)
      try deleteDocument.run()
      state.totals.documentCount -= 1
      state.totals.liveSize -= size
    }
    try add(record, try columns(of: texts, sources), source: source)
    deleteWaiting.bind(record, at: 1)
    try deleteWaiting.run()
    for id in missing {
      insertWaiting.bind(id.digest, at: 1)
      insertWaiting.bind(record, at: 2)
      try insertWaiting.run()
    }
  }

  private func add(
    _ record: Int64, _ columns: [FoldedWords], source: UInt64
  ) throws(StoreError) {
    let size = columns.reduce(0) { $0 + Int64($1.count) }
    state.totals.lastDocument += 1
    state.totals.documentCount += 1
    state.totals.liveSize += size
    state.totals.size += size
    insertDocument.bind(state.totals.lastDocument, at: 1)
    insertDocument.bind(record, at: 2)
    insertDocument.bind(size, at: 3)
    insertDocument.bind(Int64(bitPattern: source), at: 4)
    try insertDocument.run()
    guard size > 0 else { return }
    insertText.bind(state.totals.lastDocument, at: 1)
    for (index, column) in columns.enumerated() {
      insertText.bindText(column.bytes, at: Int32(2 + index))
      byteCount += column.bytes.count
    }
    try insertText.run()
  }

  /// Returns the words of a record, column by column: of each field those of all its heads.
  private func columns(
    of texts: SearchTexts, _ sources: [Source]
  ) throws(StoreError) -> [FoldedWords] {
    var columns = [FoldedWords](repeating: FoldedWords(), count: schema.columns.count)
    for (index, heads) in texts.heads.enumerated() {
      var seen: Set<Value> = []
      for head in heads {
        let value = try texts.value(head, at: index)
        guard seen.insert(value).inserted,
          let text = try transaction.searchText(value, sources[index].decode)
        else { continue }
        columns[sources[index].column].beginText()
        folder.fold(text, into: &columns[sources[index].column])
      }
    }
    return columns
  }

  private func holds(_ id: BlobID) throws(StoreError) -> Bool {
    selectBlob.bind(id.digest, at: 1)
    defer { selectBlob.reset() }
    return try selectBlob.step()
  }
}

/// The heads of a record's searchable fields, and their values.
final class SearchTexts {
  /// The heads of each field, the displayed one first.
  let heads: [[Head]]
  private let fields: [Name]
  private let record: Int64
  private let transaction: Transaction
  private var changes: [Dot: Change] = [:]

  init(
    of record: Int64, _ kind: Kind, _ fields: [Name], _ transaction: Transaction
  ) throws(StoreError) {
    let packed = try transaction.table(of: kind.name).heads(of: record) ?? []
    let state = try transaction.unpack(packed)
    heads = fields.map { state.registers[$0]?.heads ?? [] }
    self.fields = fields
    self.record = record
    self.transaction = transaction
  }

  /// Returns what a head of the field at `index` wrote.
  func value(_ head: Head, at index: Int) throws(StoreError) -> Value {
    if changes[head.dot] == nil {
      changes[head.dot] = try transaction.change(head.dot, of: record, id: RecordID(0))
    }
    return changes[head.dot]?.write(to: fields[index])?.value ?? .null
  }
}

extension Transaction {
  /// Returns the text in a value, `nil` where there is none or it has not arrived.
  func searchText(
    _ value: Value, _ decode: ([UInt8]) -> String?
  ) throws(StoreError) -> String? {
    switch value {
    case .text(let text): text
    case .bytes(let bytes): decode(bytes)
    case .blob(let id): try storedBlob(id).flatMap(decode)
    default: nil
    }
  }

  /// Returns what tells the change of this number from another one of the same number; `nil` where there is none.
  func searchMark(_ replica: Int64, _ seq: UInt64) throws(StoreError) -> SearchState.Mark? {
    let statement = try prepare("SELECT timestamp, record FROM _change WHERE id = ?")
    statement.bind(replica << 40 | Int64(seq), at: 1)
    guard try statement.step() else { return nil }
    return SearchState.Mark(
      seq: seq, timestamp: UInt64(bitPattern: statement.integer(at: 0)),
      record: statement.integer(at: 1))
  }
}
