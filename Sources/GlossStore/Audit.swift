internal import GlossCore
internal import GlossCrypto

/// One reading of a whole file.
struct Audit {
  let transaction: Transaction
  /// Counts each change twice: it is read by replica and by record.
  let meter: WorkMeter

  func checkFile(_ found: inout Verification) throws(StoreError) {
    let statement = try transaction.prepare("PRAGMA integrity_check(100)")
    while try statement.step() {
      let line = statement.text(at: 0)
      if line != "ok" { found.damages.append(.file(line)) }
    }
    let log = WriteAheadLog.read(besideLibraryAt: transaction.path)
    if log.lostCommitCount > 0 { found.damages.append(.lostCommits(log.lostCommitCount)) }
    found.hasRemainsOfCommit = log.hasRemains
  }

  /// Checks the tables that nothing else vouches for.
  func checkVouched(_ found: inout Verification) throws(StoreError) {
    let version = try transaction.prepare("PRAGMA user_version")
    guard try version.step(), version.integer(at: 0) >= 4 else { return }
    for table in VouchedTable.allCases {
      let isInOrder = try transaction.isAsVouched(table)
      if !isInOrder { found.damages.append(.alteredTable(table.name)) }
    }
  }

  // MARK: Large values

  func checkBlobs(_ found: inout Verification) throws(StoreError) {
    let blobs = try transaction.prepare("SELECT digest, content FROM _blob")
    while try blobs.step() {
      let digest = blobs.bytes(at: 0)
      found.blobCount += 1
      guard sha256(blobs.bytes(at: 1)) != digest else { continue }
      guard let id = BlobID(digest: digest) else {
        found.damages.append(.strayRows(table: "_blob"))
        continue
      }
      found.damages.append(.alteredBlob(id))
    }
    guard try hasTable("_wanted") else { return }
    try count(
      "_unsent",
      "SELECT count(*) FROM _unsent u LEFT JOIN _blob b ON b.digest = u.digest WHERE b.digest IS NULL",
      0, &found)
    let missing = try transaction.prepare(
      "SELECT 1 FROM _blob WHERE digest = ?1 UNION ALL SELECT 1 FROM _wanted WHERE digest = ?1")
    for id in found.namedBlobs.sorted(by: { $0.digest.lexicographicallyPrecedes($1.digest) }) {
      missing.bind(id.digest, at: 1)
      let isKnown = try missing.step()
      missing.reset()
      if !isKnown { found.damages.append(.missingBlob(id)) }
    }
  }

  // MARK: The full-text index

  /// Checks that the index has as many documents and words as it says. It is never all that is left of anything.
  func checkSearchIndex(_ found: inout Verification) throws(StoreError) {
    guard let state = try transaction.searchState() else { return }
    let damage = Damage.strayRows(table: "_search")
    do throws(StoreError) {
      let documents = try transaction.prepare(
        "SELECT count(*), coalesce(sum(size), 0), coalesce(max(id), 0) FROM _search_document")
      _ = try documents.step()
      let words = try transaction.searchWordCount()
      let totals = state.totals
      guard documents.integer(at: 0) == totals.documentCount,
        documents.integer(at: 1) == totals.liveSize,
        documents.integer(at: 2) <= totals.lastDocument, words == totals.size,
        try canBeOpened("_search")
      else { return found.damages.append(damage) }
    } catch {
      guard case .corrupt = error else { throw error }
      found.damages.append(damage)
    }
  }

  /// Whether a full-text table says which version of FTS5 can read it, without which a new connection opens none.
  private func canBeOpened(_ table: String) throws(StoreError) -> Bool {
    guard try hasTable(table + "_config") else { return false }
    return try transaction.prepare("SELECT 1 FROM \(table)_config WHERE k = 'version'").step()
  }

  func hasTable(_ name: String) throws(StoreError) -> Bool {
    let table = try transaction.prepare("SELECT 1 FROM sqlite_schema WHERE name = ?")
    table.bind(name, at: 1)
    return try table.step()
  }

  /// Notes a table whose `sql` counts other than `expected`.
  func count(
    _ table: String, _ sql: String, _ expected: Int, _ found: inout Verification
  ) throws(StoreError) {
    let statement = try transaction.prepare(sql)
    _ = try statement.step()
    let damage = Damage.strayRows(table: table)
    if statement.integer(at: 0) != expected, !found.damages.contains(damage) {
      found.damages.append(damage)
    }
  }

  /// Returns the change in a row of id, timestamp, body and the record's identifier; `nil` where it cannot be read.
  func change(in row: Statement, _ dot: Dot) throws(StoreError) -> Change? {
    guard !row.isNull(at: 3) else { return nil }
    do throws(StoreError) {
      return try transaction.decode(
        row.bytes(at: 2), dot: dot,
        timestamp: Timestamp(rawValue: UInt64(bitPattern: row.integer(at: 1))),
        record: try row.identifier(as: RecordID.self, at: 3))
    } catch {
      guard case .corrupt = error else { throw error }
      return nil
    }
  }
}
