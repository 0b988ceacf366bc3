internal import CSQLite
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
      connection, "gloss_contains", 2, flags, Unmanaged.passRetained(TextFolder()).toOpaque(),
      { context, _, arguments in
        guard let folder = sqlite3_user_data(context) else { return }
        guard let text = SQLFunctions.bytes(arguments?[0]),
          let part = SQLFunctions.bytes(arguments?[1])
        else { return sqlite3_result_null(context) }
        let isIn = FoldedText.contains(
          part, in: text, by: Unmanaged<TextFolder>.fromOpaque(folder).takeUnretainedValue())
        sqlite3_result_int(context, isIn ? 1 : 0)
      }, nil, nil, { $0.map { Unmanaged<TextFolder>.fromOpaque($0).release() } })
    // Whether a number is in a set of numbers, which has a bit for each.
    sqlite3_create_function_v2(
      connection, "gloss_in", 2, flags, nil,
      { context, _, arguments in
        let number = sqlite3_value_int64(arguments?[0])
        guard let bits = SQLFunctions.bytes(arguments?[1]), number >= 0,
          number >> 3 < Int64(bits.count)
        else { return sqlite3_result_int(context, 0) }
        sqlite3_result_int(context, Int32(bits[Int(number >> 3)] >> UInt8(number & 7) & 1))
      }, nil, nil, nil)
    // What a list of numbers of 4 bytes has at a place; 0 behind its end.
    sqlite3_create_function_v2(
      connection, "gloss_at", 2, flags, nil,
      { context, _, arguments in
        let number = sqlite3_value_int64(arguments?[0])
        guard let list = SQLFunctions.bytes(arguments?[1]), number >= 0,
          number < Int64(list.count / 4)
        else { return sqlite3_result_double(context, 0) }
        let value = list.loadUnaligned(fromByteOffset: Int(number) * 4, as: Float.self)
        sqlite3_result_double(context, Double(value))
      }, nil, nil, nil)
    // A text in the form in which texts are ordered.
    sqlite3_create_function_v2(
      connection, "gloss_folded", 1, flags, Unmanaged.passRetained(TextFolder()).toOpaque(),
      { context, _, arguments in
        guard let folder = sqlite3_user_data(context),
          let text = SQLFunctions.bytes(arguments?[0])
        else { return sqlite3_result_null(context) }
        let folded = OrderedText.key(
          of: String(decoding: text, as: UTF8.self),
          by: Unmanaged<TextFolder>.fromOpaque(folder).takeUnretainedValue())
        sqlite3_result_blob(
          context, folded, Int32(folded.count),
          unsafeBitCast(-1, to: sqlite3_destructor_type.self))
      }, nil, nil, { $0.map { Unmanaged<TextFolder>.fromOpaque($0).release() } })
    // Whether an address has a host, which is in lowercase.
    sqlite3_create_function_v2(
      connection, "gloss_has_host", 2, flags, nil,
      { context, _, arguments in
        guard let address = SQLFunctions.bytes(arguments?[0]),
          let host = SQLFunctions.bytes(arguments?[1])
        else { return sqlite3_result_null(context) }
        sqlite3_result_int(context, Host.isHost(host, of: address) ? 1 : 0)
      }, nil, nil, nil)
    addPass(to: connection)
  }

  /// Returns an argument's bytes, `nil` for NULL.
  private static func bytes(_ value: OpaquePointer?) -> UnsafeRawBufferPointer? {
    guard sqlite3_value_type(value) != SQLITE_NULL else { return nil }
    let start = sqlite3_value_blob(value)
    return UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
  }
}
