internal import CSQLite
internal import GlossCore
internal import GlossWire

/// What the store knows and does within one transaction of one connection.
///
/// Everything is looked up at most once: numbers of names and replicas, and prepared statements. Nothing outlives the
/// transaction, so a rollback leaves nothing wrong behind.
final class Transaction {
  let connection: OpaquePointer
  let path: String
  let schema: Schema

  /// The records that the transaction changed, one after another, some of them more than once.
  var touched: [RecordKey] = []

  /// The newest record whose deletion is worth counting, and those counted.
  var baseline: Int64 = 0
  var hidden: Set<RecordKey> = []

  /// The last deletes that were found to stand next to each other, up to the last of them: each record that was deleted with others
  /// asks for the same.
  var runOfDeletes: (replica: ReplicaID, numbers: ClosedRange<UInt64>)?

  var statements = StatementCache()
  private var tables: [Name: KindTable] = [:]
  /// The table that was asked for last; most changes are to records of the same kind as the one before.
  private var lastTable: (kind: Name, table: KindTable)?
  private var numbersByName: [Name: Int64] = [:]
  private var namesByNumber: [Int64: Name] = [:]
  private var replicasByID: [ReplicaID: KnownReplica] = [:]
  /// The replica that was asked for last; most changes are by the same as the one before.
  private var lastReplica: (id: ReplicaID, replica: KnownReplica)?
  private var replicaIDsByNumber: [Int64: ReplicaID] = [:]
  private var nextRecordNumber: Int64?
  private var knownOwnID: ReplicaID?
  /// How many renamings of changes the file has, once that was asked.
  var renamingCount: Int?
  /// Of the tables that were written to and that no tip vouches for, whether each was in order before.
  var vouched: [VouchedTable: Bool] = [:]
  /// What the file beside the library's is made to say once this is committed.
  var nextPlace: Place?
  /// The change that was appended to the log last, in full.
  var encoding = CanonicalEncoding()
  /// What reads the full-text index, once it was asked for.
  var knownSearchReader: SearchReader?
  /// Reused by everything that encodes for the file.
  var scratch = ByteWriter()

  /// A replica that changes of ours come from or name.
  final class KnownReplica {
    let number: Int64
    /// The number of the last change held, 0 for none.
    private(set) var lastSeq: UInt64
    /// The tip there: 32 bytes.
    private(set) var tip: [UInt8]
    /// Whether it has to be written back, which ``Transaction/finish()`` does.
    private(set) var isChanged = false

    init(number: Int64, lastSeq: UInt64, tip: [UInt8]) {
      self.number = number
      self.lastSeq = lastSeq
      self.tip = tip
    }

    /// Moves the end of what is held of the replica.
    func advance(to seq: UInt64, tip: [UInt8]) {
      lastSeq = seq
      self.tip = tip
      isChanged = true
    }
  }

  init(connection: OpaquePointer, path: String, schema: Schema) {
    self.connection = connection
    self.path = path
    self.schema = schema
  }

  /// Returns the replica whose file this is. It is read in each transaction, because another process may have changed it.
  func ownID() throws(StoreError) -> ReplicaID {
    if let knownOwnID { return knownOwnID }
    guard let bytes = try meta("replica"), let id = ReplicaID(bytes: bytes) else {
      throw corrupt("the replica is missing")
    }
    knownOwnID = id
    return id
  }

  /// Makes the file another replica's.
  func setOwnID(_ id: ReplicaID) throws(StoreError) {
    try setMeta("replica", to: id.bytes)
    knownOwnID = id
  }

  /// Returns a new statement.
  func prepare(_ sql: String) throws(StoreError) -> Statement {
    try Statement(sql, connection: connection, path: path)
  }

  /// Returns the statement kept at `place`, prepared at its first use.
  func prepared(
    _ place: inout Statement?, _ sql: @autoclosure () -> String
  ) throws(StoreError) -> Statement {
    if let statement = place { return statement }
    let statement = try prepare(sql())
    place = statement
    return statement
  }

  /// Returns a statement that is compiled once a transaction: for what is asked for each of many records. Nobody takes it while another
  /// steps through its rows.
  func reused(_ sql: String) throws(StoreError) -> Statement {
    if let statement = statements.bySQL[sql] {
      statement.reset()
      return statement
    }
    let statement = try prepare(sql)
    statements.bySQL[sql] = statement
    return statement
  }

