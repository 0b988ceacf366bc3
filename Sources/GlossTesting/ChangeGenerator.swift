package import GlossCore

/// Makes random histories of one record: several replicas that edit what they saw, fresh or stale, under odd clocks.
///
/// A replica receives others' changes one by one and in any order, children before parents too. The same seed makes the
/// same history.
package struct ChangeGenerator: Sendable {
  /// The kind of the record: two `keep` fields, a `latest` one and a family of `latest` ones.
  package static let kind = Kind(
    "note",
    fields: [
      Field("title", .text, .keep), Field("body", .text, .keep),
      Field("progress", .integer, .latest),
    ],
    families: [Family("tag", .latest)])

  /// A change, and what its author had before them.
  package struct Made: Sendable {
    package var change: Change

    /// The heads that the author was shown.
    package let basis: Basis

    /// Every change that the author held when they made it.
    package let held: Set<Dot>

    /// Whether no honest program would have made it.
    package let isHostile: Bool
  }

  /// How often a change is one that no honest program makes: one that breaks a rule or is likely to.
  package var hostilePercent: Int

  /// How often a replica looks again before it edits.
  package var freshPercent: Int

  private var random: SeededGenerator
  private var replicas: [Replica] = []
  private var made: [Made] = []
  private let record: RecordID

  package init(
    seed: UInt64, replicaCount: Int, hostilePercent: Int = 0, freshPercent: Int = 50
  ) {
    random = SeededGenerator(seed: seed)
    record = .random(using: &random)
    self.hostilePercent = hostilePercent
    self.freshPercent = freshPercent
    for _ in 0..<replicaCount {
      let clock = Clock(rawValue: Int.random(in: 0..<6, using: &random)) ?? .right
      replicas.append(Replica(id: .random(using: &random), clock: clock))
    }
  }

  /// Makes the next `count` changes.
  package mutating func history(_ count: Int) -> [Made] {
    let first = made.count
    while made.count < first + count { step() }
    return Array(made[first...])
  }

  private mutating func step() {
    let index = replicas.indices.randomElement(using: &random) ?? 0
    receiveSome(at: index)
    let held = Set(replicas[index].held.keys)
    if random.happens(percent: freshPercent) { replicas[index].look() }
    let isHostile = random.happens(percent: hostilePercent)
    let change = isHostile ? hostileChange(by: replicas[index]) : honestChange(by: replicas[index])
    guard let change else { return }
    let basis = replicas[index].basis
    made.append(Made(change: change, basis: basis, held: held, isHostile: isHostile))
    replicas[index].seq += 1
    replicas[index].receive(change)
  }

  private mutating func receiveSome(at index: Int) {
    let percent = [0, 10, 50, 100].randomElement(using: &random) ?? 0
    for made in made.shuffled(using: &random) where random.happens(percent: percent) {
      replicas[index].receive(made.change)
    }
  }

  // MARK: Honest changes

  private mutating func honestChange(by replica: Replica) -> Change? {
    var writes: [Write] = []
    var covers: [Dot] = []
    switch Int.random(in: 0..<10, using: &random) {
    case 0:
      writes = [replica.edit(GlossCore.Field.deleted, to: .bool(true), .keep)].compactMap(\.self)
      covers = writes.isEmpty ? [] : replica.basis.dots
    case 1:
      writes = [replica.edit(GlossCore.Field.deleted, to: .bool(false), .keep)].compactMap(\.self)
    case 2:
      let field = randomField()
      writes = [replica.resolution(field, to: randomValue(of: field))].compactMap(\.self)
    default:
      for _ in 0..<Int.random(in: 1...2, using: &random) {
        let field = randomField()
        guard !writes.contains(where: { $0.field == field }) else { continue }
        let policy = Self.kind.policy(of: field)
        if let write = replica.edit(field, to: randomValue(of: field), policy) {
          writes.append(write)
        }
      }
    }
    guard !writes.isEmpty else { return nil }
    let floor = replica.state.floor(of: writes.map(\.field))
    let timestamp = Timestamp.next(at: now(of: replica), above: floor)
    return Change(
      dot: Dot(replica.id, replica.seq + 1), timestamp: timestamp, record: record,
      kind: Self.kind.name, writes: writes, covers: covers)
  }

  private mutating func randomField() -> Name {
    ["title", "title", "body", "progress", "tag/a", "tag/b", "newer"]
      .randomElement(using: &random) ?? "title"
  }

  /// Few values, so that equal ones meet; two of the texts are equal to Unicode and to nobody else.
  private mutating func randomValue(of field: Name) -> Value {
    switch field {
    case "progress", "newer": .integer(Int64.random(in: 0...3, using: &random))
    case "tag/a", "tag/b": .bool(Bool.random(using: &random))
    default: .text(["a", "b", "caf\u{E9}", "cafe\u{301}"].randomElement(using: &random) ?? "a")
    }
  }

  private mutating func now(of replica: Replica) -> UInt64 {
    let right = 1_700_000_000_000 + UInt64(made.count) / 2
    return switch replica.clock {
    case .right: right
    case .stopped: 1_600_000_000_000
    case .ahead: right + 80 * 31_557_600_000
    case .backwards: right - 1_000 * UInt64(made.count)
    case .random: UInt64.random(in: 0...2 * right, using: &random)
    case .ended: .max
    }
  }

  // MARK: Hostile changes

  private mutating func hostileChange(by replica: Replica) -> Change {
    let dot = Dot(replica.id, replica.seq + 1)
    var timestamp = Timestamp(rawValue: UInt64.random(in: 1...6, using: &random))
    if random.happens(percent: 20) { timestamp = .max }
    var kind = Self.kind.name
    var writes = [Write("title", .text("x"), parents: anyDots())]
    var covers: [Dot] = []
    switch Int.random(in: 0..<16, using: &random) {
    case 0: kind = ""
    case 1: writes = []
    case 2: writes.append(Write("title", .text("y")))
    case 3: writes = [Write("ti\0tle", .null)]
    case 4: writes = [Write("title", .text("\0"), parents: anyDots())]
    case 5: writes = [Write("title", .unknown(tag: 4, bytes: [0xFF]), parents: anyDots())]
    case 6: writes = [Write("title", .null, parents: [dot])]
    case 7: covers = anyDots() + [dot]
    case 8:
      writes = [Write(GlossCore.Field.deleted, .bool(true), parents: anyDots())]
      covers = anyDots()
    case 9, 10: writes.append(Write("body", .text("x"), parents: anyDots()))
    default: break
    }
    return Change(
      dot: dot, timestamp: timestamp, record: record, kind: kind, writes: writes, covers: covers)
  }

  /// Up to three dots of changes that were made, will be made, or never are.
  private mutating func anyDots() -> [Dot] {
    var dots: Set<Dot> = []
    for _ in 0..<Int.random(in: 0...3, using: &random) {
      guard let replica = replicas.randomElement(using: &random) else { continue }
      dots.insert(Dot(replica.id, UInt64.random(in: 1...replica.seq + 3, using: &random)))
    }
    return Array(dots)
  }
}

/// What a replica's clock shows.
private enum Clock: Int {
  case right, stopped, ahead, backwards, random, ended
}

/// A replica, and the person before it.
private struct Replica {
  let id: ReplicaID
  let clock: Clock
  var seq: UInt64 = 0
  var held: [Dot: Change] = [:]
  var state = RecordState()
  var basis = Basis.nothing

  init(id: ReplicaID, clock: Clock) {
    self.id = id
    self.clock = clock
  }

  mutating func receive(_ change: Change) {
    guard held.updateValue(change, forKey: change.dot) == nil else { return }
    state = RecordState.computed(of: Array(held.values)).state
  }

  mutating func look() {
    basis = state.basis
  }

  func edit(_ field: Name, to value: Value, _ policy: Policy) -> Write? {
    state.edit(field, to: value, policy: policy, basedOn: basis) {
      held[$0]?.write(to: field)?.value
    }
  }

  func resolution(_ field: Name, to value: Value) -> Write? {
    state.resolution(field, to: value, basedOn: basis) { held[$0]?.write(to: field)?.value }
  }
}
