#if PostgreSQL
  package import GlossCore
  package import GlossWire

  /// What a hub keeps, in a PostgreSQL database that any number of hubs may share.
  ///
  /// Pushes that wait at the same time are one transaction. Everything else shares a few connections. Every connection
  /// has a thread, because libpq blocks.
  package final class PostgresStorage: HubStorage {
    /// Why a database cannot be used.
    package enum Failure: Error, Equatable, Sendable {
      /// It does not answer, or not as it should.
      case database(PostgresError)
      /// Another version of the hub made the tables.
      case newer(version: Int64, known: Int64)
    }

    package let appends = Appends()

    private let pool: PostgresPool
    private let writer: PostgresConnection
    private let commits: GroupCommit<Push, Result<Written, any Error>>
    private let listener: PostgresListener
    /// The one task that outlives its caller: it ends with ``close()``.
    private let listening: Task<Void, Never>

    /// Connects, and creates the tables where there are none.
    ///
    /// - Parameters:
    ///   - conninfo: Where the database is, as libpq takes it: `host=/run/postgresql dbname=gloss`, or a URL.
    ///   - onCommit: Told how many pushes each commit had.
    ///   - report: Takes what breaks the connection on which the hub hears of others' appends. It is made anew.
    package init(
      conninfo: String, onCommit: @escaping @Sendable (Int) -> Void = { _ in },
      report: @escaping @Sendable (any Error) -> Void
    ) async throws(Failure) {
      let writer = PostgresConnection(conninfo)
      do {
        try await writer.perform { try $0.prepareSchema() }
      } catch let failure as Failure {
        throw failure
      } catch let error as PostgresError {
        throw .database(error)
      } catch {
        throw .database(PostgresError(code: "", message: "\(error)"))
      }
      self.writer = writer
      pool = PostgresPool(conninfo, count: 4)
      commits = GroupCommit { group in
        onCommit(group.count)
        return await Self.commit(group, to: writer)
      }
      let listener = PostgresListener(conninfo)
      self.listener = listener
      listening = Task { [appends] in
        await Self.listen(to: listener, announcingTo: appends, report)
      }
    }

    deinit {
      listener.close()
      listening.cancel()
    }

    package func close() async {
      listener.close()
      listening.cancel()
      await listening.value
      await pool.close()
      await writer.close()
    }

    package func check() async throws -> Bool {
      try await pool.perform { try $0.check() }
    }

    package func createLibrary(
      _ library: LibraryID, token: [UInt8], log: [UInt8], admission: Admission, now: Int64
    ) async throws {
      try await write { session in
        try session.createLibrary(
          library, token: token, log: log, admission: admission, now: now)
      }
    }

    package func authorise(_ token: [UInt8], for library: LibraryID) async throws {
      try await pool.perform { _ = try $0.log(of: library, token: token) }
    }

    package func offerEnrolment(
      _ library: LibraryID, secret: [UInt8], token: [UInt8], now: Int64, expiry: Int64
    ) async throws {
      try await write { session in
        _ = try session.log(of: library, token: token)
        try session.offerEnrolment(to: library, secret: secret, now: now, expiry: expiry)
      }
    }

    package func enrol(
      _ library: LibraryID, token: [UInt8], secret: [UInt8], now: Int64, expiry: Int64
    ) async throws {
      try await write { session in
        try session.enrol(library, token: token, secret: secret, now: now, expiry: expiry)
      }
    }

    package func append(_ push: Push) async throws -> Page {
      let written = try await commits.perform(push).get()
      if written.hasAppended { await appends.announce(CollectionOfOne(push.library)) }
      if let problem = written.problem { throw problem }
      if let page = written.page { return page }
      return try await pool.perform { session in
        try session.page(
          of: push.library, token: push.token, after: push.cursor, before: written.end,
          byteLimit: push.pageByteLimit, leavingOut: push.runs)
      }
    }

    package func page(
      of library: LibraryID, token: [UInt8], after cursor: Cursor?, byteLimit: Int
    ) async throws -> Page {
      try await pool.perform { session in
        try session.page(of: library, token: token, after: cursor, byteLimit: byteLimit)
      }
    }

    package func vector(
      of library: LibraryID, at index: UInt64?, token: [UInt8]
    ) async throws -> HubVector {
      try await pool.perform { try $0.vector(of: library, at: index, token: token) }
    }

    package func keep(
      _ parts: [BlobPart], of library: LibraryID, token: [UInt8], now: Int64, expiry: Int64,
      byteLimit: Int?
    ) async throws -> [BlobHolding] {
      if parts.allSatisfy(\.bytes.isEmpty) {
        return try await pool.perform { session in
          _ = try session.log(of: library, token: token)
          return try session.holdings(of: parts, in: library)
        }
      }
      let outcome = try await pool.perform { session in
        try session.transaction {
          _ = try session.log(of: library, token: token)
          return try session.keep(
            parts, of: library, now: now, expiry: expiry, byteLimit: byteLimit)
        }
      }
      if let problem = outcome.problem { throw problem }
      return outcome.holdings
    }

    package func blobs(
      _ wants: [BlobWant], of library: LibraryID, token: [UInt8], byteLimit: Int
    ) async throws -> [BlobPart] {
      try await pool.perform { session in
        _ = try session.log(of: library, token: token)
        return try session.blobs(wants, of: library, byteLimit: byteLimit)
      }
    }

    package func devices(of library: LibraryID, token: [UInt8]) async throws -> [HubDevice] {
      try await pool.perform { session in
        _ = try session.log(of: library, token: token)
        return try session.devices(of: library)
      }
    }

    package func revoke(_ device: [UInt8], of library: LibraryID, token: [UInt8]) async throws {
      try await write { session in
        _ = try session.log(of: library, token: token)
        try session.revoke(device, of: library)
      }
    }

    package func putCard(_ card: [UInt8], of library: LibraryID, token: [UInt8]) async throws {
      try await write { session in
        _ = try session.log(of: library, token: token)
        try session.putCard(card, of: library, token: token)
      }
    }

    package func putEntry(
      _ entry: [UInt8], epoch: UInt32, of library: LibraryID, token: [UInt8]
    ) async throws {
      let isNew = try await pool.perform { session in
        try session.transaction {
          _ = try session.log(of: library, token: token)
          return try session.putEntry(entry, epoch: epoch, of: library)
        }
      }
      if isNew { await appends.announce(CollectionOfOne(library)) }
    }

    package func keyring(
      of library: LibraryID, after epoch: UInt32, byteLimit: Int, token: [UInt8]
    ) async throws -> HubKeyring {
      try await pool.perform { session in
        _ = try session.log(of: library, token: token)
        return try session.keyring(of: library, after: epoch, byteLimit: byteLimit)
      }
    }

    package func record(_ sightings: [Sighting]) async throws {
      try await write { try $0.record(sightings) }
    }

    package func keep(
      _ piece: PushedPiece, token: [UInt8], byteLimit: Int?, now: Int64
    ) async throws {
      try await write { session in
        try session.log(of: piece.library, token: token)
        try session.keep(piece, byteLimit: byteLimit, now: now)
      }
    }

    package func abandonSnapshot(of piece: PushedPiece) async throws {
      try await write { try $0.abandon(piece.header.snapshot, of: piece.library) }
    }

    package func complete(
      _ snapshot: SnapshotDescription, of library: LibraryID, token: [UInt8], now: Int64
    ) async throws {
      try await write { session in
        try session.log(of: library, token: token)
        try session.complete(snapshot, of: library, now: now)
      }
    }

    package func newestSnapshot(
      of library: LibraryID, token: [UInt8]
    ) async throws -> SnapshotDescription {
      try await pool.perform { session in
        let log = try session.log(of: library, token: token)
        guard let newest = try session.snapshots(of: library, log: log.name).newest else {
          throw Problem.noSnapshot
        }
        return newest
      }
    }

    package func piece(
      _ index: UInt32, of snapshot: SnapshotID, in library: LibraryID, token: [UInt8]
    ) async throws -> [UInt8] {
      try await pool.perform { session in
        try session.log(of: library, token: token)
        return try session.piece(index, of: snapshot, in: library)
      }
    }

    package func tidy(
      _ library: LibraryID, retention: Int64?, entryLimit: Int, now: Int64
    ) async throws -> Bool {
      try await write { session in
        try session.tidy(library, retention: retention, entryLimit: entryLimit, now: now)
      }
    }

    /// Runs `body` in a transaction, beside the pushes.
    private func write<Value: Sendable>(
      _ body: @Sendable (PostgresSession) throws -> Value
    ) async throws -> Value {
      try await pool.perform { session in try session.transaction { try body(session) } }
    }

    /// Commits a group; where the database refuses it as a whole, each push by itself, so that one harms no other.
    private static func commit(
      _ group: [Push], to writer: PostgresConnection
    ) async -> [Result<Written, any Error>] {
      do {
        return try await writer.perform { try $0.append(group) }.map { .success($0) }
      } catch {
        guard group.count > 1 else { return [.failure(error)] }
        var outcomes: [Result<Written, any Error>] = []
        for push in group { outcomes += await commit([push], to: writer) }
        return outcomes
      }
    }

    private static func listen(
      to listener: PostgresListener, announcingTo appends: Appends,
      _ report: @Sendable (any Error) -> Void
    ) async {
      while !Task.isCancelled {
        do {
          switch try await listener.next() {
          case .appends(let libraries): await appends.announce(libraries)
          case .connected: await appends.announceAll()
          case .end: return
          }
        } catch {
          report(error)
          try? await Task.sleep(for: .seconds(1))
        }
      }
    }
  }
#endif
