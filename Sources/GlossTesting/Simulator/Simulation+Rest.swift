internal import GlossCore
internal import GlossStore
internal import GlossSync
internal import GlossWire

extension Simulation {
  /// How often everybody syncs until nothing may be left to do.
  private static let roundCount = 8

  /// Lets all faults end and everybody sync until nothing is left to do, and looks at everybody.
  func comeToRest() async throws {
    generator = SeededGenerator(seed: plan.world &+ 1)
    for index in machines.indices {
      _ = try await finish(index)
    }
    for stray in strays { _ = await ask(stray.request, stray.pushed) }
    strays = []
    history.writesAtRest = try machines.reduce(into: Set<WriteSignature>()) {
      $0.formUnion(try writes(of: $1.replica))
    }.subtracting(history.destroyed)
    for round in 1...Self.roundCount {
      // A hub that wants a snapshot asks for it again, and tidies.
      time.withLock { $0 += 4_000_000 }
      if try await syncAll(isLast: round == Self.roundCount) { break }
      if !goesOn { return }
    }
    guard goesOn else { return }
    try await observeTheEnd()
    history.writesInTheEnd = Set(
      history.end.flatMap(\.changes).flatMap { change in
        change.writes.map { WriteSignature(change, $0) }
      }
    ).subtracting(history.destroyed)
    // What only the hub had at first is no new change.
    history.writesAtRest.formUnion(hub.content.writes.subtracting(history.destroyed))
    history.logs.append(try await servedLog() ?? hub.content.log)
    trace.append("in the end: \(history.end.first?.export ?? "nobody")")
  }

  /// Returns the log as the hub serves it from its start; `nil` where it does not, because nobody here is let in or its start was
  /// dropped.
  ///
  /// Of a bundle whose push was never confirmed only the numbers are known.
  private func servedLog() async throws -> History.Log? {
    guard let index = machines.indices.first(where: { !machines[$0].isLockedOut }),
      let remote = try machines[index].replica.remote()
    else { return nil }
    var log = History.Log()
    log.isOfPutBackHub = hub.content.log.isOfPutBackHub
    let transport = direct(index)
    var cursor: Cursor?
    var hasMore = true
    while hasMore {
      let request = HubRequest(.pull(library, after: cursor), credential: remote.credential)
      guard case .page(let page)? = try? await transport.send(request) else { return nil }
      for bundle in page.bundles {
        let header = try BundleHeader(of: bundle)
        let pushed = hub.content.log.entries.first {
          ($0.origin, $0.first, $0.last) == (header.origin, header.first, header.last)
        }
        log.entries.append(
          History.LogEntry(
            origin: header.origin, first: header.first, last: header.last,
            changes: pushed?.changes ?? []))
      }
      hasMore = page.hasMore && !page.bundles.isEmpty
      cursor = page.cursor
    }
    return log
  }

  /// Looks at everybody, and again once all have the newest version, in which what newer programs wrote appears.
  private func observeTheEnd() async throws {
    for index in machines.indices { history.end.append(try observe(index)) }
    guard machines.contains(where: { $0.schema.kinds.count > 2 }) else { return }
    for index in machines.indices where machines[index].schema.kinds.count == 2 {
      machines[index].schema = SimulatedSchema.newer
      try await restart(index)
      history.end.append(try observe(index))
    }
  }

