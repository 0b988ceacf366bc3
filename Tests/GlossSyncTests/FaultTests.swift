import GlossCore
import GlossCrypto
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// One fault at a time.
@Suite struct FaultTests {
  // MARK: - Lost and repeated

  @Test(arguments: [FaultyTransport.Fault.replyLost, .unavailable, .requestLost])
  func `a push whose reply never comes is repeated and taken in once`(
    fault: FaultyTransport.Fault
  ) async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    let faulty = FaultyTransport(world.transport("desk"), seed: 1, percent: 100, faults: [fault])
    await #expect(throws: SyncError.self) { try await world.sync("desk", over: faulty) }
    #expect(await faulty.countByFault == [fault: RetryPolicy().tries])
    #expect(await world.waits.durations.count == RetryPolicy().tries - 1)
    #expect(try world["desk"].read { try $0.statistics() }.unsentCount == 1)
    await faulty.heal()
    try await world.sync("desk", over: faulty)
    #expect(try world["desk"].read { try $0.statistics() }.unsentCount == 0)
    #expect(try await world.log("desk").bundles.count == 1)
    #expect(try await world.sync("lap").pulledChanges == 1)
    #expect(try await world.sync("desk").requests == 1)
  }

  @Test func `an edit after a lost reply is sent without what the hub has`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    let faulty = FaultyTransport(
      world.transport("desk"), seed: 1, percent: 100, faults: [.replyLost])
    await #expect(throws: SyncError.self) { try await world.sync("desk", over: faulty) }
    try world["desk"].edit(page(1), ["title": .text("uno")])
    let report = try await world.sync("desk")
    #expect(report.pushedChanges == 1)
    #expect(try await world.log("desk").bundles.count == 2)
    #expect(try await world.sync("lap").pulledChanges == 2)
    #expect(try world["lap"].title(1) == .text("uno"))
  }

  @Test func `a request that reaches the hub twice is taken in once`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    let faulty = FaultyTransport(
      world.transport("desk"), seed: 1, percent: 100, faults: [.repeated])
    #expect(try await world.sync("desk", over: faulty).requests == 1)
    #expect(try await world.log("desk").bundles.count == 1)
    #expect(try await world.sync("lap").pulledChanges == 1)
  }

  @Test func `retry-after is waited for before the request is repeated`() async throws {
    let world = try await World("desk")
    let faulty = FaultyTransport(
      world.transport("desk"), seed: 1, percent: 100, faults: [.slowDown])
    await #expect(throws: SyncError.self) { try await world.sync("desk", over: faulty) }
    let waits = await world.waits.durations
    #expect(waits.count == RetryPolicy().tries - 1)
    #expect(waits.allSatisfy { $0 >= .seconds(1) })
  }

  @Test func `a wrong token is one request and stays queued`() async throws {
    let world = try await World("desk")
    try world["desk"].add(page(1), ["title": .text("one")])
    var remote = try #require(try world["desk"].remote())
    remote.credential = "revoked"
    try world["desk"].setRemote(remote)
    do {
      try await world.sync("desk")
      Issue.record("the hub took a wrong token")
    } catch SyncError.hub(.refused(let problem)) {
      #expect(problem.type == .unauthorised)
    }
    #expect(await world.transport("desk").exchanges.count == 1)
    #expect(await world.waits.durations.isEmpty)
    #expect(try world["desk"].read { try $0.statistics() }.unsentCount == 1)
  }

  @Test(arguments: [FaultyTransport.Fault.cut, .portal, .unreachable])
  func `what is no reply of a hub is reported and not repeated`(
    fault: FaultyTransport.Fault
  ) async throws {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.sync("desk")
    let faulty = FaultyTransport(world.transport("lap"), seed: 4, percent: 100, faults: [fault])
    let before = try world["lap"].remote()
    await #expect(throws: SyncError.self) { try await world.sync("lap", over: faulty) }
    #expect(await faulty.countByFault == [fault: 1])
    #expect(try world["lap"].remote() == before)
    #expect(try world.vector("lap") == Vector())
  }

  // MARK: - A hub that lies

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

  // MARK: - Sizes

  @Test func `a request that is too large for the hub is halved until it fits`() async throws {
    var limits = HubLimits()
    limits.requestByteCount = 40_000
    let world = try await World("desk", "lap", limits: limits)
    var generator = SeededGenerator(seed: 9)
    for number in UInt128(1)...100 {
      let title = (0..<1_000).map { _ in String(UInt8.random(in: 0...255, using: &generator)) }
      try world["desk"].add(page(number), ["title": .text(title.joined())])
    }
    let report = try await world.sync("desk")
    #expect(report.pushedChanges == 100)
    let statuses = await world.transport("desk").exchanges.map(\.reply.status)
    #expect(statuses.first == 413 && statuses.last == 200)
    #expect(!statuses.drop { $0 == 413 }.contains(413))
    try await world.sync("lap")
    #expect(try world["lap"].shown() == world["desk"].shown())
  }

  @Test func `a change that is too large for the hub by itself is reported`() async throws {
    var limits = HubLimits()
    limits.requestByteCount = 2_000
    let world = try await World("desk", limits: limits)
    var generator = SeededGenerator(seed: 9)
    let title = (0..<9_000).map { _ in String(UInt8.random(in: 0...255, using: &generator)) }
    try world["desk"].add(page(1), ["title": .text(title.joined())])
    do {
      try await world.sync("desk")
      Issue.record("the hub took more than its limit")
    } catch SyncError.hub(.refused(let problem)) {
      #expect(problem.type == .tooLarge && problem.limit == 2_000)
    }
    #expect(await world.transport("desk").exchanges.count < 12)
  }

  // MARK: - Concurrency

  @Test func `a second sync of the same library is refused while the first one runs`()
    async throws
  {
    let world = try await World("desk")
    let second = world.engine("desk")
    let outcome = Outcome()
    let nested = Interloper(base: world.transport("desk")) {
      do throws(SyncError) { _ = try await second.sync() } catch { await outcome.set(error) }
    }
    try await world.sync("desk", over: nested)
    #expect(await outcome.error == .syncInProgress)
    try await world.sync("desk")
  }

  @Test(arguments: 0..<4)
  func `a cancelled sync has applied whole pages, and the next one goes on from there`(
    after count: Int
  ) async throws {
    var limits = HubLimits()
    limits.pageByteCount = 300
    let world = try await World("desk", "lap", limits: limits)
    for number in UInt128(1)...8 {
      try world["desk"].add(page(number), ["title": .text("\(number)")])
      try await world.sync("desk")
    }
    let gate = Gate(base: world.transport("lap"), passes: count)
    let engine = world.engine("lap", over: gate)
    let task = Task { try await engine.sync() }
    await gate.reached()
    task.cancel()
    await gate.open()
    do {
      _ = try await task.value
      Issue.record("the sync was cancelled")
    } catch let error as SyncError {
      #expect(error == .hub(.transport(.cancelled)))
    }
    let cursor = try world["lap"].remote()?.cursor
    #expect((cursor?.index ?? 0) == (try world.vector("lap")[world["desk"].id]))
    #expect((cursor?.index ?? 0) < 8)
    try await world.sync("lap")
    #expect(try world["lap"].shown() == world["desk"].shown())
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

/// Does something once, after the first request reached the hub.
///
/// Every action may be repeated, so the request goes to the hub again and that reply comes back.
private actor Interloper: HubTransport {
  private let base: any HubTransport
  private var act: (@Sendable () async -> Void)?

  init(base: any HubTransport, act: @escaping @Sendable () async -> Void) {
    self.base = base
    self.act = act
  }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    guard let act else { return try await base.send(request) }
    self.act = nil
    _ = try await base.send(request)
    await act()
    return try await base.send(request)
  }
}

/// Lets some requests pass, and holds the reply to the next one until it is opened.
private actor Gate: HubTransport {
  private let base: any HubTransport
  private var passes: Int
  private var isReached = false
  private var isOpen = false
  private var waiters: [CheckedContinuation<Void, Never>] = []

  init(base: any HubTransport, passes: Int) {
    self.base = base
    self.passes = passes
  }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    passes -= 1
    guard passes < 0 else { return try await base.send(request) }
    isReached = true
    wake()
    while !isOpen { await wait() }
    return try await base.send(request)
  }

  func reached() async {
    while !isReached { await wait() }
  }

  func open() {
    isOpen = true
    wake()
  }

  private func wait() async {
    await withCheckedContinuation { waiters.append($0) }
  }

  private func wake() {
    for waiter in waiters { waiter.resume() }
    waiters = []
  }
}

/// How something ended.
private actor Outcome {
  private(set) var error: SyncError?

  func set(_ error: SyncError) { self.error = error }
}
