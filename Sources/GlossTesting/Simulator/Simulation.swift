internal import Foundation
package import GlossCore
internal import GlossCrypto
internal import GlossHub
internal import GlossSeal
internal import GlossStore
internal import GlossSync
package import GlossWire

/// One simulated world: machines with a replica each, a hub, the network between them, and people.
///
/// Everything is the real thing but time, chance and the network: a plan says what happens, in which order, and with what chance.
package actor Simulation {
  /// How a test reaches into a world.
  package struct Hooks: Sendable {
    /// Stands between a machine, by its name, and its gate: what goes to the hub and what comes back.
    package var transport: @Sendable (String, any HubTransport) -> any HubTransport = { $1 }
    /// Is called with the name of each new machine and the path of its file, before it is connected with the hub: a test can
    /// put triggers into the file that break its store.
    package var created: @Sendable (String, String) throws -> Void = { _, _ in }
    /// What an edit says that its author was shown, of what they were shown and what is current.
    package var basis: @Sendable (_ shown: Basis, _ current: Basis) -> Basis = { shown, _ in shown }
    /// Whether the world ends where something on the way is not as it was promised.
    package var endsAtFirstBreach = true
    /// Gets the disk on which the hub is about to lose its power.
    package var hubDisk: @Sendable (FaultyDisk) -> Void = { _ in }

    package init() {}
  }

  let plan: SimulationPlan
  let folder: String
  let hooks: Hooks
  let library: LibraryID
  let root: RootKey
  /// What every right clock shows.
  let time = Locked<Int64>(1_750_000_000_000)
  var machines: [Machine] = []
  var hub: SimulatedHub
  /// Requests whose senders have given up, and that come to the hub later.
  var strays: [(machine: Int, request: HubRequest, pushed: [PushedChanges])] = []
  /// What was seen: all that the checkers look at.
  package internal(set) var history: History
  var breaches: [InvariantBreach] = []
  /// What happened, a line a step.
  package var trace: [String] = []
  /// How often each event did something.
  package var countByEvent: [SimulatorEvent: Int] = [:]
  var step = 0
  var hasRestoredMachine = false
  /// Whether the disk of the machine that does something fails.
  var isStorageFailing = false
  var hasRevoked = false
  /// Whether a hub has lied.
  var hasLied = false
  /// The pages that were delivered, for a hub that shows one of them again.
  var pages: [Page] = []
  /// Who never made what was pushed in their name.
  var forgedOrigins: Set<ReplicaID> = []
  /// The changes whose values somebody dropped, as they were before.
  var originals: [Dot: [Change]] = [:]
  /// How often the hub was put back.
  var hubGeneration = 0
  /// The chance of the step that is being done.
  var generator: SeededGenerator
  let pieceByteCount: Int

  /// Makes a world in an empty folder.
  package init(_ plan: SimulationPlan, in folder: String, hooks: Hooks = Hooks()) throws {
    self.plan = plan
    self.folder = folder
    self.hooks = hooks
    var generator = SeededGenerator(seed: plan.world)
    library = .random(using: &generator)
    root = .random(using: &generator)
    var limits = HubLimits()
    if generator.happens(percent: 50) { limits.pageByteCount = 1_500 }
    if generator.happens(percent: 20) { limits.requestByteCount = 20_000 }
    if generator.happens(percent: 50) {
      limits.snapshotBundleCount = Int.random(in: 1...8, using: &generator)
      limits.logRetention = [0, 0, 3_000_000].randomElement(using: &generator) ?? 0
    }
    pieceByteCount = Int.random(in: 200...4_000, using: &generator)
    hub = try SimulatedHub(folder: folder, limits: limits, clock: time, seed: generator.next())
    history = History()
    self.generator = generator
  }

  /// Does what the plan says, lets everybody sync until nothing is left to do, and returns what is not as it was promised.
  package func run() async throws -> SimulationReport {
    for _ in 0..<plan.replicaCount { try await addMachine() }
    for planned in plan.steps where goesOn {
      let passed = Int64(planned.number - step) * 1_000
      step = planned.number
      time.withLock { $0 += passed }
      generator = SeededGenerator(seed: planned.salt)
      let outcome = try await perform(planned.event)
      if let outcome {
        countByEvent[planned.event, default: 0] += 1
        trace.append("\(step) \(planned.event.rawValue): \(outcome)")
      }
    }
    if goesOn { try await comeToRest() }
    if goesOn { breaches += Checkers.check(history) }
    let report = report()
    try await close()
    return report
  }

  /// Whether what was found so far lets the world go on.
  var goesOn: Bool { breaches.isEmpty || !hooks.endsAtFirstBreach }

  private func report() -> SimulationReport {
    let unreachable = Set(
      history.end.flatMap { replica in
        Checkers.unreachable(history, on: replica).map { WriteSignature($0.edit.change, $0.write) }
      })
    return SimulationReport(
      stepCount: plan.steps.count, countByEvent: countByEvent,
      acknowledgedCount: history.acknowledged.count, destroyedCount: history.destroyed.count,
      unreachableCount: unreachable.count, breaches: breaches, trace: trace)
  }

  private func close() async throws {
    for index in machines.indices {
      try machines[index].replica.close()
      await endErrand(of: index)
    }
    try hub.close()
  }

  /// Does what an event is, and returns what that was; `nil` where there was nothing to do it to.
  private func perform(_ event: SimulatorEvent) async throws -> String? {
    switch event {
    case .add, .edit, .staleEdit, .progress, .tag, .delete, .undelete, .resolve, .child,
      .largeValue:
      return try edit(event)
    case .undo: return try undo()
    case .newerEdit: return try editAsNewer()
    case .sync: return try await beginSync()
    case .revoke: return try await beginRevocation()
    case .hostilePush: return try await pushHostilely()
    case .deliver, .finish, .requestLost, .replyLost, .doubled, .requestLate, .requestArrives,
      .replyLate, .cut, .garbled, .unavailable, .slowDown, .unreachable, .portal, .withheld,
      .forked, .reordered, .tampered,
      .misjudged, .older:
      return try await carry(event)
    case .time:
      let milliseconds: Int64 = [60_000, 700_000, 4_000_000].randomElement(using: &generator) ?? 0
      time.withLock { $0 += milliseconds }
      return "\(milliseconds) ms"
    case .look:
      let index = Int.random(in: machines.indices, using: &generator)
      history.looks.append(try observe(index))
      return machines[index].name
    case .kill, .copyFile, .copyMachine, .backUp, .restoreFile, .restoreMachine, .clock, .join,
      .upgrade:
      return try await change(event)
    case .compact: return try await compact()
    case .diskFull, .diskFails, .killEditing, .powerLoss: return try await failStorage(event)
    case .hubPowerLoss: return try await losePowerOfHub()
    case .hubBackUp:
      try hub.backUp()
      return ""
    case .hubRolledBack:
      guard hub.hasBackup else { return nil }
      try await putBackHub { try hub.rollBack() }
      return "to \(hub.content.log.entries.count) entries"
    case .hubWiped:
      try await putBackHub { try hub.wipe() }
      return ""
    }
  }

  /// Adds what is not as it was promised.
  func breach(_ what: String, _ detail: String) {
    breaches.append(InvariantBreach(what, "after step \(step): \(detail)"))
  }
}
