internal import GlossCore

// The file
// ========
//
// One SQLite file. Tables whose names begin with an underscore are the store's own; the others are generated from the kinds
// of the schema and are for anybody to read.
//
//     _meta       what the file is: its library, its replica, the schema its tables were made for, settings
//     _replica    the replicas heard of, numbered; the last change held of each and the tip there
//     _name       kinds and fields, numbered
//     _change     every change ever received, as received: the log and the history in one
//     _tip        tips within a replica's run, where bundles began or ended
//     _record     (identifier, kind) -> the record's number
//     _other      heads of records of kinds that this program does not know
//     _conflict   registers with heads of different values
//     _quarantine changes that broke a rule
//     _blob       large values, by the SHA-256 of their content
//     _wanted     large values that changes name and that are not here
//     _unsent     large values that are here and that the hub is not known to have
//     _blob_part  what has come so far of sealed large values that are fetched in pieces
//     _remote     the hub that the library syncs with, and how far it is
//     _aside      bundles that were received and could not be taken in yet, as received
//     _thin       runs of changes that came without the values that were replaced by then, and the tip that what is here comes to
//     _operation  what was done on this machine, and _operation_run which changes that made; made when they are first written to
//     _keyring    the entries of the library's keyring, by their epochs, as received or made
//     KIND        one row a record: number, identifier, hidden or not, packed heads, and a column a field
//     KIND_FAMILY the members of a set of fields whose value is true
//
// A change's id is its replica's number times 2^40 plus its own: the log grows at the ends of its runs, which is what SQLite's
// trees of integers do best. There is no index from a record to its changes, because the heads lead to all of them (see
// `Transaction+Log.swift`).
//
// Pages are of 8 KiB, which took about a tenth less CPU than SQLite's 4 where much is written.
//
// `_change`, `_record`, `_replica`, `_name`, `_blob`, `_aside` and `_thin` are the truth. KIND, KIND_FAMILY, `_other`, `_conflict` and
// `_quarantine` are computed from them and can be computed anew. Records, replicas and names are numbered in the order in
// which they came, because big trees keyed by random 16-byte identifiers cost twice the CPU of small integers in order; the
// identifiers stand in one tree each.

/// The statements that make a replica's tables.
enum Layout {
  /// Marks the file as a library: "Glos" in ASCII (`PRAGMA application_id`).
  static let applicationID = 0x476C_6F73

  /// The version of the store's own tables (`PRAGMA user_version`).
  ///
  /// 2 added `_aside` and, in `_meta`, where the file is (``Place``). 3 added `_thin`, ``blobTables`` and ``keyringTables``; 4
  /// the tips in `_thin`, and what vouches for a ``VouchedTable``.
  static let version = 4

  /// Makes the store's own tables that hold the truth.
  static let ownTables = """
    CREATE TABLE _meta(
      key TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE _replica(
      id INTEGER PRIMARY KEY, uuid BLOB NOT NULL UNIQUE, last_seq INTEGER NOT NULL,
      tip BLOB NOT NULL) STRICT;
    CREATE TABLE _name(id INTEGER PRIMARY KEY, text BLOB NOT NULL UNIQUE) STRICT;
    CREATE TABLE _change(
      id INTEGER PRIMARY KEY, timestamp INTEGER NOT NULL, record INTEGER NOT NULL,
      body BLOB NOT NULL) STRICT;
    CREATE TABLE _tip(
      replica INTEGER NOT NULL, seq INTEGER NOT NULL, tip BLOB NOT NULL,
      PRIMARY KEY(replica, seq)) STRICT, WITHOUT ROWID;
    CREATE TABLE _record(
      uuid BLOB NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL,
      PRIMARY KEY(uuid, kind)) STRICT, WITHOUT ROWID;
    CREATE TABLE _blob(digest BLOB NOT NULL UNIQUE, content BLOB NOT NULL) STRICT;
    CREATE TABLE _remote(
      id INTEGER PRIMARY KEY CHECK (id = 1), address TEXT NOT NULL, credential TEXT NOT NULL,
      log BLOB, entry INTEGER, hash BLOB, pushed_seq INTEGER NOT NULL) STRICT;
    """ + asideTable + thinTable + blobTables + keyringTables

  /// Makes the table that version 2 added.
  static let asideTable = """
    CREATE TABLE _aside(
      origin BLOB NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, reason TEXT NOT NULL,
      bundle BLOB NOT NULL, PRIMARY KEY(origin, first, last)) STRICT;
    """

  /// Makes a table that version 3 added.
  static let thinTable = """
    CREATE TABLE _thin(
      replica INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, held_tip BLOB,
      PRIMARY KEY(replica, first)) STRICT, WITHOUT ROWID;
    """

