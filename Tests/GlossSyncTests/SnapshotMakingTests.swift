import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Who makes a snapshot that a hub asks for, and when.
@Suite struct SnapshotMakingTests {
  @Test func `a sync does not fail where making a snapshot does`() async throws {
    let world = try await World.withSnapshot()
    for number in 20...25 {
      try world["desk"].add(page(UInt128(number)), ["title": .text("\(number)")])
      try await world.syncUnasked("desk")
    }
    let before = try await world.newestSnapshot()
    let full = Refusing(base: world.transport("desk")) { action in
      guard case .putPiece(_, _, let index, _) = action, index == 1 else { return nil }
      return Problem(.quotaExceeded, status: 507, detail: "")
    }
    world.pass()
    let report = try await world.sync("desk", over: full)
    #expect(!report.hasMadeSnapshot && report.requests == 3)
    #expect(try await world.newestSnapshot() == before)
    #expect(try await world.sync("desk").requests == 1, "nobody else is asked for a while")
    #expect(try await world.snapshot(by: "lap").hasMadeSnapshot)
  }

  @Test func `who and the hub are not of one mind makes no snapshot`() async throws {
    let world = try await World.withSnapshot()
    guard case .vector(let earlier) = try await world.ask("desk", .vector(world.library)) else {
      throw HubFailure.notOurs("no vector")
    }
    for number in 20...25 {
      try world["desk"].add(page(UInt128(number)), ["title": .text("\(number)")])
      try await world.syncUnasked("desk")
    }
    let (lap, desk) = (world["lap"].id, world["desk"].id)
    let lies: [@Sendable (inout HubVector) -> Void] = [
      { $0.origins[lap] = nil },
      { $0.origins[lap]?.lastSeq -= 1 },
      { $0.origins[lap]?.lastSeq += 1 },
      { $0.origins[lap]?.tip[0] ^= 1 },
      { $0.origins[desk]?.lastSeq -= 1 },
      { $0.origins[desk] = earlier.origins[desk] },
      { $0.origins[ReplicaID(77)] = $0.origins[desk] },
    ]
    for lie in lies {
      let liar = Meddler(base: world.transport("desk")) { (reply) throws(HubFailure) in
        guard case .vector(var vector) = reply else { return reply }
        lie(&vector)
        return .vector(vector)
      }
      world.pass()
      let report = try await world.sync("desk", over: liar)
      #expect(report.requests == 2 && !report.hasMadeSnapshot)
    }
    // Somebody pushes while the vector is fetched.
    try world["lap"].add(page(30), ["title": .text("of the lap")])
    let engine = world.engine("lap", over: Unasked(base: world.transport("lap")))
    let passing = Refusing(base: world.transport("desk")) { _ in
      nil
    } before: { action in
      if case .vector = action { _ = try? await engine.sync() }
    }
    world.pass()
    #expect(try await !world.sync("desk", over: passing).hasMadeSnapshot)
    #expect(try await world.snapshot(by: "lap").hasMadeSnapshot)
    try await world.expectAgreement()
  }

  @Test func `who is asked in the middle of many bundles makes the snapshot at their end`()
    async throws
  {
    var limits = HubLimits(requestByteCount: 8_000)
    limits.snapshotBundleCount = 3
    let world = try await World("desk", limits: limits)
    var random = SeededGenerator(seed: 1)
    for number in UInt128(1)...16 {
      let title = (0..<200).map { _ in String(random.next(), radix: 36) }.joined()
      try world["desk"].add(page(number), ["title": .text(title)])
    }
    let engine = world.engine("desk")
    await engine.cutSnapshots(at: 1_000)
    #expect(try await engine.sync().hasMadeSnapshot)
    let log = try await world.log("desk")
    #expect(log.bundles.count > 4)
    #expect(try await world.newestSnapshot().cursor == log.cursor)
  }

  @Test func `who makes a snapshot sees to it that the hub has the large values of old bundles`()
    async throws
  {
    let world = try await World("desk", limits: World.snapshotLimits)
    let text = Array("A text that a bundle of an earlier version has inside.".utf8)
    for number in UInt128(1)...6 {
      try world["desk"].write(at: 1_000) { edits in
        let id = try edits.addBlob(text + [UInt8(number)])
        try edits.add(page(number), ["body": .blob(id)])
      }
      try await world.sync("desk", over: Withholding(base: world.transport("desk")))
    }
    #expect(try await world.snapshot(by: "desk").hasMadeSnapshot)
    let phone = try await world.join("phone")
    let report = try await world.sync("phone")
    #expect(report.receivedBlobs == 6 && report.missingBlobs == 0)
    #expect(try phone.shown() == world["desk"].shown())
    let pieces = await world.transport("desk").exchanges.filter {
      $0.request.target.contains("/snapshots/") && $0.request.method == "PUT"
    }
    #expect(pieces.allSatisfy { $0.request.body.count < 1_500 }, "pieces have no large values")
  }
}
