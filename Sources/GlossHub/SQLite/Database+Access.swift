internal import GRDB
internal import GlossCore
internal import GlossWire

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// A library whose token was shown.
struct LibraryRow: Sendable {
  let id: Int64
  let log: [UInt8]
  /// Bytes of its bundles, blobs and snapshots.
  let byteCount: Int
  let start: LogStart
  /// The newest epoch of its keyring, 0 where it has none.
  let epoch: UInt32

  /// Reads a row of ``columns``.
  init(_ row: Row) {
    id = row[0]
    log = Array(row[1] as Data)
    byteCount = row[2]
    start = LogStart(index: UInt64(row[3] as Int64), hash: Array(row[4] as Data))
    epoch = row[5]
  }

  /// Reads a row of ``columns``.
  init(_ row: SQLiteColumns) {
    id = row.integer(0)
    log = row.bytes(1)
    byteCount = Int(row.integer(2))
    start = LogStart(index: UInt64(row.integer(3)), hash: row.bytes(4))
    epoch = UInt32(clamping: row.integer(5))
  }

  static let columns = """
    library.id, library.log, library.byte_count, library.log_start, library.start_hash,
      library.epoch
    """
}

// Libraries and who may use them. Secrets come here as digests only, so looking one up by an index tells nobody who
// measures the time anything about a secret.

extension Database {
  /// Returns the library, for one of its tokens.
  ///
  /// - Throws: `Problem.unauthorised` alike where there is no such library and where it has no such token.
  func library(_ library: LibraryID, token: [UInt8]) throws -> LibraryRow {
    let row = try first(
      """
      SELECT \(LibraryRow.columns)
      FROM library JOIN device ON device.library = library.id
      WHERE library.uuid = ? AND device.token_digest = ?
      """, [.bytes(library.bytes), .bytes(token)]
    ) { LibraryRow($0) }
    guard let row else { throw Problem.unauthorised }
    return row
  }

  func createLibrary(
    _ library: LibraryID, token: [UInt8], log: [UInt8], admission: Admission, now: Int64
  ) throws {
    let uuid = Data(library.bytes)
    let id = try Int64.fetchOne(
      self, sql: "SELECT id FROM library WHERE uuid = ?", arguments: [uuid])
    if let id {
      guard try hasDevice(token, of: id) else {
        throw admission == .closed ? Problem.registrationClosed : Problem.libraryExists
      }
      return
    }
    let invitation = try unused(admission)
    try execute(
      sql: "INSERT INTO library (uuid, log, created, invitation) VALUES (?, ?, ?, ?)",
      arguments: [uuid, Data(log), now, invitation])
    try addDevice(token, to: lastInsertedRowID, now: now)
  }

  func offerEnrolment(to library: LibraryRow, secret: [UInt8], now: Int64, expiry: Int64) throws {
    try execute(
      sql: "DELETE FROM enrolment WHERE library = ? AND used_by IS NULL AND created <= ?",
      arguments: [library.id, expiry])
    try execute(
      sql: """
        INSERT INTO enrolment (library, secret_digest, created) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET created = excluded.created WHERE used_by IS NULL
        """,
      arguments: [library.id, Data(secret), now])
  }

  func enrol(
    _ library: LibraryID, token: [UInt8], secret: [UInt8], now: Int64, expiry: Int64
  ) throws {
    let row = try Row.fetchOne(
      self,
      sql: """
        SELECT library.id, enrolment.used_by, enrolment.created
        FROM enrolment JOIN library ON library.id = enrolment.library
        WHERE library.uuid = ? AND enrolment.secret_digest = ?
        """,
      arguments: [Data(library.bytes), Data(secret)])
    let id: Int64 = row?[0] ?? 0
    let offer = row.map {
      EnrolmentOffer(usedBy: ($0[1] as Data?).map { Array($0) }, created: $0[2])
    }
    guard
      try EnrolmentOffer.admits(
        offer, token: token, isDevice: try hasDevice(token, of: id), expiry: expiry)
    else { return }
    try execute(
      sql: "UPDATE enrolment SET used_by = ? WHERE library = ? AND secret_digest = ?",
      arguments: [Data(token), id, Data(secret)])
    try addDevice(token, to: id, now: now)
  }

  func devices(of library: LibraryRow) throws -> [HubDevice] {
    try Row.fetchAll(
      self,
      sql: """
        SELECT token_digest, created, last_seen, cursor_index, card, applied_index FROM device
        WHERE library = ? ORDER BY token_digest
        """,
      arguments: [library.id]
    ).map {
      HubDevice(
        tokenDigest: Array($0[0] as Data), createdMilliseconds: UInt64($0[1] as Int64),
        lastSeenMilliseconds: UInt64($0[2] as Int64), cursorIndex: UInt64($0[3] as Int64),
        appliedIndex: UInt64($0[5] as Int64), card: ($0[4] as Data?).map { Array($0) } ?? [])
    }
  }

  func revoke(_ device: [UInt8], of library: LibraryRow) throws {
    try execute(
      sql: "DELETE FROM device WHERE library = ? AND token_digest = ?",
      arguments: [library.id, Data(device)])
  }

  func record(_ sighting: Sighting) throws {
    try cachedStatement(
      sql: """
        UPDATE device SET last_seen = ?1, cursor_index = coalesce(?2, cursor_index),
          applied_index = coalesce(?5, applied_index)
        WHERE library = (SELECT id FROM library WHERE uuid = ?3) AND token_digest = ?4
          AND last_seen <= ?1
        """
    ).execute(
      arguments: [
        sighting.milliseconds, sighting.cursorIndex.map { Int64(clamping: $0) },
        Data(sighting.library.bytes), Data(sighting.token),
        sighting.appliedIndex.map { Int64(clamping: $0) },
      ])
  }

  /// Returns the invitation that a new library comes by, `nil` for none.
  private func unused(_ admission: Admission) throws -> Data? {
    switch admission {
    case .open: return nil
    case .closed: throw Problem.registrationClosed
    case .invitation(let id):
      let isUsed = try Bool.fetchOne(
        self, sql: "SELECT EXISTS (SELECT 1 FROM library WHERE invitation = ?)",
        arguments: [Data(id)])
      if isUsed == true { throw Problem.registrationClosed }
      return Data(id)
    }
  }

  private func hasDevice(_ token: [UInt8], of library: Int64) throws -> Bool {
    try Bool.fetchOne(
      self,
      sql: "SELECT EXISTS (SELECT 1 FROM device WHERE library = ? AND token_digest = ?)",
      arguments: [library, Data(token)]) ?? false
  }

  private func addDevice(_ token: [UInt8], to library: Int64, now: Int64) throws {
    try execute(
      sql: """
        INSERT OR IGNORE INTO device (library, token_digest, created, last_seen)
        VALUES (?1, ?2, ?3, ?3)
        """,
      arguments: [library, Data(token), now])
  }
}
