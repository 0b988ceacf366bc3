#if PostgreSQL
  internal import CPostgres

  /// An open connection, for the one thread that uses it. Every call blocks.
  final class PostgresSession {
    /// The system's number of the connection's socket.
    var socket: Int32 { PQsocket(connection) }

    /// Whether the connection is of no more use: it is gone, or stands in the middle of something.
    var isBroken: Bool {
      PQstatus(connection) != CONNECTION_OK || PQpipelineStatus(connection) != PQ_PIPELINE_OFF
    }

    private let connection: OpaquePointer
    private var nameByStatement: [String: String] = [:]

    /// Connects, and sets what every session needs.
    ///
    /// A hub that stops in the middle of a transaction, as a machine that is suspended does, must not hold others' rows for
    /// ever; and whatever the server's configuration says, a commit is on disk when it returns. Every statement of a hub finds
    /// its rows by an index. Left to itself the planner reads whole tables that it takes for small, because nobody has counted
    /// them lately, and a hub that has just been filled gets slower with each push.
    init(_ conninfo: String) throws(PostgresError) {
      guard let connection = PQconnectdb(conninfo) else {
        throw PostgresError(code: "", message: "no memory for a connection")
      }
      self.connection = connection
      guard !isBroken else { throw error(nil) }
      try command(
        """
        SET client_min_messages = warning; SET synchronous_commit = on;
        SET statement_timeout = '30s'; SET lock_timeout = '10s';
        SET idle_in_transaction_session_timeout = '10s';
        SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off;
        SET plan_cache_mode = force_generic_plan; SET jit = off
        """)
    }

    deinit { PQfinish(connection) }

    /// Runs statements without parameters and without a result.
    func command(_ sql: String) throws(PostgresError) {
      let result = PostgresRows(PQexec(connection, sql))
      guard result.isComplete else { throw error(result) }
    }

    /// Runs a statement, which is prepared when it comes for the first time.
    @discardableResult
    func query(_ sql: String, _ parameters: PostgresParameter...) throws(PostgresError)
      -> PostgresRows
    {
      let name = try prepare(sql, parameters)
      let result = PostgresRows(
        withBinary(parameters) {
          PQexecPrepared(connection, name, Int32(parameters.count), $0, $1, $2, 1)
        })
      guard result.isComplete else { throw error(result) }
      return result
    }

    /// Runs statements, none of which needs the rows of another, on one way there and back. After one that fails none is run.
    ///
    /// - Returns: The rows of each.
    func queries(
      _ statements: (sql: String, parameters: [PostgresParameter])...
    ) throws(PostgresError) -> [PostgresRows] {
      // What is prepared for the first time takes a way of its own.
      var names: [String] = []
      for (sql, parameters) in statements { names.append(try prepare(sql, parameters)) }
      guard PQenterPipelineMode(connection) == 1 else { throw error(nil) }
      for (name, statement) in zip(names, statements) {
        let parameters = statement.parameters
        let isSent = withBinary(parameters) {
          PQsendQueryPrepared(connection, name, Int32(parameters.count), $0, $1, $2, 1)
        }
        guard isSent == 1 else { throw error(nil) }
      }
      guard PQpipelineSync(connection) == 1 else { throw error(nil) }
      var results: [PostgresRows] = []
      var failure: PostgresError?
      for _ in statements {
        let result = PostgresRows(PQgetResult(connection))
        if failure == nil, !result.isComplete { failure = error(result) }
        results.append(result)
        // Nothing, which ends the statement's results.
        PQclear(PQgetResult(connection))
      }
      // The mark that ends them all.
      PQclear(PQgetResult(connection))
      guard PQexitPipelineMode(connection) == 1 else { throw failure ?? error(nil) }
      if let failure { throw failure }
      return results
    }

    /// Calls `body` with the values of parameters, their lengths and their formats.
    private func withBinary<Value>(
      _ parameters: [PostgresParameter],
      _ body: ([UnsafePointer<CChar>?], [Int32], [Int32]) -> Value
    ) -> Value {
      let bytes = parameters.map(\.bytes)
      var whole: [UInt8] = []
      whole.reserveCapacity(1 + bytes.reduce(0) { $0 + ($1?.count ?? 0) })
      for value in bytes { whole += value ?? [] }
      // An empty value must have an address all the same: none would be NULL.
      whole.append(0)
      return whole.withUnsafeBufferPointer { buffer in
        let base = UnsafeRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
        var offset = 0
        var values: [UnsafePointer<CChar>?] = []
        for value in bytes {
          values.append(value == nil ? nil : base.map { $0 + offset })
          offset += value?.count ?? 0
        }
        return body(values, bytes.map { Int32($0?.count ?? 0) }, bytes.map { _ in 1 })
      }
    }

    /// Runs `body` in a transaction.
    func transaction<Value>(
      _ kind: String = "BEGIN", _ body: () throws -> Value
    ) throws -> Value {
      try command(kind)
      do {
        let value = try body()
        try command("COMMIT")
        return value
      } catch {
        // Where even this fails the connection is broken, and with it the transaction.
        try? command("ROLLBACK")
        throw error
      }
    }

    /// Takes in what came, and returns the payloads of the notifications among it.
    func notifications() throws(PostgresError) -> [String] {
      guard PQconsumeInput(connection) == 1 else { throw error(nil) }
      var payloads: [String] = []
      while let notification = PQnotifies(connection) {
        payloads.append(String(cString: notification.pointee.extra))
        PQfreemem(notification)
      }
      return payloads
    }

    private func prepare(
      _ sql: String, _ parameters: [PostgresParameter]
    ) throws(PostgresError) -> String {
      if let name = nameByStatement[sql] { return name }
      let name = "s\(nameByStatement.count)"
      let result = PostgresRows(
        PQprepare(connection, name, sql, Int32(parameters.count), parameters.map(\.type)))
      guard result.isComplete else { throw error(result) }
      nameByStatement[sql] = name
      return name
    }

    private func error(_ result: PostgresRows?) -> PostgresError {
      let lines = String(cString: PQerrorMessage(connection)).split(whereSeparator: \.isNewline)
      return PostgresError(
        code: result?.code ?? "",
        message: lines.map { $0.drop { $0.isWhitespace } }.joined(separator: "; "))
    }
  }
#endif
