import GlossCore

// The merge: any set of changes, in any order. What it is held against is written here once more, from the sentence that defines
// it: the heads are the valid writes less all dots that a valid write names.

/// Changes of one record, four bytes and its parents each: small numbers, so that dots, times and parents meet.
func fuzzMerge(_ input: [UInt8]) {
  var reader = ByteReader(input)
  var changes: [Dot: Change] = [:]
  var order: [Dot] = []
  while changes.count < 12, let who = try? reader.readByte(), let when = try? reader.readByte(),
    let what = try? reader.readByte(), let count = try? reader.readByte()
  {
    let writes = (0...Int(what >> 6 & 1)).map { index in
      let parents = (0..<Int(count & 3)).compactMap { _ in (try? reader.readByte()).map(dot) }
      let field: Name = what & 0x80 != 0 ? Field.deleted : index == 0 ? "a" : "b"
      return Write(
        field, what & 0x80 != 0 ? .bool(true) : .integer(Int64(what & 3)),
        parents: parents)
    }
    let covers = what & 0x20 != 0 ? writes.flatMap(\.parents) : []
    let change = Change(
      dot: dot(who), timestamp: Timestamp(rawValue: UInt64(when & 15)), record: RecordID(1),
      kind: "note", writes: writes, covers: covers)
    if changes.updateValue(change, forKey: change.dot) == nil { order.append(change.dot) }
  }
  merge(order.compactMap { changes[$0] })
}

private func dot(_ byte: UInt8) -> Dot { Dot(ReplicaID(UInt128(byte & 3)), UInt64(byte >> 2 & 7)) }

/// Merges changes in four orders, each record by itself, and compares what comes out.
func merge(_ changes: [Change]) {
  for changes in Dictionary(grouping: changes, by: { [$0.kind.text, $0.record.description] }).values
  where changes.count <= 64 {
    let (state, invalid) = RecordState.computed(of: changes)
    check(heads(of: changes) == headDots(state), "heads are valid writes less their parents")
    for (field, register) in state.registers {
      check(register.heads == register.heads.sorted(by: >), "heads of \(field) descend")
      let early = Set(register.earlyParents.map(\.dot))
      check(early.isDisjoint(with: register.heads.map(\.dot)), "no head is awaited")
    }
    check(Set(invalid.keys).isSubset(of: changes.map(\.dot)), "what is invalid was given")
    let middle = changes.count / 2
    for order in [
      changes, changes.reversed(), Array(changes[middle...] + changes[..<middle]),
      changes.sorted { ($0.timestamp, $0.dot) > ($1.timestamp, $1.dot) },
    ] {
      check(arriving(order) == state, "the state does not depend on the order")
    }
    let byDot = Dictionary(changes.map { ($0.dot, $0) }, uniquingKeysWith: { first, _ in first })
    _ = state.view(of: nil) { dot -> Change in
      guard let change = byDot[dot] else { fatalError("a head was received") }
      return change
    }
  }
}

/// Returns the state that changes leave which arrive one by one.
private func arriving(_ changes: [Change]) -> RecordState {
  var state = RecordState()
  var timestamps: [Dot: Timestamp] = [:]
  for (index, change) in changes.enumerated() {
    if state.merge(change, timestampOf: { timestamps[$0] }) == .stale {
      state = RecordState.computed(of: Array(changes[...index])).state
    }
    timestamps[change.dot] = change.timestamp
  }
  return state
}

private func heads(of changes: [Change]) -> [Name: Set<Dot>] {
  let times = Dictionary(
    changes.map { ($0.dot, $0.timestamp) }, uniquingKeysWith: { first, _ in first })
  let valid = changes.filter { change in
    change.violation == nil
      && change.writes.flatMap(\.parents).allSatisfy {
        times[$0].map { change.timestamp.mayFollow($0) } ?? true
      }
  }
  var heads: [Name: Set<Dot>] = [:]
  for change in valid {
    for write in change.writes { heads[write.field, default: []].insert(change.dot) }
  }
  for change in valid {
    for write in change.writes { heads[write.field]?.subtract(write.parents) }
  }
  return heads.filter { !$0.value.isEmpty }
}

private func headDots(_ state: RecordState) -> [Name: Set<Dot>] {
  state.registers.mapValues { Set($0.heads.map(\.dot)) }.filter { !$0.value.isEmpty }
}
