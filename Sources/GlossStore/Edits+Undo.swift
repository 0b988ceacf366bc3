public import GlossCore

// Taking back
// ===========
//
// An operation is taken back by new changes, like any edit: they sync, and can be taken back themselves. For each register that it
// wrote they put there what would be there without it: the heads among the writes that are neither its own nor based on its own. One such
// head is written again; where there are several, because the operation had settled a conflict, each of them is, side by side, so
// that the conflict is open again, between the same values (`PutBack.swift`). What replaces nothing but the operation's own
// writes can take nothing away that its author did not see.
//
// What was written since on top of it stays and is told. Whether it was is decided by values, not by names: an edit that was taken
// back leaves the value that the operation wrote, under another name, and the operation can still be taken back.
//
// A record that it created is deleted, unless something was written to it since or belongs to it since.

extension Edits {
  /// Takes back what an operation changed and nobody changed since.
  ///
  /// - Parameters:
  ///   - operation: The number of one of ``Snapshot/operations(limit:)``.
  ///   - progress: Is told how many of the records that it wrote to are done.
  /// - Returns: What came of each field and record, in the order in which they were first written; `nil` where there is no such operation.
  public mutating func undo(
    _ operation: Int64, progress: WorkProgress? = nil
  ) throws -> [UndoStep]? {
    let runs = try transaction.runs(ofOperation: operation)
    guard !runs.isEmpty else { return nil }
    undone = operation
    return try undo(runs, progress)
  }

  /// Takes back one change, whoever made it, as far as nobody wrote anything on top of it.
  ///
  /// - Returns: What came of each field.
  /// - Throws: `StoreError.noSuchChange`.
  public mutating func undo(_ change: Dot) throws -> [UndoStep] {
    guard try transaction.timestamp(of: change) != nil else {
      throw StoreError.noSuchChange(change)
    }
    return try undo([OperationRun(replica: change.replica, numbers: change.seq...change.seq)], nil)
  }

  private func undo(_ runs: [OperationRun], _ progress: WorkProgress?) throws -> [UndoStep] {
    let records = try transaction.records(changedBy: runs)
    var hiding = HidingPlan()
    // Each is looked at twice: first for what is to be hidden.
    let meter = WorkMeter(total: 2 * records.count, progress)
    for (key, dots) in records {
      meter.advance()
      guard let past = try Past(key, without: dots, in: self) else { continue }
      try hiding.consider(past, in: self)
    }
    try hiding.settle(in: self)
    var steps: [UndoStep] = []
    for (key, dots) in records {
      meter.advance()
      guard let past = try Past(key, without: dots, in: self) else { continue }
      if past.isCreated {
        if hiding.hides(key) { try hide(key) }
        steps.append(UndoStep(key: key, field: nil, outcome: hiding.outcome(for: key)))
      } else {
        steps += try restore(past, hiding)
      }
    }
    return steps
  }

  /// Puts back what the record's fields showed before.
  private func restore(_ past: Past, _ hiding: HidingPlan) throws -> [UndoStep] {
    var steps: [UndoStep] = []
    var displayed: [Write] = []
    // Conflicting values that are not shown, of each field as many changes as it has of them.
    var siblings: [[Write]] = []
    for field in past.fields {
      let restoration = try past.restoration(of: field)
      switch restoration {
      case .none(let outcome):
        steps.append(UndoStep(key: past.key, field: field, outcome: outcome))
      case .writes(let writes) where field == Field.deleted && writes.last?.value == .bool(true):
        steps.append(
          UndoStep(key: past.key, field: field, outcome: hiding.outcome(for: past.key)))
      case .writes(let writes):
        guard let last = writes.last else { continue }
        displayed.append(last)
        for (index, write) in writes.dropLast().enumerated() {
          if siblings.count == index { siblings.append([]) }
          siblings[index].append(write)
        }
        let outcome: UndoStep.Outcome =
          if field == Field.deleted {
            .undeleted
          } else if writes.count > 1 {
            .reopened(writes.map(\.value))
          } else {
            .restored(last.value)
          }
        steps.append(UndoStep(key: past.key, field: field, outcome: outcome))
      }
    }
    // The one that is shown comes last and is the newest. What several changes brought may be too much for one.
    for writes in siblings + [displayed] {
      for part in writes.changeParts(\.value) { try commit(part, to: require(past.key)) }
    }
    if hiding.hides(past.key) { try hide(past.key) }
    return steps
  }

  /// Deletes one record as it is now, and no other.
  private func hide(_ key: RecordKey) throws(StoreError) {
    let target = try require(key)
    let basis = try target.basis
    let parents = Array((basis.heads[Field.deleted] ?? []).prefix(Limits.parents))
    try commit(
      [Write(Field.deleted, .bool(true), parents: parents)], to: target,
      covers: target.covers(basedOn: basis))
  }
}

extension Transaction {
  /// Returns the records that some changes wrote to, in the order in which they did, each with its changes.
  func records(
    changedBy runs: [OperationRun]
  ) throws(StoreError) -> [(key: RecordKey, dots: Set<Dot>)] {
    var places: [Int64: Int] = [:]
    var records: [(key: RecordKey, dots: Set<Dot>)] = []
    let statement = try prepare(
      "SELECT id, timestamp, body, record FROM _change WHERE id BETWEEN ? AND ? ORDER BY id")
    for run in runs {
      guard let first = try place(of: Dot(run.replica, run.numbers.lowerBound)),
        let last = try place(of: Dot(run.replica, run.numbers.upperBound))
      else { continue }
      statement.bind(first, at: 1)
      statement.bind(last, at: 2)
      defer { statement.reset() }
      while try statement.step() {
        let dot = try dot(at: statement.integer(at: 0))
        let record = statement.integer(at: 3)
        if let place = places[record] {
          records[place].dots.insert(dot)
          continue
        }
        let change = try decode(
          statement.bytes(at: 2), dot: dot, timestamp: Timestamp(rawValue: 0), record: RecordID(0))
        guard let id = try recordID(of: record, kind: change.kind) else { continue }
        places[record] = records.count
        records.append((RecordKey(change.kind, id), [dot]))
      }
    }
    return records
  }

  /// Returns the identifier of the record of a number.
  func recordID(of record: Int64, kind: Name) throws(StoreError) -> RecordID? {
    let statement = try otherTable(of: kind).selectID()
    statement.bind(record, at: 1)
    defer { statement.reset() }
    return try statement.step() ? try statement.identifier(as: RecordID.self, at: 0) : nil
  }
}
