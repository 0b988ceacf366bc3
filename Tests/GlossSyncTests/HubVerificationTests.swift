import GlossCore
import GlossHub
import GlossSeal
import GlossSync
import GlossTesting
import GlossWire
import Testing

@testable import GlossStore

@Suite struct HubVerificationTests {
  /// A desk and a lap that made so many pages by turns, each of them a bundle.
  private func world(_ count: Int, limits: HubLimits = HubLimits()) async throws -> World {
    let world = try await World("desk", "lap", limits: limits)
    for number in 1...count {
      let name = number % 3 == 0 ? "lap" : "desk"
      try world[name].add(page(UInt128(number)), ["title": .text("\(number)")])
      try await world.syncUnasked(name)
    }
    for name in ["desk", "lap"] { try await world.syncUnasked(name) }
    return world
  }

  @Test func `who holds the same is told so in one request`() async throws {
    let world = try await world(6)
    for name in ["desk", "lap"] {
      let found = try await world.engine(name).verify()
      #expect(found.isInOrder && found.isSameLog && found.uncompared.isEmpty)
      #expect(found.unsentByOrigin.isEmpty && found.unreceivedByOrigin.isEmpty)
      #expect(found.requests == 1)
    }
  }

  @Test func `what only one side has is told and is no damage`() async throws {
    let world = try await world(6)
    try world["lap"].add(page(50), ["title": .text("of the lap")])
    try await world.sync("lap")
    try world["desk"].add(page(51), ["title": .text("unsent")])
    try world["desk"].add(page(52), ["title": .text("unsent")])
    let found = try await world.engine("desk").verify()
    #expect(found.isInOrder)
    #expect(found.unsentByOrigin == [world["desk"].id: 2])
    #expect(found.unreceivedByOrigin == [world["lap"].id: 1])
    #expect(found.uncompared.isEmpty, "what both have was compared where the desk has read up to")
  }

  /// One machine was copied, and the two wrote under one identifier; then one of them synced.
  @Test(arguments: [8, 64, 512])
  func `the first change that differs is found in as many requests as the log's length has digits`(
    count: Int
  ) async throws {
    let world = try await world(count)
    try world.copy("desk", as: "clone", .machine)
    try world["desk"].add(page(900), ["title": .text("of the desk")])
    try world["clone"].add(page(901), ["title": .text("of the clone")])
    for number in 1...count {
      try world["desk"].add(page(UInt128(1_000 + number)), ["title": .text("\(number)")])
      try await world.syncUnasked("desk")
    }
    let found = try await world.engine("clone").verify()
    let difference = try #require(found.differences.first)
    #expect(found.differences.count == 1)
    #expect(difference.origin == world["desk"].id)
    #expect(difference.reason == .records([page(900), page(901)]))
    // The log has twice as many entries: one binary digit more; and the two ends, the place before, the bundle.
    let digits = (2 * count).bitWidth - (2 * count).leadingZeroBitCount
    #expect(found.requests <= digits + 4, "\(found.requests) for \(2 * count) entries")
  }

