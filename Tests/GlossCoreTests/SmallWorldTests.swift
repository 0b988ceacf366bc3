import Foundation
import GlossCore
import GlossTesting
import Testing

/// Small worlds, all of them or a seeded selection, in every order of delivery.
///
/// `GLOSS_ORDERS=all` takes every world of up to 3 steps and many more of the longer ones; `make orders` sets it.
struct SmallWorldTests {
  static let isExhaustive = ProcessInfo.processInfo.environment["GLOSS_ORDERS"] == "all"

  @Test func `every order of every world of few steps gives one state`() throws {
    var tally = Tally()
    for stepCount in 1...(Self.isExhaustive ? 3 : 2) {
      // Numbers of one set of changes are one world, and the set is what is delivered.
      var seen: Set<Set<Change>> = []
      for number in 0..<SmallWorld.count(stepCount: stepCount) {
        guard let world = SmallWorld(stepCount: stepCount, number: number),
          seen.insert(Set(world.changes)).inserted
        else { continue }
        try tally.walk(world)
      }
    }
    tally.say("every world of up to \(Self.isExhaustive ? 3 : 2) steps")
    #expect(tally.worldCount > (Self.isExhaustive ? 10_000 : 1_000))
  }

  @Test func `every order of drawn worlds of up to 7 changes gives one state`() throws {
    var tally = Tally()
    var random = SeededGenerator(seed: 7)
    for stepCount in 3...7 {
      for _ in 0..<(Self.isExhaustive ? 2_000 : stepCount == 7 ? 20 : 30) {
        try tally.walk(SmallWorld.random(stepCount: stepCount, using: &random))
      }
    }
    tally.say("drawn worlds of 3 to 7 steps")
    #expect(tally.orderCount >= 100_000)
  }

  @Test func `every step of every order of many more worlds leads to the one state`() throws {
    var tally = Tally()
    var random = SeededGenerator(seed: 8)
    for stepCount in 4...7 {
      for _ in 0..<(Self.isExhaustive ? 10_000 : 150) {
        try tally.takeEveryStep(SmallWorld.random(stepCount: stepCount, using: &random))
      }
    }
    tally.say("more worlds of 4 to 7 steps, every step")
    #expect(tally.staleWorldCount > 0, "some of them have a parent that is younger than its child")
  }

  @Test func `a crowd of 32 heads before, between or after 4 changes gives one state`() throws {
    var random = SeededGenerator(seed: 9)
    let crowd = (0..<Limits.heads).map { change(dot(UInt128(100 + $0), 1), at: UInt64(50 + $0)) }
    for _ in 0..<(Self.isExhaustive ? 200 : 10) {
      // Edits by somebody who saw all of the crowd fold the oldest of it, and name more parents than any other.
      let seen = RecordState.computed(of: crowd).state
      let write = try #require(
        seen.edit("title", to: .text("after"), policy: .keep, basedOn: .nothing) {
          _ throws(Never) in nil
        })
      let folding = Change(
        dot: dot(50, 1), timestamp: .next(at: 1, above: seen.floor(of: ["title"])),
        record: someRecord, kind: "note", writes: [write])
      #expect(!write.parents.isEmpty)
      let world = SmallWorld.random(stepCount: 3, using: &random)
      let parts = [crowd, [folding]] + world.changes.map { [$0] }
      let all = parts.flatMap(\.self)
      let expected = RecordState.computed(of: all)
      try #require(
        expected.state.registers.mapValues { $0.heads.map(\.dot) } == NaiveModel(all).heads)
      forEachOrder(of: parts) { order in
        let receiver = Receiver(order.joined())
        let isSame =
          receiver.state == expected.state && receiver.invalid == Set(expected.invalid.keys)
        #expect(isSame, "\(world)")
        return isSame
      }
    }
  }

  @Test func `an order that loses a late parent is caught in a small world`() throws {
    // What a receiver looks like that forgets which parents it awaits: the change that comes late becomes a head.
    let caught = (0..<SmallWorld.count(stepCount: 2)).contains { number in
      guard let world = SmallWorld(stepCount: 2, number: number) else { return false }
      let heads = NaiveModel(world.changes).heads
      var forgetful: [Name: Set<Dot>] = [:]
      for change in world.changes.reversed() {
        for write in change.writes {
          forgetful[write.field, default: []].insert(change.dot)
          forgetful[write.field, default: []].subtract(write.parents)
        }
      }
      return forgetful != heads.mapValues(Set.init)
    }
    #expect(caught)
  }
}

/// What was delivered, for the line that a run ends with.
private struct Tally {
  var worldCount = 0
  var staleWorldCount = 0
  var orderCount = 0
  var coveredCount = 0
  var mergeCount = 0

  mutating func walk(_ world: SmallWorld) throws {
    var orders = try DeliveryOrders(world.changes)
    orders.walk()
    try add(orders, world)
  }

  mutating func takeEveryStep(_ world: SmallWorld) throws {
    var orders = try DeliveryOrders(world.changes)
    orders.takeEveryStep()
    coveredCount += (1...world.changes.count).reduce(1, *)
    let receiver = Receiver(world.changes)
    staleWorldCount += receiver.staleCount > 0 ? 1 : 0
    try add(orders, world)
  }

  private mutating func add(_ orders: DeliveryOrders, _ world: SmallWorld) throws {
    try #require(orders.failure == nil, "\(world)")
    worldCount += 1
    orderCount += orders.orderCount
    mergeCount += orders.mergeCount
  }

  func say(_ what: String) {
    let covered = coveredCount > 0 ? ", of \(coveredCount) orders" : ""
    print("\(what): \(worldCount) worlds, \(orderCount) orders\(covered), \(mergeCount) merges")
  }
}
