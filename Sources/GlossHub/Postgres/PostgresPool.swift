#if PostgreSQL
  /// A few connections for all who read, first come, first served.
  actor PostgresPool {
    private let connections: [PostgresConnection]
    private var free: [PostgresConnection]
    private var waiting: [CheckedContinuation<PostgresConnection, Never>] = []

    init(_ conninfo: String, count: Int) {
      connections = (0..<count).map { _ in PostgresConnection(conninfo) }
      free = connections
    }

    func perform<Value: Sendable>(
      _ body: @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
      let connection: PostgresConnection
      if let last = free.popLast() {
        connection = last
      } else {
        connection = await withCheckedContinuation { waiting.append($0) }
      }
      defer {
        if waiting.isEmpty {
          free.append(connection)
        } else {
          waiting.removeFirst().resume(returning: connection)
        }
      }
      return try await connection.perform(body)
    }

    func close() async {
      for connection in connections { await connection.close() }
    }
  }
#endif
