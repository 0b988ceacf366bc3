import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Snapshots that clients make and start from, and hubs that drop their logs.
@Suite struct SnapshotTests {
  /// A hub with small pages, which wants a snapshot every five bundles, and drops the log as soon as there is one.
  private static let limits: HubLimits = {
    var limits = HubLimits(pageByteCount: 1_000)
    limits.snapshotBundleCount = 5
    limits.logRetention = 0
    return limits
  }()

  /// A world in which the desk and the lap have made so many pages by turns, each of them a bundle, and the desk a snapshot of
  /// pieces of about a kilobyte at the end of that.
  private func world(pages: Int = 12, limits: HubLimits = limits) async throws -> World {
    let world = try await World("desk", "lap", limits: limits)
    for number in 1...pages {
      let name = number % 2 == 0 ? "desk" : "lap"
      let title = Value.text("\(number) " + String(repeating: "x", count: 200))
      try world[name].add(page(UInt128(number)), ["title": title], at: UInt64(1_000 * number))
      try await syncUnasked(world, name)
    }
    let report = try await snapshot(world, by: "desk")
    #expect(report.hasMadeSnapshot)
    return world
  }

  private func syncUnasked(_ world: World, _ name: String) async throws {
    try await world.sync(name, over: Unasked(base: world.transport(name)))
  }

  /// Lets a replica sync that the hub asks for a snapshot.
  @discardableResult
  private func snapshot(
    _ world: World, by name: String, over transport: (any HubTransport)? = nil,
    history: SnapshotHistory = .whole
  ) async throws -> SyncReport {
    world.pass()
    let engine = world.engine(name, over: transport, history: history)
    await engine.cutSnapshots(at: 1_000)
    return try await engine.sync()
  }

  private func newest(_ world: World) async throws -> SnapshotDescription {
    guard case .snapshot(let newest) = try await world.ask("desk", .latestSnapshot(world.library))
    else { throw HubFailure.notOurs("no snapshot") }
    return newest
  }

  private func expectAgreement(_ world: World) async throws {
    try await world.syncAll()
    let shown = try world["desk"].shown()
    for name in world.names {
      #expect(try world[name].shown() == shown)
      #expect(try world.vector(name) == world.vector("desk"))
      #expect(try await world.sync(name).requests == 1)
      #expect(try world[name].read { try $0.statistics() }.unsentCount == 0)
      #expect(try world[name].snapshotProgress() == nil)
    }
  }

  @Test func `a new replica starts from the snapshot that a client made when the hub asked`()
    async throws
  {
    let world = try await world()
    let newest = try await newest(world)
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
    try await expectAgreement(world)
  }

  @Test func `a log that fits one page is read without asking for a snapshot`() async throws {
    let world = try await World("desk")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.sync("desk")
    _ = try await world.join("lap")
    #expect(try await world.sync("lap").requests == 1)
  }

  @Test func `who was away too long gets through and keeps what is unsent`() async throws {
    let world = try await world()
    _ = try await world.join("phone")
    try await world.syncAll()
    let cursor = try #require(try world["phone"].remote()?.cursor)
    try world["phone"].edit(page(1), ["title": .text("of the phone")], at: 50_000)
    try world["phone"].add(page(77), ["title": .text("unsent")], at: 50_000)
    try world["desk"].edit(page(1), ["title": .text("of the desk")], at: 60_000)
    for number in 20...26 {
      try world["desk"].add(page(UInt128(number)), ["title": .text("\(number)")])
      try await syncUnasked(world, "desk")
    }
    try await snapshot(world, by: "desk")
    #expect(try await newest(world).cursor.index > cursor.index)
    do {
      _ = try await world.ask("phone", .pull(world.library, after: cursor))
      Issue.record("the log is still there")
    } catch HubFailure.refused(let problem) {
      #expect(problem.type == .compacted)
    }

    let report = try await world.sync("phone")
    #expect(report.pushedChanges == 2 && report.pulledChanges == 8)
    try await expectAgreement(world)
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
    let world = try await world()
    let count = Int(try await newest(world).pieceCount)
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
    try await expectAgreement(world)
  }

  /// Where in a piece a byte is changed.
  enum Part: CaseIterable, Sendable {
    case suite, library, epoch, snapshot, index, salt, commitment, text, tag

    func place(in piece: [UInt8]) -> Int {
      switch self {
      case .suite: 0
      case .library: 5
      case .epoch: 20
      case .snapshot: 30
      case .index: 40
      case .salt: 41
      case .commitment: 41 + 32
      case .text: 41 + 64
      case .tag: piece.count - 1
      }
    }
  }