  /// The number of rows that the last statement inserted, updated or deleted.
  var changedRowCount: Int { Int(sqlite3_changes(connection)) }

  /// Returns the error of a file whose content contradicts itself.
  func corrupt(_ detail: String) -> StoreError {
    .corrupt(path: path, detail: detail)
  }
}

/// The statements that loops over changes use.
struct StatementCache {
  var bySQL: [String: Statement] = [:]
  var insertChange: Statement?
  var updateBody: Statement?
  var selectReplaced: Statement?
  var selectChange: Statement?
  var selectTimestamp: Statement?
  var selectRecord: Statement?
  var insertRecord: Statement?
  var insertConflict: Statement?
  var deleteConflicts: Statement?
  var insertQuarantine: Statement?
  var selectName: Statement?
  var selectNameText: Statement?
  var selectQuarantined: Statement?
  var selectConflicts: Statement?
  var selectReplica: Statement?
  var selectReplicaID: Statement?
  var selectBlobPlace: Statement?
  var insertBlob: Statement?
  var insertUnsent: Statement?
  var insertWanted: Statement?
  var deleteWanted: Statement?
  var insertTip: Statement?
  var deleteSetAside: Statement?
  var selectSetAside: Statement?
}

// MARK: - Kinds

extension Transaction {
  /// Returns the table of a kind, or the one that all unknown kinds share.
  func table(of kind: Name) throws(StoreError) -> KindTable {
    if let lastTable, lastTable.kind == kind { return lastTable.table }
    let table = try otherTable(of: kind)
    lastTable = (kind, table)
    return table
  }
}

extension Transaction {
  /// Returns the table of a kind that records of another refer to, which is seldom the one that is asked for next.
  func otherTable(of kind: Name) throws(StoreError) -> KindTable {
    if let table = tables[kind] { return table }
    let table = KindTable(kind: schema[kind], number: try number(of: kind), transaction: self)
    tables[kind] = table
    return table
  }
}

// MARK: - Names

extension Transaction {
  /// Returns the number of a name, giving it one at its first use.
  func number(of name: Name) throws(StoreError) -> Int64 {
    if let number = numbersByName[name] { return number }
    if let number = try knownNumber(of: name) { return number }
    let statement = try prepare("INSERT INTO _name(text) VALUES (?)")
    statement.bind(Array(name.text.utf8), at: 1)
    try statement.run()
    let number = sqlite3_last_insert_rowid(connection)
    remember(name, number)
    return number
  }

  /// Returns the number of a name, or `nil` where it was never used.
  func knownNumber(of name: Name) throws(StoreError) -> Int64? {
    if let number = numbersByName[name] { return number }
    let statement = try prepared(&statements.selectName, "SELECT id FROM _name WHERE text = ?")
    statement.bind(Array(name.text.utf8), at: 1)
    defer { statement.reset() }
    guard try statement.step() else { return nil }
    let number = statement.integer(at: 0)
    remember(name, number)
    return number
  }

  /// Returns the name of this number.
  func name(_ number: Int64) throws(StoreError) -> Name {
    if let name = namesByNumber[number] { return name }
    let statement = try prepared(&statements.selectNameText, "SELECT text FROM _name WHERE id = ?")
    statement.bind(number, at: 1)
    defer { statement.reset() }
    guard try statement.step(),
      let text = String(validating: statement.bytes(at: 0), as: UTF8.self)
    else { throw corrupt("a name is missing") }
    remember(Name(text), number)
    return Name(text)
  }

  private func remember(_ name: Name, _ number: Int64) {
    numbersByName[name] = number
    namesByNumber[number] = name
  }
}

// MARK: - Replicas

extension Transaction {
  /// The tip before a replica's first change: 32 zero bytes.
  static let firstTip = [UInt8](repeating: 0, count: 32)

