import GlossCore
import GlossCrypto
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Hubs that alter, leave out, reorder or promise, and devices that seal what nobody can open.
@Suite struct LyingHubTests {
  /// Where in a bundle a byte is changed.
  enum Part: CaseIterable, Sendable {
    case library, epoch, origin, first, last, previousTip, tip, salt, commitment, text, tag

    func place(in bundle: [UInt8]) -> Int {
      switch self {
      case .library: 1
      case .epoch: 20
      case .origin: 30
      case .first: 44
      case .last: 52
      case .previousTip: 60
      case .tip: 100
      case .salt: 117
      case .commitment: 117 + 32
      case .text: 117 + 64
      case .tag: bundle.count - 1
      }
    }
  }

  @Test(arguments: Part.allCases)
  func `of a bundle with one other bit nothing is applied, and the whole one is taken in later`(
    part: Part
  ) async throws {
    let world = try await World("desk", "lap")
    for number in UInt128(1)...3 {
      try world["desk"].add(page(number), ["title": .text("\(number)")])
      try await world.sync("desk")
    }
    let desk = world["desk"].id
    let tamperer = Meddler(base: world.transport("lap")) { (reply) throws(HubFailure) in
      guard case .page(let honest) = reply else { return reply }
      var bundles = honest.bundles
      bundles[1][part.place(in: bundles[1])] ^= 1
      // The cursor fits, so that only the seal can tell.
      return .page(chained(bundles, log: honest.cursor.log))
    }
    let before = try world["lap"].remote()
    switch part {
    case .library, .epoch, .first:
      // No hub takes in such a header, so it is the hub that is at fault.
      let report = try? await world.sync("lap", over: tamperer)
      #expect(report == nil)
      #expect(try world["lap"].remote() == before)
      #expect(try world.vector("lap") == Vector())
    case .origin:
      // What is left of the desk's changes has a gap in it.
      let gap = StoreError.bundleGap(replica: desk, held: 1, first: 3)
      await #expect(throws: SyncError.store(gap)) { try await world.sync("lap", over: tamperer) }
      #expect(try world.vector("lap") == Vector())
    case .last, .previousTip, .tip, .salt, .commitment, .text, .tag:
      let report = try await world.sync("lap", over: tamperer)
      #expect(report.setAside.map(\.first) == [2, 3])
      let reason: SetAside.Reason = part == .text || part == .tag ? .tampered : .wrongKey
      #expect(report.setAside.map(\.reason) == [reason, .behind])
      #expect(try world.vector("lap") == Vector([desk: 1]))
    }
    #expect(try world["lap"].title(2) == nil)
    try await world.sync("lap")
    #expect(try world["lap"].shown() == world["desk"].shown())
    #expect(try world["lap"].setAside() == [])
  }