  @Test(arguments: Part.allCases, [0, 2] as [UInt32])
  func `of a piece with one other bit nothing is taken in, and nothing is lost`(
    part: Part, index: UInt32
  ) async throws {
    let world = try await world()
    _ = try await world.join("phone")
    try world["phone"].add(page(99), ["title": .text("unsent")])
    let liar = Rewriting(base: world.transport("phone")) { piece in
      guard piece[37..<41].elementsEqual([0, 0, 0, UInt8(index)]) else { return piece }
      var altered = piece
      altered[part.place(in: piece)] ^= 1
      return altered
    }
    do {
      try await world.sync("phone", over: liar)
      Issue.record("an altered piece was taken in")
    } catch SyncError.snapshotUnusable {}
    #expect(try world["phone"].remote()?.cursor == nil)
    #expect(try world["phone"].title(99) == .text("unsent"))
    try await world.sync("phone")
    try await expectAgreement(world)
    #expect(try world["desk"].title(99) == .text("unsent"))
  }

  @Test func `a snapshot that cannot be opened is left, as long as the log is there`() async throws
  {
    var limits = Self.limits
    limits.logRetention = nil
    let world = try await world(limits: limits)
    _ = try await world.join("phone")
    let liar = Rewriting(base: world.transport("phone")) { piece in
      piece.dropLast() + [piece.last! ^ 1]
    }
    let report = try await world.sync("phone", over: liar)
    #expect(report.pulledChanges == 12)
    #expect(try world["phone"].shown() == world["desk"].shown())
    try await expectAgreement(world)
  }

