import GlossCore
import GlossHub
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
