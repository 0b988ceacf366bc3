import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Replicas that start from snapshots, or are brought up to date by them.
@Suite struct SnapshotTests {
  @Test func `a new replica starts from the snapshot that a client made when the hub asked`()
    async throws
  {
    let world = try await World.withSnapshot()
    let newest = try await world.newestSnapshot()
    #expect(newest.cursor.index == 12 && newest.pieceCount > 2)
    let end = try await world.sync("lap")
    #expect(!end.hasMadeSnapshot && end.requests > 0)
    try world["desk"].add(page(13), ["title": .text("after it")])
    try await world.sync("desk")
    _ = try await world.join("phone")
    let report = try await world.sync("phone")
    #expect(report.pulledChanges == 13)
    let targets = await world.transport("phone").exchanges.map(\.request.target)
    #expect(targets.filter { $0.contains("/snapshots/") }.count == 2 + Int(newest.pieceCount))
    try await world.expectAgreement()
  }

  @Test func `a log that fits one page is read without asking for a snapshot`() async throws {
    let world = try await World("desk")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.sync("desk")
    _ = try await world.join("lap")
    #expect(try await world.sync("lap").requests == 1)
  }

  @Test func `who was away too long gets through and keeps what is unsent`() async throws {
    let world = try await World.withSnapshot()
    _ = try await world.join("phone")
    try await world.syncAll()
    let cursor = try #require(try world["phone"].remote()?.cursor)
    try world["phone"].edit(page(1), ["title": .text("of the phone")], at: 50_000)
    try world["phone"].add(page(77), ["title": .text("unsent")], at: 50_000)
    try world["desk"].edit(page(1), ["title": .text("of the desk")], at: 60_000)
    for number in 20...26 {
      try world["desk"].add(page(UInt128(number)), ["title": .text("\(number)")])
      try await world.syncUnasked("desk")
    }
    try await world.snapshot(by: "desk")
    #expect(try await world.newestSnapshot().cursor.index > cursor.index)
    do {
      _ = try await world.ask("phone", .pull(world.library, after: cursor))
      Issue.record("the log is still there")
    } catch HubFailure.refused(let problem) {
      #expect(problem.type == .compacted)
    }

    let report = try await world.sync("phone")
    #expect(report.pushedChanges == 2 && report.pulledChanges == 8)
    try await world.expectAgreement()
    for name in world.names {
      #expect(try world[name].title(77) == .text("unsent"))
      #expect(try world[name].title(26) == .text("26"))
      let titles = try world[name].read { try $0.versions(of: "title", in: page(1)) }
      #expect(
        titles.map(\.value) == [.text("of the desk"), .text("of the phone")],
        "a conflict, as without a snapshot")
    }
  }

  @Test(arguments: 0..<12) func `a first sync that is interrupted goes on where it was`(
    passes: Int
  ) async throws {
    let world = try await World.withSnapshot()
    let count = Int(try await world.newestSnapshot().pieceCount)
    _ = try await world.join("phone")
    let cut = Counting(base: world.transport("phone"), passes: passes)
    _ = try? await world.sync("phone", over: cut)
    if passes < 3 { #expect(try world["phone"].remote()?.cursor == nil) }
    let rest = Counting(base: world.transport("phone"), passes: .max)
    try await world.sync("phone", over: rest)
    let pieces = await cut.pieces + rest.pieces
    #expect(Set(pieces).count == count + 1)
    #expect(pieces.filter { $0 > 0 }.count == count, "no piece is fetched twice: \(pieces)")
    #expect(try world["phone"].shown() == world["desk"].shown())
    try await world.expectAgreement()
  }

  @Test func `a copy notices in a snapshot that it is one`() async throws {
    let world = try await World.withSnapshot()
    try world.copy("lap", as: "copy", .machine)
    #expect(world["copy"].id == world["lap"].id)
    try world["copy"].add(page(70), ["title": .text("of the copy")])
    try world["copy"].edit(page(70), ["title": .text("of the copy, edited")])
    for number in 30...36 {
      try world["lap"].add(page(UInt128(number)), ["title": .text("\(number)")])
      try await world.syncUnasked("lap")
    }
    try await world.snapshot(by: "lap")
    let report = try await world.sync("copy")
    #expect(report.renewal?.remadeCount == 2)
    #expect(world["copy"].id != world["lap"].id)
    try await world.expectAgreement()
    #expect(try world["desk"].title(70) == .text("of the copy, edited"))
    #expect(try world["copy"].title(36) == .text("36"))
  }

  @Test func `a run that contradicts what is held is taken in, and what is held made again`()
    async throws
  {
    // The lap has a change of the desk that a backup of desk and hub has not, and then there is another one of its number.
    let world = try await World("desk", "lap", limits: World.snapshotLimits)
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.syncAll()
    try await world.backUpHub(as: "backup")
    try world.copy("desk", as: "again", .machine)
    try world["desk"].add(page(2), ["title": .text("lost")])
    try await world.sync("desk")
    try await world.sync("lap")
    try await world.restoreHub(from: "backup")
    for number in UInt128(3)...9 {
      try world["again"].add(page(number), ["title": .text("\(number)")])
      try await world.syncUnasked("again")
    }
    #expect(try await world.snapshot(by: "again").hasMadeSnapshot)
    try await world.sync("lap")
    #expect(try world["lap"].setAside() == [])
    #expect(try world["lap"].title(2) == .text("lost"))
    for number in UInt128(3)...9 { #expect(try world["lap"].title(number) != nil) }
    try await world.sync("again")
    #expect(try world["again"].title(2) == .text("lost"), "the lap has sent it")
  }

  @Test func `a snapshot deletes half of the library only when that is accepted`() async throws {
    let world = try await World("desk", "lap", limits: World.snapshotLimits)
    for number in UInt128(1)...50 {
      try world["desk"].add(page(number), ["title": .text("\(number)")], at: 1_000)
    }
    try await world.syncAll()
    for number in UInt128(1)...30 {
      try world["desk"].delete(page(number), at: 2_000)
      if number > 24 {
        try await world.syncUnasked("desk")
      }
    }
    #expect(try await world.snapshot(by: "desk").hasMadeSnapshot)
    let cursor = try world["lap"].remote()?.cursor
    do {
      try await world.sync("lap")
      Issue.record("half of the library was deleted")
    } catch SyncError.store(.massDelete) {}
    #expect(try world["lap"].remote()?.cursor == cursor)
    _ = try await world.engine("lap").sync(massDeletes: .accept)
    #expect(try world["lap"].shown() == world["desk"].shown())
  }

  @Test func `a hub restored from a backup whose log was dropped gets back what it lost`()
    async throws
  {
    let world = try await World.withSnapshot()
    try await world.backUpHub(as: "backup")
    try world["lap"].add(page(50), ["title": .text("of the lap")])
    try world["desk"].add(page(51), ["title": .text("of the desk")])
    try await world.syncAll()
    try world["lap"].add(page(52), ["title": .text("unsent")])
    try await world.restoreHub(from: "backup")
    try await world.sync("desk")
    _ = try await world.join("phone")
    try await world.sync("phone")
    #expect(try world["phone"].title(50) == .text("of the lap"))
    #expect(try world["phone"].title(51) == .text("of the desk"))
    try await world.expectAgreement()
    #expect(try world["phone"].title(52) == .text("unsent"))
  }
}
