internal import GlossCore
internal import GlossStore
internal import GlossSync
internal import GlossWire

/// What a bundle brings, known from the file that it was made of.
struct PushedChanges {
  let origin: ReplicaID
  let first: UInt64
  let last: UInt64
  let changes: [Change]
}

extension Simulation {
  func transport(_ index: Int, _ base: any HubTransport) -> any HubTransport {
    hooks.transport(machines[index].name, base)
  }

  /// Lets a machine begin to sync.
  func beginSync() async throws -> String? {
    let idle = machines.indices.filter { machines[$0].errand == nil }
    guard let index = idle.randomElement(using: &generator) else { return nil }
    let engine = engine(index, over: Gate())
    return try await begin(on: index, engine)
  }

  /// An engine of a machine's, and the gate that it waits at.
  func engine(_ index: Int, over gate: Gate) -> (engine: SyncEngine, gate: Gate) {
    let engine = SyncEngine(
      replica: machines[index].replica, root: root, transport: transport(index, gate),
      using: SeededGenerator(seed: generator.next()), sleep: { _ in })
    return (engine, gate)
  }

  func begin(
    on index: Int, _ parts: (engine: SyncEngine, gate: Gate)
  ) async throws -> String {
    let records = try machines[index].replica.keys()
    let (engine, gate) = parts
    let byteCount = pieceByteCount
    let arrival = await gate.begin { _ async throws(SyncError) in
      await engine.cutSnapshots(at: byteCount)
      return try await engine.sync(massDeletes: .accept)
    }
    if case .request(let request) = arrival {
      machines[index].errand = Machine.Errand(gate: gate, request: request, records: records)
      return "\(machines[index].name) asks for \(request.action.word)"
    }
    machines[index].errand = Machine.Errand(
      gate: gate, request: HubRequest(.describe), records: records)
    return try await settle(index, arrival)
  }

  /// Notes where an errand has got to, and returns that in words.
  func settle(_ index: Int, _ arrival: Gate.Arrival) async throws -> String {
    switch arrival {
    case .request(let request):
      machines[index].errand?.request = request
      machines[index].errand?.reply = nil
      return "asks for \(request.action.word)"
    case .ended(let result):
      guard let errand = machines[index].errand else { return "" }
      machines[index].errand = nil
      return try await end(index, errand, result)
    }
  }

  private func end(
    _ index: Int, _ errand: Machine.Errand, _ result: Result<SyncReport, SyncError>
  ) async throws -> String {
    let machine = machines[index]
    guard errand.isSync else { return endOfRevocation(result) }
    let keys = try machine.replica.keys()
    history.syncs.append(
      History.Records(step: step, name: machine.name, before: errand.records, after: keys))
    if case .success = result, !errand.sawOtherHub {
      machines[index].hubGeneration = hubGeneration
    }
    if machines[index].hubGeneration == hubGeneration { try noteStanding(of: machine) }
    switch result {
    case .success(let report):
      machines[index].isLockedOut = false
      return "is in sync: \(report.summary)"
    case .failure(let error):
      if case .hub(.refused(let problem)) = error, problem.type == .unauthorised {
        machines[index].isLockedOut = true
      }
      if case .keyring = error { machines[index].isLockedOut = true }
      if !isExcused(error) { breach("sync", "\(machine.name) could not sync: \(error)") }
      return "stops: \(error.summary)"
    }
  }

  /// Whether a sync may end so while things go wrong.
  private func isExcused(_ error: SyncError) -> Bool {
    switch error {
    case .hub, .snapshotUnusable: true
    case .store(.bundleGap): hasLied
    case .store: isStorageFailing
    case .notConnected: true
    case .keyring: hasRevoked
    case .diverged: hubGeneration > 0 && hasCopies
    case .syncInProgress: false
    }
  }

  /// Whether a file was used in two places.
  var hasCopies: Bool {
    hasRestoredMachine || countByEvent[.copyMachine, default: 0] > 0
      || countByEvent[.copyFile, default: 0] > 0
  }

