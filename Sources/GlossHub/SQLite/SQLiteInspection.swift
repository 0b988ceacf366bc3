internal import Foundation
internal import GRDB
internal import GlossCore
internal import GlossCrypto
internal import GlossWire

/// Reads a hub's database beside the hub that has it open, and never writes into it.
///
/// The connection is read-only: SQLite's write-ahead log has one writer at a time only, and a second connection that
/// writes or checkpoints could damage the file (see ``FileLock``).
package struct SQLiteInspection: Sendable {
  /// Why a database cannot be inspected or copied. The texts are the system's or SQLite's own words.
  package enum Failure: Error, Equatable, Sendable {
    /// There is no hub's database at this path, or it cannot be opened.
    case noDatabase(path: String, reason: String)
    /// A newer version wrote the database.
    case newer(path: String, version: Int, known: Int)
    /// The copy cannot be written.
    case unwritable(path: String, reason: String)
    /// The copy is not sound, and was removed.
    case unsoundCopy([HubFinding])
  }

  private let path: String
  private let queue: DatabaseQueue

  /// Opens the database of a data directory, or a file that ``copy(to:)`` made.
  package init(at place: String) throws(Failure) {
    var isDirectory: ObjCBool = false
    let exists = FileManager.default.fileExists(atPath: place, isDirectory: &isDirectory)
    path = isDirectory.boolValue ? place + "/hub.sqlite" : place
    guard exists, FileManager.default.fileExists(atPath: path) else {
      throw .noDatabase(path: path, reason: "there is no such file")
    }
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(10)
    configuration.label = "gloss-hub inspection"
    let version: Int
    do {
      queue = try DatabaseQueue(path: path, configuration: configuration)
      version = try queue.read { try Int.fetchOne($0, sql: "PRAGMA user_version") ?? 0 }
    } catch {
      throw .noDatabase(path: path, reason: Self.words(for: error))
    }
    guard version > 0 else { throw .noDatabase(path: path, reason: "it holds something else") }
    guard version <= Database.newestHubVersion else {
      throw .newer(path: path, version: version, known: Database.newestHubVersion)
    }
  }

  /// Checks everything: the file, and each library's log from its first bundle to its last.
  ///
  /// - Complexity: Reads the whole file twice.
  package func verify() -> HubReport {
    var report = HubReport()
    do {
      try queue.read { database in
        for line in try String.fetchAll(database, sql: "PRAGMA integrity_check(100)")
        where line != "ok" {
          report.findings.append(.damagedFile(line))
        }
        for row in try Row.fetchAll(database, sql: "PRAGMA foreign_key_check") {
          report.findings.append(.damagedFile("a row of \(row[0] as String) refers to none"))
        }
        let libraries = try Row.fetchAll(database, sql: "SELECT id, uuid FROM library ORDER BY id")
        for row in libraries { try database.audit(row[0], uuid: row[1], into: &report) }
      }
    } catch {
      report.findings.append(.damagedFile(Self.words(for: error)))
    }
    return report
  }

  /// Copies the database as it is at one moment to a new file, and checks the copy.
  ///
  /// The hub goes on meanwhile. The file is readable by its owner only, and is there whole or not at all.
  ///
  /// - Returns: What the copy holds.
  package func copy(to destination: String) throws(Failure) -> HubReport {
    guard !FileManager.default.fileExists(atPath: destination) else {
      throw .unwritable(path: destination, reason: "it exists")
    }
    let draft = destination + ".partial"
    // Made here and empty, which VACUUM INTO takes, so that nobody else may read it for a moment.
    unlink(draft)
    let file = open(draft, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw .unwritable(path: destination, reason: String(cString: strerror(errno)))
    }
    defer {
      close(file)
      unlink(draft)
    }
    do {
      try queue.inDatabase { try $0.execute(sql: "VACUUM INTO ?", arguments: [draft]) }
    } catch {
      throw .unwritable(path: destination, reason: Self.words(for: error))
    }
    let report = try SQLiteInspection(at: draft).verify()
    guard report.findings.isEmpty else { throw .unsoundCopy(report.findings) }
    // A link, unlike a renaming, never replaces a file that came meanwhile.
    guard fsync(file) == 0, link(draft, destination) == 0 else {
      throw .unwritable(path: destination, reason: String(cString: strerror(errno)))
    }
    Self.syncDirectory(of: destination)
    return report
  }

  private static func syncDirectory(of path: String) {
    let directory = open(
      URL(filePath: path).deletingLastPathComponent().path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard directory >= 0 else { return }
    fsync(directory)
    close(directory)
  }

  private static func words(for error: any Error) -> String {
    if let error = error as? DatabaseError { return error.message ?? "\(error.resultCode)" }
    return error.localizedDescription
  }
}

extension Database {
  /// Checks one library's log.
  fileprivate func audit(_ id: Int64, uuid: Data, into report: inout HubReport) throws {
    guard let library = LibraryID(bytes: uuid) else {
      report.findings.append(.damagedFile("a library's identifier has not 16 bytes"))
      return
    }
    // Files of before version 4 dropped nothing and have no snapshots; those of before version 3 do not say how large a library
    // is. The hub brings them up when it opens them.
    let version = try Int.fetchOne(self, sql: "PRAGMA user_version") ?? 0
    var audit = LogAudit(of: library)
    if version >= 4, let row = try libraryRow(library) {
      audit = LogAudit(of: library, index: row.start.index, hash: row.start.hash)
    }
    let rows = try Row.fetchCursor(
      self,
      sql: """
        SELECT entry.idx, origin.replica, entry.first, entry.last, entry.tip, entry.hash, entry.body
        FROM entry JOIN origin ON origin.id = entry.origin
        WHERE entry.library = ? ORDER BY entry.idx
        """,
      arguments: [id])
    while let row = try rows.next() {
      audit.take(
        LogAudit.Entry(
          index: UInt64(clamping: row[0] as Int64), origin: Array(row[1] as Data),
          first: UInt64(clamping: row[2] as Int64), last: UInt64(clamping: row[3] as Int64),
          tip: Array(row[4] as Data), hash: Array(row[5] as Data), body: Array(row[6] as Data)))
    }
    let origins = try Row.fetchCursor(
      self, sql: "SELECT replica, last_seq, tip FROM origin WHERE library = ? ORDER BY id",
      arguments: [id])
    while let row = try origins.next() {
      guard let replica = ReplicaID(bytes: row[0] as Data) else { continue }
      audit.check(replica, last: UInt64(clamping: row[1] as Int64), tip: Array(row[2] as Data))
    }
    report.libraryCount += 1
    let blobByteCount = try auditBlobs(of: library, id, into: &report)
    if version >= 4 { try audit.takeSnapshots(of: id, in: self) }
    report.bundleCount += audit.entryCount
    report.snapshotCount += audit.snapshotCount
    report.byteCount += audit.byteCount + blobByteCount
    if version >= 3 {
      let size = try Int.fetchOne(
        self, sql: "SELECT byte_count FROM library WHERE id = ?", arguments: [id])
      if size != audit.byteCount + blobByteCount { audit.findings.append(.wrongSize(library)) }
    }
    // Nor do those of before version 4.
    if try tableExists("keyring") {
      let epochs = try UInt32.fetchAll(
        self, sql: "SELECT epoch FROM keyring WHERE library = ? ORDER BY epoch", arguments: [id])
      if let missing = KeyringHead.missingEpoch(in: epochs) {
        audit.findings.append(.missingEpoch(library, epoch: missing))
      }
    }
    report.findings += audit.findings
  }

  /// Checks one library's blobs, and returns how many bytes it has of them.
  private func auditBlobs(
    of library: LibraryID, _ id: Int64, into report: inout HubReport
  ) throws -> Int {
    // Files of before version 4 have none.
    guard try tableExists("blob") else { return 0 }
    var byteCount = 0
    let blobs = try Row.fetchCursor(
      self, sql: "SELECT name, digest, body FROM blob WHERE library = ? ORDER BY id",
      arguments: [id])
    while let row = try blobs.next() {
      let (name, body) = (Array(row[0] as Data), Array(row[2] as Data))
      let header = try? BlobHeader(of: body)
      if header?.library != library || header?.name != name
        || sha256(body) != Array(row[1] as Data)
      {
        report.findings.append(.alteredBlob(library, name: hexadecimal(name)))
      }
      report.blobCount += 1
      byteCount += body.count
    }
    let uploads = try Row.fetchCursor(
      self,
      sql: """
        SELECT name, held, size, coalesce(sum(length(bytes)), 0),
          coalesce(max(start + length(bytes)), 0)
        FROM upload LEFT JOIN upload_piece ON upload = upload.id
        WHERE library = ? GROUP BY upload.id ORDER BY upload.id
        """,
      arguments: [id])
    while let row = try uploads.next() {
      let (held, size, sum, end) = (row[1] as Int, row[2] as Int, row[3] as Int, row[4] as Int)
      if held != sum || held != end || held >= size {
        report.findings.append(.brokenUpload(library, name: hexadecimal(row[0] as Data)))
      }
      byteCount += held
    }
    return byteCount
  }
}

extension LogAudit {
  /// Takes in the pieces of a library's snapshots.
  fileprivate mutating func takeSnapshots(of library: Int64, in database: Database) throws {
    let snapshots = try Row.fetchAll(
      database, sql: "SELECT id, uuid, piece_count FROM snapshot WHERE library = ? AND has_pieces",
      arguments: [library])
    for row in snapshots {
      guard let snapshot = SnapshotID(bytes: row[1] as Data) else { continue }
      let pieces = try Row.fetchAll(
        database, sql: "SELECT idx, length(body) FROM snapshot_piece WHERE snapshot = ?",
        arguments: [row[0] as Int64])
      let sizes = Dictionary(uniqueKeysWithValues: pieces.map { ($0[0] as Int64, $0[1] as Int) })
      take(piecesOf: snapshot, sizes, pieceCount: row[2])
    }
  }
}
