import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

extension World {
  /// A hub with small pages, which wants a snapshot every five bundles, and drops the log as soon as there is one.
  static let snapshotLimits: HubLimits = {
    var limits = HubLimits(pageByteCount: 1_000)
    limits.snapshotBundleCount = 5
    limits.logRetention = 0
    return limits
  }()

  /// A world in which the desk and the lap have made so many pages by turns, each of them a bundle, and the desk a snapshot of
  /// pieces of about a kilobyte at the end of that.
  static func withSnapshot(
    pages: Int = 12, limits: HubLimits = snapshotLimits
  ) async throws -> World {
    let world = try await World("desk", "lap", limits: limits)
    for number in 1...pages {
      let name = number % 2 == 0 ? "desk" : "lap"
      let title = Value.text("\(number) " + String(repeating: "x", count: 200))
      try world[name].add(page(UInt128(number)), ["title": title], at: UInt64(1_000 * number))
      try await world.syncUnasked(name)
    }
    let report = try await world.snapshot(by: "desk")
    #expect(report.hasMadeSnapshot)
    return world
  }

  /// Lets a replica sync that no page asks for a snapshot.
  func syncUnasked(_ name: String) async throws {
    try await sync(name, over: Unasked(base: transport(name)))
  }

  /// Lets a replica sync that the hub asks for a snapshot.
  @discardableResult
  func snapshot(
    by name: String, over transport: (any HubTransport)? = nil,
    history: SnapshotHistory = .whole
  ) async throws -> SyncReport {
    pass()
    let engine = engine(name, over: transport, history: history)
    await engine.cutSnapshots(at: 1_000)
    return try await engine.sync()
  }

  func newestSnapshot() async throws -> SnapshotDescription {
    guard case .snapshot(let newest) = try await ask("desk", .latestSnapshot(library))
    else { throw HubFailure.notOurs("no snapshot") }
    return newest
  }

  /// Expects that all replicas come to hold and show the same, and then have nothing left to do.
  func expectAgreement() async throws {
    try await syncAll()
    let shown = try self["desk"].shown()
    for name in names {
      #expect(try self[name].shown() == shown)
      #expect(try vector(name) == vector("desk"))
      #expect(try await sync(name).requests == 1)
      #expect(try self[name].read { try $0.statistics() }.unsentCount == 0)
      #expect(try self[name].snapshotProgress() == nil)
    }
  }
}

/// Keeps large values from the hub, and says that it has them: so is a hub whose bundles have them inside.
struct Withholding: HubTransport {
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
struct Unasked: HubTransport {
  let base: any HubTransport

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    let reply = try await base.send(request)
    guard case .page(var page) = reply else { return reply }
    page.wantsSnapshot = false
    return .page(page)
  }
}

/// Changes pieces on their way.
struct Rewriting: HubTransport {
  let base: any HubTransport
  let rewrite: @Sendable ([UInt8]) -> [UInt8]

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    let reply = try await base.send(request)
    guard case .piece(let piece) = reply else { return reply }
    return .piece(rewrite(piece))
  }
}

/// Refuses what a closure refuses, and does something before.
struct Refusing: HubTransport {
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
actor Counting: HubTransport {
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
