internal import GRDB

// The tables of a hub. Entries are numbered from 0 within their library; an entry's `hash` is the running hash after it.
// Digests are SHA-256; times are milliseconds since the Unix epoch.

extension Database {
  /// The newest version of a file that this program knows.
  static var newestHubVersion: Int { versions.count }

  /// Creates the tables in an empty file, or brings those of an earlier version up to this one.
  func prepareSchema(path: String) throws {
    let version = try Int.fetchOne(self, sql: "PRAGMA user_version") ?? 0
    let known = Self.newestHubVersion
    guard version <= known else {
      throw SQLiteStorage.Failure.newer(path: path, version: version, known: known)
    }
    if version == 0 {
      let tableCount = try Int.fetchOne(self, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
      guard tableCount == 0 else {
        throw SQLiteStorage.Failure.database(path: path, reason: "it holds something else")
      }
    }
    guard version < known else { return }
    try inTransaction(.immediate) {
      for statements in versions[version...] { try execute(sql: statements) }
      try execute(sql: "PRAGMA user_version = \(known)")
      return .commit
    }
  }
}

/// What makes each version of a file out of the one before. A file of version 0 is empty.
private let versions = [
  firstVersion, devicesAreSeen, librariesAreCounted, blobTables + keyringTables + snapshotTables,
  devicesAcknowledge,
]

/// Blobs, and what came so far of those that are not whole.
private let blobTables = """
  CREATE TABLE blob (
    id INTEGER PRIMARY KEY,
    library INTEGER NOT NULL REFERENCES library (id),
    name BLOB NOT NULL CHECK (length(name) = 32),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    body BLOB NOT NULL,
    UNIQUE (library, name)
  ) STRICT;

  CREATE TABLE upload (
    id INTEGER PRIMARY KEY,
    library INTEGER NOT NULL REFERENCES library (id),
    name BLOB NOT NULL CHECK (length(name) = 32),
    digest BLOB NOT NULL CHECK (length(digest) = 32),
    size INTEGER NOT NULL,
    held INTEGER NOT NULL,
    touched INTEGER NOT NULL,
    UNIQUE (library, name, digest)
  ) STRICT;

  CREATE TABLE upload_piece (
    upload INTEGER NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
    start INTEGER NOT NULL,
    bytes BLOB NOT NULL,
    UNIQUE (upload, start)
  ) STRICT;
  """

/// `log_start` entries were dropped, whose running hash is `start_hash`. A snapshot is complete where it has a place in the
/// log.
private let snapshotTables = """
  ALTER TABLE library ADD COLUMN log_start INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE library ADD COLUMN start_hash BLOB NOT NULL
    DEFAULT x'00000000000000000000000000000000' CHECK (length(start_hash) = 16);

  CREATE TABLE snapshot (
    id INTEGER PRIMARY KEY,
    library INTEGER NOT NULL REFERENCES library (id),
    uuid BLOB NOT NULL CHECK (length(uuid) = 16),
    created INTEGER NOT NULL,
    completed INTEGER,
    idx INTEGER,
    hash BLOB CHECK (length(hash) = 16),
    piece_count INTEGER,
    has_pieces INTEGER NOT NULL DEFAULT 1,
    UNIQUE (library, uuid)
  ) STRICT;

  CREATE TABLE snapshot_piece (
    snapshot INTEGER NOT NULL REFERENCES snapshot (id),
    idx INTEGER NOT NULL,
    body BLOB NOT NULL,
    UNIQUE (snapshot, idx)
  ) STRICT;
  """

private let librariesAreCounted = """
  ALTER TABLE library ADD COLUMN invitation BLOB CHECK (length(invitation) = 12);
  CREATE UNIQUE INDEX library_invitation ON library (invitation) WHERE invitation IS NOT NULL;
  ALTER TABLE library ADD COLUMN byte_count INTEGER NOT NULL DEFAULT 0;
  UPDATE library SET byte_count =
    (SELECT coalesce(sum(length(body)), 0) FROM entry WHERE entry.library = library.id);
  """

/// How far each device has applied the log, which is not known of before.
private let devicesAcknowledge =
  "ALTER TABLE device ADD COLUMN applied_index INTEGER NOT NULL DEFAULT 0;"

private let devicesAreSeen = """
  ALTER TABLE device ADD COLUMN last_seen INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE device ADD COLUMN cursor_index INTEGER NOT NULL DEFAULT 0;
  UPDATE device SET last_seen = created;
  """

private let firstVersion = """
  CREATE TABLE library (
    id INTEGER PRIMARY KEY,
    uuid BLOB NOT NULL UNIQUE CHECK (length(uuid) = 16),
    log BLOB NOT NULL CHECK (length(log) = 16),
    created INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE device (
    library INTEGER NOT NULL REFERENCES library (id),
    token_digest BLOB NOT NULL CHECK (length(token_digest) = 32),
    created INTEGER NOT NULL,
    PRIMARY KEY (library, token_digest)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE enrolment (
    library INTEGER NOT NULL REFERENCES library (id),
    secret_digest BLOB NOT NULL CHECK (length(secret_digest) = 32),
    used_by BLOB CHECK (length(used_by) = 32),
    created INTEGER NOT NULL,
    PRIMARY KEY (library, secret_digest)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE origin (
    id INTEGER PRIMARY KEY,
    library INTEGER NOT NULL REFERENCES library (id),
    replica BLOB NOT NULL CHECK (length(replica) = 16),
    last_seq INTEGER NOT NULL,
    tip BLOB NOT NULL CHECK (length(tip) = 32),
    UNIQUE (library, replica)
  ) STRICT;

  CREATE TABLE entry (
    id INTEGER PRIMARY KEY,
    library INTEGER NOT NULL REFERENCES library (id),
    idx INTEGER NOT NULL,
    origin INTEGER NOT NULL REFERENCES origin (id),
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    tip BLOB NOT NULL CHECK (length(tip) = 32),
    hash BLOB NOT NULL CHECK (length(hash) = 16),
    body BLOB NOT NULL,
    UNIQUE (library, idx),
    UNIQUE (origin, last)
  ) STRICT;
  """
