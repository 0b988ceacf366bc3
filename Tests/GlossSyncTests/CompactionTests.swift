import GlossCore
import GlossHub
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Dropping what was replaced, beside a hub and others.
@Suite struct CompactionTests {
  /// A desk and a lap that wrote one title by turns, each a bundle, and have told that they have it all.
  private func world(edits: Int = 8, limits: HubLimits = HubLimits()) async throws -> World {
    let world = try await World("desk", "lap", limits: limits)
    try world["desk"].add(page(1), ["title": .text("title 0")])
    try await world.syncAll()
    for number in 1...edits {
      let name = number % 2 == 0 ? "desk" : "lap"
      try world[name].edit(
        page(1), ["title": .text("title \(number)")], at: UInt64(number + 1) * 1_000)
      try await world.syncAll()
    }
    return world
  }

  @Test func `what everybody has is what each has asked behind`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("A")])
    try await world.sync("desk")
    #expect(try await world.acknowledged("desk") == Vector(), "the lap never came")
    try await world.sync("lap")
    #expect(
      try await world.acknowledged("desk") == Vector(), "the lap was sent it, no more is known")
    try await world.sync("lap")
    #expect(try await world.acknowledged("desk") == world.vector("desk"))
    let first = try world.vector("desk")
    try world["desk"].edit(page(1), ["title": .text("B")], at: 2_000)
    #expect(try await world.acknowledged("desk") == first, "nobody has what is unsent")
    try await world.sync("desk")
    #expect(try await world.acknowledged("desk") == first)
    _ = try await world.join("phone")
    #expect(try await world.acknowledged("desk") == Vector(), "one more that never came")
    #expect(try await world.acknowledged("lap") == Vector())
  }

  @Test func `who was revoked holds nothing back`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("A")])
    try await world.sync("desk")
    #expect(try await world.acknowledged("desk") == Vector())
    guard case .devices(let devices) = try await world.ask("desk", .devices(world.library)) else {
      return
    }
    var generator = world.newGenerator()
    for device in devices where device.appliedIndex == 0 && device.cursorIndex == 0 {
      _ = try await HubSetup.revoke(
        device.tokenDigest, of: world["desk"], root: world.root, over: world.transport("desk"),
        using: &generator)
    }
    #expect(try await world.acknowledged("desk") == world.vector("desk"))
  }

  @Test func `a hub of before, or one that has dropped that part of its log, acknowledges nothing`()
    async throws
  {
    let world = try await World("desk", "lap")
    for number in 1...3 as ClosedRange<UInt128> {
      try world["desk"].add(page(number), ["title": .text("A")])
      try await world.sync("desk")
      if number == 1 { try await world.syncAll() }
    }
    #expect(try await world.acknowledged("desk")[world["desk"].id] == 1)
    let older = Meddler(base: world.transport("desk")) { reply throws(HubFailure) in
      guard case .vector(let vector) = reply, vector.end.index < 3 else { return reply }
      var now = vector
      now.end = Cursor(log: vector.end.log, index: 3, hash: vector.end.hash) ?? vector.end
      return .vector(now)
    }
    #expect(
      try await HubSetup.acknowledged(of: world["desk"], root: world.root, over: older) == Vector())
    let dropped = Refusing(base: world.transport("desk")) { action in
      if case .vector(_, at: .some) = action {
        Problem(.compacted, status: 410, detail: "")
      } else {
        nil
      }
    }
    #expect(
      try await HubSetup.acknowledged(of: world["desk"], root: world.root, over: dropped)
        == Vector())
    let offline = Refusing(base: world.transport("desk")) { _ in
      Problem(.unavailable, status: 503, detail: "")
    }
    await #expect(throws: SyncError.self) {
      try await HubSetup.acknowledged(of: world["desk"], root: world.root, over: offline)
    }
  }

  /// A desk and its twin, a copied machine, of which each wrote another second change. The hub, put back from a backup, has the
  /// twin's, and so has the lap.
  ///
  /// - Parameter prepare: Is done before the hub is put back, when all have what the desk wrote.
  private func worldOfTwins(
    _ prepare: (World) async throws -> Void
  ) async throws -> World {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("first")])
    try await world.syncAll()
    try world.copy("desk", as: "twin", .machine)
    try await world.backUpHub(as: "early")
    try world["desk"].edit(page(1), ["title": .text("second")], at: 2_000)
    try await world.syncAll(but: "twin")
    try await world.sync("lap")
    try await prepare(world)
    try await world.restoreHub(from: "early")
    try world["twin"].add(page(2), ["title": .text("of the twin")], at: 3_000)
    for _ in 0..<2 {
      for name in ["twin", "lap"] { try await world.sync(name) }
    }
    return world
  }

  @Test func `other changes of the same numbers acknowledge nothing`() async throws {
    let world = try await worldOfTwins { world in
      let acknowledged = try await world.acknowledged("desk")
      #expect(acknowledged[world["desk"].id] == 2)
    }
    #expect(try await world.acknowledged("desk")[world["desk"].id] == 0)
    let unlocked = try await HubSetup.acknowledged(
      of: world["desk"], root: nil, over: world.transport("desk"))
    #expect(unlocked[world["desk"].id] == 2, "without the key numbers are all there is")
    #expect(try await world.compact("desk").valueCount == 0)
  }

  @Test func `a fork within what lacks values is mended like any other`() async throws {
    let world = try await worldOfTwins { world in
      let report = try await world.compact("desk")
      #expect(report.valueCount == 1)
    }
    let desk = world["desk"].id
    #expect(try await world.sync("desk").renewal?.former == desk)
    for _ in 0..<2 {
      for name in world.names { try await world.sync(name) }
    }
    for name in world.names {
      #expect(try world[name].title(1) == .text("second"))
      #expect(try world[name].title(2) == .text("of the twin"))
      #expect(try world[name].setAside() == [])
      #expect(try world[name].verify().damages == [])
      #expect(try world[name].read { try $0.conflicts() } == [])
    }
  }

  @Test func `what a late machine has not seen stays, and its edit of that is a conflict as ever`()
    async throws
  {
    let world = try await world()
    let late = try await world.join("phone")
    try await world.sync("phone")
    try await world.sync("phone")
    try late.edit(page(1), ["title": .text("of the phone")], at: 50_000)
    try await world.syncAll(but: "phone")
    for number in UInt64(20)...24 {
      try world["desk"].edit(page(1), ["title": .text("title \(number)")], at: number * 1_000)
      try await world.syncAll(but: "phone")
    }
    let report = try await world.compact("desk")
    #expect(report.valueCount == 8 && report.heldBackCount == 5)
    #expect(
      try world["desk"].texts() == [
        "title 8", "title 20", "title 21", "title 22", "title 23", "title 24",
      ])
    // Everything goes on a machine that takes nobody into account: the outcome is the same.
    let all = CompactionTerms(acknowledged: try world.vector("lap"), replacedUpTo: .max)
    #expect(try world["lap"].compact(all, at: 90_000).valueCount == 13)
    try await world.expectAgreement()
    for name in world.names {
      let titles = try world[name].read { try $0.versions(of: "title", in: page(1)) }
      #expect(titles.map(\.value) == [.text("of the phone"), .text("title 24")])
      #expect(try world[name].verify().damages.isEmpty)
    }
    let record = try #require(try world["lap"].record(page(1)))
    try world["lap"].write(at: 95_000) {
      _ = try $0.resolve("title", of: page(1), to: .text("settled"), basedOn: record.basis)
    }
    try await world.expectAgreement()
    #expect(try world["phone"].read { try $0.conflicts().isEmpty })
  }

  /// The hub comes back at every place where it ever was, and empty.
  @Test(arguments: [nil] + (1...6).map(Optional.some))
  func `who dropped values brings a hub back, wherever it was put back to`(place: Int?) async throws
  {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("title 0")])
    try await world.syncAll()
    for number in 1...6 {
      let name = number % 2 == 0 ? "desk" : "lap"
      try world[name].edit(
        page(1), ["title": .text("title \(number)")], at: UInt64(number + 1) * 1_000)
      try await world.syncAll()
      if number == place { try await world.backUpHub(as: "backup") }
    }
    try await world.syncAll()
    let shown = try world["desk"].shown()
    for name in ["desk", "lap"] { #expect(try await world.compact(name).valueCount == 6) }
    try await world.restoreHub(from: place.map { _ in "backup" })
    if place == nil {
      try await world.reconnect("lap", host: nil)
      try await world.sync("lap")
      try await world.reconnect("desk", host: "lap")
    }
    for name in ["lap", "desk"] { try await world.sync(name) }
    let tablet = try await world.join("tablet", host: "lap")
    try await world.expectAgreement()
    #expect(try tablet.shown() == shown)
    for name in world.names {
      #expect(try world[name].setAside().isEmpty)
      #expect(try world[name].verify().damages.isEmpty)
      #expect(world[name].renewal == nil)
    }
    try tablet.edit(page(1), ["title": .text("later")], at: 90_000)
    try await world.expectAgreement()
  }

  /// Another machine fills the hub in pieces of its own; who dropped values reads its own changes from there.
  @Test func `who dropped values is no copy where another has filled the hub`() async throws {
    let world = try await world()
    #expect(try await world.compact("desk").valueCount == 8)
    try await world.restoreHub(from: nil)
    try await world.reconnect("lap", host: nil)
    try await world.sync("lap")
    try await world.reconnect("desk", host: "lap")
    try await world.expectAgreement()
    #expect(world["desk"].renewal == nil)
    #expect(try world["desk"].texts() == ["title 8"])
    #expect(try world["lap"].texts().count == 9)
  }

  @Test func `who dropped values leaves a snapshot to others, but not for ever`() async throws {
    let world = try await world(edits: 12, limits: World.snapshotLimits)
    #expect(try await world.compact("desk").valueCount > 0)
    #expect(try await !world.snapshot(by: "desk").hasMadeSnapshot)
    #expect(try await !world.snapshot(by: "desk").hasMadeSnapshot)
    #expect(try await world.snapshot(by: "desk").hasMadeSnapshot)
    let phone = try await world.join("phone")
    try await world.sync("phone")
    #expect(try phone.shown() == world["desk"].shown())
    #expect(try phone.texts().count < 13)
    try await world.expectAgreement()
  }
}

extension World {
  fileprivate func acknowledged(_ name: String) async throws -> Vector {
    try await HubSetup.acknowledged(of: self[name], root: root, over: transport(name))
  }

  fileprivate func compact(_ name: String) async throws -> CompactionReport {
    let terms = CompactionTerms(
      acknowledged: try await acknowledged(name), replacedUpTo: 1_000_000)
    return try self[name].compact(terms, at: 1_000_000)
  }

  fileprivate func syncAll(but absent: String) async throws {
    for _ in 0..<2 {
      for name in names where name != absent { try await sync(name) }
    }
  }
}

extension Replica {
  /// The titles of the first page that are here, the oldest first.
  fileprivate func texts() throws -> [String] {
    try read { try $0.history(of: page(1)) }.compactMap { entry in
      if case .text(let text)? = entry.change.write(to: "title")?.value { text } else { nil }
    }
  }
}
