import GlossCore
import GlossTesting

/// Receives changes of one record as a store does: each once, and all anew where an old one turns out to be invalid.
struct Receiver {
  private(set) var held: [Dot: Change] = [:]
  private(set) var state = RecordState()
  private(set) var invalid: Set<Dot> = []
  private(set) var staleCount = 0

  init(_ changes: some Sequence<Change> = []) {
    for change in changes { receive(change) }
  }

  mutating func receive(_ change: Change) {
    guard held[change.dot] == nil else { return }
    switch state.merge(change, timestampOf: { held[$0]?.timestamp }) {
    case .merged: break
    case .invalid: invalid.insert(change.dot)
    case .stale:
      staleCount += 1
      let all = RecordState.computed(of: Array(held.values) + [change])
      (state, invalid) = (all.state, Set(all.invalid.keys))
    }
    held[change.dot] = change
  }

  var heads: [Name: [Dot]] { state.registers.mapValues { $0.heads.map(\.dot) } }

  func view(of kind: Kind? = ChangeGenerator.kind) throws -> RecordView {
    try state.view(of: kind) { dot throws(NotHeld) in
      guard let change = held[dot] else { throw NotHeld(dot: dot) }
      return change
    }
  }

  func value(_ dot: Dot, _ field: Name) -> Value? { held[dot]?.write(to: field)?.value }

  struct NotHeld: Error { let dot: Dot }
}

/// A person at a replica of their own, for tests that tell a story.
struct Author {
  let id: ReplicaID
  var now: UInt64
  private(set) var receiver = Receiver()
  private(set) var made: [Change] = []

  init(_ number: UInt128, now: UInt64 = 1_000) {
    id = ReplicaID(number)
    self.now = now
  }

  var basis: Basis { receiver.state.basis }
  var view: RecordView { get throws { try receiver.view() } }
  func heads(_ field: Name) -> [Dot] { receiver.heads[field] ?? [] }

  mutating func receive(_ changes: [Change]) {
    for change in changes { receiver.receive(change) }
  }

  /// Edits a field as one who saw `basis`, or what is shown now. Returns whether there was anything to write.
  @discardableResult
  mutating func edit(_ field: Name, _ value: Value, basedOn basis: Basis? = nil) -> Bool {
    let write = receiver.state.edit(
      field, to: value, policy: ChangeGenerator.kind.policy(of: field),
      basedOn: basis ?? self.basis
    ) { receiver.value($0, field) }
    return commit(write)
  }

  @discardableResult
  mutating func resolve(_ field: Name, _ value: Value, basedOn basis: Basis? = nil) -> Bool {
    let basis = basis ?? self.basis
    return commit(
      receiver.state.resolution(field, to: value, basedOn: basis) { receiver.value($0, field) })
  }

  mutating func delete(basedOn basis: Basis? = nil) {
    let basis = basis ?? self.basis
    let write = receiver.state.edit(
      Field.deleted, to: .bool(true), policy: .keep, basedOn: basis
    ) { receiver.value($0, Field.deleted) }
    commit(write, covers: basis.dots)
  }

  @discardableResult
  private mutating func commit(_ write: Write?, covers: [Dot] = []) -> Bool {
    guard let write else { return false }
    let floor = receiver.state.floor(of: [write.field])
    let change = Change(
      dot: Dot(id, UInt64(made.count) + 1), timestamp: .next(at: now, above: floor),
      record: someRecord, kind: "note", writes: [write], covers: covers)
    made.append(change)
    receiver.receive(change)
    return true
  }
}

let someRecord = RecordID(7)

func dot(_ replica: UInt128, _ seq: UInt64) -> Dot { Dot(ReplicaID(replica), seq) }

/// A change of one write to `field`.
func change(
  _ dot: Dot, at time: UInt64, _ field: Name = "title", _ value: Value = .text("x"),
  parents: [Dot] = [], covers: [Dot] = []
) -> Change {
  Change(
    dot: dot, timestamp: Timestamp(rawValue: time), record: someRecord, kind: "note",
    writes: [Write(field, value, parents: parents)], covers: covers)
}

/// Calls `body` with every order of `elements`, by Heap's method, until it returns `false`.
func forEachOrder<Element>(of elements: [Element], _ body: ([Element]) throws -> Bool) rethrows {
  var order = elements
  var counters = Array(repeating: 0, count: order.count)
  guard try body(order) else { return }
  var index = 1
  while index < order.count {
    if counters[index] < index {
      order.swapAt(index % 2 == 0 ? 0 : counters[index], index)
      guard try body(order) else { return }
      counters[index] += 1
      index = 1
    } else {
      counters[index] = 0
      index += 1
    }
  }
}
