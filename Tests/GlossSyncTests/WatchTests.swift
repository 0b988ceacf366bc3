import GlossCore
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Replicas that stay current by themselves.
@Suite(.timeLimit(.minutes(30))) struct WatchTests {
  /// A watch that runs, and what it tells.
  private struct Watch {
    let events: AsyncStream<WatchEvent>
    let task: Task<Void, any Error>

    init(_ engine: SyncEngine, _ policy: WatchPolicy = WatchPolicy()) {
      let (events, continuation) = AsyncStream<WatchEvent>.makeStream()
      self.events = events
      task = Task {
        defer { continuation.finish() }
        try await engine.watch(massDeletes: .refuse, policy: policy) { continuation.yield($0) }
      }
    }

    /// Returns the first report that satisfies a condition.
    func report(_ condition: (SyncReport) -> Bool) async -> SyncReport? {
      for await case .synced(let report) in events where condition(report) { return report }
      return nil
    }

    /// Ends the watch.
    func stop() async {
      task.cancel()
      await #expect(throws: SyncError.hub(.transport(.cancelled))) { try await task.value }
    }
  }

  @Test func `what others push arrives by itself, for one request`() async throws {
    let world = try await World("desk", "lap")
    let watch = Watch(world.engine("desk"))
    #expect(await watch.report { _ in true } != nil)
    for number in UInt128(1)...3 {
      try world["lap"].add(page(number), ["title": .text("\(number)")])
      try await world.sync("lap")
      let report = await watch.report { $0.pulledChanges > 0 }
      #expect(report?.pulledChanges == 1)
      #expect(report?.requests == 0, "the page that ended the wait is what is taken in")
      #expect(try world["desk"].title(number) == .text("\(number)"))
    }
    await watch.stop()
  }

  @Test func `what is written here is sent, also by another process`() async throws {
    let world = try await World("desk", "lap")
    let watch = Watch(world.engine("desk"))
    #expect(await watch.report { _ in true } != nil)
    try world["desk"].add(page(1), ["title": .text("one")])
    #expect(await watch.report { $0.pushedChanges == 1 } != nil)
    // A connection of its own, as another process has.
    let other = try world.open(world["desk"].path)
    try other.add(page(2), ["title": .text("two")])
    #expect(await watch.report { $0.pushedChanges == 1 } != nil)
    try await world.sync("lap")
    #expect(try world["lap"].title(2) == .text("two"))
    await watch.stop()
  }

  @Test func `others may sync the same library while a watch waits`() async throws {
    let world = try await World("desk", "lap")
    let watch = Watch(world.engine("desk"))
    #expect(await watch.report { _ in true } != nil)
    try await world.sync("desk")
    try world["lap"].add(page(1), ["title": .text("one")])
    try await world.sync("lap")
    #expect(await watch.report { $0.pulledChanges == 1 } != nil)
    await watch.stop()
  }

  @Test func `what may pass is waited out, longer each time`() async throws {
    let world = try await World("desk", "lap")
    let faulty = FaultyTransport(
      world.transport("desk"), seed: 1, percent: 100, faults: [.unreachable, .portal])
    let watch = Watch(world.engine("desk", over: faulty))
    var waits: [Duration] = []
    for await case .failed(_, let wait) in watch.events {
      waits.append(wait)
      if waits.count == 12 { break }
    }
    #expect(waits.allSatisfy { $0 <= .seconds(300) })
    #expect(waits.prefix(3).allSatisfy { $0 <= .seconds(4) })
    #expect(waits.max()! > .seconds(20))
    await faulty.heal()
    try world["lap"].add(page(1), ["title": .text("one")])
    try await world.sync("lap")
    while try world["desk"].title(1) == nil {
      guard await watch.report({ _ in true }) != nil else { break }
    }
    #expect(try world["desk"].title(1) == .text("one"))
    await watch.stop()
  }

  @Test func `a token that is not accepted ends the watch`() async throws {
    let world = try await World("desk")
    var remote = try #require(try world["desk"].remote())
    remote.credential = "revoked"
    try world["desk"].setRemote(remote)
    let watch = Watch(world.engine("desk"))
    await #expect(throws: SyncError.self) { try await watch.task.value }
    #expect(await world.transport("desk").exchanges.count == 1)
  }

  @Test func `a hub that does not wait is asked now and then`() async throws {
    let world = try await World("desk", "lap")
    let impatient = Meddler(base: world.transport("desk")) { (reply) throws(HubFailure) in
      guard case .page(var page) = reply else { return reply }
      page.hasWaited = false
      return .page(page)
    }
    var policy = WatchPolicy()
    policy.waitSeconds = 0
    let watch = Watch(world.engine("desk", over: impatient), policy)
    #expect(await watch.report { _ in true } != nil)
    try world["lap"].add(page(1), ["title": .text("one")])
    try await world.sync("lap")
    #expect(await watch.report { $0.pulledChanges == 1 } != nil)
    #expect(await world.waits.durations.contains(policy.pollInterval))
    await watch.stop()
  }
}
