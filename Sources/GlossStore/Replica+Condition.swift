internal import CSQLite
internal import GlossCore

/// What can be said quickly of a library's file, and tells nothing of what is in it.
package struct FileCondition: Equatable, Sendable {
  /// The version of the store's own tables, and the newest that this program knows.
  package var format = 0
  package var knownFormat = Layout.version
  /// How SQLite keeps commits: `wal` in every library.
  package var journalMode = ""
  /// Whether SQLite's quick check of its own structures finds nothing.
  package var isQuickCheckPassed = false
  /// The number of runs of changes without values that were replaced.
  package var thinRunCount = 0
  /// The newest change's time, in milliseconds since the Unix epoch; `nil` where there is none.
  package var newestMilliseconds: UInt64?
  /// How many bytes are in pages that nothing uses.
  package var unusedByteCount = 0
}

extension Replica {
  /// The version of the SQLite that is linked.
  package static var sqliteVersion: String { String(cString: sqlite3_libversion()) }

  /// Looks at the file without reading all of it. Nothing is written.
  package func condition() throws -> FileCondition {
    try read { snapshot in
      let transaction = snapshot.transaction
      func integer(_ sql: String) throws -> Int64 {
        let statement = try transaction.prepare(sql)
        return try statement.step() ? statement.integer(at: 0) : 0
      }
      func text(_ sql: String) throws -> String {
        let statement = try transaction.prepare(sql)
        return try statement.step() ? statement.text(at: 0) : ""
      }
      var condition = FileCondition()
      condition.format = Int(try integer("PRAGMA user_version"))
      condition.journalMode = try text("PRAGMA journal_mode")
      condition.isQuickCheckPassed = try text("PRAGMA quick_check(1)") == "ok"
      if condition.format >= 3 {
        condition.thinRunCount = Int(clamping: try integer("SELECT count(*) FROM _thin"))
      }
      let pages = try integer("PRAGMA freelist_count")
      let pageByteCount = try integer("PRAGMA page_size")
      condition.unusedByteCount = Int(
        clamping: pages.multipliedReportingOverflow(by: pageByteCount).partialValue)
      // A timestamp is 64 bits without a sign; in order of the column, those of the far future come first.
      let newest = try transaction.prepare(
        "SELECT timestamp FROM _change ORDER BY timestamp < 0 DESC, timestamp DESC LIMIT 1")
      if try newest.step() {
        condition.newestMilliseconds =
          Timestamp(rawValue: UInt64(bitPattern: newest.integer(at: 0))).milliseconds
      }
      return condition
    }
  }
}
