#if PostgreSQL
  internal import GlossCore
  internal import GlossWire

  // Libraries and who may use them.

  /// What is known of a library's log beside its entries.
  struct PostgresLog {
    let name: [UInt8]
    let start: LogStart
    /// The newest epoch of the library's keyring, 0 where it has none.
    let epoch: UInt32
  }

  extension PostgresSession {
    /// Returns what is known of the library's log, for one of its tokens.
    ///
    /// - Throws: `Problem.unauthorised` alike where there is no such library and where it has no such token.
    @discardableResult
    func log(of library: LibraryID, token: [UInt8]) throws -> PostgresLog {
      let rows = try query(
        """
        SELECT l.log, l.log_start, l.start_hash, l.epoch
        FROM library l JOIN device d USING (library)
        WHERE l.library = $1 AND d.token_digest = $2
        """, .uuid(library.bytes), .bytes(token))
      guard rows.count == 1 else { throw Problem.unauthorised }
      return PostgresLog(
        name: rows.bytes(0, 0),
        start: LogStart(index: UInt64(rows.int(0, 1)), hash: rows.bytes(0, 2)),
        epoch: UInt32(clamping: rows.int(0, 3)))
    }

    func createLibrary(
      _ library: LibraryID, token: [UInt8], log: [UInt8], admission: Admission, now: Int64
    ) throws {
      let made = try query(
        """
        INSERT INTO library (library, log, created, next_index, hash, byte_count)
        VALUES ($1, $2, $3, 0, $4, 0)
        ON CONFLICT DO NOTHING RETURNING 1
        """, .uuid(library.bytes), .bytes(log), .int(now), .bytes(LogState.emptyHash))
      if made.count == 1 {
        try admit(library, by: admission)
        try addDevice(token, to: library, now: now)
      } else if try !hasDevice(token, of: library) {
        throw admission == .closed ? Problem.registrationClosed : Problem.libraryExists
      }
    }

    /// Uses up what lets a library be created. Thrown errors undo its creation.
    private func admit(_ library: LibraryID, by admission: Admission) throws {
      switch admission {
      case .open: return
      case .closed: throw Problem.registrationClosed
      case .invitation(let id):
        let used = try query(
          "INSERT INTO invitation VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING 1",
          .bytes(id), .uuid(library.bytes))
        if used.count == 0 { throw Problem.registrationClosed }
      }
    }

    func offerEnrolment(
      to library: LibraryID, secret: [UInt8], now: Int64, expiry: Int64
    ) throws {
      try query(
        "DELETE FROM enrolment WHERE library = $1 AND used_by IS NULL AND created <= $2",
        .uuid(library.bytes), .int(expiry))
      try query(
        """
        INSERT INTO enrolment (library, secret_digest, created) VALUES ($1, $2, $3)
        ON CONFLICT (library, secret_digest) DO UPDATE SET created = excluded.created
        WHERE enrolment.used_by IS NULL
        """, .uuid(library.bytes), .bytes(secret), .int(now))
    }

    func enrol(
      _ library: LibraryID, token: [UInt8], secret: [UInt8], now: Int64, expiry: Int64
    ) throws {
      // The row is locked: of two who use one secret at once, one waits for the other.
      let rows = try query(
        """
        SELECT used_by, created FROM enrolment WHERE library = $1 AND secret_digest = $2
        FOR UPDATE
        """, .uuid(library.bytes), .bytes(secret))
      let offer =
        rows.count == 0
        ? nil
        : EnrolmentOffer(
          usedBy: rows.isNull(0, 0) ? nil : rows.bytes(0, 0), created: rows.int(0, 1))
      guard
        try EnrolmentOffer.admits(
          offer, token: token, isDevice: try hasDevice(token, of: library), expiry: expiry)
      else { return }
      try query(
        "UPDATE enrolment SET used_by = $3 WHERE library = $1 AND secret_digest = $2",
        .uuid(library.bytes), .bytes(secret), .bytes(token))
      try addDevice(token, to: library, now: now)
    }

    func devices(of library: LibraryID) throws -> [HubDevice] {
      let rows = try query(
        """
        SELECT token_digest, created, last_seen, cursor_index, card, applied_index FROM device
        WHERE library = $1
        ORDER BY token_digest
        """, .uuid(library.bytes))
      return (0..<rows.count).map {
        HubDevice(
          tokenDigest: rows.bytes($0, 0), createdMilliseconds: UInt64(rows.int($0, 1)),
          lastSeenMilliseconds: UInt64(rows.int($0, 2)), cursorIndex: UInt64(rows.int($0, 3)),
          appliedIndex: UInt64(rows.int($0, 5)), card: rows.bytes($0, 4))
      }
    }

    func revoke(_ device: [UInt8], of library: LibraryID) throws {
      try query(
        "DELETE FROM device WHERE library = $1 AND token_digest = $2", .uuid(library.bytes),
        .bytes(device))
    }

    /// Writes sightings down, the rows locked in order: two hubs may have seen the same devices.
    func record(_ sightings: [Sighting]) throws {
      try query(
        """
        WITH seen AS MATERIALIZED (
          SELECT d.library, d.token_digest, s.milliseconds, s.place, s.applied
          FROM unnest($1::uuid[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[])
            AS s (library, token_digest, milliseconds, place, applied)
          JOIN device d USING (library, token_digest)
          WHERE d.last_seen <= s.milliseconds
          ORDER BY d.library, d.token_digest FOR UPDATE OF d
        )
        UPDATE device d
        SET last_seen = seen.milliseconds, cursor_index = coalesce(seen.place, d.cursor_index),
          applied_index = coalesce(seen.applied, d.applied_index)
        FROM seen WHERE d.library = seen.library AND d.token_digest = seen.token_digest
        """,
        .uuids(sightings.map(\.library.bytes)), .byteStrings(sightings.map(\.token)),
        .ints(sightings.map(\.milliseconds)),
        .ints(sightings.map { $0.cursorIndex.map { Int64(clamping: $0) } }),
        .ints(sightings.map { $0.appliedIndex.map { Int64(clamping: $0) } }))
    }

    private func hasDevice(_ token: [UInt8], of library: LibraryID) throws -> Bool {
      try query(
        "SELECT 1 FROM device WHERE library = $1 AND token_digest = $2", .uuid(library.bytes),
        .bytes(token)
      ).count == 1
    }

    private func addDevice(_ token: [UInt8], to library: LibraryID, now: Int64) throws {
      try query(
        """
        INSERT INTO device (library, token_digest, created, last_seen) VALUES ($1, $2, $3, $3)
        ON CONFLICT DO NOTHING
        """, .uuid(library.bytes), .bytes(token), .int(now))
    }
  }
#endif