  @Test func `another library's root key opens nothing`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.sync("desk")
    var generator = SeededGenerator(seed: 99)
    let report = try await world.engine("lap", root: RootKey.random(using: &generator)).sync()
    #expect(
      report.setAside == [
        SetAside(origin: world["desk"].id, first: 1, last: 1, reason: .wrongKey)
      ])
    #expect(try world.vector("lap") == Vector())
    #expect(try await world.sync("lap").setAside == [], "with the right key it is taken in")
    #expect(try world["lap"].title(1) == .text("one"))
  }

  /// One machine with a wrong key must not keep the others from each other's changes.
  @Test func `what one device seals with another key holds up nobody else's changes`() async throws
  {
    let world = try await World("desk", "lap", "phone")
    var generator = SeededGenerator(seed: 99)
    let stranger = world.engine("phone", root: RootKey.random(using: &generator))
    for round in UInt128(1)...2 {
      try world["phone"].add(page(10 + round), ["title": .text("sealed wrongly")])
      _ = try await stranger.sync()
      try world["desk"].add(page(round), ["title": .text("\(round)")])
      try await world.sync("desk")
    }
    let report = try await world.sync("lap")
    #expect(report.pulledChanges == 2)
    #expect(report.setAside.map(\.reason) == [.wrongKey, .wrongKey])
    #expect(try world["lap"].title(2) == .text("2"))
    let again = try await world.sync("lap")
    #expect(again.requests == 1 && again.setAside == report.setAside)
  }

  @Test func `a bundle of another library is refused`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.sync("desk")
    let tamperer = Meddler(base: world.transport("lap")) { (reply) throws(HubFailure) in
      guard case .page(let honest) = reply, let bundle = honest.bundles.first,
        var header = try? BundleHeader(of: bundle)
      else { return reply }
      header.library = LibraryID(8)
      let other = header.bytes + bundle[BundleHeader.byteCount...]
      return .page(chained([other], log: honest.cursor.log))
    }
    await #expect(throws: SyncError.hub(.notOurs("a bundle is of another library"))) {
      try await world.sync("lap", over: tamperer)
    }
    #expect(try world["lap"].remote()?.cursor == nil)
  }

  @Test func `a log that skips a bundle of an origin is refused`() async throws {
    let world = try await World("desk", "lap")
    for number in UInt128(1)...3 {
      try world["desk"].add(page(number), ["title": .text("\(number)")])
      try await world.sync("desk")
    }
    let tamperer = Meddler(base: world.transport("lap")) { (reply) throws(HubFailure) in
      guard case .page(let honest) = reply else { return reply }
      return .page(chained([honest.bundles[0], honest.bundles[2]], log: honest.cursor.log))
    }
    let gap = StoreError.bundleGap(replica: world["desk"].id, held: 1, first: 3)
    await #expect(throws: SyncError.store(gap)) { try await world.sync("lap", over: tamperer) }
    #expect(try world["lap"].remote()?.cursor == nil)
    #expect(try world.vector("lap") == Vector())
  }

  @Test(arguments: [FaultyTransport.Fault.withheld, .reordered, .bundleGarbled, .bundleCut])
  func `a page that is not what the log has is refused, and the honest one is taken in`(
    fault: FaultyTransport.Fault
  ) async throws {
    let world = try await World("desk", "lap")
    for number in UInt128(1)...4 {
      try world["desk"].add(page(number), ["title": .text("\(number)")])
      try await world.sync("desk")
    }
    let faulty = FaultyTransport(world.transport("lap"), seed: 2, percent: 100, faults: [fault])
    await #expect(throws: SyncError.hub(.notOurs("a page leaves out part of the log"))) {
      try await world.sync("lap", over: faulty)
    }
    #expect(try world["lap"].remote()?.cursor == nil)
    #expect(try world.vector("lap") == Vector())
    await faulty.heal()
    try await world.sync("lap", over: faulty)
    #expect(try world["lap"].shown() == world["desk"].shown())
  }

  @Test func `a hub that always promises more and never sends it is given up`() async throws {
    let world = try await World("desk", "lap")
    let faulty = FaultyTransport(
      world.transport("lap"), seed: 1, percent: 100, faults: [.misjudged])
    await #expect(throws: SyncError.hub(.notOurs("a page leaves out part of the log"))) {
      try await world.sync("lap", over: faulty)
    }
    #expect(await world.transport("lap").exchanges.count == 1)
  }

  @Test func `a push answered with less than the log has is followed by a pull`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.sync("desk")
    try world["lap"].add(page(2), ["title": .text("two")])
    let withholder = Meddler(base: world.transport("lap")) { (reply) throws(HubFailure) in
      guard case .page(var page) = reply, page.bundles.count == 1 else { return reply }
      page.bundles = []
      return .page(page)
    }
    // The pull has both bundles, so only the push is tampered with.
    #expect(try await world.sync("lap", over: withholder).requests == 2)
    #expect(try world["lap"].title(1) == .text("one"))
  }

  @Test func `others who push between a push and its page do not cost a second request`()
    async throws
  {
    let world = try await World("desk", "lap", "phone")
    try world["desk"].add(page(1), ["title": .text("one")])
    try world["lap"].add(page(2), ["title": .text("two")])
    try world["phone"].add(page(3), ["title": .text("three")])
    try await world.sync("desk")
    // The page that answers the second push of the same bundle is read after the phone's push.
    let faulty = FaultyTransport(world.transport("lap"), seed: 1, percent: 0)
    let phone = world.engine("phone")
    let late = Interloper(base: faulty) { _ = try? await phone.sync() }
    let report = try await world.sync("lap", over: late)
    #expect(report.requests == 1 && report.pulledChanges == 2)
  }
}

/// Returns a page of these bundles from the start of a log, with the cursor that they come to.
private func chained(_ bundles: [[UInt8]], log: [UInt8]) -> Page {
  let hash = bundles.reduce([UInt8](repeating: 0, count: 16)) { hash, bundle in
    Array(sha256(hash, sha256(bundle)).prefix(16))
  }
  return Page(
    bundles: bundles, cursor: Cursor(log: log, index: UInt64(bundles.count), hash: hash)!,
    hasMore: false)
}
