import GlossCore
import GlossHub
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Replicas and a hub that does what it should.
@Suite struct EngineTests {
  @Test func `two replicas come to show the same`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one"), "progress": .integer(3)])
    try world["lap"].add(page(2), ["title": .text("two")])
    try world["lap"].add(note(3), ["page": .record(RecordID(2)), "body": .text("of two")])
    try await world.syncAll()
    #expect(try world["desk"].shown() == world["lap"].shown())
    #expect(try world.vector("desk") == world.vector("lap"))
    #expect(try world["desk"].title(2) == .text("two"))
    #expect(try world["lap"].title(1) == .text("one"))
  }

  @Test func `three replicas come to show the same, whoever syncs first`() async throws {
    let world = try await World("desk", "lap", "phone")
    for (index, name) in world.names.enumerated() {
      for number in 0..<20 {
        let id = UInt128(index * 100 + number + 1)
        try world[name].add(page(id), ["title": .text("\(name) \(number)")])
      }
    }
    for name in ["phone", "desk", "lap", "desk", "phone"] { try await world.sync(name) }
    let shown = try world["desk"].shown()
    #expect(shown.contains("lap 19") && shown.contains("phone 0"))
    for name in world.names {
      #expect(try world[name].shown() == shown)
      #expect(try world.vector(name) == world.vector("desk"))
    }
  }

  @Test func `a sync with nothing to say is one request`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.syncAll()
    await world.transport("lap").forget()
    #expect(
      try await world.sync("lap")
        == {
          var report = SyncReport()
          report.requests = 1
          return report
        }())
    let exchanges = await world.transport("lap").exchanges
    #expect(exchanges.map(\.request.method) == ["GET"])
    let byteCount = await world.transport("lap").byteCount
    print("an idle sync: \(byteCount) bytes both ways with headers")
    #expect(byteCount <= 700)
  }

  @Test func `a sync of one edit is one request, and so is the other replica's that gets it`()
    async throws
  {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.syncAll()
    try world["desk"].edit(page(1), ["title": .text("uno")])
    let sent = try await world.sync("desk")
    #expect(sent.requests == 1 && sent.pushedChanges == 1 && sent.pulledChanges == 0)
    let got = try await world.sync("lap")
    #expect(got.requests == 1 && got.pushedChanges == 0 && got.pulledChanges == 1)
    #expect(try world["lap"].title(1) == .text("uno"))
  }

  @Test func `one request takes edits both ways`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    try world["lap"].add(page(2), ["title": .text("two")])
    try await world.sync("desk")
    let report = try await world.sync("lap")
    #expect(report.requests == 1 && report.pushedChanges == 1 && report.pulledChanges == 1)
    #expect(try await world.sync("lap").requests == 1)
    #expect(try world["lap"].read { try $0.statistics() }.unsentCount == 0)
  }

  @Test func `a first sync pulls every page`() async throws {
    var limits = HubLimits()
    limits.pageByteCount = 1_000
    let world = try await World("desk", limits: limits)
    for number in UInt128(1)...30 {
      let title = Value.text("\(number) " + String(repeating: "x\(number)", count: 100))
      try world["desk"].add(page(number), ["title": title])
      try await world.sync("desk")
    }
    _ = try await world.join("lap")
    let (steps, told) = AsyncStream<SyncReport>.makeStream()
    let report = try await world.engine("lap").sync { told.yield($0) }
    told.finish()
    let counts = await steps.reduce(into: []) { $0.append($1.pulledChanges) }
    #expect(report.pulledChanges == 30 && report.requests > 3)
    #expect(counts.count == report.requests && counts.last == 30)
    #expect(counts == counts.sorted())
    #expect(try world["lap"].shown() == world["desk"].shown())
  }

  @Test func `a large library is pushed in several bundles and arrives whole`() async throws {
    let world = try await World("desk", "lap")
    var generator = SeededGenerator(seed: 9)
    for number in UInt128(1)...12 {
      let bytes = (0..<200_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
      try world["desk"].write(at: 1_000) { edits in
        try edits.add(page(number), ["body": .blob(try edits.addBlob(bytes))])
      }
    }
    let report = try await world.sync("desk")
    #expect(report.pushedChanges == 12 && report.requests > 2)
    try await world.sync("lap")
    #expect(try world["lap"].shown() == world["desk"].shown())
    guard case .blob(let id)? = try world["lap"].record(page(12))?.values["body"] else {
      Issue.record("page 12 has no body")
      return
    }
    #expect(try world["lap"].read { try $0.blob(id) }?.count == 200_000)
  }

  @Test func `concurrent edits are a conflict on both sides until somebody resolves it`()
    async throws
  {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.syncAll()
    try world["desk"].edit(page(1), ["title": .text("desk")], at: 2_000)
    try world["lap"].edit(page(1), ["title": .text("lap")], at: 3_000)
    try await world.syncAll()
    for name in world.names {
      #expect(try world[name].title(1) == .text("lap"))
      let versions = try world[name].read { try $0.versions(of: "title", in: page(1)) }
      #expect(versions.map(\.value) == [.text("lap"), .text("desk")])
      #expect(try world[name].read { try $0.conflictCount() } == 1)
    }
    try world["desk"].resolve("title", of: page(1), to: .text("desk"), at: 4_000)
    try await world.syncAll()
    for name in world.names {
      #expect(try world[name].title(1) == .text("desk"))
      #expect(try world[name].read { try $0.conflictCount() } == 0)
    }
  }

  @Test func `an edit that a delete did not see keeps the record on both sides`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.syncAll()
    try world["desk"].delete(page(1), at: 3_000)
    try world["lap"].edit(page(1), ["title": .text("kept")], at: 2_000)
    try await world.syncAll()
    for name in world.names {
      let record = try #require(try world[name].record(page(1)))
      #expect(!record.isHidden && record.values["title"] == .text("kept"))
      #expect(try world[name].read { try $0.conflicts() }.map(\.reason) == [.editedAndDeleted])
    }
  }

  @Test func `a replica that knows no hub sends nothing`() async throws {
    let world = try await World("desk")
    _ = try world.newReplica("lap")
    await #expect(throws: SyncError.notConnected) { try await world.sync("lap") }
    #expect(await world.transport("lap").exchanges.isEmpty)
  }

  @Test func `what is edited while a sync runs goes with the next one`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    let desk = world["desk"]
    let edits = Meddler(base: world.transport("desk")) { (reply) throws(HubFailure) in
      do { try desk.edit(page(1), ["title": .text("meanwhile")], at: 2_000) } catch {
        throw .notOurs("\(error)")
      }
      return reply
    }
    try await world.sync("desk", over: edits)
    #expect(try desk.read { try $0.statistics() }.unsentCount == 1)
    try await world.sync("desk")
    try await world.sync("lap")
    #expect(try world["lap"].title(1) == .text("meanwhile"))
  }
}
