#if PostgreSQL
  // The tables of a hub. Every key but that of used invitations begins with the library and nothing refers from one library to another, so that the
  // tables can be partitioned, or spread over servers, by library. `library` has the head of each log: whoever appends locks
  // that row, so that entries become visible in the order of their numbers and no reader ever skips one.

  extension PostgresSession {
    /// Creates the tables in a database without them, or brings those of an earlier version up to this one.
    func prepareSchema() throws {
      try transaction {
        // Several hubs may start at once.
        try query("SELECT pg_advisory_xact_lock($1)", .int(0x676C_6F73_732D_6875))
        let tables = try query("SELECT to_regclass('gloss_hub') IS NOT NULL")
        let isEmpty = tables.int(0, 0) != 1
        let version = isEmpty ? 0 : try query("SELECT version FROM gloss_hub").int(0, 0)
        let known = Int64(versions.count)
        guard version <= known else {
          throw PostgresStorage.Failure.newer(version: version, known: known)
        }
        guard version < known else { return }
        for statements in versions[Int(version)...] { try command(statements) }
        try command("UPDATE gloss_hub SET version = \(known)")
      }
    }
  }

  /// What makes each version of the tables out of the one before.
  private let versions = [
    firstVersion, blobTables + postgresKeyringTables + snapshotTables, devicesAcknowledge,
  ]

  /// Blobs, and what came so far of those that are not whole.
  private let blobTables = """
    CREATE TABLE blob (
      library uuid NOT NULL,
      name bytea NOT NULL CHECK (octet_length(name) = 32),
      digest bytea NOT NULL CHECK (octet_length(digest) = 32),
      body bytea NOT NULL,
      PRIMARY KEY (library, name)
    );
    ALTER TABLE blob ALTER COLUMN body SET STORAGE EXTERNAL;

    CREATE TABLE upload (
      library uuid NOT NULL,
      name bytea NOT NULL CHECK (octet_length(name) = 32),
      digest bytea NOT NULL CHECK (octet_length(digest) = 32),
      size bigint NOT NULL,
      held bigint NOT NULL,
      touched bigint NOT NULL,
      PRIMARY KEY (library, name, digest)
    );

    CREATE TABLE upload_piece (
      library uuid NOT NULL,
      name bytea NOT NULL,
      digest bytea NOT NULL,
      start bigint NOT NULL,
      bytes bytea NOT NULL,
      PRIMARY KEY (library, name, digest, start)
    );
    ALTER TABLE upload_piece ALTER COLUMN bytes SET STORAGE EXTERNAL;
    """

  /// `log_start` entries were dropped, whose running hash is `start_hash`. A snapshot is complete where it has a place in the
  /// log.
  private let snapshotTables = """
    ALTER TABLE library ADD COLUMN IF NOT EXISTS log_start bigint NOT NULL DEFAULT 0;
    ALTER TABLE library ADD COLUMN IF NOT EXISTS start_hash bytea NOT NULL
      DEFAULT '\\x00000000000000000000000000000000' CHECK (octet_length(start_hash) = 16);

    CREATE TABLE snapshot (
      library uuid NOT NULL,
      snapshot uuid NOT NULL,
      created bigint NOT NULL,
      completed bigint,
      idx bigint,
      hash bytea CHECK (octet_length(hash) = 16),
      piece_count bigint,
      has_pieces boolean NOT NULL DEFAULT true,
      PRIMARY KEY (library, snapshot)
    );

    CREATE TABLE snapshot_piece (
      library uuid NOT NULL,
      snapshot uuid NOT NULL,
      idx bigint NOT NULL,
      body bytea NOT NULL,
      PRIMARY KEY (library, snapshot, idx)
    );
    ALTER TABLE snapshot_piece ALTER COLUMN body SET STORAGE EXTERNAL;
    """

  /// How far each device has applied the log, which is not known of before.
  private let devicesAcknowledge =
    "ALTER TABLE device ADD COLUMN IF NOT EXISTS applied_index bigint NOT NULL DEFAULT 0"

  private let firstVersion = """
    CREATE TABLE gloss_hub (version bigint NOT NULL);
    INSERT INTO gloss_hub VALUES (1);

    CREATE TABLE library (
      library uuid PRIMARY KEY,
      log bytea NOT NULL CHECK (octet_length(log) = 16),
      created bigint NOT NULL,
      next_index bigint NOT NULL,
      hash bytea NOT NULL CHECK (octet_length(hash) = 16),
      byte_count bigint NOT NULL
    ) WITH (fillfactor = 50);

    -- Invitations that were used, which stand beside the libraries: each is good for one, whichever.
    CREATE TABLE invitation (
      invitation bytea PRIMARY KEY CHECK (octet_length(invitation) = 12),
      library uuid NOT NULL
    );

    CREATE TABLE device (
      library uuid NOT NULL,
      token_digest bytea NOT NULL CHECK (octet_length(token_digest) = 32),
      created bigint NOT NULL,
      last_seen bigint NOT NULL,
      cursor_index bigint NOT NULL DEFAULT 0,
      PRIMARY KEY (library, token_digest)
    );

    CREATE TABLE enrolment (
      library uuid NOT NULL,
      secret_digest bytea NOT NULL CHECK (octet_length(secret_digest) = 32),
      used_by bytea CHECK (octet_length(used_by) = 32),
      created bigint NOT NULL,
      PRIMARY KEY (library, secret_digest)
    );

    CREATE TABLE origin (
      library uuid NOT NULL,
      replica uuid NOT NULL,
      last_seq bigint NOT NULL,
      tip bytea NOT NULL CHECK (octet_length(tip) = 32),
      PRIMARY KEY (library, replica)
    ) WITH (fillfactor = 70);

    CREATE TABLE entry (
      library uuid NOT NULL,
      idx bigint NOT NULL,
      replica uuid NOT NULL,
      first bigint NOT NULL,
      last bigint NOT NULL,
      tip bytea NOT NULL CHECK (octet_length(tip) = 32),
      hash bytea NOT NULL CHECK (octet_length(hash) = 16),
      body bytea NOT NULL,
      PRIMARY KEY (library, idx),
      UNIQUE (library, replica, last)
    );
    -- What is sealed does not compress.
    ALTER TABLE entry ALTER COLUMN body SET STORAGE EXTERNAL;
    """
#endif
