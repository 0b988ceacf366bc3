import GlossCore
import GlossHub
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Random edits and syncs over transports that fail at random; the seed in the test's name replays one.
@Suite struct RandomFaultTests {
  @Test(arguments: 0..<120)
  func `nothing is lost and all agree in the end, whatever goes wrong on the way`(
    seed: Int
  ) async throws {
    var generator = SeededGenerator(seed: UInt64(seed))
    var limits = HubLimits()
    if generator.happens(percent: 50) { limits.pageByteCount = 2_000 }
    if generator.happens(percent: 20) { limits.requestByteCount = 20_000 }
    let world = try await World("desk", "lap", "phone", seed: UInt64(seed), limits: limits)
    var transports: [String: FaultyTransport] = [:]
    for name in world.names {
      transports[name] = FaultyTransport(
        world.transport(name), seed: generator.next(), percent: 40)
    }
    var acknowledged: Set<RandomEdits.Acknowledged> = []
    for step in UInt64(1)...25 {
      let name = world.names.randomElement(using: &generator)!
      if generator.happens(percent: 55) {
        let now = 1_000 * step + UInt64.random(in: 0..<5_000, using: &generator)
        let values = try RandomEdits.edit(world[name], at: now, step: step, using: &generator)
        acknowledged.formUnion(values)
      } else {
        try await syncOverFaults(world, name, transports[name]!)
      }
    }
    for transport in transports.values { await transport.heal() }
    for _ in 0..<2 {
      for name in world.names { try await world.sync(name, over: transports[name]) }
    }
    try RandomEdits.check(world, shows: acknowledged)
    try await checkQuiet(world)
  }

  /// Syncs; the faults may make it fail, but never let it mistake them for two histories of one replica or damage the file.
  private func syncOverFaults(
    _ world: World, _ name: String, _ transport: FaultyTransport
  ) async throws {
    do {
      _ = try await world.engine(name, over: transport).sync()
    } catch .hub {
      let countByFault = await transport.countByFault
      #expect(!countByFault.isEmpty)
    }
  }

  /// While nobody edits, each sync is one request and nothing anywhere grows.
  private func checkQuiet(_ world: World) async throws {
    let count = try await world.log("desk").bundles.count
    let vector = try world.vector("desk")
    #expect(
      try await world.ask("desk", .vector(world.library)).lastSeqByReplica
        == vector.lastSeqByReplica)
    for name in world.names {
      let report = try await world.sync(name)
      #expect(report.requests == 1 && report.pushedChanges == 0 && report.pulledChanges == 0)
      #expect(try world.vector(name) == vector)
      #expect(try world[name].read { try $0.statistics() }.unsentCount == 0)
    }
    #expect(try await world.log("desk").bundles.count == count)
  }
}

extension HubReply {
  /// The last numbers of a vector, nothing for another reply.
  fileprivate var lastSeqByReplica: [ReplicaID: UInt64] {
    guard case .vector(let vector) = self else { return [:] }
    return vector.origins.mapValues(\.lastSeq)
  }
}
