internal import GlossCore
internal import GlossStore

extension Simulation {
  /// Lets somebody take back one of the last things that were done on a machine, an undo too, and returns what.
  ///
  /// That is an edit like any other, so what holds of edits has to hold of it, and it has to have come to what it says.
  func undo() throws -> String? {
    let index = Int.random(in: machines.indices, using: &generator)
    let replica = machines[index].replica
    let operations = try replica.read { try $0.operations(limit: 3) }
    guard let operation = operations.randomElement(using: &generator) else { return nil }
    let now = machines[index].clock.reading(
      at: UInt64(time.withLock { $0 }), using: &generator)
    let sights = try replica.read { snapshot in
      var sights: [RecordKey: Machine.Sight] = [:]
      for key in try snapshot.records(ofOperation: operation.number) {
        sights[key] = try snapshot.sight(of: key)
      }
      return sights
    }
    var steps: [UndoStep] = []
    let outcome = try confirmed(index, sights) {
      steps = try replica.write(at: now, as: Operation("undo")) {
        try $0.undo(operation.number) ?? []
      }
    }
    for step in steps {
      guard let kind = machines[index].schema[step.key.kind],
        let record = try replica.read({ try $0.record(step.key) }), !step.holds(of: record, kind)
      else { continue }
      breach("undo", "\(machines[index].name) says \(step), and shows \(record)")
    }
    let changed = steps.count(where: \.hasChanged)
    if changed > 0, outcome == nil {
      breach("undo", "\(machines[index].name) wrote nothing for \(steps)")
    }
    return outcome.map { "\($0) of \(operation.words): \(changed) of \(steps.count)" }
  }
}

extension UndoStep {
  /// Whether a record shows what the step says that it came to.
  fileprivate func holds(of record: Record, _ kind: Kind) -> Bool {
    switch outcome {
    case .deleted: return record.isHidden
    case .undeleted: return !record.isHidden
    case .unchanged, .left: return true
    case .restored(let value): return shows(value, in: record, kind)
    case .reopened(let values):
      let heads = field.flatMap { record.basis.heads[$0] } ?? []
      return heads.count >= values.count && shows(values.last ?? .null, in: record, kind)
    }
  }

  private func shows(_ value: Value, in record: Record, _ kind: Kind) -> Bool {
    guard let field else { return false }
    for family in kind.families {
      guard let member = family.member(of: field) else { continue }
      return record.members(of: family.name).contains(member) == (value == .bool(true))
    }
    // What a newer version wrote is not shown.
    guard kind.fields.contains(where: { $0.name == field }) else { return true }
    return (record[field] ?? .null) == value
  }
}
