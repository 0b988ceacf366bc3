#if PostgreSQL
  internal import CPostgres

  /// The rows that a statement brought, in PostgreSQL's binary form.
  final class PostgresRows {
    private let result: OpaquePointer?

    init(_ result: OpaquePointer?) { self.result = result }

    deinit { PQclear(result) }

    /// Whether the statement did what it was to do.
    var isComplete: Bool {
      let status = PQresultStatus(result)
      return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK
    }

    /// SQLSTATE, empty where there is none.
    var code: String {
      // PG_DIAG_SQLSTATE, a macro that Swift does not see.
      PQresultErrorField(result, 0x43).map { String(cString: $0) } ?? ""
    }

    var count: Int { Int(PQntuples(result)) }

    func isNull(_ row: Int, _ column: Int) -> Bool {
      PQgetisnull(result, Int32(row), Int32(column)) == 1
    }

    /// The value's bytes, none for NULL.
    func bytes(_ row: Int, _ column: Int) -> [UInt8] {
      let count = Int(PQgetlength(result, Int32(row), Int32(column)))
      guard count > 0, let start = PQgetvalue(result, Int32(row), Int32(column)) else { return [] }
      return Array(UnsafeRawBufferPointer(start: start, count: count))
    }

    /// The value of an integer or a boolean of any width, 0 for NULL.
    func int(_ row: Int, _ column: Int) -> Int64 {
      bytes(row, column).reduce(0) { $0 << 8 | Int64($1) }
    }
  }
#endif
