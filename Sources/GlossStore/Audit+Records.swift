internal import GlossCore

// What is shown, and everything else that is computed from the changes, against the changes.

extension Audit {
  /// How many rows the changes account for in tables that are computed from them.
  private struct Rows {
    var count = 0
    var conflictCount = 0
    var quarantinedCount = 0
    var memberCount = 0
    /// What reads a record's row, by kind.
    var selections: [Name: RowReader.Selection] = [:]
  }

  func checkRecords(_ found: inout Verification) throws(StoreError) {
    let log = try transaction.prepare(
      """
      SELECT c.id, c.timestamp, c.body, r.uuid, c.record, r.kind FROM _change c
      JOIN _record r ON r.id = c.record ORDER BY c.record
      """)
    var rows = Rows()
    var changes: [Change] = []
    var record: Int64?
    while try log.step() {
      meter.advance()
      if let record, record != log.integer(at: 4) {
        try check(record, changes, &rows, &found)
        changes = []
      }
      record = log.integer(at: 4)
      let dot = try transaction.dot(at: log.integer(at: 0))
      guard let change = try change(in: log, dot) else { continue }
      let kind = try transaction.name(log.integer(at: 5))
      if kind != change.kind {
        found.damages.append(.otherState(RecordKey(change.kind, change.record)))
      }
      changes.append(change)
      for case .blob(let id) in change.writes.map(\.value) { found.namedBlobs.insert(id) }
    }
    if let record { try check(record, changes, &rows, &found) }
    try checkCounts(rows, &found)
    try checkNumbers(&found)
  }

  private func checkCounts(_ rows: Rows, _ found: inout Verification) throws(StoreError) {
    func sum(_ selects: [String]) -> String {
      "SELECT coalesce(sum(n), 0) FROM (\(selects.joined(separator: " UNION ALL ")))"
    }
    let kinds = transaction.schema.kinds
    let counts = (["_other"] + kinds.map(\.name.text)).map {
      "SELECT count(*) AS n FROM \"\($0)\" WHERE length(heads) > 0"
    }
    try count("_record", sum(counts), rows.count, &found)
    try count("_conflict", "SELECT count(*) FROM _conflict", rows.conflictCount, &found)
    try count("_quarantine", "SELECT count(*) FROM _quarantine", rows.quarantinedCount, &found)
    let members = kinds.flatMap { kind in
      kind.families.map { "SELECT count(*) AS n FROM \"\(kind.table(of: $0))\"" }
    }
    guard !members.isEmpty else { return }
    try count("members of fields", sum(members), rows.memberCount, &found)
  }

  /// Checks that `_record` and the kinds' tables agree about identifiers and numbers.
  private func checkNumbers(_ found: inout Verification) throws(StoreError) {
    var known: [String] = []
    for kind in transaction.schema.kinds {
      let number = try transaction.knownNumber(of: kind.name) ?? 0
      known.append(String(number))
      try checkNumbers("\"\(kind.name)\"", kind: String(number), "r.kind = \(number)", &found)
    }
    let others = "r.kind NOT IN (\(known.joined(separator: ", ")))"
    try checkNumbers("_other", kind: "k.kind", others, &found)
  }

  private func checkNumbers(
    _ table: String, kind: String, _ condition: String, _ found: inout Verification
  ) throws(StoreError) {
    try count(
      "_record",
      """
      SELECT (SELECT count(*) FROM \(table) k LEFT JOIN _record r ON r.uuid = k.uuid AND r.kind = \(kind)
        WHERE r.id IS NOT k.id)
      + (SELECT count(*) FROM _record r LEFT JOIN \(table) k ON k.id = r.id
        WHERE \(condition) AND k.uuid IS NOT r.uuid)
      """, 0, &found)
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
    let packed = try table.heads(of: record) ?? []
    let held = try transaction.unpack(packed)
    var isSame = isExplained(quarantined, by: invalid, of: changes) && held == state
    if !state.registers.isEmpty {
      rows.count += 1
      let byDot = Dictionary(changes.map { ($0.dot, $0) }) { first, _ in first }
      let view = try state.view(of: table.kind) { dot throws(StoreError) in
        guard let change = byDot[dot] else { throw transaction.corrupt("\(dot) is missing") }
        return change
      }
      rows.conflictCount += view.conflicts.count
      var flags: HeadFlags = view.conflicts.isEmpty ? [] : .isConflicted
      if state.registers[Field.deleted] != nil { flags.insert(.wasDeleted) }
      let conflicts = try conflicts(of: record, kind: table.number)
      let isShown = try isShown(view, of: record, in: table, &rows)
      isSame =
        isSame && conflicts == view.conflicts && isShown && HeadFlags(of: packed) == flags
    }
    if !isSame { found.damages.append(.otherState(key)) }
  }

  /// Whether the reasons that are kept are those that changes are invalid for.
  ///
  /// Where several parents are too young, the one that is named is the one that came first.
  private func isExplained(
    _ reasons: [Dot: String], by invalid: [Dot: Violation], of changes: [Change]
  ) -> Bool {
    guard reasons.count == invalid.count else { return false }
    let changes = Dictionary(changes.map { ($0.dot, $0) }) { first, _ in first }
    return invalid.allSatisfy { dot, violation in
      guard let change = changes[dot], let reason = reasons[dot] else { return false }
      var allowed = [violation]
      if case .parentNotOlder = violation {
        let young = change.writes.flatMap(\.parents).filter { parent in
          changes[parent].map { !change.timestamp.mayFollow($0.timestamp) } ?? false
        }
        allowed = young.map { .parentNotOlder($0) }
      }
      return allowed.contains { String(describing: $0).hasSameBytes(as: reason) }
    }
  }

  private func quarantined(_ record: Int64) throws(StoreError) -> [Dot: String] {
    let statement = try transaction.prepared(
      &transaction.statements.selectQuarantined,
      "SELECT replica, seq, reason FROM _quarantine WHERE record = ?")
    statement.bind(record, at: 1)
    defer { statement.reset() }
    var reasons: [Dot: String] = [:]
    while try statement.step() {
      let replica = try transaction.replica(statement.integer(at: 0))
      reasons[Dot(replica, statement.seq(at: 1))] = statement.text(at: 2)
    }
    return reasons
  }

  private func conflicts(of record: Int64, kind: Int64) throws(StoreError) -> [Conflict] {
    let statement = try transaction.prepared(
      &transaction.statements.selectConflicts,
      "SELECT field, reason FROM _conflict WHERE record = ? AND kind = ?")
    statement.bind(record, at: 1)
    statement.bind(kind, at: 2)
    defer { statement.reset() }
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
    _ view: RecordView, of record: Int64, in table: KindTable, _ rows: inout Rows
  ) throws(StoreError) -> Bool {
    guard let kind = table.kind else {
      let statement = try transaction.prepare("SELECT hidden FROM _other WHERE id = ?")
      statement.bind(record, at: 1)
      guard try statement.step() else { return false }
      return (statement.integer(at: 0) != 0) == view.isHidden
    }
    let known = rows.selections[kind.name]
    let selection =
      if let known { known } else {
        try RowReader(kind: kind, transaction: transaction).selection("WHERE k.id = ?1")
      }
    rows.selections[kind.name] = selection
    let found = try selection.records { $0.bind(record, at: 1) }
    guard let row = found.first, row.isHidden == view.isHidden else { return false }
    rows.memberCount += row.membersByFamily.values.reduce(0) { $0 + $1.count }
    let values = kind.fields.allSatisfy { field in
      let value = view.values[field.name].flatMap { $0.isOf(field.type) ? $0 : nil }
      return row[field.name] == value
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
