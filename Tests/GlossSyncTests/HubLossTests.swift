import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Hubs that were restored from a backup, or lost all that they held.
@Suite struct HubLossTests {
  /// A world where each of three replicas holds changes of all three.
  private func world(limits: HubLimits = HubLimits()) async throws -> World {
    let world = try await World("desk", "lap", "phone", limits: limits)
    for (index, name) in world.names.enumerated() {
      for number in 1...5 {
        try world[name].add(
          page(UInt128(10 * index + number)), ["title": .text("\(name) \(number)")])
        try await world.sync(name)
      }
    }
    try await world.syncAll()
    return world
  }

  @Test func `one replica brings back everybody's changes to a hub from an old backup`()
    async throws
  {
    let world = try await World("desk", "lap", "phone")
    try world["desk"].add(page(1), ["title": .text("early")])
    try await world.syncAll()
    try await world.backUpHub(as: "backup")
    try world["desk"].add(page(2), ["title": .text("of the desk")])
    try world["lap"].add(page(3), ["title": .text("of the lap")])
    try await world.syncAll()
    let log = try await world.log("desk")
    try await world.restoreHub(from: "backup")
    #expect(try await world.log("desk").bundles.count < log.bundles.count)

    try await world.sync("phone")
    let newcomer = try await world.join("tablet")
    try await world.sync("tablet")
    #expect(try newcomer.shown() == world["phone"].shown())
    try await world.syncAll()
    for name in world.names {
      #expect(try world[name].shown() == world["phone"].shown())
      #expect(try await world.sync(name).requests == 1)
    }
  }

  @Test func `one replica rebuilds a hub that lost everything, others' changes included`()
    async throws
  {
    let world = try await world()
    let shown = try world["desk"].shown()
    try await world.restoreHub(from: nil)
    try await world.reconnect("phone", host: nil)
    try await world.sync("phone")
    let newcomer = try await world.join("tablet", host: "phone")
    try await world.sync("tablet")
    #expect(try newcomer.shown() == shown)
    #expect(try newcomer.read { try $0.vector() } == world.vector("desk"))

    for name in ["desk", "lap"] { try await world.reconnect(name, host: "phone") }
    let count = try await world.log("phone").bundles.count
    for name in world.names { try await world.sync(name) }
    #expect(try await world.log("phone").bundles.count == count)
    for name in world.names {
      #expect(try world[name].shown() == shown)
      #expect(try world[name].read { try $0.statistics() }.unsentCount == 0)
      #expect(try await world.sync(name).requests == 1)
    }
  }

  /// A replica that is interrupted after its own changes must not take the new log for a complete one.
  @Test(arguments: 0..<6)
  func `a rebuilding that ends early is taken up again`(requests: Int) async throws {
    let world = try await world()
    try await world.restoreHub(from: nil)
    try await world.reconnect("phone", host: nil)
    // The other way into it: a cursor of the log that is gone.
    if requests % 2 == 1 {
      var remote = try #require(try world["phone"].remote())
      remote.cursor = Cursor(
        log: Array(repeating: 7, count: 16), index: 3, hash: Array(repeating: 7, count: 16))
      remote.pushedSeq = try world.vector("phone")[world["phone"].id]
      try world["phone"].setRemote(remote)
    }
    let failing = Failing(base: world.transport("phone"), passes: requests)
    _ = try? await world.sync("phone", over: failing)
    try await world.sync("phone")
    _ = try await world.join("tablet", host: "phone")
    try await world.sync("tablet")
    #expect(try world["tablet"].shown() == world["desk"].shown())
  }

  @Test func `two replicas that rebuild a hub at the same time do not disturb each other`()
    async throws
  {
    let world = try await world()
    let shown = try world["desk"].shown()
    try await world.restoreHub(from: nil)
    try await world.reconnect("phone", host: nil)
    try await world.reconnect("desk", host: "phone")
    let phone = world.engine("phone")
    let desk = world.engine("desk")
    async let first = phone.sync()
    async let second = desk.sync()
    _ = try await (first, second)
    _ = try await world.join("tablet", host: "phone")
    try await world.sync("tablet")
    #expect(try world["tablet"].shown() == shown)
    #expect(try await world.log("phone").bundles.count <= 6)
  }

