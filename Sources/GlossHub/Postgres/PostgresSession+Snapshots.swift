#if PostgreSQL
  internal import GlossCore
  internal import GlossWire

  // Snapshots and their pieces, and the entries that they let go of. Whatever changes how much a library has, or where its log
  // begins, locks the library's row first, as appending does.

  extension PostgresSession {
    /// Returns a library's snapshots.
    ///
    /// - Parameter log: The name of its log.
    func snapshots(of library: LibraryID, log: [UInt8]) throws -> SnapshotShelf {
      let rows = try query(
        """
        SELECT snapshot, created, has_pieces, completed, idx, hash, piece_count FROM snapshot
        WHERE library = $1
        """, .uuid(library.bytes))
      return SnapshotShelf(
        try (0..<rows.count).map { row in
          guard let id = SnapshotID(bytes: rows.bytes(row, 0)) else { throw Self.badPlace }
          var item = SnapshotShelf.Item(
            id: id, created: rows.int(row, 1), hasPieces: rows.int(row, 2) == 1)
          if !rows.isNull(row, 3) {
            let place = Cursor(
              log: log, index: UInt64(rows.int(row, 4)), hash: rows.bytes(row, 5))
            guard let place else { throw Self.badPlace }
            item.completion = SnapshotShelf.Completion(
              milliseconds: rows.int(row, 3), cursor: place,
              pieceCount: UInt32(rows.int(row, 6)))
          }
          return item
        })
    }

    func keep(_ piece: PushedPiece, byteLimit: Int?, now: Int64) throws {
      let (library, snapshot) = (piece.library, piece.header.snapshot)
      let index = piece.header.index
      guard let locked = try lock(library) else { return }
      guard try !snapshots(of: library, log: locked.log.name).isComplete(snapshot) else { return }
      try query(
        """
        INSERT INTO snapshot (library, snapshot, created) VALUES ($1, $2, $3)
        ON CONFLICT DO NOTHING
        """, .uuid(library.bytes), .uuid(snapshot.bytes), .int(now))
      let former = try query(
        """
        SELECT octet_length(body) FROM snapshot_piece
        WHERE library = $1 AND snapshot = $2 AND idx = $3
        """, .uuid(library.bytes), .uuid(snapshot.bytes), .int(Int64(index)))
      let freed = former.count == 1 ? Int(former.int(0, 0)) : 0
      let byteCount = locked.byteCount + piece.bytes.count - freed
      if let byteLimit, byteCount > byteLimit { throw Problem.quotaExceeded(byteLimit) }
      try query(
        """
        INSERT INTO snapshot_piece (library, snapshot, idx, body) VALUES ($1, $2, $3, $4)
        ON CONFLICT (library, snapshot, idx) DO UPDATE SET body = excluded.body
        """, .uuid(library.bytes), .uuid(snapshot.bytes), .int(Int64(index)), .bytes(piece.bytes))
      try query(
        "UPDATE library SET byte_count = $2 WHERE library = $1", .uuid(library.bytes),
        .int(Int64(byteCount)))
    }

    func abandon(_ snapshot: SnapshotID, of library: LibraryID) throws {
      guard let locked = try lock(library),
        try !snapshots(of: library, log: locked.log.name).isComplete(snapshot)
      else { return }
      let freed = try removePieces(of: [snapshot], in: library)
      try removeRows(of: [snapshot], in: library)
      try query(
        "UPDATE library SET byte_count = byte_count - $2 WHERE library = $1",
        .uuid(library.bytes), .int(freed))
    }

    func complete(_ snapshot: SnapshotDescription, of library: LibraryID, now: Int64) throws {
      guard let locked = try lock(library) else { return }
      let held = try query(
        """
        SELECT count(*), coalesce(max(idx), -1) FROM snapshot_piece
        WHERE library = $1 AND snapshot = $2
        """, .uuid(library.bytes), .uuid(snapshot.id.bytes))
      guard
        try snapshots(of: library, log: locked.log.name).admits(
          snapshot, pieceCount: Int(held.int(0, 0)),
          hasLast: held.int(0, 1) == Int64(snapshot.pieceCount))
      else { return }
      try check(snapshot.cursor, in: locked.log, of: library)
      try query(
        """
        UPDATE snapshot SET completed = $3, idx = $4, hash = $5, piece_count = $6
        WHERE library = $1 AND snapshot = $2
        """, .uuid(library.bytes), .uuid(snapshot.id.bytes), .int(now),
        .int(Int64(snapshot.cursor.index)), .bytes(snapshot.cursor.hash),
        .int(Int64(snapshot.pieceCount)))
    }

    func piece(_ index: UInt32, of snapshot: SnapshotID, in library: LibraryID) throws -> [UInt8] {
      let rows = try query(
        """
        SELECT p.body FROM snapshot_piece p JOIN snapshot s USING (library, snapshot)
        WHERE p.library = $1 AND p.snapshot = $2 AND p.idx = $3 AND s.completed IS NOT NULL
        """, .uuid(library.bytes), .uuid(snapshot.bytes), .int(Int64(index)))
      guard rows.count == 1 else { throw Problem.noSnapshot }
      return rows.bytes(0, 0)
    }

    /// Returns whether there is more to let go of than `entryLimit` entries.
    func tidy(
      _ library: LibraryID, retention: Int64?, entryLimit: Int, now: Int64
    ) throws -> Bool {
      guard let locked = try lock(library) else { return false }
      var start = locked.log.start
      let tidying = try snapshots(of: library, log: locked.log.name).tidying(
        at: now, retention: retention, logStart: start.index)
      guard !tidying.isNothing(after: start) else { return false }
      var freed = try removePieces(of: tidying.pieces, in: library)
      try removeRows(of: tidying.rows, in: library)
      let end = min(tidying.logStart, start.index + UInt64(entryLimit))
      if end > start.index {
        guard let hash = try hash(after: Int64(end), of: library) else { throw Self.badPlace }
        start = LogStart(index: end, hash: hash)
        freed += try freedBytes(
          """
          WITH gone AS (
            DELETE FROM entry WHERE library = $1 AND idx < $2
            RETURNING octet_length(body) AS size)
          SELECT coalesce(sum(size), 0)::bigint FROM gone
          """, library, .int(Int64(end)))
      }
      try query(
        """
        UPDATE library SET log_start = $2, start_hash = $3, byte_count = byte_count - $4
        WHERE library = $1
        """, .uuid(library.bytes), .int(Int64(start.index)), .bytes(start.hash), .int(freed))
      return end < tidying.logStart
    }

    /// Returns how many bytes they had.
    private func removePieces(of snapshots: [SnapshotID], in library: LibraryID) throws -> Int64 {
      guard !snapshots.isEmpty else { return 0 }
      let ids = PostgresParameter.uuids(snapshots.map(\.bytes))
      try query(
        "UPDATE snapshot SET has_pieces = false WHERE library = $1 AND snapshot = ANY ($2)",
        .uuid(library.bytes), ids)
      return try freedBytes(
        """
        WITH gone AS (
          DELETE FROM snapshot_piece WHERE library = $1 AND snapshot = ANY ($2)
          RETURNING octet_length(body) AS size)
        SELECT coalesce(sum(size), 0)::bigint FROM gone
        """, library, ids)
    }

    private func removeRows(of snapshots: [SnapshotID], in library: LibraryID) throws {
      guard !snapshots.isEmpty else { return }
      try query(
        "DELETE FROM snapshot WHERE library = $1 AND snapshot = ANY ($2)", .uuid(library.bytes),
        .uuids(snapshots.map(\.bytes)))
    }

    private func freedBytes(
      _ sql: String, _ library: LibraryID, _ parameter: PostgresParameter
    ) throws -> Int64 {
      try query(sql, .uuid(library.bytes), parameter).int(0, 0)
    }

    /// Locks the library's row, and returns what it says.
    private func lock(_ library: LibraryID) throws -> (log: PostgresLog, byteCount: Int)? {
      let rows = try query(
        """
        SELECT log, log_start, start_hash, epoch, byte_count FROM library
        WHERE library = $1 FOR UPDATE
        """, .uuid(library.bytes))
      guard rows.count == 1 else { return nil }
      let log = PostgresLog(
        name: rows.bytes(0, 0),
        start: LogStart(index: UInt64(rows.int(0, 1)), hash: rows.bytes(0, 2)),
        epoch: UInt32(clamping: rows.int(0, 3)))
      return (log, Int(rows.int(0, 4)))
    }
  }
#endif
