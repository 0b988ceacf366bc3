internal import GRDB
internal import GRDBSQLite

// The statements of a push, bound and read through SQLite's C functions: with many clients they are what the hub does most,
// and GRDB's own binding and reading cost as much again as what SQLite does.

/// A parameter of a statement.
enum SQLiteParameter {
  case integer(Int64)
  case bytes([UInt8])
}

/// The row that a statement stands at. Columns count from 0.
struct SQLiteColumns {
  fileprivate let statement: OpaquePointer

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(statement, column) else { return [] }
    return Array(
      UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
  }
}

extension Database {
  /// Runs a statement, which is compiled once for each connection, and returns what `body` makes of its first row, `nil` where
  /// it has none.
  func first<Value>(
    _ sql: String, _ parameters: [SQLiteParameter], _ body: (SQLiteColumns) -> Value
  ) throws -> Value? {
    let statement = try cachedStatement(sql: sql).sqliteStatement
    // GRDB resets a statement when it uses it next, and one that is not reset takes no new parameters.
    sqlite3_reset(statement)
    defer { sqlite3_reset(statement) }
    for (place, parameter) in zip(Int32(1)..., parameters) {
      switch parameter {
      case .integer(let value): sqlite3_bind_int64(statement, place, value)
      case .bytes(let value):
        // An empty array may have no address, and would bind NULL.
        sqlite3_bind_blob64(
          statement, place, value.isEmpty ? [0] : value, UInt64(value.count), transient)
      }
    }
    switch sqlite3_step(statement) {
    case SQLITE_ROW: return body(SQLiteColumns(statement: statement))
    case SQLITE_DONE: return nil
    case let code:
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code), message: lastErrorMessage, sql: sql)
    }
  }

  /// Runs a statement without rows, which is compiled once for each connection.
  func run(_ sql: String, _ parameters: SQLiteParameter...) throws {
    try first(sql, parameters) { _ in }
  }
}

/// Tells SQLite to copy what is bound (`SQLITE_TRANSIENT`, which C defines by a cast that Swift does not import).
private var transient: sqlite3_destructor_type {
  unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}