  @Test func `a head of another place, and a piece of another number, are noticed`() async throws {
    let world = try await world()
    _ = try await world.join("phone")
    let place = Cursor(
      log: try await newest(world).cursor.log, index: 11, hash: Array(repeating: 1, count: 16))!
    let moved = Meddler(base: world.transport("phone")) { (reply) throws(HubFailure) in
      guard case .snapshot(var description) = reply else { return reply }
      description.cursor = place
      return .snapshot(description)
    }
    let short = Meddler(base: world.transport("phone")) { (reply) throws(HubFailure) in
      guard case .snapshot(var description) = reply else { return reply }
      description.pieceCount -= 1
      return .snapshot(description)
    }
    for liar in [moved, short] {
      await #expect(throws: SyncError.snapshotUnusable(.tampered)) {
        try await world.sync("phone", over: liar)
      }
    }
    #expect(try world.vector("phone") == Vector())
  }

  @Test func `a newer snapshot that takes the place of one in the middle is read instead`()
    async throws
  {
    let world = try await world()
    _ = try await world.join("phone")
    let replaced = Locked(false)
    let gone = Refusing(base: world.transport("phone")) { action in
      guard case .piece(_, _, let index) = action, index == 2 else { return nil }
      return replaced.withLock { isReplaced in
        defer { isReplaced = true }
        return isReplaced ? nil : Problem(.noSnapshot, status: 404, detail: "")
      }
    }
    try await world.sync("phone", over: gone)
    #expect(try world["phone"].shown() == world["desk"].shown())
  }

  @Test func `a sync does not fail where making a snapshot does`() async throws {
    let world = try await world()
    for number in 20...25 {
      try world["desk"].add(page(UInt128(number)), ["title": .text("\(number)")])
      try await syncUnasked(world, "desk")
    }
    let before = try await newest(world)
    let full = Refusing(base: world.transport("desk")) { action in
      guard case .putPiece(_, _, let index, _) = action, index == 1 else { return nil }
      return Problem(.quotaExceeded, status: 507, detail: "")
    }
    world.pass()
    let report = try await world.sync("desk", over: full)
    #expect(!report.hasMadeSnapshot && report.requests == 3)
    #expect(try await newest(world) == before)
    #expect(try await world.sync("desk").requests == 1, "nobody else is asked for a while")
    #expect(try await snapshot(world, by: "lap").hasMadeSnapshot)
  }

  @Test func `who and the hub are not of one mind makes no snapshot`() async throws {
    let world = try await world()
    guard case .vector(let earlier) = try await world.ask("desk", .vector(world.library)) else {
      throw HubFailure.notOurs("no vector")
    }
    for number in 20...25 {
      try world["desk"].add(page(UInt128(number)), ["title": .text("\(number)")])
      try await syncUnasked(world, "desk")
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
    #expect(try await snapshot(world, by: "lap").hasMadeSnapshot)
    try await expectAgreement(world)
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
    #expect(try await newest(world).cursor == log.cursor)
  }

  /// A desk that wrote a secret and replaced it, and a snapshot without what was replaced.
  private func thinWorld() async throws -> World {
    let world = try await World("desk", "lap", limits: Self.limits)
    try world["desk"].add(page(1), ["title": .text("a secret")])
    try await world.syncAll()
    for number in UInt128(2)...7 {
      try world["desk"].edit(
        page(1), ["title": .text("draft \(number)")], at: UInt64(number) * 1_000)
      try world["desk"].add(page(number), ["title": .text("\(number)")])
      try await syncUnasked(world, "desk")
    }
    return world
  }

  @Test func `a snapshot without history brings what is shown, and none of what was replaced`()
    async throws
  {
    let world = try await thinWorld()
    #expect(try await snapshot(world, by: "desk", history: .current).hasMadeSnapshot)
    let phone = try await world.join("phone")
    try await world.sync("phone")
    #expect(try phone.shown() == world["desk"].shown())
    let values = try phone.read { snapshot in
      try snapshot.history(of: page(1)).compactMap { $0.change.write(to: "title")?.value }
    }
    #expect(values.contains(.text("draft 7")) && !values.contains(.text("a secret")))
    #expect(values.filter(\.isLeftOut).count == 6)
    try await expectAgreement(world)
    // A snapshot that such a replica makes is one for the next, and edits go both ways.
    for number in UInt128(20)...26 {
      try phone.edit(page(1), ["title": .text("later \(number)")], at: 90_000 + UInt64(number))
      try await syncUnasked(world, "phone")
    }
    #expect(try await snapshot(world, by: "phone").hasMadeSnapshot)
    let tablet = try await world.join("tablet")
    try await world.sync("tablet")
    #expect(try tablet.shown() == phone.shown())
    try await expectAgreement(world)
    // Who has the values keeps them.
    let kept = try world["desk"].read { snapshot in
      try snapshot.history(of: page(1)).compactMap { $0.change.write(to: "title")?.value }
    }
    #expect(kept.contains(.text("a secret")))
  }

  @Test func `who has only what is shown fills an empty hub, and others go on with that`()
    async throws
  {
    let world = try await thinWorld()
    #expect(try await snapshot(world, by: "desk", history: .current).hasMadeSnapshot)
    let phone = try await world.join("phone")
    try await world.sync("phone")
    try phone.edit(page(1), ["title": .text("of the phone")], at: 90_000)
    try await world.restoreHub(from: nil)
    try await world.reconnect("phone", host: nil)
    try await syncUnasked(world, "phone")
    let tablet = try await world.join("tablet", host: "phone")
    try await syncUnasked(world, "tablet")
    #expect(try tablet.shown() == phone.shown())
    #expect(try tablet.setAside().isEmpty)
    // Who has every value agrees, and goes on from there.
    try world["desk"].edit(page(2), ["title": .text("of the desk")], at: 95_000)
    for name in ["desk", "lap"] { try await world.reconnect(name, host: "phone") }
    try await expectAgreement(world)
    #expect(try tablet.title(2) == .text("of the desk"))
  }

  @Test func `who was away and edited what a snapshot left out makes a conflict, as ever`()
    async throws
  {
    let world = try await thinWorld()
    try world["lap"].edit(page(1), ["title": .text("of the lap")], at: 3_500)
    #expect(try await snapshot(world, by: "desk", history: .current).hasMadeSnapshot)
    try await world.sync("lap")
    try await expectAgreement(world)
    let titles = try world["desk"].read { try $0.versions(of: "title", in: page(1)) }
    #expect(titles.map(\.value) == [.text("draft 7"), .text("of the lap")])
  }

  @Test func `an edit while a snapshot without history is made puts it off`() async throws {
    let world = try await thinWorld()
    let desk = world["desk"]
    let writing = Refusing(base: world.transport("desk")) { _ in
      nil
    } before: { action in
      guard case .putPiece(_, _, let index, _) = action, index == 1 else { return }
      try? desk.edit(page(1), ["title": .text("unsent")], at: 99_000)
    }
    let report = try await snapshot(world, by: "desk", over: writing, history: .current)
    #expect(!report.hasMadeSnapshot)
    #expect(try await snapshot(world, by: "desk", history: .current).hasMadeSnapshot)
    _ = try await world.join("phone")
    try await expectAgreement(world)
    #expect(try world["phone"].title(1) == .text("unsent"))
  }

  @Test func `who makes a snapshot sees to it that the hub has the large values of old bundles`()
    async throws
  {
    let world = try await World("desk", limits: Self.limits)
    let text = Array("A text that a bundle of an earlier version has inside.".utf8)
    for number in UInt128(1)...6 {
      try world["desk"].write(at: 1_000) { edits in
        let id = try edits.addBlob(text + [UInt8(number)])
        try edits.add(page(number), ["body": .blob(id)])
      }
      try await world.sync("desk", over: Withholding(base: world.transport("desk")))
    }
    #expect(try await snapshot(world, by: "desk").hasMadeSnapshot)
    let phone = try await world.join("phone")
    let report = try await world.sync("phone")
    #expect(report.receivedBlobs == 6 && report.missingBlobs == 0)
    #expect(try phone.shown() == world["desk"].shown())
    let pieces = await world.transport("desk").exchanges.filter {
      $0.request.target.contains("/snapshots/") && $0.request.method == "PUT"
    }
    #expect(pieces.allSatisfy { $0.request.body.count < 1_500 }, "pieces have no large values")
  }

  @Test func `a copy notices in a snapshot that it is one`() async throws {
    let world = try await world()
    try world.copy("lap", as: "copy", .machine)
    #expect(world["copy"].id == world["lap"].id)
    try world["copy"].add(page(70), ["title": .text("of the copy")])
    try world["copy"].edit(page(70), ["title": .text("of the copy, edited")])
    for number in 30...36 {
      try world["lap"].add(page(UInt128(number)), ["title": .text("\(number)")])
      try await syncUnasked(world, "lap")
    }
    try await snapshot(world, by: "lap")
    let report = try await world.sync("copy")
    #expect(report.renewal?.remadeCount == 2)
    #expect(world["copy"].id != world["lap"].id)
    try await expectAgreement(world)
    #expect(try world["desk"].title(70) == .text("of the copy, edited"))
    #expect(try world["copy"].title(36) == .text("36"))
  }

  @Test func `a run that contradicts what is held is set aside, and all else is taken in`()
    async throws
  {
    // The lap has a change of the desk that a backup of desk and hub has not, and then there is another one of its number.
    let world = try await World("desk", "lap", limits: Self.limits)
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
      try await syncUnasked(world, "again")
    }
    #expect(try await snapshot(world, by: "again").hasMadeSnapshot)
    let report = try? await world.sync("lap")
    let setAside = try world["lap"].setAside()
    #expect(setAside.map(\.reason) == [.fork])
    #expect(setAside.map(\.origin) == [world["again"].id])
    #expect(report?.setAside == setAside)
    #expect(try world["lap"].title(2) == .text("lost"))
    #expect(try world["lap"].bundlesToRetry().isEmpty)
  }

  @Test func `a snapshot deletes half of the library only when that is accepted`() async throws {
    let world = try await World("desk", "lap", limits: Self.limits)
    for number in UInt128(1)...50 {
      try world["desk"].add(page(number), ["title": .text("\(number)")], at: 1_000)
    }
    try await world.syncAll()
    for number in UInt128(1)...30 {
      try world["desk"].delete(page(number), at: 2_000)
      if number > 24 {
        try await syncUnasked(world, "desk")
      }
    }
    #expect(try await snapshot(world, by: "desk").hasMadeSnapshot)
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
    let world = try await world()
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
    try await expectAgreement(world)
    #expect(try world["phone"].title(52) == .text("unsent"))
  }
}