  /// Returns what is known of a replica, giving it a number at its first use.
  func known(_ id: ReplicaID) throws(StoreError) -> KnownReplica {
    if let lastReplica, lastReplica.id == id { return lastReplica.replica }
    if let replica = replicasByID[id] {
      lastReplica = (id, replica)
      return replica
    }
    let select = try prepared(
      &statements.selectReplica, "SELECT id, last_seq, tip FROM _replica WHERE uuid = ?")
    select.bind(id, at: 1)
    defer { select.reset() }
    if try select.step() {
      let replica = KnownReplica(
        number: select.integer(at: 0), lastSeq: select.seq(at: 1),
        tip: select.bytes(at: 2))
      remember(id, replica)
      return replica
    }
    let insert = try prepare("INSERT INTO _replica(uuid, last_seq, tip) VALUES (?, 0, ?)")
    insert.bind(id, at: 1)
    insert.bind(Self.firstTip, at: 2)
    try insert.run()
    let replica = KnownReplica(
      number: sqlite3_last_insert_rowid(connection), lastSeq: 0, tip: Self.firstTip)
    remember(id, replica)
    return replica
  }

  /// Returns the number of a replica.
  func number(of id: ReplicaID) throws(StoreError) -> Int64 {
    try known(id).number
  }

  /// Returns the replica of this number.
  func replica(_ number: Int64) throws(StoreError) -> ReplicaID {
    if let id = replicaIDsByNumber[number] { return id }
    let statement = try prepared(
      &statements.selectReplicaID, "SELECT uuid FROM _replica WHERE id = ?")
    statement.bind(number, at: 1)
    defer { statement.reset() }
    guard try statement.step() else { throw corrupt("a replica is missing") }
    let id = try statement.identifier(as: ReplicaID.self, at: 0)
    replicaIDsByNumber[number] = id
    return id
  }

  /// Writes back the replicas that were advanced, and what vouches for the tables that were written to.
  func finish() throws(StoreError) {
    try vouchForWritten()
    for replica in replicasByID.values where replica.isChanged {
      let statement = try prepare("UPDATE _replica SET last_seq = ?, tip = ? WHERE id = ?")
      statement.bind(Int64(replica.lastSeq), at: 1)
      statement.bind(replica.tip, at: 2)
      statement.bind(replica.number, at: 3)
      try statement.run()
    }
  }

  private func remember(_ id: ReplicaID, _ replica: KnownReplica) {
    replicasByID[id] = replica
    replicaIDsByNumber[replica.number] = id
  }
}

// MARK: - Records

extension Transaction {
  /// Returns the number of a record, or `nil` where nothing is known of it.
  func number(of key: RecordKey) throws(StoreError) -> Int64? {
    guard let kind = try knownNumber(of: key.kind) else { return nil }
    return try recordNumber(of: key.id, kind: kind)
  }

  /// Returns the number of the record of a kind's number, or `nil` where nothing is known of it.
  func recordNumber(of id: RecordID, kind: Int64) throws(StoreError) -> Int64? {
    let statement = try prepared(
      &statements.selectRecord, "SELECT id FROM _record WHERE uuid = ? AND kind = ?")
    statement.bind(id, at: 1)
    statement.bind(kind, at: 2)
    defer { statement.reset() }
    return try statement.step() ? statement.integer(at: 0) : nil
  }

  /// Gives a record a number if nothing is known of it, and returns `nil` where it has one.
  func insertRecordIfNew(_ id: RecordID, kind: Int64) throws(StoreError) -> Int64? {
    let number = try insertRecord(id, kind: kind)
    guard changedRowCount == 0 else { return number }
    nextRecordNumber = number
    return nil
  }

  /// Gives a record that nothing is known of a number.
  func insertRecord(_ id: RecordID, kind: Int64) throws(StoreError) -> Int64 {
    let number: Int64
    if let next = nextRecordNumber {
      number = next
    } else {
      number = try greatestRecordNumber() + 1
    }
    let statement = try prepared(
      &statements.insertRecord,
      "INSERT INTO _record(uuid, kind, id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING")
    statement.bind(id, at: 1)
    statement.bind(kind, at: 2)
    statement.bind(number, at: 3)
    try statement.run()
    nextRecordNumber = number + 1
    return number
  }

  /// Returns the number of the newest record, 0 where there is none.
  func greatestRecordNumber() throws(StoreError) -> Int64 {
    let tables = ["_other"] + schema.kinds.map(\.name.text)
    let maxima = tables.map { "SELECT max(id) AS id FROM \"\($0)\"" }
    let statement = try prepare(
      "SELECT coalesce(max(id), 0) FROM (\(maxima.joined(separator: " UNION ALL ")))")
    defer { statement.reset() }
    return try statement.step() ? statement.integer(at: 0) : 0
  }
}