  @Test func `a hub that does not know the question is named`() async throws {
    let world = try await world(6)
    try world["lap"].add(page(50), ["title": .text("of the lap")])
    try await world.sync("lap")
    let old = Refusing(base: world.transport("desk")) { _ in nil }
    let deaf = Deaf(base: old)
    await #expect(throws: SyncError.self) {
      _ = try await world.engine("desk", over: deaf).verify()
    }
  }

  // MARK: Repair

  /// What is damaged, and how many changes come back.
  private static let damages: [(sql: String, restored: Int)] = [
    ("DELETE FROM _change WHERE id IN (SELECT id FROM _change WHERE id & 255 = 2)", 2),
    ("UPDATE _change SET timestamp = timestamp + 1 WHERE id & 255 IN (1, 2)", 4),
    ("UPDATE _change SET body = x'00ff' WHERE id & 255 = 2 AND id >> 40 = 1", 1),
    ("DELETE FROM _change WHERE id & 255 > 1; DELETE FROM _record", 7),
  ]

  @Test(arguments: damages.indices)
  func `changes that are damaged come back from the log, whoever made them`(
    index: Int
  ) async throws {
    let world = try await world(9)
    let desk = world["desk"]
    let shown = try desk.shown()
    try desk.transact { try $0.execute(Self.damages[index].sql) }
    let found = try desk.verify()
    #expect(!found.damages.isEmpty)
    let report = try await world.engine("desk").repair(found)
    #expect(report.failures.isEmpty)
    #expect(report.restoredChanges >= Self.damages[index].restored)
    #expect(try desk.verify().damages == [])
    #expect(try desk.shown() == shown)
    #expect(try await world.engine("desk").verify().isInOrder)
    try await world.expectAgreement()
  }

  @Test func `where the log was dropped, the snapshot has them`() async throws {
    let world = try await World.withSnapshot(pages: 12)
    try await world.syncAll()
    let lap = world["lap"]
    let shown = try lap.shown()
    try lap.transact {
      try $0.execute("UPDATE _change SET timestamp = timestamp + 1 WHERE id & 255 = 2")
    }
    let report = try await world.engine("lap").repair(try lap.verify())
    #expect(report.failures.isEmpty)
    #expect(try lap.verify().damages == [])
    #expect(try lap.shown() == shown)
  }

  @Test func `large values that are altered or missing are fetched again`() async throws {
    let world = try await world(3)
    let texts = (0..<3).map { [UInt8](repeating: UInt8($0), count: 9_000) }
    for (number, text) in texts.enumerated() {
      try world["desk"].write(at: 1_000) { edits in
        let body = try edits.addBlob(text)
        try edits.add(page(UInt128(100 + number)), ["body": .blob(body)])
      }
    }
    try await world.sync("desk")
    let desk = world["desk"]
    try desk.transact { transaction in
      try transaction.execute("UPDATE _blob SET content = x'00' WHERE rowid = 1")
      try transaction.execute("DELETE FROM _blob WHERE rowid = 2")
    }
    let report = try await world.engine("desk").repair(try desk.verify())
    #expect(report.restoredBlobs == 2 && report.failures.isEmpty)
    #expect(try desk.verify().damages == [])
  }

  @Test func `what was never sent cannot come back, and is named and kept`() async throws {
    let world = try await world(3)
    let desk = world["desk"]
    try desk.add(page(70), ["title": .text("unsent")])
    let seq = try world.vector("desk")[desk.id]
    let shown = try desk.shown()
    try desk.transact {
      try $0.execute("UPDATE _change SET body = x'00ff' WHERE id & 255 = \(seq) AND id >> 40 = 1")
    }
    let found = try desk.verify()
    let report = try await world.engine("desk").repair(found)
    #expect(report.failures == [.unsent(desk.id, seq...seq)])
    #expect(try desk.shown() == shown, "what is shown may be all that is left")
    #expect(try desk.verify().damages.contains(.unreadableChange(Dot(desk.id, seq))))
  }

  @Test func `a hub that brings something else puts nothing in`() async throws {
    let world = try await world(6)
    let desk = world["desk"]
    // The kept tips say what has to come; another key would say the same of nothing.
    try desk.transact {
      try $0.execute(
        "UPDATE _change SET timestamp = timestamp + 1 WHERE id & 255 = 1; DELETE FROM _tip; "
          + "UPDATE _replica SET tip = zeroblob(32) WHERE id = 2")
    }
    let report = try await world.engine("desk").repair(try desk.verify())
    #expect(report.failures.contains { if case .contradicted = $0 { true } else { false } })
  }
}

/// A hub of before it knew what it held earlier.
private struct Deaf: HubTransport {
  let base: any HubTransport

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    var request = request
    if case .vector(let library, _) = request.action { request.action = .vector(library) }
    return try await base.send(request)
  }
}
