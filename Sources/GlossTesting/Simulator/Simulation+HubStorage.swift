internal import GlossCore
internal import GlossStore
internal import GlossWire

extension Simulation {
  /// Lets the hub lose its power while it does what a machine asks, and starts it again on what is left of its disk.
  ///
  /// What it has confirmed has to be there then, in this answer too. What it was asked to keep and did not confirm may be.
  func losePowerOfHub() async throws -> String? {
    let asking = machines.indices.filter {
      machines[$0].errand.map { $0.reply == nil } ?? false
    }
    guard let index = asking.randomElement(using: &generator),
      let errand = machines[index].errand
    else { return nil }
    let pushed = try pushedChanges(index, errand.request)
    let disk = try hub.moveToFaultyDisk()
    hooks.hubDisk(disk)
    let fault: FaultyDisk.Fault = generator.happens(percent: 75) ? .kill : .io
    let point = UInt64.random(in: 1...30, using: &generator)
    disk.plan(fault, at: point)
    var answer = read(await ask(errand.request, pushed), to: errand.request)
    if case .success(.page(let page)) = answer { pages.append(page) }
    let hasFailed = disk.hasFailed
    try hub.restart(on: disk, after: .keepsSome(seed: generator.next()))
    try await compareHub(asking: errand.request, pushed)
    var outcome = "\(machines[index].name)'s \(errand.request.action.word)"
    if hasFailed { outcome += ", \(fault) at \(point)" }
    if fault == .kill, case .failure(.refused(let problem)) = answer,
      problem.type == .unavailable
    {
      // A hub without power says nothing.
      answer = .failure(.transport(.interrupted("the connection was lost")))
    }
    let arrival = await errand.gate.answer(answer)
    return "\(outcome): \(try await settle(index, arrival))"
  }

  /// Looks whether the hub has all that it confirmed, and notes what else it has of what was just pushed.
  private func compareHub(asking request: HubRequest, _ pushed: [PushedChanges]) async throws {
    let question = HubRequest(.vector(library), credential: request.credential)
    // A machine that the hub does not let in learns nothing, and has pushed nothing.
    guard
      case .success(.vector(let vector)) = read(await hub.answer(question), to: question)
    else { return }
    for origin in hub.content.vector.replicas {
      let (confirmed, there) = (hub.content.vector[origin], vector.origins[origin]?.lastSeq ?? 0)
      guard there < confirmed else { continue }
      breach("hub's storage", "\(origin) was confirmed up to \(confirmed) and is there to \(there)")
    }
    notePushed(pushed.filter { $0.last <= vector.origins[$0.origin]?.lastSeq ?? 0 })
  }
}
