internal import GlossCore

/// What a record would be without some of its changes.
struct Past {
  let key: RecordKey
  /// The changes that are taken away.
  let own: Set<Dot>
  /// The fields that these wrote to, in order, the one that says whether the record is deleted last.
  let fields: [Name]
  /// Whether they made the record.
  let isCreated: Bool
  let state: RecordState

  private let kind: Kind?
  /// The record's changes that count, the oldest first.
  private let changes: [Change]
  private let changeByDot: [Dot: Change]

  /// Reads a record; `nil` where there is none.
  init?(_ key: RecordKey, without own: Set<Dot>, in edits: Edits) throws(StoreError) {
    guard let target = try edits.existing(key), let number = target.number else { return nil }
    let all = try edits.transaction.changes(of: number, id: key.id, state: target.state)
    let invalid = RecordState.computed(of: all).invalid
    let valid = all.filter { invalid[$0.dot] == nil }
      .sorted { ($0.timestamp, $0.dot) < ($1.timestamp, $1.dot) }
    self.key = key
    self.own = own
    kind = edits.transaction.schema[key.kind]
    state = target.state
    changes = valid
    changeByDot = Dictionary(valid.map { ($0.dot, $0) }) { first, _ in first }
    isCreated = valid.first.map { own.contains($0.dot) } ?? false
    let written = Set(valid.filter { own.contains($0.dot) }.flatMap { $0.writes.map(\.field) })
    let hasDeleted = written.contains(Field.deleted)
    fields = written.subtracting([Field.deleted]).sorted() + (hasDeleted ? [Field.deleted] : [])
  }

  // MARK: - Values

  /// The value that stands for none in a field.
  private func emptyValue(of field: Name) -> Value {
    let isMember = kind?.families.contains { $0.member(of: field) != nil } ?? false
    return isMember || field == Field.deleted ? .bool(false) : .null
  }

  private func value(_ dot: Dot, _ field: Name) -> Value? {
    changeByDot[dot]?.write(to: field)?.value
  }

  /// What the changes left in a field.
  private func valueLeft(in field: Name) -> Value {
    let last = changes.last { own.contains($0.dot) && $0.write(to: field) != nil }
    return last?.write(to: field)?.value ?? emptyValue(of: field)
  }

  /// Whether a head is one of the changes, or says the same as they left.
  private func isAsLeft(_ head: Head, _ field: Name) -> Bool {
    own.contains(head.dot) || value(head.dot, field) == valueLeft(in: field)
  }

  private func heads(_ field: Name) -> [Head] { state.registers[field]?.heads ?? [] }

  /// The heads that a field would have without some changes, the displayed one first.
  private func heads(_ field: Name, without excluded: Set<Dot>) -> [Head] {
    var named: Set<Dot> = []
    var written: [Head] = []
    for change in changes where !excluded.contains(change.dot) {
      guard let write = change.write(to: field) else { continue }
      named.formUnion(write.parents)
      written.append(Head(change.dot, change.timestamp))
    }
    return written.filter { !named.contains($0.dot) }.sorted(by: >)
  }

  /// The changes, and all that were written on top of them in a field.
  private func ownAndLater(in field: Name) -> Set<Dot> {
    var later = own
    for change in changes {
      guard let write = change.write(to: field) else { continue }
      if write.parents.contains(where: later.contains) { later.insert(change.dot) }
    }
    return later
  }

  // MARK: - Fields

  /// How a field comes to show what it would show without the changes.
  enum Restoration {
    /// By writes of one change each, the one that is to be shown last.
    case writes([Write])
    /// By nothing.
    case none(UndoStep.Outcome)
  }

