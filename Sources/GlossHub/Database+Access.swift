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
}

// Libraries and who may use them. Secrets come here as digests only, so looking one up by an index tells nobody who
// measures the time anything about a secret.

extension Database {
  /// Returns the library, for one of its tokens.
  ///
  /// - Throws: `Problem.unauthorised` alike where there is no such library and where it has no such token.
  func library(_ library: LibraryID, token: [UInt8]) throws -> LibraryRow {
    let statement = try cachedStatement(
      sql: """
        SELECT library.id, library.log FROM library JOIN device ON device.library = library.id
        WHERE library.uuid = ? AND device.token_digest = ?
        """)
    guard
      let row = try Row.fetchOne(statement, arguments: [Data(library.bytes), Data(token)])
    else { throw Problem.unauthorised }
    return LibraryRow(id: row[0], log: Array(row[1] as Data))
  }

  /// Creates a library with its first token; a repeat with one of its tokens changes nothing.
  func createLibrary(
    _ library: LibraryID, token: [UInt8], log: [UInt8], now: Int64
  ) throws -> Problem? {
    let uuid = Data(library.bytes)
    let id = try Int64.fetchOne(
      self, sql: "SELECT id FROM library WHERE uuid = ?", arguments: [uuid])
    if let id {
      return try hasDevice(token, of: id)
        ? nil : Problem(.libraryExists, status: 409, detail: "this library has another token")
    }
    try execute(
      sql: "INSERT INTO library (uuid, log, created) VALUES (?, ?, ?)",
      arguments: [uuid, Data(log), now])
    try addDevice(token, to: lastInsertedRowID, now: now)
    return nil
  }

  /// Lets the secret with this digest enrol one device, from now on; a repeat begins the time anew.
  ///
  /// - Parameter expiry: Offers from before this time that nobody took up are forgotten.
  func offerEnrolment(
    _ library: LibraryID, secret: [UInt8], token: [UInt8], now: Int64, expiry: Int64
  ) throws -> Problem? {
    let row = try self.library(library, token: token)
    try execute(
      sql: "DELETE FROM enrolment WHERE library = ? AND used_by IS NULL AND created <= ?",
      arguments: [row.id, expiry])
    try execute(
      sql: """
        INSERT INTO enrolment (library, secret_digest, created) VALUES (?, ?, ?)
        ON CONFLICT DO UPDATE SET created = excluded.created WHERE used_by IS NULL
        """,
      arguments: [row.id, Data(secret), now])
    return nil
  }

  /// Enrols the device with this token's digest for an offered secret; a repeat with the same token changes nothing.
  func enrol(
    _ library: LibraryID, token: [UInt8], secret: [UInt8], now: Int64, expiry: Int64
  ) throws -> Problem? {
    let offer = try Row.fetchOne(
      self,
      sql: """
        SELECT library.id, enrolment.used_by, enrolment.created
        FROM enrolment JOIN library ON library.id = enrolment.library
        WHERE library.uuid = ? AND enrolment.secret_digest = ?
        """,
      arguments: [Data(library.bytes), Data(secret)])
    let usedBy = offer?[1] as Data?
    if usedBy == Data(token) { return nil }
    guard let offer, usedBy == nil, offer[2] as Int64 > expiry else {
      return Problem(
        .enrolmentRefused, status: 403, detail: "this secret is unknown, used or too old")
    }
    let id: Int64 = offer[0]
    try execute(
      sql: "UPDATE enrolment SET used_by = ? WHERE library = ? AND secret_digest = ?",
      arguments: [Data(token), id, Data(secret)])
    try addDevice(token, to: id, now: now)
    return nil
  }

  private func hasDevice(_ token: [UInt8], of library: Int64) throws -> Bool {
    try Bool.fetchOne(
      self,
      sql: "SELECT EXISTS (SELECT 1 FROM device WHERE library = ? AND token_digest = ?)",
      arguments: [library, Data(token)]) ?? false
  }

  private func addDevice(_ token: [UInt8], to library: Int64, now: Int64) throws {
    try execute(
      sql: "INSERT OR IGNORE INTO device (library, token_digest, created) VALUES (?, ?, ?)",
      arguments: [library, Data(token), now])
  }
}
