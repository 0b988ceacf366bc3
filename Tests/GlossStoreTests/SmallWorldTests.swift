import Foundation
import GlossCore
import GlossTesting
import Testing

@testable import GlossStore

/// Small worlds through a file: bundles of one change, in every order that keeps each replica's own, cut into pages in every way.
///
/// `GLOSS_ORDERS=all` takes many more of them; `make orders` sets it.
struct SmallWorldTests {
  static let isExhaustive = ProcessInfo.processInfo.environment["GLOSS_ORDERS"] == "all"

  @Test func `every order and every cut into pages, each page twice, gives one file`() throws {
    var random = SeededGenerator(seed: 11)
    var (worldCount, deliveryCount, orderCount) = (0, 0, 0)
    for stepCount in 2...5 {
      for _ in 0..<(Self.isExhaustive ? 40 : 3) {
        let world = SmallWorld.random(stepCount: stepCount, using: &random)
        let orders = orders(of: world.changes)
        try deliver(world, in: orders)
        worldCount += 1
        orderCount += orders.count
        deliveryCount += orders.count << (stepCount - 1)
      }
    }
    print(
      "through the store: \(worldCount) worlds, \(orderCount) orders, \(deliveryCount) deliveries")
    #expect(deliveryCount > 500)
  }

  @Test func `an order keeps each replica's own, and none is left out`() {
    let dots = [(1, 1), (2, 1), (1, 2), (3, 1)].map { Dot(ReplicaID($0), $1) }
    let orders = orders(of: dots.map(change))
    #expect(Set(orders).count == 12)
  }

  /// Delivers a world in the orders given and every cut of each, and compares what the files show.
  private func deliver(_ world: SmallWorld, in orders: [[Change]]) throws {
    let model = NaiveModel(world.changes)
    let source = try World("source", schema: MergeTests.generated)
    try source["source"].transact { transaction in
      for change in world.changes { try transaction.merge(change) }
    }
    let shown = try source["source"].shown()
    try source["source"].check(model, world.changes[0].record)
    #expect(try source["source"].read { Set(try $0.quarantine().map(\.dot)) } == model.invalid)
    var bundles: [Dot: ReceivedBundle] = [:]
    for dot in world.changes.map(\.dot) {
      let run = try #require(
        try source["source"].run(of: dot.replica, from: dot.seq, byteLimit: 1))
      #expect(run.last == dot.seq)
      bundles[dot] = run.opened(source.library)
    }
    let folder = try Folder(in: Folder.fastest)
    for (number, order) in orders.enumerated() {
      // Each bit of a cut says whether a page ends between two bundles.
      for cut in 0..<1 << (order.count - 1) {
        let replica = try Replica.create(
          at: folder.file("\(number)-\(cut)"), library: source.library, id: ReplicaID(99),
          schema: MergeTests.generated)
        var page: [ReceivedBundle] = []
        for (index, change) in order.enumerated() {
          page.append(try #require(bundles[change.dot]))
          guard cut & 1 << index != 0 || index == order.count - 1 else { continue }
          _ = try replica.merge(page, upTo: nil) { $0 }
          // The same page once more, as after an answer that was lost, changes nothing.
          #expect(try replica.merge(page, upTo: nil) { $0 }.changeCount == 0)
          page = []
        }
        try #require(try replica.shown() == shown, "\(world), \(order.map(\.dot)), cut \(cut)")
        try replica.close()
      }
    }
  }

  /// Every order of the changes in which each replica's come in their own.
  private func orders(of changes: [Change]) -> [[Change]] {
    guard !changes.isEmpty else { return [[]] }
    var orders: [[Change]] = []
    for (index, change) in changes.enumerated()
    where !changes.contains(where: {
      $0.dot.replica == change.dot.replica && $0.dot.seq < change.dot.seq
    }) {
      var rest = changes
      rest.remove(at: index)
      orders += self.orders(of: rest).map { [change] + $0 }
    }
    return orders
  }

  private func change(_ dot: Dot) -> Change {
    Change(
      dot: dot, timestamp: .max, record: RecordID(7), kind: "note", writes: [Write("title", .null)])
  }
}
