internal import GRDBSQLite
internal import GlossCore

/// Functions in Swift that the store's own SQL calls.
enum SQLFunctions {
  /// Makes them known to a connection.
  static func add(to connection: OpaquePointer) {
    let flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_DIRECTONLY
    // The milliseconds of the newest change to a record, from its packed heads.
    sqlite3_create_function_v2(
      connection, "gloss_edited", 1, flags, nil,
      { context, _, arguments in
        guard let heads = SQLFunctions.bytes(arguments?[0]),
          let newest = PackedHeads.newestTimestamp(in: heads)
        else { return sqlite3_result_null(context) }
        sqlite3_result_int64(context, Int64(newest.milliseconds))
      }, nil, nil, nil)
    // Whether a text has another one in it, which is folded already.
    sqlite3_create_function_v2(
      connection, "gloss_contains", 2, flags, nil,
      { context, _, arguments in
        guard let text = SQLFunctions.bytes(arguments?[0]),
          let part = SQLFunctions.bytes(arguments?[1])
        else { return sqlite3_result_null(context) }
        sqlite3_result_int(context, FoldedText.contains(part, in: text) ? 1 : 0)
      }, nil, nil, nil)
  }

  /// Returns an argument's bytes, `nil` for NULL.
  private static func bytes(_ value: OpaquePointer?) -> UnsafeRawBufferPointer? {
    guard sqlite3_value_type(value) != SQLITE_NULL else { return nil }
    let start = sqlite3_value_blob(value)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
  }
}
