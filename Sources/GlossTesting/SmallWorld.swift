package import GlossCore

// Small worlds
// ============
//
// Problem: a merge that is wrong is wrong in small histories already: two edits and a delete, a parent that comes late. Random
// histories find those by luck. All small histories can be counted, and then none is left out.
//
// Idea: a story is a number. Each of its steps says which of three replicas acts, what its author has seen by then and what they
// do, so a story of n steps is a number of n digits in base `choices`, and every number below `choices` to the n is a story. The
// three replicas have clocks of three kinds: one right, one that stands, one that is far ahead; between them they tie and are in
// each order. Several numbers give the same set of changes, and then they are one world; a step that leaves nothing to write
// makes the story one of fewer steps, which has a number of its own, so such a number is no world at all.

/// A story of a few steps by three replicas about one record, by its number.
package struct SmallWorld: Sendable, CustomStringConvertible {
  /// What one step does.
  package enum Deed: Int, CaseIterable, Sendable {
    case writesA, writesB, writesTwoFields, writesLatest, resolves, deletes, restores
    /// Names as parent a change that nobody ever makes.
    case namesNobody
    /// Names as parent the change that the next replica makes next, if it makes one.
    case namesTheFuture
    /// Writes a text that no text may be, over what is shown.
    case breaksARule
    /// Writes over what is shown, at the end of time.
    case writesAtTheEnd
  }

  /// What the author of a step has seen.
  package enum Sight: Int, CaseIterable, Sendable {
    /// What they saw at the step before, although they have edited since.
    case asBefore
    /// What their own replica holds.
    case own
    /// What every replica holds.
    case everything
  }

  package static let replicaCount = 3

  /// How many different steps there are.
  package static let choices = UInt64(replicaCount * Sight.allCases.count * Deed.allCases.count)

  /// The number of stories of this many steps, worlds or not.
  package static func count(stepCount: Int) -> UInt64 {
    (0..<stepCount).reduce(1) { product, _ in product * choices }
  }

  /// The changes, one a step, in the order in which they were made.
  package private(set) var changes: [Change] = []

  package let number: UInt64
  private var replicas = (1...UInt128(replicaCount)).map { SmallReplica(id: ReplicaID($0)) }

  /// Creates the story of this number, or returns `nil` where one of its steps has nothing to write.
  package init?(stepCount: Int, number: UInt64) {
    self.number = number
    var rest = number
    for _ in 0..<stepCount {
      let digit = Int(rest % Self.choices)
      rest /= Self.choices
      let replica = digit % Self.replicaCount
      let (deed, sight) = (digit / Self.replicaCount).quotientAndRemainder(
        dividingBy: Sight.allCases.count)
      guard act(replica, Sight.allCases[sight], Deed.allCases[deed]) else { return nil }
    }
  }

  /// Draws a story of this many steps.
  package static func random(
    stepCount: Int, using random: inout some RandomNumberGenerator
  ) -> SmallWorld {
    while true {
      let number = UInt64.random(in: 0..<count(stepCount: stepCount), using: &random)
      if let world = SmallWorld(stepCount: stepCount, number: number) { return world }
    }
  }

  package var description: String { "the world \(number) of \(changes.count) steps" }

  private mutating func act(_ index: Int, _ sight: Sight, _ deed: Deed) -> Bool {
    if sight == .everything { replicas[index].held = changes }
    let state = RecordState.computed(of: replicas[index].held).state
    if sight != .asBefore { replicas[index].basis = state.basis }
    let dot = Dot(replicas[index].id, replicas[index].seq + 1)
    let writes = writes(of: deed, by: index, in: state)
    guard !writes.isEmpty else { return false }
    let floor = state.floor(of: writes.map(\.field))
    let change = Change(
      dot: dot,
      timestamp: deed == .writesAtTheEnd ? .max : .next(at: now(at: index), above: floor),
      record: RecordID(7), kind: ChangeGenerator.kind.name, writes: writes,
      covers: deed == .deletes ? replicas[index].basis.dots : [])
    changes.append(change)
    replicas[index].seq += 1
    replicas[index].held.append(change)
    return true
  }

  private func writes(of deed: Deed, by index: Int, in state: RecordState) -> [Write] {
    let replica = replicas[index]
    let shown = (replica.basis.heads["title"] ?? []).prefix(1)
    func edit(_ field: Name, _ value: Value) -> Write? {
      state.edit(
        field, to: value, policy: ChangeGenerator.kind.policy(of: field), basedOn: replica.basis
      ) { dot in changes.first { $0.dot == dot }?.write(to: field)?.value }
    }
    let writes: [Write?] =
      switch deed {
      case .writesA: [edit("title", .text("a"))]
      case .writesB: [edit("title", .text("b"))]
      case .writesTwoFields:
        [edit("title", .text("b")), edit("body", .text("\(changes.count)"))]
      case .writesLatest: [edit("progress", .integer(Int64(changes.count)))]
      case .resolves:
        [
          state.resolution("title", to: .text("a"), basedOn: replica.basis) { dot in
            changes.first { $0.dot == dot }?.write(to: "title")?.value
          }
        ]
      case .deletes: [edit(GlossCore.Field.deleted, .bool(true))]
      case .restores: [edit(GlossCore.Field.deleted, .bool(false))]
      case .namesNobody: [Write("title", .text("n"), parents: [Dot(ReplicaID(9), 1)] + shown)]
      case .namesTheFuture: [Write("title", .text("f"), parents: [next(after: index)])]
      case .breaksARule: [Write("title", .text("\0"), parents: Array(shown))]
      case .writesAtTheEnd: [Write("title", .text("e"), parents: Array(shown))]
      }
    return writes.compactMap(\.self)
  }

  private func next(after index: Int) -> Dot {
    let other = replicas[(index + 1) % replicas.count]
    return Dot(other.id, other.seq + 1)
  }

  /// The first replica's clock is right, the second's stands, the third's is far ahead.
  private func now(at index: Int) -> UInt64 {
    [100 + UInt64(changes.count / 2), 100, 1_000_000][index]
  }
}

/// A replica of a small world, and the person before it.
private struct SmallReplica: Sendable {
  let id: ReplicaID
  var seq: UInt64 = 0
  var held: [Change] = []
  var basis = Basis.nothing
}
