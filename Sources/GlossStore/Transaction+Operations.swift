internal import CSQLite
internal import GlossCore

// Which changes one command made
// ==============================
//
// Two tables that are made when the first operation is recorded, in the transaction that makes its changes. They are this file's own
// and nobody else's: they do not sync, older programs pass them by, and nothing is computed from them, so nothing vouches for them.
// An operation's changes are runs of numbers of a replica. Where others have changes of the same names and these get others, the
// runs are not rewritten: each says how many renamings came before it, as a basis does (`Renaming.swift`).

extension Transaction {
  /// How many operations are kept, the newest.
  static let keptOperationCount: Int64 = 1_000

  private static let operationTable = """
    CREATE TABLE IF NOT EXISTS _operation(
      id INTEGER PRIMARY KEY, time INTEGER NOT NULL, words TEXT NOT NULL, undone INTEGER) STRICT
    """

  private static let operationRunTable = """
    CREATE TABLE IF NOT EXISTS _operation_run(
      operation INTEGER NOT NULL, replica INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
      renamings INTEGER NOT NULL, PRIMARY KEY(operation, replica, first)) STRICT, WITHOUT ROWID
    """

  /// Notes that this replica's changes after a number belong to an operation, and returns its number; `nil` where there are none.
  func record(
    _ operation: Operation, after seq: UInt64, at now: UInt64, undoing undone: Int64?
  ) throws(StoreError) -> Int64? {
    let own = try known(ownID())
    guard own.lastSeq > seq else { return operation.number }
    let number: Int64
    if let begun = operation.number, try isRecorded(begun) {
      number = begun
    } else {
      try prepare(Self.operationTable).run()
      try prepare(Self.operationRunTable).run()
      let insert = try prepare("INSERT INTO _operation(time, words, undone) VALUES (?, ?, ?)")
      insert.bind(Int64(clamping: now), at: 1)
      insert.bind(operation.words, at: 2)
      if let undone { insert.bind(undone, at: 3) } else { insert.bindNull(at: 3) }
      try insert.run()
      number = sqlite3_last_insert_rowid(connection)
      try removeOperations("id <= \(number - Self.keptOperationCount)")
    }
    // Nearly always the operation's run goes on.
    let extend = try prepare(
      """
      UPDATE _operation_run SET last = ?1
      WHERE operation = ?2 AND replica = ?3 AND last = ?4 AND renamings = ?5
      """)
    extend.bind(Int64(own.lastSeq), at: 1)
    extend.bind(number, at: 2)
    extend.bind(own.number, at: 3)
    extend.bind(Int64(seq), at: 4)
    let renamingCount = Int64(try renamings().count)
    extend.bind(renamingCount, at: 5)
    try extend.run()
    guard changedRowCount == 0 else { return number }
    let insert = try prepare("INSERT INTO _operation_run VALUES (?, ?, ?, ?, ?)")
    insert.bind(number, at: 1)
    insert.bind(own.number, at: 2)
    insert.bind(Int64(seq) + 1, at: 3)
    insert.bind(Int64(own.lastSeq), at: 4)
    insert.bind(renamingCount, at: 5)
    try insert.run()
    return number
  }

  /// Forgets the operations that began until a time: their words may say what is no longer to be found.
  func removeOperations(until milliseconds: UInt64) throws(StoreError) {
    guard try hasOperations() else { return }
    let isOld = "time <= \(Int64(clamping: milliseconds))"
    // The greatest number stays, without its words and changes, so that none is given twice.
    try removeOperations("\(isOld) AND id < (SELECT max(id) FROM _operation)")
    try prepare(
      "DELETE FROM _operation_run WHERE operation IN (SELECT id FROM _operation WHERE \(isOld))"
    ).run()
    try prepare("UPDATE _operation SET words = '' WHERE \(isOld)").run()
  }

  private func isRecorded(_ number: Int64) throws(StoreError) -> Bool {
    let statement = try prepare(
      "SELECT 1 FROM _operation_run WHERE operation = ? LIMIT 1")
    statement.bind(number, at: 1)
    return try statement.step()
  }

  private func removeOperations(_ condition: String) throws(StoreError) {
    try prepare(
      "DELETE FROM _operation_run WHERE operation IN (SELECT id FROM _operation WHERE \(condition))"
    ).run()
    try prepare("DELETE FROM _operation WHERE \(condition)").run()
  }

  /// Returns the newest operations, the newest first.
  func operations(limit: Int?) throws(StoreError) -> [RecordedOperation] {
    guard try hasOperations() else { return [] }
    let statement = try prepare(
      """
      SELECT o.id, o.time, o.words, o.undone,
        (SELECT coalesce(sum(last - first + 1), 0) FROM _operation_run WHERE operation = o.id)
      FROM _operation o WHERE o.id IN (SELECT operation FROM _operation_run)
      ORDER BY o.id DESC LIMIT ?
      """)
    statement.bind(Int64(limit ?? -1), at: 1)
    var operations: [RecordedOperation] = []
    while try statement.step() {
      operations.append(
        RecordedOperation(
          number: statement.integer(at: 0), milliseconds: UInt64(max(statement.integer(at: 1), 0)),
          words: statement.text(at: 2),
          undone: statement.isNull(at: 3) ? nil : statement.integer(at: 3),
          changeCount: Int(statement.integer(at: 4))))
    }
    return operations
  }

  /// Returns the runs of an operation's changes, by the names that they have now.
  func runs(ofOperation number: Int64) throws(StoreError) -> [OperationRun] {
    guard try hasOperations() else { return [] }
    let renamings = try renamings()
    let statement = try prepare(
      "SELECT replica, first, last, renamings FROM _operation_run WHERE operation = ?")
    statement.bind(number, at: 1)
    var runs: [OperationRun] = []
    while try statement.step() {
      let (first, last) = (statement.seq(at: 1), statement.seq(at: 2))
      let seen = Int(statement.integer(at: 3))
      guard first >= 1, first <= last, seen >= 0 else {
        throw corrupt("an operation cannot be read")
      }
      let run = OperationRun(replica: try replica(statement.integer(at: 0)), numbers: first...last)
      runs += run.renamed(by: renamings.dropFirst(seen))
    }
    return runs
  }

  private func hasOperations() throws(StoreError) -> Bool {
    let statement = try prepare(
      "SELECT count(*) = 2 FROM sqlite_schema WHERE name IN ('_operation', '_operation_run')")
    return try statement.step() && statement.integer(at: 0) != 0
  }
}

extension Snapshot {
  /// Returns what was done on this machine, the newest first: at most 1,000 operations are kept.
  public func operations(limit: Int? = nil) throws -> [RecordedOperation] {
    try transaction.operations(limit: limit)
  }

  /// Returns the records that an operation wrote to, in the order in which it did.
  public func records(ofOperation number: Int64) throws -> [RecordKey] {
    try transaction.records(changedBy: transaction.runs(ofOperation: number)).map(\.key)
  }
}