  /// Makes the tables of large values on their way, which version 3 added.
  static let blobTables = """
    CREATE TABLE _wanted(digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
    CREATE TABLE _unsent(digest BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
    CREATE TABLE _blob_part(
      digest BLOB NOT NULL, start INTEGER NOT NULL, sealed BLOB NOT NULL, bytes BLOB NOT NULL,
      PRIMARY KEY(digest, start)) STRICT;
    """

  /// Makes the table of the keyring, which version 3 added.
  static let keyringTables = """

    CREATE TABLE _keyring(epoch INTEGER PRIMARY KEY, entry BLOB NOT NULL) STRICT;
    """

  /// Makes the store's own tables that are computed from the others.
  static let derivedTables = """
    CREATE TABLE _other(
      id INTEGER PRIMARY KEY, uuid BLOB NOT NULL, kind INTEGER NOT NULL, hidden INTEGER NOT NULL,
      heads BLOB NOT NULL) STRICT;
    CREATE TABLE _conflict(
      record INTEGER NOT NULL, field INTEGER NOT NULL, kind INTEGER NOT NULL,
      reason INTEGER NOT NULL, PRIMARY KEY(record, field)) STRICT, WITHOUT ROWID;
    CREATE TABLE _quarantine(
      replica INTEGER NOT NULL, seq INTEGER NOT NULL, record INTEGER NOT NULL,
      reason TEXT NOT NULL, PRIMARY KEY(replica, seq)) STRICT, WITHOUT ROWID;
    CREATE INDEX _quarantine_record ON _quarantine(record);
    """

  /// Removes the tables that ``derivedTables`` makes.
  static let derivedTablesRemoval =
    "DROP TABLE _other; DROP TABLE _conflict; DROP TABLE _quarantine;"

  /// Returns the statements that make a kind's tables.
  static func tables(of kind: Kind) -> String {
    let table = kind.name.text
    let columns = kind.fields.map { ", \"\($0.name)\" \($0.type.columnType)" }.joined()
    var sql = """
      CREATE TABLE "\(table)"(
        id INTEGER PRIMARY KEY, uuid BLOB NOT NULL, hidden INTEGER NOT NULL, heads BLOB NOT NULL\
      \(columns)) STRICT;
      CREATE INDEX "\(table)_hidden" ON "\(table)"(id) WHERE hidden;

      """
    for field in kind.fields where field.isIndexed || field.type.isReference {
      sql += "CREATE INDEX \"\(table)_\(field.name)\" ON \"\(table)\"(\"\(field.name)\");\n"
    }
    for family in kind.families {
      sql += """
        CREATE TABLE "\(kind.table(of: family))"(
          record INTEGER NOT NULL, member BLOB NOT NULL,
          PRIMARY KEY(record, member)) STRICT, WITHOUT ROWID;
        CREATE INDEX "\(kind.table(of: family))_member" ON "\(kind.table(of: family))"(member);

        """
    }
    return sql
  }

  /// Returns the names of a kind's tables.
  static func tableNames(of kind: Kind) -> [String] {
    [kind.name.text] + kind.families.map { kind.table(of: $0) }
  }

  /// Describes what the generated tables depend on, so that another program, or this one's next version, sees that they
  /// have to be made anew. It stands in the file: other words for the same would have every library's tables made anew.
  static func description(of schema: Schema) -> String {
    schema.kinds.map { kind in
      let fields = kind.fields.map {
        "\($0.name):\($0.type.word):\($0.policy.word):\($0.isIndexed ? "true" : "false")"
      }
      let families = kind.families.map { "\($0.name)/:\($0.policy.word)" }
      return "\(kind.name)(\((fields + families).joined(separator: ",")))"
    }.joined(separator: ";")
  }
}

extension Kind {
  /// The name of the table that holds a family's members.
  func table(of family: Family) -> String { "\(name)_\(family.name)" }
}

extension Policy {
  fileprivate var word: String {
    switch self {
    case .keep: "keep"
    case .latest: "latest"
    }
  }
}

extension FieldType {
  fileprivate var word: String {
    switch self {
    case .bool: "bool"
    case .integer: "integer"
    case .real: "real"
    case .text: "text"
    case .bytes: "bytes"
    case .blob: "blob"
    case .reference(let kind): "reference(\(kind))"
    }
  }

  fileprivate var columnType: String {
    switch self {
    case .bool, .integer, .reference: "INTEGER"
    case .real: "REAL"
    case .text: "TEXT"
    case .bytes, .blob: "BLOB"
    }
  }

  /// Whether the field names another record.
  var isReference: Bool {
    if case .reference = self { true } else { false }
  }
}
