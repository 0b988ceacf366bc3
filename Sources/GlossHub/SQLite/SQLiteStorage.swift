internal import Foundation
internal import GRDB
package import GlossCore
package import GlossWire

/// What a hub keeps, in one SQLite file.
///
/// Writes are durable before anybody is told of them: WAL with `synchronous=FULL`, one commit for all writes that wait
/// at the same time. Reads run beside them. SQLite only ever blocks threads of its own.
package final class SQLiteStorage: HubStorage {
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

  /// A write. It throws to undo what it wrote.
  private struct Write: Sendable {
    /// Whether a problem is thrown before anything is written, as pushes do. Savepoints cost as much as a statement that writes.
    var refusesFirst = false
    let body: @Sendable (Database) throws -> Written
  }

  /// What became of a write: on disk, or undone.
  private typealias Outcome = Result<Written, any Error>

  package let appends = Appends()
  private let pool: DatabasePool
  private let commits: GroupCommit<Write, Outcome>
  private let lock: FileLock

  /// Opens the store in `directory`, which is created, readable by its owner only, where it does not exist.
  ///
  /// - Parameter pageLimit: The greatest number of database pages, 4,096 bytes each, or `nil` for as many as fit the
  ///   disk. A full store answers `unavailable`.
  /// - Parameter onCommit: Told how many writes each commit had.
  package init(
    directory: String, pageLimit: Int? = nil, onCommit: @escaping @Sendable (Int) -> Void = { _ in }
  ) throws(Failure) {
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
        // Groups write many pages each; SQLite's own choice of 1,000 would have every few commits wait for a checkpoint.
        try database.execute(sql: "PRAGMA wal_autocheckpoint = 10000")
        if let pageLimit { try database.execute(sql: "PRAGMA max_page_count = \(pageLimit)") }
        try database.prepareSchema(path: path)
      }
    } catch let failure as Failure {
      throw failure
    } catch {
      throw .database(path: path, reason: Self.words(for: error))
    }
    commits = GroupCommit { [pool] group in
      onCommit(group.count)
      return await Self.commit(group, to: pool)
    }
  }

  package func close() throws(Failure) {
    do {
      try pool.close()
    } catch {
      throw .database(path: pool.path, reason: Self.words(for: error))
    }
    lock.unlock()
  }

  package func check() async throws -> Bool {
    try await read { database in
      try String.fetchOne(database, sql: "PRAGMA integrity_check(1)") == "ok"
    }
  }

  package func createLibrary(
    _ library: LibraryID, token: [UInt8], log: [UInt8], admission: Admission, now: Int64
  ) async throws {
    try await write { database in
      try database.createLibrary(library, token: token, log: log, admission: admission, now: now)
    }
  }

  package func authorise(_ token: [UInt8], for library: LibraryID) async throws {
    _ = try await pool.read { try $0.library(library, token: token) }
  }

  package func offerEnrolment(
    _ library: LibraryID, secret: [UInt8], token: [UInt8], now: Int64, expiry: Int64
  ) async throws {
    try await write { database in
      try database.offerEnrolment(
        to: try database.library(library, token: token), secret: secret, now: now, expiry: expiry)
    }
  }

  package func enrol(
    _ library: LibraryID, token: [UInt8], secret: [UInt8], now: Int64, expiry: Int64
  ) async throws {
    try await write { database in
      try database.enrol(library, token: token, secret: secret, now: now, expiry: expiry)
    }
  }

  package func append(_ push: Push) async throws -> Page {
    let write = Write(refusesFirst: true) { database in
      try database.append(push, to: try database.library(push.library, token: push.token))
    }
    let written = try await commits.perform(write).get()
    if written.hasAppended { await appends.announce(CollectionOfOne(push.library)) }
    if let problem = written.problem { throw problem }
    if let page = written.page { return page }
    return try await read { database in
      try database.page(
        of: try database.library(push.library, token: push.token), after: push.cursor,
        before: written.end, byteLimit: push.pageByteLimit, leavingOut: push.runs)
    }
  }

  package func page(
    of library: LibraryID, token: [UInt8], after cursor: GlossWire.Cursor?, byteLimit: Int
  ) async throws -> Page {
    try await read { database in
      try database.page(
        of: try database.library(library, token: token), after: cursor, byteLimit: byteLimit)
    }
  }

  package func vector(
    of library: LibraryID, at index: UInt64?, token: [UInt8]
  ) async throws -> HubVector {
    try await read { database in
      try database.vector(of: try database.library(library, token: token), at: index)
    }
  }

  package func keep(
    _ parts: [BlobPart], of library: LibraryID, token: [UInt8], now: Int64, expiry: Int64,
    byteLimit: Int?
  ) async throws -> [BlobHolding] {
    let body: @Sendable (Database) throws -> Written = { database in
      let row = try database.library(library, token: token)
      var state = BlobState(of: library, byteCount: row.byteCount, byteLimit: byteLimit)
      let problem = try database.keep(parts, of: row, &state, now: now, expiry: expiry)
      return Written(problem: problem, holdings: parts.map(state.holding(of:)))
    }
    // A question costs no commit.
    if parts.allSatisfy(\.bytes.isEmpty) { return try await read(body).holdings }
    return try await perform(body).holdings
  }

  package func blobs(
    _ wants: [BlobWant], of library: LibraryID, token: [UInt8], byteLimit: Int
  ) async throws -> [BlobPart] {
    try await read { database in
      try database.blobs(
        wants, of: try database.library(library, token: token), byteLimit: byteLimit)
    }
  }

  package func devices(of library: LibraryID, token: [UInt8]) async throws -> [HubDevice] {
    try await read { database in
      try database.devices(of: try database.library(library, token: token))
    }
  }

  package func revoke(_ device: [UInt8], of library: LibraryID, token: [UInt8]) async throws {
    try await write { database in
      try database.revoke(device, of: try database.library(library, token: token))
    }
  }

  package func putCard(_ card: [UInt8], of library: LibraryID, token: [UInt8]) async throws {
    try await write { database in
      try database.putCard(card, of: try database.library(library, token: token), token: token)
    }
  }

  package func putEntry(
    _ entry: [UInt8], epoch: UInt32, of library: LibraryID, token: [UInt8]
  ) async throws {
    let written = try await perform { database in
      let row = try database.library(library, token: token)
      return Written(hasAppended: try database.putEntry(entry, epoch: epoch, of: row))
    }
    if written.hasAppended { await appends.announce(CollectionOfOne(library)) }
  }

  package func keyring(
    of library: LibraryID, after epoch: UInt32, byteLimit: Int, token: [UInt8]
  ) async throws -> HubKeyring {
    try await read { database in
      try database.keyring(
        of: try database.library(library, token: token), after: epoch, byteLimit: byteLimit)
    }
  }

  package func record(_ sightings: [Sighting]) async throws {
    try await write { database in
      for sighting in sightings { try database.record(sighting) }
    }
  }

  package func keep(
    _ piece: PushedPiece, token: [UInt8], byteLimit: Int?, now: Int64
  ) async throws {
    try await write { database in
      try database.keep(
        piece, in: try database.library(piece.library, token: token), byteLimit: byteLimit,
        now: now)
    }
  }

  package func abandonSnapshot(of piece: PushedPiece) async throws {
    try await write { database in
      guard let library = try database.libraryRow(piece.library) else { return }
      try database.abandon(piece.header.snapshot, of: library)
    }
  }

  package func complete(
    _ snapshot: SnapshotDescription, of library: LibraryID, token: [UInt8], now: Int64
  ) async throws {
    try await write { database in
      try database.complete(
        snapshot, of: try database.library(library, token: token), now: now)
    }
  }

  package func newestSnapshot(
    of library: LibraryID, token: [UInt8]
  ) async throws -> SnapshotDescription {
    try await read { database in
      let row = try database.library(library, token: token)
      guard let newest = try database.snapshots(of: row).newest else { throw Problem.noSnapshot }
      return newest
    }
  }

  package func piece(
    _ index: UInt32, of snapshot: SnapshotID, in library: LibraryID, token: [UInt8]
  ) async throws -> [UInt8] {
    try await read { database in
      try database.piece(index, of: snapshot, in: try database.library(library, token: token))
    }
  }

  package func tidy(
    _ library: LibraryID, retention: Int64?, entryLimit: Int, now: Int64
  ) async throws -> Bool {
    // Most of the time there is nothing to do, which a reader finds out without a commit.
    let isTidy = try await read { database in
      try database.libraryRow(library).map { row in
        try database.tidying(row, retention: retention, now: now).isNothing(after: row.start)
      } ?? true
    }
    guard !isTidy else { return false }
    return try await perform { database in
      guard let row = try database.libraryRow(library) else { return Written() }
      return Written(
        hasMore: try database.tidy(row, retention: retention, entryLimit: entryLimit, now: now))
    }.hasMore
  }

  /// Runs `body` on a state of the store that does not change meanwhile.
  ///
  /// Cancelling the task does not stop it: who gives up a pull that waits is still answered.
  private func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws -> Value {
    try await withCheckedThrowingContinuation { continuation in
      pool.asyncRead { database in
        continuation.resume(with: Result { try body(try database.get()) })
      }
    }
  }

  /// Runs `body` and returns once what it wrote is on disk.
  ///
  /// - Throws: What `body` threw, with nothing kept.
  private func write(_ body: @escaping @Sendable (Database) throws -> Void) async throws {
    _ = try await perform { database in
      try body(database)
      return Written()
    }
  }

  /// Runs `body` and returns what it did once that is on disk.
  ///
  /// - Throws: The problem that `body` returned, with what it wrote kept, or what it threw, with nothing kept.
  private func perform(
    _ body: @escaping @Sendable (Database) throws -> Written
  ) async throws -> Written {
    let written = try await commits.perform(Write(body: body)).get()
    if let problem = written.problem { throw problem }
    return written
  }

  /// Commits the group on the writer's own queue: SQLite blocks, and the cooperative pool must not.
  private static func commit(_ group: [Write], to pool: DatabasePool) async -> [Outcome] {
    await withCheckedContinuation { continuation in
      pool.asyncWriteWithoutTransaction { database in
        continuation.resume(returning: Self.outcomes(of: group[...], in: database))
      }
    }
  }

  /// Runs writes in one transaction; where that fails as a whole, as on a full disk, each in one by itself, so that none harms
  /// another.
  private static func outcomes(of group: ArraySlice<Write>, in database: Database) -> [Outcome] {
    var outcomes: [Outcome] = []
    do {
      try database.inTransaction(.immediate) {
        outcomes = try group.map { try Self.outcome(of: $0, in: database) }
        return .commit
      }
      return outcomes
    } catch {
      guard group.count > 1 else { return [.failure(error)] }
      return group.indices.flatMap { Self.outcomes(of: group[$0...$0], in: database) }
    }
  }

  /// Runs one write of a transaction.
  ///
  /// - Throws: What the whole transaction has to be given up for.
  private static func outcome(of write: Write, in database: Database) throws -> Outcome {
    do {
      if write.refusesFirst { return .success(try write.body(database)) }
      var written = Written()
      try database.inSavepoint {
        written = try write.body(database)
        return .commit
      }
      return .success(written)
    } catch let problem as Problem {
      return .failure(problem)
    }
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    configuration.label = "gloss-hub"
    configuration.busyMode = .timeout(10)
    configuration.prepareDatabase { database in
      guard !database.configuration.readonly else { return }
      // The pool asks for the log too, but reads the answer only: an error of the commit behind it goes unheard, and the file keeps
      // a journal of the old kind, where a loss of power undoes a commit that was confirmed. So the log is asked for here, to
      // the end, and with EXTRA, without which the end of that one commit, which is still of the old kind, is not durable.
      try database.execute(
        sql: """
          PRAGMA synchronous = EXTRA;
          PRAGMA journal_mode = WAL;
          PRAGMA synchronous = FULL;
          """)
    }
    return configuration
  }

  private static func words(for error: any Error) -> String {
    if let error = error as? DatabaseError { return error.message ?? "\(error.resultCode)" }
    let words = error.localizedDescription
    return words.hasSuffix(".") ? String(words.dropLast()) : words
  }
}
