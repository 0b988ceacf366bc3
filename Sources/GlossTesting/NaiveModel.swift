package import GlossCore

/// The merge as the rules state it, of one record: a set of changes, and everything computed from it anew.
///
/// It shares no code with ``RecordState``, is as slow as can be, and is what that is tested against.
package struct NaiveModel {
  /// The changes received, each once.
  package private(set) var changes: [Dot: Change] = [:]

  package init(_ changes: some Sequence<Change> = []) {
    for change in changes { receive(change) }
  }

  /// Takes in a change; one that was received before is ignored.
  package mutating func receive(_ change: Change) {
    if changes[change.dot] == nil { changes[change.dot] = change }
  }

  /// The changes that break a rule.
  package var invalid: Set<Dot> {
    Set(changes.values.filter { breaksARuleOfItsOwn($0) || hasAYoungParent($0) }.map(\.dot))
  }

  /// The heads of each register that was written, the displayed one first.
  package var heads: [Name: [Dot]] {
    var written: [Name: Set<Dot>] = [:]
    var named: [Name: Set<Dot>] = [:]
    let invalid = invalid
    for change in changes.values where !invalid.contains(change.dot) {
      for write in change.writes {
        written[write.field, default: []].insert(change.dot)
        named[write.field, default: []].formUnion(write.parents)
      }
    }
    var heads: [Name: [Dot]] = [:]
    for (field, dots) in written {
      heads[field] = dots.subtracting(named[field] ?? []).sorted { isDisplayed($0, before: $1) }
    }
    return heads
  }

  /// Parents of each register that valid writes name and that have not arrived.
  package var awaited: [Name: Set<Dot>] {
    var awaited: [Name: Set<Dot>] = [:]
    let invalid = invalid
    for change in changes.values where !invalid.contains(change.dot) {
      for write in change.writes {
        awaited[write.field, default: []].formUnion(write.parents.filter { changes[$0] == nil })
      }
    }
    return awaited
  }

  /// What is shown of the record.
  package func view(of kind: Kind?) -> RecordView {
    let heads = heads.filter { !$0.value.isEmpty }
    let values = heads.mapValues { $0[0] }
    var view = RecordView(values: [:], conflicts: [], isHidden: false)
    for (field, dot) in values { view.values[field] = value(dot, field) }

    let isDeleted = view.values["deleted"] == .bool(true)
    let covered = Set((heads["deleted"] ?? []).flatMap { changes[$0]?.covers ?? [] })
    let seen = heads.allSatisfy { field, dots in
      field == "deleted" || (kind.map { $0.policy(of: field) } ?? .keep) == .latest
        || covered.isSuperset(of: dots)
    }
    view.isHidden = isDeleted && seen

    guard let kind else { return view }
    for (field, dots) in heads where kind.policy(of: field) == .keep {
      if Set(dots.map { value($0, field) }).count > 1 && (!view.isHidden || field == "deleted") {
        view.conflicts.append(Conflict(field: field, reason: .values))
      }
    }
    if isDeleted && !seen {
      view.conflicts.removeAll { $0.field == "deleted" }
      view.conflicts.append(Conflict(field: "deleted", reason: .editedAndDeleted))
    }
    view.conflicts.sort { $0.field < $1.field }
    return view
  }

  /// The value that a change wrote to a field.
  package func value(_ dot: Dot, _ field: Name) -> Value? {
    changes[dot]?.writes.first { $0.field == field }?.value
  }

  /// Every change that `dot` replaced in `field`, directly or not, itself included.
  package func ancestors(of dot: Dot, in field: Name) -> Set<Dot> {
    var found: Set<Dot> = []
    var rest = [dot]
    while let next = rest.popLast() {
      guard found.insert(next).inserted else { continue }
      rest += changes[next]?.writes.first { $0.field == field }?.parents ?? []
    }
    return found
  }

  /// Greatest timestamp first, then greatest replica, then greatest number.
  private func isDisplayed(_ left: Dot, before right: Dot) -> Bool {
    guard let first = changes[left], let second = changes[right] else { return false }
    if first.timestamp.rawValue != second.timestamp.rawValue {
      return first.timestamp.rawValue > second.timestamp.rawValue
    }
    if left.replica != right.replica { return left.replica.value > right.replica.value }
    return left.seq > right.seq
  }

  /// A parent that was received, valid or not, is older than its child; at the end of time it may be as old.
  private func hasAYoungParent(_ change: Change) -> Bool {
    change.writes.flatMap(\.parents).compactMap { changes[$0] }.contains { parent in
      let isAtTheEnd =
        parent.timestamp.rawValue == .max && change.timestamp.rawValue == .max
      return parent.timestamp.rawValue >= change.timestamp.rawValue && !isAtTheEnd
    }
  }
}

/// What a change may not be, whatever else was received.
private func breaksARuleOfItsOwn(_ change: Change) -> Bool {
  let names = [change.kind.text] + change.writes.map(\.field.text)
  if change.dot.seq == 0 || change.dot.seq >= 1 << 40 { return true }
  if names.contains(where: { $0.utf8.isEmpty || $0.utf8.count > 200 || $0.utf8.contains(0) }) {
    return true
  }
  if change.writes.isEmpty || change.writes.count > 256 { return true }
  if Set(change.writes.map { Array($0.field.text.utf8) }).count < change.writes.count {
    return true
  }
  for write in change.writes {
    if write.parents.count > 64 || Set(write.parents).count < write.parents.count { return true }
    if write.parents.contains(change.dot) { return true }
    if case .text(let text) = write.value, text.utf8.contains(0) { return true }
    if case .unknown(let tag, _) = write.value, tag < 8 { return true }
  }
  let sizes = change.writes.map { size(of: $0.value) }
  if sizes.contains(where: { $0 > 262_144 }) || sizes.reduce(0, +) > 1_048_576 { return true }
  let isDelete = change.writes.contains { $0.field == "deleted" && $0.value == .bool(true) }
  if !isDelete && !change.covers.isEmpty { return true }
  return change.covers.count > 4_096 || Set(change.covers).count < change.covers.count
}

private func size(of value: Value) -> Int {
  switch value {
  case .null: 0
  case .bool: 1
  case .integer, .real: 8
  case .text(let text): text.utf8.count
  case .bytes(let bytes), .unknown(_, let bytes): bytes.count
  case .record: 16
  case .blob: 32
  }
}
