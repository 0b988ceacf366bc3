import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import Testing

/// Syncs that would delete much of the library at once.
@Suite struct MassDeleteTests {
  /// A desk and a lap that hold as many pages.
  private func world(pages: Int, limits: HubLimits = HubLimits()) async throws -> World {
    let world = try await World("desk", "lap", limits: limits)
    for number in 1...pages {
      try world["desk"].add(page(UInt128(number)), ["title": .text("\(number)")])
    }
    try await world.syncAll()
    return world
  }

  private func delete(_ numbers: ClosedRange<Int>, in world: World) throws {
    for number in numbers { try world["desk"].delete(page(UInt128(number))) }
  }

  @Test func `half of the library goes only when that is accepted`() async throws {
    let world = try await world(pages: 50)
    try delete(1...25, in: world)
    try await world.sync("desk")
    let shown = try world["lap"].shown()
    let before = try world["lap"].remote()
    for _ in 0..<2 {
      do {
        try await world.sync("lap")
        Issue.record("half of the library was deleted")
      } catch SyncError.store(.massDelete(let keys, of: 50)) {
        #expect(keys == (1...25).map { page(UInt128($0)) })
      }
      #expect(try world["lap"].shown() == shown)
      #expect(try world["lap"].remote() == before)
    }
    _ = try await world.engine("lap").sync(massDeletes: .accept)
    #expect(try world["lap"].shown() == world["desk"].shown())
  }

  @Test(arguments: [(50, 24), (30, 19)])
  func `less than half, or less than twenty, goes at once`(pages: Int, deleted: Int) async throws {
    let world = try await world(pages: pages)
    try delete(1...deleted, in: world)
    try await world.syncAll()
    #expect(try world["lap"].shown() == world["desk"].shown())
  }

  @Test func `deletes add up over the pages of one sync`() async throws {
    var limits = HubLimits()
    limits.pageByteCount = 300
    let world = try await world(pages: 40, limits: limits)
    for number in 1...20 {
      try delete(number...number, in: world)
      try await world.sync("desk")
    }
    await #expect(throws: SyncError.self) { try await world.sync("lap") }
    #expect(try world["lap"].read { try $0.count(Query("page")) } == 21)
  }

  @Test func `deletes that were set aside are asked about once they can be read`() async throws {
    let world = try await world(pages: 50)
    try delete(1...25, in: world)
    try await world.sync("desk")
    let shown = try world["lap"].shown()
    var generator = SeededGenerator(seed: 99)
    let stranger = world.engine("lap", root: RootKey.random(using: &generator))
    #expect(try await stranger.sync().setAside.map(\.reason) == [.wrongKey])
    await #expect(throws: SyncError.self) { try await world.sync("lap") }
    #expect(try world["lap"].shown() == shown)
    _ = try await world.engine("lap").sync(massDeletes: .accept)
    #expect(try world["lap"].shown() == world["desk"].shown())
    #expect(try world["lap"].setAside() == [])
  }

  @Test func `what was deleted before a replica was there is no mass delete`() async throws {
    let world = try await world(pages: 40)
    try delete(1...40, in: world)
    try await world.sync("desk")
    let newcomer = try await world.join("phone")
    try await world.sync("phone")
    #expect(try newcomer.shown() == world["desk"].shown())
  }

  @Test func `one's own deletes are nobody else's business`() async throws {
    let world = try await world(pages: 40)
    try delete(1...40, in: world)
    #expect(try await world.sync("desk").pushedChanges == 40)
  }
}