  @Test func `what was unsent when the hub was lost is sent too`() async throws {
    let world = try await world()
    try await world.backUpHub(as: "backup")
    try world["lap"].add(page(77), ["title": .text("confirmed, then lost")])
    try await world.syncAll()
    try world["desk"].edit(page(77), ["title": .text("unsent")], at: 9_000)
    try await world.restoreHub(from: "backup")
    try await world.sync("desk")
    try await world.sync("phone")
    #expect(try world["phone"].title(77) == .text("unsent"))
    #expect(try world["phone"].read { try $0.conflictCount() } == 0)
  }

  @Test func `what a replica had pushed and the hub has lost is pushed again after an edit`()
    async throws
  {
    let world = try await World("desk", "lap")
    try await world.backUpHub(as: "empty")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.sync("desk")
    // Only the cursor is from before, as after a sync that ended between its push and its page.
    var remote = try #require(try world["desk"].remote())
    remote.cursor = nil
    try world["desk"].setRemote(remote)
    try await world.restoreHub(from: "empty")
    try world["desk"].edit(page(1), ["title": .text("uno")])
    #expect(try await world.sync("desk").pushedChanges == 2)
    try await world.sync("lap")
    #expect(try world["lap"].title(1) == .text("uno"))
  }

  /// An older program cannot read what a newer one wrote, and has it when the hub and the newer machine are lost.
  @Test func `bundles that a replica could not read go back to a hub that lost them`() async throws
  {
    let world = try await World("desk", "lap")
    let bundles = ofNewerProgram(of: world)
    for bundle in bundles {
      _ = try await world.ask("desk", .push(world.library, bundles: [bundle], after: nil))
    }
    let reasons = try await world.sync("lap").setAside.map(\.reason)
    #expect(reasons == [.newer, .behind])
    try world["lap"].add(page(1), ["title": .text("of the lap")])
    try await world.restoreHub(from: nil)
    try await world.reconnect("lap", host: nil)
    try await world.sync("lap")
    let log = try await world.log("lap").bundles
    #expect(log.count == 3 && bundles.allSatisfy(log.contains))
    #expect(try world["lap"].setAside().map(\.reason) == [.newer, .behind])
    #expect(try await world.sync("lap").requests == 1)
  }

  /// Two bundles of another machine's, the first with a field that no program of today knows.
  private func ofNewerProgram(of world: World) -> [[UInt8]] {
    let sealer = Sealer(root: world.root, library: world.library)
    var generator = world.newGenerator()
    let origin = ReplicaID(50)
    return [UInt64(1), 2].map { number in
      let change = Change(
        dot: Dot(origin, number), timestamp: Timestamp(rawValue: number), record: RecordID(9),
        kind: "page", writes: [Write("title", .text("newer"), parents: [])])
      var content = BundleContent(changes: [change]).encoded()
      if number == 1 {
        let message = try? Zstandard.decompress(content[...], limit: 1_000)
        content = Zstandard.compress((message ?? []) + [0xA0, 0x06, 1])
      }
      let ends = [number - 1, number].map { Array(repeating: UInt8($0), count: 32) }
      let header = BundleHeader(
        library: world.library, epoch: 1, origin: origin, first: number, last: number,
        previousTip: sealer.commitment(toTip: ends[0]), tip: sealer.commitment(toTip: ends[1]))
      return header.bytes
        + sealer.seal(
          content, as: .bundle, authenticating: header.bytes, epoch: 1, using: &generator)
    }
  }

  /// Its log tells nothing of it: there was no change yet. What was sent counts only once the hub has it beside the change.
  @Test func `a hub that is put back between a large value and its change gets the value again`()
    async throws
  {
    let world = try await World("desk", "lap")
    try await world.syncAll()
    try await world.backUpHub(as: "backup")
    let id = try world["desk"].addPage(1, body: noise(5_000, seed: 1))
    let failing = Failing(base: world.transport("desk"), passes: 1)
    #expect(await world.failure { try await world.sync("desk", over: failing) } != nil)
    #expect(try world["desk"].unsentBlobs(limit: 1).isEmpty, "it was sent")
    try await world.restoreHub(from: "backup")
    try await world.syncAll()
    #expect(try world["lap"].body(id) == noise(5_000, seed: 1))
    #expect(try await world.sync("desk").requests == 1)
  }
}

/// Lets some requests pass and none after them.
private actor Failing: HubTransport {
  private let base: any HubTransport
  private var passes: Int

  init(base: any HubTransport, passes: Int) {
    self.base = base
    self.passes = passes
  }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    passes -= 1
    guard passes >= 0 else { throw .transport(.unreachable("the machine was switched off")) }
    return try await base.send(request)
  }
}
