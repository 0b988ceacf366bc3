import GlossCore
import GlossTesting
import Testing

/// What holds of every history that honest programs make, whatever their clocks show and however stale their authors'
/// view is.
struct InvariantTests {
  @Test func `I1: heads are a function of the set of changes received`() {
    for (seed, made) in histories(25) {
      var random = SeededGenerator(seed: seed)
      let half = made.map(\.change).filter { _ in random.happens(percent: 60) }
      let heads = NaiveModel(half).heads
      for _ in 0..<5 {
        #expect(Receiver(half.shuffled(using: &random)).heads == heads, "seed \(seed)")
      }
    }
  }

  @Test func `I3: every value written is a head, or an ancestor of a head by someone who held it`()
  {
    for (seed, made) in histories(25) {
      let model = NaiveModel(made.map(\.change))
      let heldByDot = Dictionary(uniqueKeysWithValues: made.map { ($0.change.dot, $0.held) })
      var reached: [Name: Set<Dot>] = [:]
      for (field, heads) in model.heads {
        for head in heads {
          reached[field, default: []].formUnion(model.ancestors(of: head, in: field))
        }
      }
      for change in made.map(\.change) {
        for write in change.writes {
          #expect(reached[write.field]?.contains(change.dot) == true, "seed \(seed): \(change.dot)")
          let held = heldByDot[change.dot] ?? []
          #expect(held.isSuperset(of: write.parents), "seed \(seed): \(change.dot)")
        }
      }
    }
  }

  @Test func `I4: no write replaces a value that its author was not shown`() {
    #expect(histories(25).allSatisfy { unseenReplacements(in: $0.made).isEmpty })
  }

  @Test func `I4 is broken by an edit that names whatever is current`() {
    let broken = histories(25).count { seed, made in
      var blind = made
      for (index, made) in made.enumerated() {
        // The same edit, had its program taken the heads at commit for what its author saw.
        let current = NaiveModel(
          blind[..<index].map(\.change).filter { made.held.contains($0.dot) }
        )
        .heads
        let writes = made.change.writes.map {
          Write($0.field, $0.value, parents: current[$0.field] ?? [])
        }
        let change = Change(
          dot: made.change.dot, timestamp: made.change.timestamp, record: made.change.record,
          kind: made.change.kind, writes: writes, covers: made.change.covers)
        blind[index].change = change
      }
      return !unseenReplacements(in: blind).isEmpty
    }
    #expect(broken > 50)
  }

  @Test func `I5: a conflict is shown exactly where two distinct values are heads`() throws {
    for (seed, made) in histories(25) {
      let receiver = Receiver(made.map(\.change))
      let view = try receiver.view()
      guard !view.isHidden else { continue }
      for (field, heads) in receiver.heads where field != Field.deleted {
        let values = Set(heads.map { receiver.value($0, field) })
        let isAtOdds = values.count > 1 && ChangeGenerator.kind.policy(of: field) == .keep
        let isShown = view.conflicts.contains(Conflict(field: field, reason: .values))
        #expect(isShown == isAtOdds, "seed \(seed): \(field)")
      }
    }
  }

  @Test func `I7: heads never exceed 32 and the number of replicas`() {
    for seed in UInt64(1)...3 {
      var random = SeededGenerator(seed: seed)
      var authors = (1...4).map { Author($0, now: UInt64.random(in: 0...9, using: &random)) }
      var bases = authors.map(\.basis)
      var greatest = 0
      for step in 0..<600 {
        // The schedule that grows heads: everyone edits what they saw before the others' last edits.
        let index = step % authors.count
        authors[index].edit("title", .text("\(step)"), basedOn: bases[index])
        bases[index] = random.happens(percent: 30) ? .nothing : authors[index].basis
        if step % 4 == 3 {
          let all = authors.flatMap { $0.made.suffix(2) }
          for other in authors.indices { authors[other].receive(all) }
        }
        greatest = max(greatest, authors[index].heads("title").count)
      }
      #expect(greatest <= Limits.heads + authors.count, "seed \(seed)")
      #expect(greatest >= Limits.heads, "the schedule is harsh enough to need the limit")
    }
  }

  @Test func `I8: timestamps grow along every parent edge`() {
    var isReversedElsewhere = false
    for (seed, made) in histories(25) {
      let changes = Dictionary(uniqueKeysWithValues: made.map { ($0.change.dot, $0.change) })
      for change in changes.values {
        for parent in change.writes.flatMap(\.parents).compactMap({ changes[$0] }) {
          let isAtTheEnd = parent.timestamp == .max && change.timestamp == .max
          #expect(parent.timestamp < change.timestamp || isAtTheEnd, "seed \(seed): \(change.dot)")
        }
        if let before = changes[Dot(change.dot.replica, change.dot.seq &- 1)] {
          isReversedElsewhere = isReversedElsewhere || change.timestamp < before.timestamp
        }
      }
    }
    #expect(isReversedElsewhere, "and they need not grow elsewhere")
  }

  private func histories(_ count: Int) -> [(seed: UInt64, made: [ChangeGenerator.Made])] {
    (UInt64(1)...150).map { seed in
      var generator = ChangeGenerator(
        seed: seed, replicaCount: Int(seed % 4) + 2, freshPercent: Int(seed * 37 % 100))
      return (seed, generator.history(count))
    }
  }

  /// The writes that name a parent whose value their author was not shown.
  private func unseenReplacements(in made: [ChangeGenerator.Made]) -> [Dot] {
    let model = NaiveModel(made.map(\.change))
    return made.filter { made in
      made.change.writes.contains { write in
        let seen = Set((made.basis.heads[write.field] ?? []).map { model.value($0, write.field) })
        return write.parents.contains { !seen.contains(model.value($0, write.field)) }
      }
    }.map(\.change.dot)
  }
}
