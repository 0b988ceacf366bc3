import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

@Suite struct HubSetupTests {
  private let address = "https://hub.example.org"

  @Test(arguments: [FaultyTransport.Fault.requestLost, .replyLost, .unavailable, .repeated])
  func `connecting can be repeated whatever became of the first try`(
    fault: FaultyTransport.Fault
  ) async throws {
    let world = try await World()
    let replica = try world.newReplica("desk")
    let faulty = FaultyTransport(world.transport("desk"), seed: 1, percent: 100, faults: [fault])
    var generator = SeededGenerator(seed: 3)
    try? await HubSetup.connect(
      replica, root: world.root, to: address, over: faulty, using: &generator)
    #expect(try (replica.remote() == nil) == (fault != .repeated))
    await faulty.heal()
    if fault != .repeated {
      try await HubSetup.connect(
        replica, root: world.root, to: address, over: faulty, using: &generator)
    }
    #expect(try replica.remote()?.address == address)
    #expect(try await world.sync("desk").requests == 1)
  }

  @Test(arguments: [FaultyTransport.Fault.requestLost, .replyLost, .unavailable, .repeated])
  func `joining can be repeated with the same code whatever became of the first try`(
    fault: FaultyTransport.Fault
  ) async throws {
    let world = try await World("desk")
    var generator = SeededGenerator(seed: 3)
    let code = try await HubSetup.pairingCode(
      for: world["desk"], root: world.root, over: world.transport("desk"), using: &generator)
    let lap = try world.newReplica("lap")
    let faulty = FaultyTransport(world.transport("lap"), seed: 1, percent: 100, faults: [fault])
    try? await HubSetup.join(lap, with: code, over: faulty, using: &generator)
    await faulty.heal()
    if fault != .repeated {
      try await HubSetup.join(lap, with: code, over: faulty, using: &generator)
    }
    #expect(try lap.remote()?.address == address)
    #expect(try await world.sync("lap").requests == 1)
  }

  @Test func `a code lets one device in`() async throws {
    let world = try await World("desk")
    var generator = SeededGenerator(seed: 3)
    let code = try await HubSetup.pairingCode(
      for: world["desk"], root: world.root, over: world.transport("desk"), using: &generator)
    let lap = try world.newReplica("lap")
    try await HubSetup.join(lap, with: code, over: world.transport("lap"), using: &generator)
    let phone = try world.newReplica("phone")
    do {
      try await HubSetup.join(phone, with: code, over: world.transport("phone"), using: &generator)
      Issue.record("a code was used twice")
    } catch .hub(.refused(let problem)) {
      #expect(problem.type == .enrolmentRefused)
    }
    #expect(try phone.remote() == nil)
  }

  @Test func `a code that travels as text leads to the same library`() async throws {
    let world = try await World("desk")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.sync("desk")
    var generator = SeededGenerator(seed: 3)
    let text = try await HubSetup.pairingCode(
      for: world["desk"], root: world.root, over: world.transport("desk"), using: &generator
    ).text
    let code = try PairingCode(parsing: text)
    let lap = try world.newReplica("lap")
    try await HubSetup.join(lap, with: code, over: world.transport("lap"), using: &generator)
    let engine = world.engine("lap", root: code.root)
    #expect(try await engine.sync().pulledChanges == 1)
    #expect(try lap.title(1) == .text("one"))
  }

  @Test func `a library that exists is not taken over`() async throws {
    let world = try await World("desk")
    let lap = try world.newReplica("lap")
    var generator = SeededGenerator(seed: 4)
    do {
      try await HubSetup.connect(
        lap, root: world.root, to: address, over: world.transport("lap"), using: &generator)
      Issue.record("a library was made twice")
    } catch .hub(.refused(let problem)) {
      #expect(problem.type == .libraryExists)
    }
    #expect(try lap.remote() == nil)
  }

  @Test func `a replica that knows no hub lets nobody join`() async throws {
    let world = try await World("desk")
    let lap = try world.newReplica("lap")
    var generator = SeededGenerator(seed: 4)
    do {
      _ = try await HubSetup.pairingCode(
        for: lap, root: world.root, over: world.transport("lap"), using: &generator)
      Issue.record("a code was made")
    } catch {
      #expect(error == .notConnected)
    }
  }
}
