internal import GlossCore
internal import GlossCrypto

// Whether a file is as it was written
// ===================================
//
// The log is the truth, and the tips vouch for it: each is a hash over all changes of a replica up to some number, kept where a
// bundle began or ended. So reading every change once, in order, and coming to every kept tip proves that all are there and
// none is altered. (Of a thin run, which came without some of its values, only the numbers can be checked.) Everything else is
// computed from the log: each record's state is computed once more from its changes and compared with its rows, and rows
// that no record accounts for are counted. Large values are hashed. What is left is what SQLite checks of its own structures.
//
// All of this reads one consistent state of the file, and keeps one record's changes in memory at a time.

extension Replica {
  /// Reads the whole file and checks that everything in it is as it was written, and fits together.
  ///
  /// - Complexity: O(*n* log *n*) in the number of changes: they are read once by replica and once by record.
  public func verify() throws -> Verification {
    var verification = Verification()
    try read { snapshot in
      let audit = Audit(transaction: snapshot.transaction)
      for check in [audit.checkFile, audit.checkLog, audit.checkRecords, audit.checkBlobs] {
        do throws(StoreError) {
          try check(&verification)
        } catch {
          guard case .corrupt(_, let detail) = error else { throw error }
          verification.damages.append(.file(detail))
        }
      }
    }
    return verification
  }

  /// Computes everything anew that is computed from the changes. No change and no large value is touched.
  public func repair() throws {
    try rebuildTables()
  }
}

/// One reading of a whole file.
private struct Audit {
  let transaction: Transaction

  func checkFile(_ found: inout Verification) throws(StoreError) {
    let statement = try transaction.prepare("PRAGMA integrity_check(100)")
    while try statement.step() {
      let line = statement.text(at: 0)
      if line != "ok" { found.damages.append(.file(line)) }
    }
  }

  // MARK: The log

  func checkLog(_ found: inout Verification) throws(StoreError) {
    let replicas = try transaction.prepare("SELECT id, uuid, last_seq, tip FROM _replica")
    var checkedCount = 0
    while try replicas.step() {
      let log = LogCheck(
        number: replicas.integer(at: 0),
        replica: try replicas.identifier(as: ReplicaID.self, at: 1),
        lastSeq: UInt64(replicas.integer(at: 2)), tip: replicas.bytes(at: 3))
      checkedCount += try check(log, &found)
    }
    let all = try transaction.prepare("SELECT count(*) FROM _change")
    _ = try all.step()
    if all.integer(at: 0) != checkedCount { found.damages.append(.strayRows(table: "_change")) }
  }

  private struct LogCheck {
    let number: Int64
    let replica: ReplicaID
    let lastSeq: UInt64
    let tip: [UInt8]
  }

  /// Checks the changes of one replica and returns how many rows they have.
  private func check(_ log: LogCheck, _ found: inout Verification) throws(StoreError) -> Int {
    let changes = try transaction.prepare(
      """
      SELECT c.id, c.timestamp, c.body, r.uuid FROM _change c LEFT JOIN _record r ON r.id = c.record
      WHERE c.id > ?1 << 40 AND c.id <= ?1 << 40 | ?2 ORDER BY c.id
      """)
    changes.bind(log.number, at: 1)
    changes.bind(Int64(Limits.seq), at: 2)
    var thin = try transaction.firstThin(of: log.replica, from: 1)
    var tip: [UInt8]? = Transaction.firstTip
    var seq: UInt64 = 0
    var rowCount = 0
    while try changes.step() {
      rowCount += 1
      let dot = Dot(log.replica, UInt64(changes.integer(at: 0) & Int64(Limits.seq)))
      while seq + 1 < min(dot.seq, log.lastSeq + 1) {
        seq += 1
        found.damages.append(.missingChange(Dot(log.replica, seq)))
        tip = nil
      }
      seq = dot.seq
      if seq == thin { tip = nil }
      if let change = try change(in: changes, dot) {
        tip = tip.map { transaction.tip(after: $0, change) }
        found.changeCount += 1
      } else {
        found.damages.append(.unreadableChange(dot))
        tip = nil
      }
      let kept = seq == log.lastSeq ? log.tip : try transaction.keptTip(of: log.replica, at: seq)
      guard let kept else { continue }
      if let tip, tip != kept { found.damages.append(.alteredChanges(of: log.replica, upTo: seq)) }
      tip = kept
      if let start = thin, start <= seq {
        thin = try transaction.firstThin(of: log.replica, from: seq + 1)
      }
    }
    while seq < log.lastSeq {
      seq += 1
      found.damages.append(.missingChange(Dot(log.replica, seq)))
    }
    return seq > log.lastSeq ? 0 : rowCount
  }

  private func change(in row: Statement, _ dot: Dot) throws(StoreError) -> Change? {
    guard !row.isNull(at: 3) else { return nil }
    do throws(StoreError) {
      return try transaction.decode(
        row.bytes(at: 2), dot: dot,
        timestamp: Timestamp(rawValue: UInt64(bitPattern: row.integer(at: 1))),
        record: try row.identifier(as: RecordID.self, at: 3))
    } catch {
      guard case .corrupt = error else { throw error }
      return nil
    }
  }

  // MARK: Records

  /// How many rows the changes account for in tables that are computed from them.
  private struct Rows {
    var count = 0
    var conflictCount = 0
    var quarantinedCount = 0
  }

