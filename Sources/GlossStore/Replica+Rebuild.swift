internal import GlossCore

extension Replica {
  /// Makes every table that is computed from the log anew, for the kinds of the schema.
  ///
  /// - Parameter progress: Is told how far it is.
  package func rebuildTables(progress: WorkProgress? = nil) throws {
    try transact { try $0.rebuildTables(progress: progress) }
  }
}

extension Transaction {
  /// Makes every table that is computed from the log anew, for the kinds of the schema.
  ///
  /// - Parameter progress: Is told how far it is.
  func rebuildTables(progress: WorkProgress? = nil) throws(StoreError) {
    try dropDerivedTables()
    try execute(Layout.derivedTables)
    for kind in schema.kinds {
      try execute(Layout.tables(of: kind))
    }
    try rebuildRows(WorkMeter(total: try changeCount(), progress))
    // Fields may be known now that were not.
    try sweepSearchIndex()
  }

  /// Runs statements that return no rows.
  func execute(_ sql: String) throws(StoreError) {
    try Statement.execute(sql, connection: connection, path: path)
  }

  /// Removes the tables of all kinds, known and formerly known.
  fileprivate func dropDerivedTables() throws(StoreError) {
    let select = try prepare(
      """
      SELECT name FROM sqlite_schema WHERE type = 'table'
      AND (name NOT LIKE '\\_%' ESCAPE '\\' OR name IN ('_other', '_conflict', '_quarantine'))
      AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
      """)
    var names: [String] = []
    while try select.step() { names.append(select.text(at: 0)) }
    select.reset()
    for name in names { try prepare("DROP TABLE \"\(name)\"").run() }
  }

  /// Computes the rows of all records from the log: of records first, so that changes find what they refer to.
  fileprivate func rebuildRows(_ meter: WorkMeter) throws(StoreError) {
    let records = try prepare("SELECT uuid, kind, id FROM _record ORDER BY id")
    while try records.step() {
      let id = try records.identifier(as: RecordID.self, at: 0)
      let table = try table(of: try name(records.integer(at: 1)))
      try table.insertPlaceholder(records.integer(at: 2), id)
    }
    let log = try prepare(
      """
      SELECT c.id, c.timestamp, c.body, c.record, r.uuid FROM _change c
      JOIN _record r ON r.id = c.record ORDER BY c.record
      """)
    var changes: [Change] = []
    var record: Int64?
    while try log.step() {
      meter.advance()
      if let record, record != log.integer(at: 3) {
        try rebuild(record, from: changes)
        changes = []
      }
      record = log.integer(at: 3)
      changes.append(
        try decode(
          log.bytes(at: 2), dot: try dot(at: log.integer(at: 0)),
          timestamp: Timestamp(rawValue: UInt64(bitPattern: log.integer(at: 1))),
          record: try log.identifier(as: RecordID.self, at: 4)))
    }
    if let record { try rebuild(record, from: changes) }
  }

  private func rebuild(_ record: Int64, from changes: [Change]) throws(StoreError) {
    guard let first = changes.first else { return }
    let state = try recomputed(record, from: changes)
    guard !state.registers.isEmpty else { return }
    try show(state, of: record, first.record, flags: [], in: try table(of: first.kind))
    touched.append(RecordKey(first.kind, first.record))
  }
}
