import GlossCore
import GlossTesting

/// Delivers a small history in every order, and holds what came of it after every step against the rules.
///
/// What is right after a step depends on the *set* of what was delivered alone. So the state of each subset is computed once,
/// from the set and by the naive model, and then each delivery is compared with the state of its subset: heads, early parents,
/// what is invalid, what is shown.
struct DeliveryOrders {
  let changes: [Change]

  /// How many orders were walked from the first change to the last.
  private(set) var orderCount = 0

  /// How many merges that took.
  private(set) var mergeCount = 0

  /// The first delivery that gave something else.
  private(set) var failure: String?

  private var expected: [RecordState] = []
  private var invalid: [Set<Dot>] = []

  init(_ changes: [Change]) throws {
    self.changes = changes
    for subset in 0..<1 << changes.count {
      let part = changes.indices.filter { subset & 1 << $0 != 0 }.map { changes[$0] }
      let computed = RecordState.computed(of: part)
      expected.append(computed.state)
      invalid.append(Set(computed.invalid.keys))
      if try !agrees(computed.state, invalid[subset], with: part) {
        failure = failure ?? "computed: \(part.map(\.dot))"
      }
    }
  }

  /// Walks every order, one merge after the other; orders that begin alike share their beginning.
  mutating func walk() {
    walk(from: Receiver(), subset: 0, order: [])
  }

  /// Takes every step that some order has: from each subset, each change that is not in it.
  ///
  /// A merge is a function of the state, the change and what is held. So where each step leads from the one state of a subset to
  /// the one state of the next, every order ends in the one state of them all: `n * 2^(n-1)` merges tell of `n!` orders.
  mutating func takeEveryStep() {
    var receivers: [Receiver?] = Array(repeating: nil, count: expected.count)
    receivers[0] = Receiver()
    for subset in expected.indices {
      guard let receiver = receivers[subset] else { continue }
      for index in changes.indices where subset & 1 << index == 0 {
        let next = subset | 1 << index
        receivers[next] = deliver(index, to: receiver, subset: next, order: [subset])
      }
    }
  }

  private mutating func walk(from receiver: Receiver, subset: Int, order: [Int]) {
    guard failure == nil else { return }
    if order.count == changes.count { orderCount += 1 }
    for index in changes.indices where subset & 1 << index == 0 {
      let next = subset | 1 << index
      let after = deliver(index, to: receiver, subset: next, order: order)
      walk(from: after, subset: next, order: order + [index])
    }
  }

  private mutating func deliver(
    _ index: Int, to receiver: Receiver, subset: Int, order: [Int]
  ) -> Receiver {
    var receiver = receiver
    receiver.receive(changes[index])
    mergeCount += 1
    if receiver.state != expected[subset] || receiver.invalid != invalid[subset] {
      failure = failure ?? "after \(order), \(changes[index].dot)"
    }
    return receiver
  }

  private func agrees(
    _ state: RecordState, _ invalid: Set<Dot>, with part: [Change]
  ) throws -> Bool {
    let model = NaiveModel(part)
    guard state.registers.mapValues({ $0.heads.map(\.dot) }) == model.heads,
      state.registers.mapValues({ Set($0.earlyParents.map(\.dot)) }) == model.awaited,
      invalid == model.invalid
    else { return false }
    let changesByDot = model.changes
    return try [ChangeGenerator.kind, nil].allSatisfy { kind in
      let view = try state.view(of: kind) { dot throws(Receiver.NotHeld) in
        guard let change = changesByDot[dot] else { throw Receiver.NotHeld(dot: dot) }
        return change
      }
      return view == model.view(of: kind)
    }
  }
}
