internal import Foundation
internal import GRDB
internal import GlossWire

/// What a hub holds, in one SQLite file.
///
/// Writes are durable before anybody is told of them: WAL with `synchronous=FULL`, one commit for all writes that wait
/// at the same time. Reads run beside them. SQLite only ever blocks threads of its own.
package final class HubStore: Sendable {
  /// Why a data directory cannot be used. The texts are the system's or SQLite's own words.
  package enum Failure: Error, Equatable, Sendable {
    /// The directory cannot be created or written.
    case directory(path: String, reason: String)
    /// Another process has the directory open.
    case busy(path: String)
    /// A newer version wrote the database.
    case newer(path: String, version: Int, known: Int)
    /// The file is no hub's database, or SQLite cannot open it.
    case database(path: String, reason: String)
  }

  private let pool: DatabasePool
  private let commits: GroupCommit
  private let lock: FileLock

  /// Opens the store in `directory`, which is created, readable by its owner only, where it does not exist.
  ///
  /// - Parameter pageLimit: The greatest number of database pages, 4,096 bytes each, or `nil` for as many as fit the
  ///   disk. A full store answers `unavailable`.
  package init(directory: String, pageLimit: Int? = nil) throws(Failure) {
    do {
      try FileManager.default.createDirectory(
        atPath: directory, withIntermediateDirectories: true,
        attributes: [.posixPermissions: 0o700])
    } catch {
      throw .directory(path: directory, reason: Self.words(for: error))
    }
    lock = try FileLock(directory: directory)
    let path = directory + "/hub.sqlite"
    do {
      pool = try DatabasePool(path: path, configuration: Self.configuration)
      try pool.writeWithoutTransaction { database in
        // The pool lowers this while it opens. A hub that confirms and then forgets would hand out a number twice.
        try database.execute(sql: "PRAGMA synchronous = FULL")
        let level = try Int.fetchOne(database, sql: "PRAGMA synchronous")
        guard level == 2 else { throw DatabaseError(message: "PRAGMA synchronous reads not 2") }
        if let pageLimit { try database.execute(sql: "PRAGMA max_page_count = \(pageLimit)") }
        try database.prepareSchema(path: path)
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .database(path: path, reason: Self.words(for: error))
    }
    commits = GroupCommit(pool)
  }

  /// Closes the file. Requests after that are answered `unavailable`.
  package func close() throws(Failure) {
    do {
      try pool.close()
    } catch {
      throw .database(path: pool.path, reason: Self.words(for: error))
    }
    lock.unlock()
  }

  /// Whether the database answers and its pages are in order: what an operator asks after a fault of the disk.
  package func check() async throws -> Bool {
    try await pool.read { database in
      try String.fetchOne(database, sql: "PRAGMA integrity_check(1)") == "ok"
    }
  }

  /// Runs `body` and returns once what it wrote is on disk.
  ///
  /// - Throws: The problem that `body` returned, with what it wrote kept, or threw, with nothing kept; or `unavailable`.
  func write(
    _ report: @Sendable (any Error) -> Void,
    _ body: @escaping @Sendable (Database) throws -> Problem?
  ) async throws(Problem) {
    switch await commits.perform(body) {
    case .success(nil): return
    case .success(let problem?): throw problem
    case .failure(let error): throw Self.problem(for: error, report)
    }
  }

  /// Runs `body` on a state of the store that does not change meanwhile.
  func read<Value: Sendable>(
    _ report: @Sendable (any Error) -> Void,
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(Problem) -> Value {
    do {
      return try await pool.read(body)
    } catch {
      throw Self.problem(for: error, report)
    }
  }

  private static func problem(
    for error: any Error, _ report: @Sendable (any Error) -> Void
  ) -> Problem {
    if let problem = error as? Problem { return problem }
    report(error)
    return Problem(
      .unavailable, status: 503, detail: "the hub's storage failed; try again later",
      retryAfterSeconds: 30)
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "gloss-hub"
    configuration.busyMode = .timeout(10)
    return configuration
  }

  private static func words(for error: any Error) -> String {
    if let error = error as? DatabaseError { return error.message ?? "\(error.resultCode)" }
    let words = error.localizedDescription
    return words.hasSuffix(".") ? String(words.dropLast()) : words
  }
}
