internal import CSQLite
internal import GlossCore

/// A prepared statement: what every loop over changes goes through.
///
/// - Invariant: It ends before another thread uses the connection.
final class Statement {
  private let handle: OpaquePointer
  private let path: String

  init(_ sql: String, connection: OpaquePointer, path: String) throws(StoreError) {
    var handle: OpaquePointer?
    let code = sqlite3_prepare_v3(connection, sql, -1, 0, &handle, nil)
    guard code == SQLITE_OK, let handle else {
      throw StoreError(code: code, path: path, detail: String(cString: sqlite3_errmsg(connection)))
    }
    self.handle = handle
    self.path = path
  }

  deinit {
    sqlite3_finalize(handle)
  }

  /// Runs statements, with semicolons between them, whose rows nobody wants.
  static func execute(
    _ sql: String, connection: OpaquePointer, path: String
  ) throws(StoreError) {
    let code = sqlite3_exec(connection, sql, nil, nil, nil)
    guard code == SQLITE_OK else {
      throw StoreError(code: code, path: path, detail: String(cString: sqlite3_errmsg(connection)))
    }
  }

  // MARK: Binding, parameters counted from 1

  func bind(_ value: Int64, at index: Int32) {
    sqlite3_bind_int64(handle, index, value)
  }

  func bind(_ value: Bool, at index: Int32) {
    sqlite3_bind_int64(handle, index, value ? 1 : 0)
  }

  func bind(_ value: Double, at index: Int32) {
    sqlite3_bind_double(handle, index, value)
  }

  func bindNull(at index: Int32) {
    sqlite3_bind_null(handle, index)
  }

  func bind(_ text: String, at index: Int32) {
    var text = text
    text.withUTF8 { bytes in
      _ = bytes.withMemoryRebound(to: CChar.self) { characters in
        // A null pointer, which an empty text may have, would bind NULL.
        if let start = characters.baseAddress {
          sqlite3_bind_text(handle, index, start, Int32(characters.count), transient)
        } else {
          sqlite3_bind_text(handle, index, "", 0, transient)
        }
      }
    }
  }

  /// Binds UTF-8 as text.
  func bindText(_ utf8: [UInt8], at index: Int32) {
    guard !utf8.isEmpty else { return bind("", at: index) }
    utf8.withUnsafeBytes { bytes in
      _ = sqlite3_bind_text(
        handle, index, bytes.baseAddress?.assumingMemoryBound(to: CChar.self),
        Int32(bytes.count), transient)
    }
  }

  func bind(_ bytes: [UInt8], at index: Int32) {
    if bytes.isEmpty {
      sqlite3_bind_zeroblob(handle, index, 0)
    } else {
      sqlite3_bind_blob(handle, index, bytes, Int32(bytes.count), transient)
    }
  }

  /// Binds bytes without a copy: they have to stay where they are until the statement has run.
  func bindInPlace(_ bytes: UnsafeBufferPointer<UInt8>, at index: Int32) {
    if bytes.isEmpty {
      sqlite3_bind_zeroblob(handle, index, 0)
    } else {
      sqlite3_bind_blob(handle, index, bytes.baseAddress, Int32(bytes.count), nil)
    }
  }

  /// Binds UTF-8 as text without a copy: it has to stay where it is until the statement has run.
  func bindTextInPlace(_ text: UnsafeBufferPointer<UInt8>, at index: Int32) {
    guard let start = text.baseAddress, !text.isEmpty else { return bind("", at: index) }
    _ = start.withMemoryRebound(to: CChar.self, capacity: text.count) {
      sqlite3_bind_text(handle, index, $0, Int32(text.count), nil)
    }
  }

  func bind(_ id: some Identifier, at index: Int32) {
    withUnsafeBytes(of: id.value.bigEndian) {
      _ = sqlite3_bind_blob(handle, index, $0.baseAddress, Int32($0.count), transient)
    }
  }

  /// Binds a pointer, which has to be good until the statement has run, for a function that asks for it by `name`.
  func bind(_ pointer: UnsafeMutableRawPointer, named name: StaticString, at index: Int32) {
    sqlite3_bind_pointer(handle, index, pointer, name.characters, nil)
  }

  // MARK: Stepping

  /// Runs a statement that returns no rows.
  func run() throws(StoreError) {
    _ = try step()
    reset()
  }

  /// Steps to the next row, and returns whether there is one.
  func step() throws(StoreError) -> Bool {
    switch sqlite3_step(handle) {
    case SQLITE_ROW: return true
    case SQLITE_DONE: return false
    case let code:
      let detail = String(cString: sqlite3_errmsg(sqlite3_db_handle(handle)))
      reset()
      throw StoreError(code: code, path: path, detail: detail)
    }
  }

  /// Ends the statement's run; its parameters stay bound.
  func reset() {
    sqlite3_reset(handle)
  }

  // MARK: Columns, counted from 0

  func isNull(at column: Int32) -> Bool {
    sqlite3_column_type(handle, column) == SQLITE_NULL
  }

  func integer(at column: Int32) -> Int64 {
    sqlite3_column_int64(handle, column)
  }

  /// Reads a number of a change, or of how many there are; what is none, which only a damaged file has, is brought into range.
  func seq(at column: Int32) -> UInt64 {
    UInt64(min(max(integer(at: column), 0), Int64(Limits.seq)))
  }

  func real(at column: Int32) -> Double {
    sqlite3_column_double(handle, column)
  }

  func text(at column: Int32) -> String {
    let count = Int(sqlite3_column_bytes(handle, column))
    guard let start = sqlite3_column_text(handle, column) else { return "" }
    return String(decoding: UnsafeBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// Reads bytes that are UTF-8.
  func utf8(at column: Int32) -> String {
    withBytes(at: column) { String(decoding: $0, as: UTF8.self) }
  }

  func bytes(at column: Int32) -> [UInt8] {
    withBytes(at: column) { Array($0) }
  }

  /// Reads bytes in place.
  func withBytes<T>(at column: Int32, _ body: (UnsafeRawBufferPointer) -> T) -> T {
    let start = sqlite3_column_blob(handle, column)
    return body(
      UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
  }

  /// Reads an identifier; bytes of another length, which only a damaged file has, are an error.
  func identifier<ID: Identifier>(as type: ID.Type, at column: Int32) throws(StoreError) -> ID {
    guard let start = sqlite3_column_blob(handle, column),
      sqlite3_column_bytes(handle, column) == Int32(ID.byteCount)
    else { throw .corrupt(path: path, detail: "an identifier has not 16 bytes") }
    return ID(UInt128(bigEndian: start.loadUnaligned(as: UInt128.self)))
  }
}

/// Tells SQLite to copy what is bound (`SQLITE_TRANSIENT`, which C defines by a cast that Swift does not import).
private var transient: sqlite3_destructor_type {
  unsafeBitCast(-1, to: sqlite3_destructor_type.self)
}

extension StaticString {
  /// The characters of a name for SQLite, which end with a zero and stay where they are for as long as the program runs.
  var characters: UnsafePointer<CChar> {
    UnsafeRawPointer(utf8Start).assumingMemoryBound(to: CChar.self)
  }
}
