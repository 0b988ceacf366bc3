internal import GRDB

// The tables of a hub. Entries are numbered from 0 within their library; an entry's `hash` is the running hash after it.
// Digests are SHA-256; times are milliseconds since the Unix epoch.

extension Database {
  /// Creates the tables in an empty file, or checks that the file's are those that this version knows.
  func prepareSchema(path: String) throws {
    let version = try Int.fetchOne(self, sql: "PRAGMA user_version") ?? 0
    guard version <= newestVersion else {
      throw HubStore.Failure.newer(path: path, version: version, known: newestVersion)
    }
    guard version == 0 else { return }
    let tableCount = try Int.fetchOne(self, sql: "SELECT count(*) FROM sqlite_schema") ?? 0
    guard tableCount == 0 else {
      throw HubStore.Failure.database(path: path, reason: "it holds something else")
    }
    try inTransaction(.immediate) {
      try execute(sql: schema)
      try execute(sql: "PRAGMA user_version = \(newestVersion)")
      return .commit
    }
  }
}

/// The version that this program writes, and the newest that it reads.
private let newestVersion = 1

private let schema = """
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
