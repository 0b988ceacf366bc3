internal import GRDB
internal import GlossCore
internal import GlossWire

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

// Snapshots and their pieces, and the entries that they let go of.

extension Database {
  /// Returns the library of this identifier, whoever asks.
  func libraryRow(_ library: LibraryID) throws -> LibraryRow? {
    try Row.fetchOne(
      self, sql: "SELECT \(LibraryRow.columns) FROM library WHERE uuid = ?",
      arguments: [Data(library.bytes)]
    ).map { LibraryRow($0) }
  }

  func snapshots(of library: LibraryRow) throws -> SnapshotShelf {
    let rows = try Row.fetchAll(
      self,
      sql: """
        SELECT uuid, created, has_pieces, completed, idx, hash, piece_count FROM snapshot
        WHERE library = ?
        """,
      arguments: [library.id])
    return SnapshotShelf(
      try rows.map { row in
        guard let id = SnapshotID(bytes: row[0] as Data) else { throw Self.badPlace }
        var item = SnapshotShelf.Item(id: id, created: row[1], hasPieces: row[2])
        if let completed: Int64 = row[3] {
          let place = GlossWire.Cursor(
            log: library.log, index: UInt64(row[4] as Int64), hash: Array(row[5] as Data))
          guard let place else { throw Self.badPlace }
          item.completion = SnapshotShelf.Completion(
            milliseconds: completed, cursor: place, pieceCount: UInt32(row[6] as Int64))
        }
        return item
      })
  }

  func keep(
    _ piece: PushedPiece, in library: LibraryRow, byteLimit: Int?, now: Int64
  ) throws {
    let (snapshot, index) = (piece.header.snapshot, piece.header.index)
    guard try !snapshots(of: library).isComplete(snapshot) else { return }
    try execute(
      sql: """
        INSERT INTO snapshot (library, uuid, created) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
        """,
      arguments: [library.id, Data(snapshot.bytes), now])
    guard let id = try rowID(of: snapshot, in: library) else { return }
    let former = try Int.fetchOne(
      self, sql: "SELECT length(body) FROM snapshot_piece WHERE snapshot = ? AND idx = ?",
      arguments: [id, index])
    let byteCount = library.byteCount + piece.bytes.count - (former ?? 0)
    if let byteLimit, byteCount > byteLimit { throw Problem.quotaExceeded(byteLimit) }
    try execute(
      sql: "INSERT OR REPLACE INTO snapshot_piece (snapshot, idx, body) VALUES (?, ?, ?)",
      arguments: [id, index, Data(piece.bytes)])
    try execute(
      sql: "UPDATE library SET byte_count = ? WHERE id = ?", arguments: [byteCount, library.id])
  }

  func abandon(_ snapshot: SnapshotID, of library: LibraryRow) throws {
    guard try !snapshots(of: library).isComplete(snapshot) else { return }
    let freed = try removePieces(of: snapshot, in: library)
    try removeRow(of: snapshot, in: library)
    try execute(
      sql: "UPDATE library SET byte_count = byte_count - ? WHERE id = ?",
      arguments: [freed, library.id])
  }

  func complete(_ snapshot: SnapshotDescription, of library: LibraryRow, now: Int64) throws {
    let id = try rowID(of: snapshot.id, in: library)
    let held = try Row.fetchOne(
      self, sql: "SELECT count(*), max(idx) FROM snapshot_piece WHERE snapshot = ?",
      arguments: [id])
    guard
      try snapshots(of: library).admits(
        snapshot, pieceCount: held?[0] ?? 0,
        hasLast: held?[1] == Int64(snapshot.pieceCount))
    else { return }
    try check(snapshot.cursor, in: library)
    try execute(
      sql: """
        UPDATE snapshot SET completed = ?, idx = ?, hash = ?, piece_count = ? WHERE id = ?
        """,
      arguments: [
        now, Int64(snapshot.cursor.index), Data(snapshot.cursor.hash), snapshot.pieceCount, id,
      ])
  }

  func piece(
    _ index: UInt32, of snapshot: SnapshotID, in library: LibraryRow
  ) throws -> [UInt8] {
    let body = try Data.fetchOne(
      self,
      sql: """
        SELECT body FROM snapshot_piece JOIN snapshot ON snapshot.id = snapshot_piece.snapshot
        WHERE snapshot.library = ? AND snapshot.uuid = ? AND completed IS NOT NULL
          AND snapshot_piece.idx = ?
        """,
      arguments: [library.id, Data(snapshot.bytes), index])
    guard let body else { throw Problem.noSnapshot }
    return Array(body)
  }

  func tidying(
    _ library: LibraryRow, retention: Int64?, now: Int64
  ) throws -> SnapshotShelf.Tidying {
    try snapshots(of: library).tidying(
      at: now, retention: retention, logStart: library.start.index)
  }

  /// Returns whether there is more to let go of than `entryLimit` entries.
  func tidy(_ library: LibraryRow, retention: Int64?, entryLimit: Int, now: Int64) throws -> Bool {
    let tidying = try tidying(library, retention: retention, now: now)
    var freed = 0
    for snapshot in tidying.pieces { freed += try removePieces(of: snapshot, in: library) }
    for snapshot in tidying.rows { try removeRow(of: snapshot, in: library) }
    let end = min(tidying.logStart, library.start.index + UInt64(entryLimit))
    var start = library.start
    if end > start.index {
      guard let hash = try hash(after: Int64(end), in: library) else { throw Self.badPlace }
      start = LogStart(index: end, hash: hash)
      let range: StatementArguments = [library.id, Int64(end)]
      freed +=
        try Int.fetchOne(
          self, sql: "SELECT sum(length(body)) FROM entry WHERE library = ? AND idx < ?",
          arguments: range) ?? 0
      try execute(sql: "DELETE FROM entry WHERE library = ? AND idx < ?", arguments: range)
    }
    try execute(
      sql: """
        UPDATE library SET log_start = ?, start_hash = ?, byte_count = byte_count - ? WHERE id = ?
        """,
      arguments: [Int64(start.index), Data(start.hash), freed, library.id])
    return end < tidying.logStart
  }

  /// Returns how many bytes they had.
  private func removePieces(of snapshot: SnapshotID, in library: LibraryRow) throws -> Int {
    guard let id = try rowID(of: snapshot, in: library) else { return 0 }
    let byteCount = try Int.fetchOne(
      self, sql: "SELECT sum(length(body)) FROM snapshot_piece WHERE snapshot = ?",
      arguments: [id])
    try execute(sql: "DELETE FROM snapshot_piece WHERE snapshot = ?", arguments: [id])
    try execute(sql: "UPDATE snapshot SET has_pieces = 0 WHERE id = ?", arguments: [id])
    return byteCount ?? 0
  }

  private func removeRow(of snapshot: SnapshotID, in library: LibraryRow) throws {
    try execute(
      sql: "DELETE FROM snapshot WHERE library = ? AND uuid = ?",
      arguments: [library.id, Data(snapshot.bytes)])
  }

  private func rowID(of snapshot: SnapshotID, in library: LibraryRow) throws -> Int64? {
    try Int64.fetchOne(
      self, sql: "SELECT id FROM snapshot WHERE library = ? AND uuid = ?",
      arguments: [library.id, Data(snapshot.bytes)])
  }
}
