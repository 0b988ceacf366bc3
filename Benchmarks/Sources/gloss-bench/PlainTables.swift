import GRDBSQLite
import GlossCore

/// The limit: the same rows in plain indexed tables, through SQLite's C functions, in one transaction, with the same settings.
final class PlainTables {
  private var connection: OpaquePointer?
  private var inserts: [Name: OpaquePointer] = [:]

  init(path: String) {
    check(sqlite3_open(path, &connection))
    execute(
      """
      PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0; PRAGMA synchronous = FULL;
      PRAGMA secure_delete = OFF; PRAGMA cache_size = -65536;
      CREATE TABLE article(id BLOB PRIMARY KEY NOT NULL, url TEXT, title TEXT, author TEXT,
        site TEXT, saved INTEGER);
      CREATE TABLE highlight(id BLOB PRIMARY KEY NOT NULL, article BLOB, quote TEXT, prefix TEXT,
        suffix TEXT, start INTEGER, finish INTEGER, colour TEXT);
      CREATE TABLE note(id BLOB PRIMARY KEY NOT NULL, article BLOB, highlight BLOB, body TEXT);
      CREATE INDEX article_url ON article(url);
      CREATE INDEX article_saved ON article(saved);
      CREATE INDEX highlight_article ON highlight(article);
      CREATE INDEX note_article ON note(article);
      CREATE INDEX note_highlight ON note(highlight);
      """)
  }

  func insert(_ rows: [Workload.Row]) {
    execute("BEGIN IMMEDIATE")
    for row in rows { insert(row) }
    execute("COMMIT")
    // Gloss, too, has its rows in the file and not in the write-ahead log when a long write returns.
    execute("PRAGMA wal_checkpoint(TRUNCATE)")
  }

  func close() {
    for statement in inserts.values { sqlite3_finalize(statement) }
    sqlite3_close(connection)
  }

  private func insert(_ row: Workload.Row) {
    let statement = statement(for: row)
    bind(row.id, to: statement, at: 1)
    for (index, (_, value)) in row.values.enumerated() {
      let place = Int32(index + 2)
      switch value {
      case .text(var text):
        text.withUTF8 { bytes in
          _ = bytes.withMemoryRebound(to: CChar.self) {
            sqlite3_bind_text(statement, place, $0.baseAddress, Int32($0.count), transient)
          }
        }
      case .integer(let integer): sqlite3_bind_int64(statement, place, integer)
      case .record(let id): bind(id, to: statement, at: place)
      default: sqlite3_bind_null(statement, place)
      }
    }
    guard sqlite3_step(statement) == SQLITE_DONE else { fatalError("the row was not stored") }
    sqlite3_reset(statement)
  }

  private func statement(for row: Workload.Row) -> OpaquePointer? {
    if let statement = inserts[row.kind] { return statement }
    let places = String(repeating: ", ?", count: row.values.count)
    var statement: OpaquePointer?
    check(
      sqlite3_prepare_v2(
        connection, "INSERT INTO \(row.kind) VALUES (?\(places))", -1, &statement, nil))
    inserts[row.kind] = statement
    return statement
  }

  private func bind(_ id: RecordID, to statement: OpaquePointer?, at place: Int32) {
    withUnsafeBytes(of: id.value.bigEndian) {
      _ = sqlite3_bind_blob(statement, place, $0.baseAddress, Int32($0.count), transient)
    }
  }

  private func execute(_ sql: String) {
    check(sqlite3_exec(connection, sql, nil, nil, nil))
  }

  private func check(_ code: Int32) {
    guard code == SQLITE_OK else {
      fatalError("SQLite: \(String(cString: sqlite3_errmsg(connection)))")
    }
  }
}

private var transient: sqlite3_destructor_type {
  unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
