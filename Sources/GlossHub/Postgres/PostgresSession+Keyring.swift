#if PostgreSQL
  internal import GlossCore
  internal import GlossWire

  /// What version 2 of the tables adds for keyrings.
  let postgresKeyringTables = """
    ALTER TABLE device ADD COLUMN IF NOT EXISTS card bytea;
    ALTER TABLE library ADD COLUMN IF NOT EXISTS epoch bigint NOT NULL DEFAULT 0;
    CREATE TABLE keyring (
      library uuid NOT NULL,
      epoch bigint NOT NULL,
      entry bytea NOT NULL,
      PRIMARY KEY (library, epoch)
    );
    """

  extension PostgresSession {
    func putCard(_ card: [UInt8], of library: LibraryID, token: [UInt8]) throws {
      try query(
        "UPDATE device SET card = $3 WHERE library = $1 AND token_digest = $2",
        .uuid(library.bytes), .bytes(token), .bytes(card))
    }

    /// Puts an entry behind the keyring, and tells those who listen. Returns whether it was not there before.
    func putEntry(_ entry: [UInt8], epoch: UInt32, of library: LibraryID) throws -> Bool {
      // Of two who begin an epoch at once, one waits for the other.
      let newest = try query(
        "SELECT epoch FROM library WHERE library = $1 FOR UPDATE", .uuid(library.bytes))
      let held = try query(
        "SELECT entry FROM keyring WHERE library = $1 AND epoch = $2", .uuid(library.bytes),
        .int(Int64(epoch)))
      let head = KeyringHead(newest: UInt32(clamping: newest.int(0, 0)))
      let isNew = try head.admits(
        entry, of: epoch, held: held.count == 0 ? nil : held.bytes(0, 0))
      guard isNew else { return false }
      try query(
        "INSERT INTO keyring (library, epoch, entry) VALUES ($1, $2, $3)", .uuid(library.bytes),
        .int(Int64(epoch)), .bytes(entry))
      try query(
        "UPDATE library SET epoch = $2 WHERE library = $1", .uuid(library.bytes),
        .int(Int64(epoch)))
      try query(
        "SELECT pg_notify('\(PostgresListener.channel)', n) FROM unnest($1::text[]) AS t (n)",
        .texts([library.description]))
      return true
    }

    func keyring(
      of library: LibraryID, after epoch: UInt32, byteLimit: Int
    ) throws -> HubKeyring {
      // The newest first: what is put meanwhile is in the entries and not in it, which a reader asks for again.
      let newest = try newestEpoch(of: library)
      let sizes = try query(
        """
        SELECT octet_length(entry) FROM keyring
        WHERE library = $1 AND epoch > $2 AND epoch <= $3 ORDER BY epoch
        """, .uuid(library.bytes), .int(Int64(epoch)), .int(Int64(newest)))
      let count = KeyringHead.count(
        of: (0..<sizes.count).map { Int(sizes.int($0, 0)) }, byteLimit: byteLimit)
      let rows = try query(
        "SELECT entry FROM keyring WHERE library = $1 AND epoch > $2 ORDER BY epoch LIMIT $3",
        .uuid(library.bytes), .int(Int64(epoch)), .int(Int64(count)))
      return HubKeyring(entries: (0..<rows.count).map { rows.bytes($0, 0) }, newest: newest)
    }

    /// Returns the newest epoch of the keyring, 0 where it has none.
    private func newestEpoch(of library: LibraryID) throws -> UInt32 {
      let rows = try query(
        "SELECT epoch FROM library WHERE library = $1", .uuid(library.bytes))
      return UInt32(clamping: rows.int(0, 0))
    }
  }
#endif
