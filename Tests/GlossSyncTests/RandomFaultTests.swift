import GlossCore
import GlossHub
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Random edits and syncs over transports that fail at random; the seed in the test's name replays one.
@Suite struct RandomFaultTests {
  /// A value that a replica has confirmed.
  private struct Acknowledged: Hashable {
    let key: RecordKey
    let field: Name
    let value: Value
  }

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
    var acknowledged: Set<Acknowledged> = []
    for step in UInt64(1)...25 {
      let name = world.names.randomElement(using: &generator)!
      if generator.happens(percent: 55) {
        let now = 1_000 * step + UInt64.random(in: 0..<5_000, using: &generator)
        let values = try edit(world[name], at: now, step: step, using: &generator)
        acknowledged.formUnion(values)
      } else {
        try await syncOverFaults(world, name, transports[name]!)
      }
    }
    for transport in transports.values { await transport.heal() }
    for _ in 0..<2 {
      for name in world.names { try await world.sync(name, over: transports[name]) }
    }
    try check(world, shows: acknowledged)
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

  /// Makes one random edit and returns the values that it put in.
  private func edit(
    _ replica: Replica, at now: UInt64, step: UInt64, using generator: inout SeededGenerator
  ) throws -> [Acknowledged] {
    let key = page(UInt128.random(in: 1...5, using: &generator))
    let text = Value.text("\(replica.id.value)-\(step)")
    guard let record = try replica.record(key) else {
      try replica.add(key, ["title": text], at: now)
      return [Acknowledged(key: key, field: "title", value: text)]
    }
    switch Int.random(in: 0..<10, using: &generator) {
    case 0:
      try replica.delete(key, at: now)
      return []
    case 1:
      try replica.write(at: now) { _ = try $0.undelete(key, basedOn: record.basis) }
      return []
    case 2:
      let count = record.basis.heads["title"]?.count ?? 0
      guard count > 1 else { return [] }
      try replica.resolve("title", of: key, to: text, at: now)
      return [Acknowledged(key: key, field: "title", value: text)]
    case 3:
      let child = note(UInt128(step))
      try replica.add(child, ["page": .record(key.id), "body": text], at: now)
      return [Acknowledged(key: child, field: "body", value: text)]
    case 4, 5:
      let progress = Value.integer(Int64(step))
      try replica.edit(key, ["progress": progress], at: now)
      return [Acknowledged(key: key, field: "progress", value: progress)]
    case 6:
      try replica.edit(key, ["tag/new": .bool(step % 2 == 0)], at: now)
      return []
    default:
      try replica.edit(key, ["title": text], at: now)
      return [Acknowledged(key: key, field: "title", value: text)]
    }
  }

  /// Everybody shows the same and holds the same, and every value that was confirmed is in everybody's history; where nothing
  /// has replaced it, it is displayed or in conflict.
  private func check(_ world: World, shows acknowledged: Set<Acknowledged>) throws {
    let shown = try world["desk"].shown()
    let vector = try world.vector("desk")
    for name in world.names {
      #expect(try world[name].shown() == shown)
      #expect(try world.vector(name) == vector)
      try world[name].read { snapshot in
        for value in acknowledged {
          let history = try snapshot.history(of: value.key)
          let written = history.filter { $0.change.write(to: value.field)?.value == value.value }
          #expect(!written.isEmpty, "\(name) lost \(value)")
          let heads = try snapshot.versions(of: value.field, in: value.key)
          for entry in written where !isReplaced(entry.change, value.field, in: history) {
            #expect(
              heads.contains { $0.dot == entry.change.dot }, "\(name) does not show \(value)")
          }
        }
      }
    }
  }

  private func isReplaced(
    _ change: Change, _ field: Name, in history: [HistoryEntry]
  ) -> Bool {
    history.contains { $0.change.write(to: field)?.parents.contains(change.dot) ?? false }
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
