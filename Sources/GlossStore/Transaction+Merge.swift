internal import GlossCore

// From a change to what is shown
// ==============================
//
// Local edits and changes from elsewhere take the same way, `merge(_:)`: into the log, through the record's state, to the
// record's row. Three cases are told apart by their cost, not by their meaning, which is `RecordState`'s:
//
// - A change that creates a record needs no state to be read: its writes are the heads and the values.
// - A change after which every register that it wrote has it as the only head touches those columns and nothing else.
// - Everything else (a conflict before or after, a delete, a parent that came late) computes the whole view anew.

extension Transaction {
  /// Takes in a change that is the next of its replica.
  ///
  /// - Parameter isChecked: Whether the change is known to break no rule of its own.
  func merge(_ change: Change, isChecked: Bool = false) throws(StoreError) {
    let table = try table(of: change.kind)
    let createsPlainly = change.createsPlainly
    let (record, packed) = try row(for: change, createsPlainly, in: table)
    if packed == nil, createsPlainly, isChecked || change.violation == nil {
      return try create(record, by: change, in: table)
    }
    touched.append(RecordKey(change.kind, change.record))
    try append(change, record: record, numbers: try table.shape(of: change).numbers)
    let flags = HeadFlags(of: packed ?? [])
    let before = try unpack(packed ?? [])
    var state = before
    let isPlaceholder = packed?.isEmpty ?? true
    let outcome = try state.merge(change) { dot throws(StoreError) in
      try timestamp(of: dot, record: record)
    }
    if packed == nil {
      try table.insertPlaceholder(record, change.record)
    }
    switch outcome {
    case .invalid(let violation):
      try insertQuarantine(change.dot, record: record, violation)
      if state != before {
        try table.update(record, heads: try pack(state, flags: flags), writes: [])
      }
    case .stale:
      state = try recomputed(
        record,
        from: try changes(of: record, id: change.record, state: before, newest: change.dot))
      try show(state, of: record, change.record, flags: flags, in: table)
    case .merged:
      if !isPlaceholder, flags.isEmpty, state.isSettled(by: change), table.kind != nil {
        try table.update(record, heads: try pack(state, flags: []), writes: change.writes)
      } else {
        try show(state, of: record, change.record, flags: flags, in: table)
      }
    }
  }

  /// Takes in a change that is the next of its replica and breaks no rule of its own, if nothing is known of its record and
  /// it replaces nothing. Returns whether that was so.
  func mergeIfNew(_ change: Change) throws(StoreError) -> Bool {
    guard change.createsPlainly else { return false }
    let table = try table(of: change.kind)
    guard let record = try insertRecordIfNew(change.record, kind: table.number) else {
      return false
    }
    table.remember(change.record, record)
    try create(record, by: change, in: table)
    return true
  }

  private func create(
    _ record: Int64, by change: Change, in table: KindTable
  ) throws(StoreError) {
    touched.append(RecordKey(change.kind, change.record))
    let shape = try table.shape(of: change)
    try append(change, record: record, numbers: shape.numbers)
    let heads = try packCreation(change, fields: shape.numbers.dropFirst())
    try table.insert(record, heads: heads, of: change, shape, encoding)
  }

  /// Returns the number of a change's record, giving it one if it is new, and its packed heads if it has a row.
  private func row(
    for change: Change, _ createsPlainly: Bool, in table: KindTable
  ) throws(StoreError) -> (record: Int64, packed: [UInt8]?) {
    // What replaces nothing is nearly always a new record's: trying to insert it saves looking for it.
    if createsPlainly,
      let number = try insertRecordIfNew(change.record, kind: table.number)
    {
      table.remember(change.record, number)
      return (number, nil)
    }
    if let number = try table.number(of: change.record) {
      return (number, try table.heads(of: number))
    }
    let number = try insertRecord(change.record, kind: table.number)
    table.remember(change.record, number)
    return (number, nil)
  }

  /// Writes all that is shown of a record.
  ///
  /// - Parameter flags: What the record's row says before.
  func show(
    _ state: RecordState, of record: Int64, _ id: RecordID, flags: HeadFlags, in table: KindTable
  ) throws(StoreError) {
    let view = try view(of: state, kind: table.kind, record: record, id: id)
    var newFlags: HeadFlags = view.conflicts.isEmpty ? [] : .isConflicted
    if state.registers[Field.deleted] != nil { newFlags.insert(.wasDeleted) }
    if flags.contains(.isConflicted) {
      let statement = try prepared(
        &statements.deleteConflicts, "DELETE FROM _conflict WHERE record = ?")
      statement.bind(record, at: 1)
      try statement.run()
    }
    for conflict in view.conflicts {
      let statement = try prepared(
        &statements.insertConflict,
        "INSERT INTO _conflict(record, field, kind, reason) VALUES (?, ?, ?, ?)")
      statement.bind(record, at: 1)
      statement.bind(try number(of: conflict.field), at: 2)
      statement.bind(table.number, at: 3)
      statement.bind(conflict.reason == .editedAndDeleted, at: 4)
      try statement.run()
    }
    let isFlipped = try table.replace(record, heads: try pack(state, flags: newFlags), view: view)
    guard isFlipped, record <= baseline, let kind = table.kind else { return }
    if view.isHidden {
      hidden.insert(RecordKey(kind.name, id))
    } else {
      hidden.remove(RecordKey(kind.name, id))
    }
  }

  /// Computes what is shown of a record.
  func view(
    of state: RecordState, kind: Kind?, record: Int64, id: RecordID
  ) throws(StoreError) -> RecordView {
    try state.view(of: kind) { dot throws(StoreError) in
      guard let change = try change(dot, of: record, id: id) else {
        throw corrupt("the change \(dot) is missing")
      }
      return change
    }
  }

  /// Computes the state of a record from all of its changes, and which of them are quarantined.
  func recomputed(_ record: Int64, from changes: [Change]) throws(StoreError) -> RecordState {
    let (state, invalid) = RecordState.computed(of: changes)
    let clear = try reused("DELETE FROM _quarantine WHERE record = ?")
    clear.bind(record, at: 1)
    try clear.run()
    for (dot, violation) in invalid.sorted(by: { $0.key < $1.key }) {
      try insertQuarantine(dot, record: record, violation)
    }
    return state
  }

  private func insertQuarantine(
    _ dot: Dot, record: Int64, _ violation: Violation
  ) throws(StoreError) {
    let statement = try prepared(
      &statements.insertQuarantine,
      "INSERT INTO _quarantine(replica, seq, record, reason) VALUES (?, ?, ?, ?)")
    statement.bind(try number(of: dot.replica), at: 1)
    statement.bind(Int64(bitPattern: dot.seq), at: 2)
    statement.bind(record, at: 3)
    statement.bind(String(describing: violation), at: 4)
    try statement.run()
  }
}

extension Change {
  /// Whether the change replaces nothing and deletes nothing, so that it alone says what is shown of a new record.
  fileprivate var createsPlainly: Bool {
    // By index: a copy of each write would cost three counts of references.
    writes.indices.allSatisfy {
      writes[$0].parents.isEmpty && writes[$0].field != Field.deleted
    }
  }
}

extension RecordState {
  /// Whether the change is the only head of every register that it wrote, and none of them says whether the record is
  /// deleted.
  fileprivate func isSettled(by change: Change) -> Bool {
    change.writes.allSatisfy { write in
      guard write.field != Field.deleted, let heads = registers[write.field]?.heads else {
        return false
      }
      return heads.count == 1 && heads[0].dot == change.dot
    }
  }
}
