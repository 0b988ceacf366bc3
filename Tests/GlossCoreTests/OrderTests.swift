import GlossCore
import GlossTesting
import Testing

/// Every order of delivery of small histories.
struct OrderTests {
  @Test(arguments: [0, 50])
  func `every order of up to 6 changes of 3 replicas gives one state`(hostilePercent: Int) {
    for seed in UInt64(1)...200 {
      var generator = ChangeGenerator(
        seed: seed, replicaCount: 3, hostilePercent: hostilePercent)
      let count = seed % 8 == 0 ? 6 : Int(seed % 3) + 3
      check(generator.history(count).map(\.change), "seed \(seed)")
    }
  }

  @Test(arguments: nastyHistories)
  func `every order of a nasty history gives one state`(history: NastyHistory) {
    check(history.changes, "\(history)")
  }

  @Test func `orders in which a late parent is ignored are caught`() {
    var states: Set<RecordState> = []
    forEachOrder(of: nastyHistories[2].changes) { order in
      var state = RecordState()
      for change in order { _ = state.merge(change) { _ in nil } }
      states.insert(state)
      return true
    }
    #expect(states.count > 1)
  }

  @Test func `every order means every order`() {
    var orders: Set<[Int]> = []
    forEachOrder(of: [1, 2, 3, 4, 5]) { orders.insert($0).inserted }
    #expect(orders.count == 120)
  }

  private func check(
    _ changes: [Change], _ comment: Comment, at location: SourceLocation = #_sourceLocation
  ) {
    let expected = RecordState.computed(of: changes)
    let heads = NaiveModel(changes).heads
    forEachOrder(of: changes) { order in
      let receiver = Receiver(order)
      let isSame =
        receiver.state == expected.state && receiver.heads == heads
        && receiver.invalid == Set(expected.invalid.keys)
      #expect(
        isSame, "\(comment): \(order.map(\.dot))", sourceLocation: location)
      return isSame
    }
  }
}

struct NastyHistory: CustomStringConvertible, Sendable {
  let description: String
  let changes: [Change]

  init(_ description: String, _ changes: [Change]) {
    self.description = description
    self.changes = changes
  }
}

private let (a, b, c) = (dot(1, 1), dot(2, 1), dot(3, 1))

let nastyHistories = [
  NastyHistory(
    "two changes name each other",
    [change(a, at: 5, parents: [b]), change(b, at: 6, parents: [a]), change(c, at: 1)]),
  NastyHistory(
    "three changes name each other in a ring",
    [
      change(a, at: 5, parents: [b]), change(b, at: 5, parents: [c]),
      change(c, at: 4, parents: [a]), change(dot(1, 2), at: 9, parents: [c]),
    ]),
  NastyHistory(
    "a late parent is younger than its child",
    [
      change(a, at: 5, parents: [b]), change(b, at: 9), change(c, at: 6, parents: [a]),
      change(dot(3, 2), at: 20, parents: [b, c]),
    ]),
  NastyHistory(
    "a late parent is younger than its child and invalid itself for its own parent",
    [
      change(a, at: 5, parents: [b]), change(b, at: 9, parents: [c]), change(c, at: 30),
      change(dot(3, 2), at: 40, parents: [a]),
    ]),
  NastyHistory(
    "a late parent is younger than its child and breaks a rule of its own",
    [
      change(a, at: 5, parents: [b]), change(b, at: 9, "title", .text("\0")),
      change(c, at: 6, parents: [a]),
    ]),
  NastyHistory(
    "a late parent is older than its child and breaks a rule of its own",
    [
      change(a, at: 5, parents: [b]), change(b, at: 2, "title", .text("\0")),
      change(c, at: 6, parents: [a, b]),
    ]),
  NastyHistory(
    "a parent wrote another field",
    [
      change(a, at: 5, "title", parents: [b]), change(b, at: 2, "body"),
      change(c, at: 3, "body", parents: [b]),
    ]),
  NastyHistory(
    "a parent of another field is younger",
    [
      change(a, at: 5, "title", parents: [b]), change(b, at: 7, "body"),
      change(c, at: 8, "body", parents: [b]), change(dot(3, 2), at: 6, "title", parents: [a]),
    ]),
  NastyHistory(
    "a delete, an edit it did not see, an undelete and another delete",
    [
      change(a, at: 1), change(dot(1, 2), at: 2, Field.deleted, .bool(true), covers: [a]),
      change(b, at: 3, parents: [a]),
      change(dot(1, 3), at: 4, Field.deleted, .bool(false), parents: [dot(1, 2)]),
      change(c, at: 3, Field.deleted, .bool(true), parents: [dot(1, 2)], covers: [a, b]),
    ]),
  NastyHistory(
    "a cycle at the end of time",
    [
      change(a, at: .max, parents: [b]), change(b, at: .max, parents: [a]),
      change(c, at: .max, parents: [a]), change(dot(3, 2), at: 4),
    ]),
  NastyHistory(
    "one parent is awaited by children of different ages",
    [
      change(a, at: 9, parents: [c]), change(b, at: 3, parents: [c]), change(c, at: 5),
      change(dot(2, 2), at: 4, "body", parents: [c]),
    ]),
]