/// Keeps large values from the hub, and says that it has them: so is a hub whose bundles have them inside.
private struct Withholding: HubTransport {
  let base: any HubTransport

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    guard case .uploadBlobs(_, let parts) = request.action else {
      return try await Unasked(base: base).send(request)
    }
    return .holdings(
      parts.map { BlobHolding(name: $0.name, held: $0.size, isComplete: true) })
  }
}

/// Lets no page ask for a snapshot.
private struct Unasked: HubTransport {
  let base: any HubTransport

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    let reply = try await base.send(request)
    guard case .page(var page) = reply else { return reply }
    page.wantsSnapshot = false
    return .page(page)
  }
}

/// Changes pieces on their way.
private struct Rewriting: HubTransport {
  let base: any HubTransport
  let rewrite: @Sendable ([UInt8]) -> [UInt8]

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    let reply = try await base.send(request)
    guard case .piece(let piece) = reply else { return reply }
    return .piece(rewrite(piece))
  }
}

/// Refuses what a closure refuses, and does something before.
private struct Refusing: HubTransport {
  let base: any HubTransport
  let refusal: @Sendable (HubRequest.Action) -> Problem?
  var before: @Sendable (HubRequest.Action) async -> Void = { _ in }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    await before(request.action)
    if let problem = refusal(request.action) { throw .refused(problem) }
    return try await base.send(request)
  }
}

/// Lets some requests pass and none after them, and notes which pieces came.
private actor Counting: HubTransport {
  private let base: any HubTransport
  private var passes: Int
  private(set) var pieces: [UInt32] = []

  init(base: any HubTransport, passes: Int) {
    self.base = base
    self.passes = passes
  }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    guard passes > 0 else { throw .transport(.badAddress("the machine was switched off")) }
    passes -= 1
    let reply = try await base.send(request)
    if case .piece(_, _, let index) = request.action { pieces.append(index) }
    return reply
  }
}