  /// Notes where a machine stands in the hub's log.
  private func noteStanding(of machine: Machine) throws {
    guard let cursor = try machine.replica.remote()?.cursor, cursor.log == hub.content.logName
    else { return }
    let entries = hub.content.log.entries
    guard cursor.index <= UInt64(entries.count) else { return }
    var setAside = Vector()
    for bundle in try machine.replica.setAside() {
      setAside[bundle.origin] = max(setAside[bundle.origin], bundle.last)
    }
    history.standings.append(
      History.Standing(
        step: step, name: machine.name, passed: Array(entries[..<Int(cursor.index)]),
        vector: try machine.replica.read { try $0.vector() }, setAside: setAside))
  }

  /// Ends what a machine is in the middle of; nothing that it still does comes to its file, which is closed.
  func endErrand(of index: Int) async {
    guard let errand = machines[index].errand else { return }
    machines[index].errand = nil
    var arrival = await errand.gate.answer(.failure(.transport(.cancelled)))
    while case .request = arrival {
      arrival = await errand.gate.answer(.failure(.transport(.cancelled)))
    }
  }

  /// Lets the hub act on a request, and returns its reply.
  func ask(_ request: HubRequest, _ pushed: [PushedChanges]) async -> HTTPReply {
    let reply = await hub.answer(request)
    guard let read = try? HubReply(http: reply, to: request.action) else { return reply }
    switch read {
    case .page(let page): hub.content.logName = page.cursor.log
    case .vector(let vector): hub.content.logName = vector.end.log
    default: return reply
    }
    if case .push = request.action { notePushed(pushed) }
    return reply
  }

  /// Notes what is in the hub's log from now on.
  func notePushed(_ pushed: [PushedChanges]) {
    for bundle in pushed where bundle.last > hub.content.vector[bundle.origin] {
      hub.content.vector[bundle.origin] = bundle.last
      hub.content.log.entries.append(
        History.LogEntry(
          origin: bundle.origin, first: bundle.first, last: bundle.last, changes: bundle.changes))
      for change in bundle.changes {
        hub.content.writes.formUnion(change.writes.map { WriteSignature(change, $0) })
      }
    }
  }

  /// Returns what the bundles of a request of a machine's bring.
  func pushedChanges(_ index: Int, _ request: HubRequest) throws -> [PushedChanges] {
    guard case .push(_, let bundles, _) = request.action else { return [] }
    return try bundles.compactMap { bundle in
      guard let header = try? BundleHeader(of: bundle) else { return nil }
      let changes = try machines[index].replica.changes(
        of: header.origin, after: header.first - 1)
      return PushedChanges(
        origin: header.origin, first: header.first, last: header.last,
        changes: whole(changes.filter { $0.dot.seq <= header.last }))
    }
  }
}

extension SyncReport {
  var summary: String {
    var words = "\(pushedChanges) out, \(pulledChanges) in, \(requests) requests"
    if let renewal { words += ", now \(renewal.id), \(renewal.remadeCount) made again" }
    if !setAside.isEmpty {
      words += ", aside: \(setAside.map(\.reason.rawValue).joined(separator: " "))"
    }
    if hasMadeSnapshot { words += ", snapshot made" }
    if missingBlobs > 0 { words += ", \(missingBlobs) values missing" }
    return words
  }
}

extension SyncError {
  /// The error without what a hub's words have of this machine.
  var summary: String {
    switch self {
    case .hub(.refused(let problem)): "refused, \(problem.type)"
    case .hub(.transport(let error)): "\(error)"
    case .hub(.notOurs): "not a hub"
    case .store(let error): "\(error)".split(separator: "(").first.map(String.init) ?? ""
    default: "\(self)"
    }
  }
}

extension HubRequest.Action {
  /// The action's name.
  var word: String {
    let description = "\(self)"
    return description.split(separator: "(").first.map(String.init) ?? description
  }
}
