internal import GRDB
internal import GlossWire

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

/// What version 4 of a file adds for keyrings.
let keyringTables = """
  ALTER TABLE device ADD COLUMN card BLOB;
  ALTER TABLE library ADD COLUMN epoch INTEGER NOT NULL DEFAULT 0;
  CREATE TABLE keyring (
    library INTEGER NOT NULL REFERENCES library (id),
    epoch INTEGER NOT NULL,
    entry BLOB NOT NULL,
    PRIMARY KEY (library, epoch)
  ) STRICT;
  """

extension Database {
  func putCard(_ card: [UInt8], of library: LibraryRow, token: [UInt8]) throws {
    try execute(
      sql: "UPDATE device SET card = ? WHERE library = ? AND token_digest = ?",
      arguments: [Data(card), library.id, Data(token)])
  }

  /// Puts an entry behind the keyring. Returns whether it was not there before.
  func putEntry(_ entry: [UInt8], epoch: UInt32, of library: LibraryRow) throws -> Bool {
    let held = try Data.fetchOne(
      self, sql: "SELECT entry FROM keyring WHERE library = ? AND epoch = ?",
      arguments: [library.id, epoch])
    let head = KeyringHead(newest: library.epoch)
    guard try head.admits(entry, of: epoch, held: held.map { Array($0) }) else { return false }
    try execute(
      sql: "INSERT INTO keyring (library, epoch, entry) VALUES (?, ?, ?)",
      arguments: [library.id, epoch, Data(entry)])
    try execute(
      sql: "UPDATE library SET epoch = ? WHERE id = ?", arguments: [epoch, library.id])
    return true
  }

  func keyring(of library: LibraryRow, after epoch: UInt32, byteLimit: Int) throws -> HubKeyring {
    let byteCounts = try Int.fetchAll(
      self,
      sql: "SELECT length(entry) FROM keyring WHERE library = ? AND epoch > ? ORDER BY epoch",
      arguments: [library.id, epoch])
    let entries = try Data.fetchAll(
      self,
      sql: "SELECT entry FROM keyring WHERE library = ? AND epoch > ? ORDER BY epoch LIMIT ?",
      arguments: [
        library.id, epoch, KeyringHead.count(of: byteCounts, byteLimit: byteLimit),
      ])
    return HubKeyring(
      entries: entries.map { Array($0) }, newest: library.epoch)
  }
}