  func restoration(of field: Name) throws(StoreError) -> Restoration {
    let heads = heads(field)
    let live = heads.filter { isAsLeft($0, field) }
    let others = heads.filter { !isAsLeft($0, field) }
    let isReplaced = !heads.contains { own.contains($0.dot) }
    let before = self.heads(field, without: isReplaced ? ownAndLater(in: field) : own)
    let value = before.first.flatMap { self.value($0.dot, field) } ?? emptyValue(of: field)
    guard let shown = heads.first, let shownValue = self.value(shown.dot, field) else {
      return .none(.unchanged)
    }
    guard !live.isEmpty else {
      return .none(shownValue == value ? .unchanged : .left(.writtenSince(others.map(\.dot))))
    }
    if value.isLeftOut { return .none(.left(.valueDropped)) }
    if (kind?.policy(of: field) ?? .keep) == .latest {
      guard isAsLeft(shown, field) else { return .none(.left(.writtenSince([shown.dot]))) }
      guard value != shownValue else { return unchanged(heads) }
      return .writes([Write(field, value, parents: parents(heads))])
    }
    let siblings = siblings(in: field, among: before, beside: value, others)
    let isSame = live.allSatisfy { self.value($0.dot, field) == value }
    if siblings.isEmpty, isSame { return unchanged(heads) }
    let equal = others.filter { self.value($0.dot, field) == value }
    return .writes(
      siblings.map { Write(field, $0, parents: parents(live)) }
        + [Write(field, value, parents: parents(live + equal))])
  }

  /// The other values that were open before and are not now, the least first.
  private func siblings(
    in field: Name, among before: [Head], beside shown: Value, _ others: [Head]
  ) -> [Value] {
    var known = [shown] + others.compactMap { value($0.dot, field) }
    var siblings: [Value] = []
    for head in before.dropFirst() where others.count + siblings.count < Limits.heads - 1 {
      guard let value = value(head.dot, field), !value.isLeftOut, !known.contains(value) else {
        continue
      }
      known.append(value)
      siblings.append(value)
    }
    return siblings.reversed()
  }

  /// Nothing to do: the field shows it already, because that was put back, or because somebody else wrote the same.
  private func unchanged(_ heads: [Head]) -> Restoration {
    let foreign = heads.map(\.dot).filter { !own.contains($0) }
    let isReplaced = foreign.count == heads.count
    return .none(isReplaced || foreign.isEmpty ? .unchanged : .left(.writtenSince(foreign)))
  }

  private func parents(_ heads: [Head]) -> [Dot] {
    Array(heads.map(\.dot).prefix(Limits.parents))
  }

  // MARK: - The record as a whole

  /// Whether the record would be hidden.
  func wouldBeHidden() throws(StoreError) -> Bool {
    if isCreated { return true }
    guard fields.contains(Field.deleted) else { return false }
    guard case .writes(let writes) = try restoration(of: Field.deleted) else { return false }
    return writes.last?.value == .bool(true)
  }

  /// The heads that say something that the changes' author did not leave there, and that deleting the record would hide.
  func laterHeads() -> [Dot] {
    // Bringing a record back leaves its fields as whoever deleted it saw them.
    let deletes = heads(Field.deleted, without: own)
    let covered = isCreated ? [] : Set(deletes.flatMap { changeByDot[$0.dot]?.covers ?? [] })
    var later: Set<Dot> = []
    for (field, register) in state.registers where field != Field.deleted {
      if !isCreated, (kind?.policy(of: field) ?? .keep) == .latest { continue }
      let coveredValues = covered.compactMap { value($0, field) }
      for head in register.heads where !covered.contains(head.dot) {
        if isAsLeft(head, field) { continue }
        if let value = value(head.dot, field), coveredValues.contains(value) { continue }
        later.insert(head.dot)
      }
    }
    return later.sorted()
  }

  /// The records that this one belongs to.
  var parents: [RecordKey] {
    (kind?.fields ?? []).compactMap { field in
      guard case .reference(let target) = field.type, let head = heads(field.name).first,
        case .record(let id)? = value(head.dot, field.name)
      else { return nil }
      return RecordKey(target, id)
    }
  }
}
