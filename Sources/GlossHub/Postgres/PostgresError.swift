#if PostgreSQL
  /// What PostgreSQL, or the way to it, said no with.
  package struct PostgresError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The five characters of SQLSTATE, empty where the server said nothing.
    package let code: String
    /// PostgreSQL's own words.
    package let message: String

    package var description: String { code.isEmpty ? message : "\(message) (\(code))" }
  }
#endif
