import GlossCore
import Testing

@testable import GlossStore

/// What writes put back that undid a resolution.
@Suite struct PutBackTests {
  private let desk = ReplicaID(1)
  private let lap = ReplicaID(2)
  private let start = Dot(ReplicaID(1), 1)
  private let one = Dot(ReplicaID(1), 2)
  private let other = Dot(ReplicaID(2), 1)
  private let resolution = Dot(ReplicaID(1), 3)

  private func write(_ value: Value, _ parents: Dot...) -> Write {
    Write("title", value, parents: parents)
  }

  /// A conflict that was resolved, and what came then.
  private func resolved(_ writes: [Dot: Write]) -> [Dot: Write] {
    [
      start: write(.text("start")), one: write(.text("one"), start),
      other: write(.text("other"), start), resolution: write(.text("one"), one, other),
    ].merging(writes) { first, _ in first }
  }

  @Test func `both values are those from before, undone once and again`() {
    let (first, second) = (Dot(desk, 4), Dot(desk, 5))
    let again = Dot(lap, 2)
    let (third, fourth) = (Dot(lap, 3), Dot(lap, 4))
    let putBack = PutBack(
      resolved([
        first: write(.text("other"), resolution), second: write(.text("one"), resolution),
        again: write(.text("new"), first, second),
        third: write(.text("one"), again), fourth: write(.text("other"), again),
      ]))
    #expect(putBack[first] == other && putBack[second] == one)
    #expect(putBack[third] == second && putBack[fourth] == first)
    #expect(putBack.source(of: third) == one && putBack.source(of: fourth) == other)
    #expect(putBack.source(of: again) == again && putBack[start] == nil)
    #expect(putBack.uncertain.isEmpty)
  }

  @Test func `who writes on top of a resolution puts nothing back`() {
    let (first, second) = (Dot(desk, 4), Dot(lap, 4))
    for values in [["one", "other"], ["one", "new"], ["new", "newer"], ["other", "other"]] {
      let putBack = PutBack(
        resolved([
          first: write(.text(values[0]), resolution), second: write(.text(values[1]), resolution),
        ]))
      #expect(putBack.source(of: first) == first && putBack.source(of: second) == second)
      #expect(putBack.uncertain.isEmpty)
    }
    let twice = PutBack(
      resolved([
        first: write(.text("new"), resolution), Dot(desk, 5): write(.text("one"), resolution),
      ]))
    #expect(twice.source(of: first) == first && twice.uncertain.isEmpty)
  }

  @Test func `where the values from before are dropped nobody can say`() {
    let left = Value.leftOut
    var writes = resolved([
      Dot(desk, 4): write(.text("one"), resolution),
      Dot(desk, 5): write(.text("other"), resolution),
    ])
    (writes[one], writes[other]) = (write(left, start), write(left, start))
    #expect(PutBack(writes).uncertain == [Dot(desk, 4), Dot(desk, 5)])
    func ancestors(_ heads: Dot...) -> Set<Dot> {
      Snapshot.greatestCommonAncestors(of: heads.map { [$0] }, in: writes)
    }
    #expect(ancestors(Dot(desk, 4), Dot(desk, 5)) == [])
    // What was settled after that is what later conflicts are made from.
    writes[Dot(desk, 6)] = write(.text("settled"), Dot(desk, 4), Dot(desk, 5))
    writes[Dot(desk, 7)] = write(.text("this"), Dot(desk, 6))
    writes[Dot(lap, 5)] = write(.text("that"), Dot(desk, 6))
    #expect(ancestors(Dot(desk, 7), Dot(lap, 5)) == [Dot(desk, 6)])
    writes[Dot(desk, 5)] = nil
    #expect(PutBack(writes).uncertain.isEmpty)
    writes[Dot(lap, 2)] = write(.text("other"), resolution)
    #expect(PutBack(writes).uncertain.isEmpty, "two machines wrote at once")
  }
}
