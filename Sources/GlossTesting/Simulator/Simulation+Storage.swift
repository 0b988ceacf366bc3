internal import GlossCore
internal import GlossStore
internal import GlossWire

extension Simulation {
  /// Lets the disk of a machine fail while it edits or syncs, and then work again.
  ///
  /// What was confirmed has to be there then; what was not may be, whole.
  func failStorage(_ event: SimulatorEvent) async throws -> String? {
    let idle = machines.indices.filter { machines[$0].errand == nil }
    guard let index = idle.randomElement(using: &generator) else { return nil }
    let isError = event == .diskFull || event == .diskFails
    let isSync = isError && generator.happens(percent: 50)
    let key = RecordKey("page", RecordID(UInt128.random(in: 1...5, using: &generator)))
    let (disk, id) = try await moveToFaultyDisk(index)
    defer { isStorageFailing = false }
    isStorageFailing = true
    let point = UInt64.random(in: 1...(isSync ? 60 : 25), using: &generator)
    let isForGood = Bool.random(using: &generator)
    func arm() {
      switch event {
      case .diskFull: disk.plan(.full, at: point, of: .growth, forGood: isForGood)
      case .diskFails: disk.plan(.io, at: point, forGood: isForGood)
      default: disk.plan(.kill, at: point)
      }
    }
    var outcome: String
    if isSync {
      arm()
      let engine = engine(index, over: Gate())
      outcome = try await begin(on: index, engine)
      outcome += try await finish(index)
    } else {
      outcome = try editAndRestart(index, key, event, disk, arm)
    }
    // A file on a sound disk again; who opens it is a new program.
    disk.count()
    try machines[index].replica.close()
    machines[index].replica = try open(machines[index].path, machines[index].schema)
    machines[index].sights = [:]
    if machines[index].replica.id != id, !isSync {
      breach("storage", "\(machines[index].name) took itself for a copy after \(event)")
    }
    return "\(machines[index].name) at \(point)\(isForGood ? " and on" : ""): \(outcome)"
  }

  /// Opens a machine's file anew, on a disk that can fail.
  private func moveToFaultyDisk(_ index: Int) async throws -> (FaultyDisk, ReplicaID) {
    try machines[index].replica.close()
    let disk = try FaultyDisk(machines[index].path)
    machines[index].replica = try open(machines[index].path, machines[index].schema)
    return (disk, machines[index].replica.id)
  }

  /// Edits on a disk that fails, starts the program again where it was killed, and notes what was confirmed, and what is there
  /// without having been.
  private func editAndRestart(
    _ index: Int, _ key: RecordKey, _ event: SimulatorEvent, _ disk: FaultyDisk, _ arm: () -> Void
  ) throws -> String {
    let machine = machines[index]
    let sight = try look(at: key, on: index, isFresh: true)
    let text = Value.text("\(machine.name) \(step)")
    let now = machine.clock.reading(at: UInt64(time.withLock { $0 }), using: &generator)
    let before = try machine.replica.read { try $0.vector()[machine.replica.id] }
    arm()
    var isConfirmed = true
    do {
      try machine.replica.write(at: now) { edits in
        if let sight {
          try edits.edit(key, ["title": text], basedOn: sight.record.basis)
        } else {
          try edits.add(key, ["title": text])
        }
      }
    } catch let error as StoreError {
      isConfirmed = false
      switch error {
      case .full, .io: break
      default: breach("storage", "\(machine.name) has \(error) of \(event)")
      }
    }
    if event == .killEditing || event == .powerLoss {
      try? machine.replica.close()
      let loss: PowerLoss =
        event == .killEditing ? .keepsAll : .keepsSome(seed: generator.next())
      try disk.mount(disk.wreck(), loss)
      machines[index].replica = try open(machine.path, machine.schema)
    }
    disk.count()
    let replica = machines[index].replica
    let changes = try replica.changes(of: machine.replica.id, after: before)
    let isThere = changes.contains { $0.writes.contains { $0.value == text } }
    if isConfirmed, !isThere {
      breach("storage", "\(machine.name) lost \(text) after \(event)")
    }
    for change in changes {
      history.acknowledged.append(
        History.Acknowledged(
          step: step, name: machine.name, change: change, basis: sight?.record.basis ?? .nothing,
          shown: sight?.changes ?? [:], replaced: try replica.replaced(by: change)))
    }
    return "\(isConfirmed ? "confirmed" : "refused") and \(isThere ? "there" : "not there")"
  }
}