  /// Lets everybody sync, and returns whether nobody had anything to do.
  private func syncAll(isLast: Bool) async throws -> Bool {
    var isQuiet = true
    for index in machines.indices {
      if try HubSetup.isKeyDue(in: machines[index].replica) { _ = try await beginEpoch(index) }
      let report = try await syncWhole(index)
      switch report {
      case .success(let report):
        trace.append("at rest, \(machines[index].name) is in sync: \(report.summary)")
        if report.requests != 1 || report.pulledChanges > 0 || report.pushedChanges > 0 {
          isQuiet = false
        }
        if isLast, report.requests != 1 {
          breach("rest", "\(machines[index].name) still has something to do: \(report)")
        }
        if isLast, report.setAside.contains(where: { !forgedOrigins.contains($0.origin) }) {
          breach("rest", "\(machines[index].name) has \(report.setAside)")
        }
      case .failure(let error):
        isQuiet = false
        trace.append("at rest, \(machines[index].name) stops: \(error.summary)")
        if case .hub(.refused(let problem)) = error, problem.type == .unauthorised {
          machines[index].isLockedOut = true
          try await letIn(index)
        } else if case .keyring = error {
          machines[index].isLockedOut = true
          try await letIn(index)
        } else if isLast {
          breach("rest", "\(machines[index].name) cannot sync: \(error)")
        }
      }
    }
    return isQuiet
  }

  /// Lets a machine in again whose token the hub does not know.
  private func letIn(_ index: Int) async throws {
    let outcome = try await connect(index)
    trace.append("at rest, \(machines[index].name) joins again: \(outcome)")
    guard machines[index].isLockedOut else { return }
    guard machines.allSatisfy(\.isLockedOut) else { return }
    // The hub has a library that nobody here has a token for: its operator has to remove it.
    trace.append("nobody is let in (\(outcome)), so the hub begins anew")
    try await putBackHub { try hub.wipe() }
    _ = try await connect(index)
  }

  /// Does again what a revocation that was interrupted left to do.
  private func beginEpoch(_ index: Int) async throws -> String {
    var chance = SeededGenerator(seed: generator.next())
    do throws(SyncError) {
      _ = try await HubSetup.beginEpoch(
        of: machines[index].replica, root: root, over: direct(index), using: &chance)
      return "begins the epoch that was due"
    } catch {
      return error.summary
    }
  }

  private func syncWhole(_ index: Int) async throws -> Result<SyncReport, SyncError> {
    let (engine, gate) = engine(index, over: Gate())
    let byteCount = pieceByteCount
    var arrival = await gate.begin { _ async throws(SyncError) in
      await engine.cutSnapshots(at: byteCount)
      return try await engine.sync(massDeletes: .accept)
    }
    while true {
      switch arrival {
      case .ended(let result): return result
      case .request(let request):
        let pushed = try pushedChanges(index, request)
        let http = await ask(request, pushed)
        let reply: Result<HubReply, HubFailure>
        do throws(HubFailure) {
          reply = .success(try HubReply(http: http, to: request.action))
        } catch {
          reply = .failure(error)
        }
        arrival = await gate.answer(reply)
      }
    }
  }

  /// Looks at all that a machine holds and shows.
  func observe(_ index: Int) throws -> ObservedReplica {
    let machine = machines[index]
    let changes = whole(try machine.replica.allChanges())
    let blobs = try heldBlobs(machine.replica, changes)
    return try machine.replica.read { snapshot in
      var records: [RecordKey: ObservedReplica.Shown] = [:]
      for kind in snapshot.schema.kinds {
        var query = Query(kind.name)
        query.includesHidden = true
        for record in try snapshot.records(query) {
          records[record.key] = ObservedReplica.Shown(
            heads: record.basis.heads, values: record.values,
            membersByFamily: record.membersByFamily, isHidden: record.isHidden)
        }
      }
      let conflicts = try snapshot.conflicts()
      let quarantined = try snapshot.quarantine()
      var export = records.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.text)" }
      export += conflicts.map { "\($0.key) \($0.field) \($0.reason)" }
      export += quarantined.map { "quarantined \($0.dot) \($0.reason)" }
      return ObservedReplica(
        name: machine.name, step: step, schema: machine.schema, changes: changes, records: records,
        conflicts: conflicts,
        quarantined: Set(quarantined.map(\.dot)), blobs: blobs,
        export: export.joined(separator: "\n"))
    }
  }
}

extension ObservedReplica.Shown {
  /// All of it, in one order.
  fileprivate var text: String {
    let values = values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    let members = membersByFamily.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    let heads = heads.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    return "\(isHidden ? "hidden " : "")\(values) \(members) \(heads)"
  }
}
