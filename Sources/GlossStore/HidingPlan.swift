internal import GlossCore

/// Which of the records that an operation made or brought back go when it is taken back: those to which nothing was written since, and
/// to which nothing belongs that does not go with them.
struct HidingPlan {
  private var candidates: [RecordKey] = []
  private var parents: [RecordKey: [RecordKey]] = [:]
  private var reasons: [RecordKey: UndoStep.Reason] = [:]

  /// Notes a record if it would go.
  mutating func consider(_ past: Past, in edits: Edits) throws(StoreError) {
    guard try past.wouldBeHidden(), try !edits.transaction.isHidden(past.key) else { return }
    candidates.append(past.key)
    parents[past.key] = past.parents
    let later = past.laterHeads()
    if !later.isEmpty { reasons[past.key] = .writtenSince(later) }
  }

  /// Finds out which go.
  mutating func settle(in edits: Edits) throws(StoreError) {
    let all = Set(candidates)
    var isSettled = false
    while !isSettled {
      isSettled = true
      for key in candidates where reasons[key] == nil {
        let left = (parents[key] ?? []).first { reasons[$0] != nil }
        let children = try edits.transaction.children(of: edits.require(key), hidden: false)
          .filter { !all.contains($0) || reasons[$0] != nil }
        guard left != nil || !children.isEmpty else { continue }
        reasons[key] = children.isEmpty ? left.map { .parentLeft($0) } : .inUse(children)
        isSettled = false
      }
    }
  }

  /// Whether the record goes.
  func hides(_ key: RecordKey) -> Bool { parents[key] != nil && reasons[key] == nil }

  /// What comes of a record that would go.
  func outcome(for key: RecordKey) -> UndoStep.Outcome {
    guard parents[key] != nil else { return .unchanged }
    return reasons[key].map { .left($0) } ?? .deleted
  }
}