  func checkRecords(_ found: inout Verification) throws(StoreError) {
    let log = try transaction.prepare(
      """
      SELECT c.id, c.timestamp, c.body, r.uuid, c.record FROM _change c
      JOIN _record r ON r.id = c.record ORDER BY c.record
      """)
    var rows = Rows()
    var changes: [Change] = []
    var record: Int64?
    while try log.step() {
      if let record, record != log.integer(at: 4) {
        try check(record, changes, &rows, &found)
        changes = []
      }
      record = log.integer(at: 4)
      let dot = try transaction.dot(at: log.integer(at: 0))
      if let change = try change(in: log, dot) { changes.append(change) }
    }
    if let record { try check(record, changes, &rows, &found) }
    let tables = ["_other"] + transaction.schema.kinds.map(\.name.text)
    let counts = tables.map { "SELECT count(*) AS n FROM \"\($0)\" WHERE length(heads) > 0" }
    try check(
      "_record", "SELECT sum(n) FROM (\(counts.joined(separator: " UNION ALL ")))", rows.count,
      &found)
    try check("_conflict", "SELECT count(*) FROM _conflict", rows.conflictCount, &found)
    try check("_quarantine", "SELECT count(*) FROM _quarantine", rows.quarantinedCount, &found)
  }

  private func check(
    _ table: String, _ sql: String, _ count: Int, _ found: inout Verification
  ) throws(StoreError) {
    let statement = try transaction.prepare(sql)
    _ = try statement.step()
    if statement.integer(at: 0) != count { found.damages.append(.strayRows(table: table)) }
  }

  private func check(
    _ record: Int64, _ changes: [Change], _ rows: inout Rows, _ found: inout Verification
  ) throws(StoreError) {
    guard let first = changes.first else { return }
    found.recordCount += 1
    let (state, invalid) = RecordState.computed(of: changes)
    rows.quarantinedCount += invalid.count
    let key = RecordKey(first.kind, first.record)
    let table = try transaction.table(of: first.kind)
    let quarantined = try quarantined(record)
    let held = try transaction.unpack(try table.heads(of: record) ?? [])
    var isSame = quarantined == Set(invalid.keys) && held == state
    if !state.registers.isEmpty {
      rows.count += 1
      let byDot = Dictionary(changes.map { ($0.dot, $0) }) { first, _ in first }
      let view = try state.view(of: table.kind) { dot throws(StoreError) in
        guard let change = byDot[dot] else { throw transaction.corrupt("\(dot) is missing") }
        return change
      }
      rows.conflictCount += view.conflicts.count
      let conflicts = try conflicts(of: record)
      let isShown = try isShown(view, of: record, in: table)
      isSame = isSame && conflicts == view.conflicts && isShown
    }
    if !isSame { found.damages.append(.otherState(key)) }
  }

  private func quarantined(_ record: Int64) throws(StoreError) -> Set<Dot> {
    let statement = try transaction.prepare("SELECT replica, seq FROM _quarantine WHERE record = ?")
    statement.bind(record, at: 1)
    var dots: Set<Dot> = []
    while try statement.step() {
      dots.insert(
        Dot(try transaction.replica(statement.integer(at: 0)), UInt64(statement.integer(at: 1))))
    }
    return dots
  }

  private func conflicts(of record: Int64) throws(StoreError) -> [Conflict] {
    let statement = try transaction.prepare("SELECT field, reason FROM _conflict WHERE record = ?")
    statement.bind(record, at: 1)
    var conflicts: [Conflict] = []
    while try statement.step() {
      conflicts.append(
        Conflict(
          field: try transaction.name(statement.integer(at: 0)),
          reason: statement.integer(at: 1) == 0 ? .values : .editedAndDeleted))
    }
    return conflicts.sorted { $0.field < $1.field }
  }

  /// Whether the record's row, and those of its families, show this.
  private func isShown(
    _ view: RecordView, of record: Int64, in table: KindTable
  ) throws(StoreError) -> Bool {
    guard let kind = table.kind else {
      let statement = try transaction.prepare("SELECT hidden FROM _other WHERE id = ?")
      statement.bind(record, at: 1)
      guard try statement.step() else { return false }
      return (statement.integer(at: 0) != 0) == view.isHidden
    }
    let reader = RowReader(kind: kind, transaction: transaction)
    let rows = try reader.records("WHERE k.id = ?1") { $0.bind(record, at: 1) }
    guard let row = rows.first, row.isHidden == view.isHidden else { return false }
    let values = kind.fields.allSatisfy { field in
      let value = view.values[field.name].flatMap { $0.isOf(field.type) ? $0 : nil }
      return row.values[field.name] == value
    }
    return values
      && kind.families.allSatisfy { family in
        let members = view.values.compactMap { field, value in
          value == .bool(true) ? family.member(of: field) : nil
        }
        return Set(row.members(of: family.name).map { Array($0.utf8) })
          == Set(members.map { Array($0.utf8) })
      }
  }

  // MARK: Large values

  func checkBlobs(_ found: inout Verification) throws(StoreError) {
    let blobs = try transaction.prepare("SELECT digest, content FROM _blob")
    while try blobs.step() {
      let digest = blobs.bytes(at: 0)
      found.blobCount += 1
      guard sha256(blobs.bytes(at: 1)) != digest else { continue }
      guard let id = BlobID(digest: digest) else {
        found.damages.append(.strayRows(table: "_blob"))
        continue
      }
      found.damages.append(.alteredBlob(id))
    }
  }
}

extension Value {
  /// Whether a column of a type shows the value; a value of another type is shown as none.
  fileprivate func isOf(_ type: FieldType) -> Bool {
    switch (type, self) {
    case (.bool, .bool), (.integer, .integer), (.text, .text), (.bytes, .bytes), (.blob, .blob),
      (.reference, .record):
      true
    case (.real, .real(let real)): !real.isNaN
    default: false
    }
  }
}
