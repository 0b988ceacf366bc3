internal import CSQLite
internal import GlossCore

/// A connection with an SQLite file, which one thread at a time uses; others wait.
///
/// The store goes to SQLite's C functions for all that it does, so that opening, transactions and errors are all that a library
/// could do for it. GRDB did until it turned out to bring two thirds of the program: with all of Foundation and its tables
/// of the world's languages, which a short command would spend a fifth of its time on.
final class Connection: Sendable {
  /// The file.
  let path: String

  private let handle: Locked<Handle?>

  /// SQLite's connection, which may go from thread to thread as long as it is used by one of them.
  private struct Handle: @unchecked Sendable {
    let pointer: OpaquePointer
  }

  /// How a transaction begins.
  enum TransactionKind: String {
    /// It takes the lock for writing at its first write.
    case deferred = "BEGIN DEFERRED"
    /// It has the lock for writing from the start, or waits for it.
    case immediate = "BEGIN IMMEDIATE"
  }

  /// Opens a file that is there.
  ///
  /// - Parameter patienceMilliseconds: How long to wait for another process that has the file locked.
  /// - Throws: What SQLite says that the file is; a file that is no database shows only once something is asked of it.
  init(
    path: String, access: Replica.Access, patienceMilliseconds: Int = Replica.patienceMilliseconds
  ) throws(StoreError) {
    self.path = path
    var connection: OpaquePointer?
    // The lock around it does what SQLite's own would do.
    let mode = access == .readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE
    let code = sqlite3_open_v2(path, &connection, mode | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let connection else {
      let detail = connection.map { String(cString: sqlite3_errmsg($0)) }
      sqlite3_close(connection)
      throw StoreError(code: code, path: path, detail: detail ?? "there is no memory left")
    }
    sqlite3_busy_timeout(connection, Int32(patienceMilliseconds))
    gloss_sqlite_forbid_quoted_texts(connection)
    handle = Locked(Handle(pointer: connection))
  }

  deinit {
    handle.withLock { _ = sqlite3_close_v2($0?.pointer) }
  }

  /// Closes the file, if it is open; nothing may be asked of it afterwards.
  func close() throws(StoreError) {
    let code = handle.withLock { handle in
      let code = sqlite3_close(handle?.pointer)
      if code == SQLITE_OK { handle = nil }
      return code
    }
    guard code == SQLITE_OK else {
      throw StoreError(code: code, path: path, detail: "the file is in use")
    }
  }

  /// Runs `body` with SQLite's connection, outside of any transaction.
  ///
  /// - Precondition: `body` does not use this connection by way of this object.
  func use<T>(_ body: (OpaquePointer) throws -> T) throws -> T {
    try handle.withLock { handle in
      guard let handle else { throw StoreError.io(path: path, detail: "the file is closed") }
      return try body(handle.pointer)
    }
  }

  /// Runs `body` in a transaction, within ``use(_:)``: all that it did is kept when this returns, and nothing when it throws.
  func transaction<T>(
    _ kind: TransactionKind, on connection: OpaquePointer, _ body: () throws -> T
  ) throws -> T {
    try execute(kind.rawValue, on: connection)
    do {
      let result = try body()
      guard sqlite3_get_autocommit(connection) == 0 else {
        // It went on after an error that had ended it.
        throw StoreError.io(path: path, detail: "SQLite has undone what was written")
      }
      try execute("COMMIT", on: connection)
      return result
    } catch {
      // Some errors, such as that of a full disk, have ended it.
      if sqlite3_get_autocommit(connection) == 0 { try? execute("ROLLBACK", on: connection) }
      throw error
    }
  }

  /// Runs statements, whose rows nobody wants.
  func execute(_ sql: String, on connection: OpaquePointer) throws(StoreError) {
    try Statement.execute(sql, connection: connection, path: path)
  }

  /// Returns the first number of the first row.
  func number(_ sql: String, on connection: OpaquePointer) throws(StoreError) -> Int64? {
    let statement = try Statement(sql, connection: connection, path: path)
    return try statement.step() && !statement.isNull(at: 0) ? statement.integer(at: 0) : nil
  }
}
