internal import Foundation
internal import GlossCore
internal import GlossSeal
internal import GlossStore
internal import GlossSync
internal import GlossWire

extension Simulation {
  /// How many machines there may be more than at the beginning.
  private static let extraMachineCount = 3

  /// Does something to a machine.
  func change(_ event: SimulatorEvent) async throws -> String? {
    let index = Int.random(in: machines.indices, using: &generator)
    let name = machines[index].name
    let hasRoom = machines.count < plan.replicaCount + Self.extraMachineCount
    switch event {
    case .kill:
      try await restart(index)
      return name
    case .clock:
      machines[index].clock = SimulatedClock(using: &generator)
      return "\(name) \(machines[index].clock)"
    case .upgrade:
      guard machines[index].schema.kinds.count == 2 else { return nil }
      machines[index].schema = SimulatedSchema.newer
      try await restart(index)
      return name
    case .backUp:
      machines[index].backup = try backup(of: index)
      return name
    case .restoreFile, .restoreMachine:
      guard let backup = machines[index].backup else { return nil }
      hasRestoredMachine = true
      try await destroying { try await restore(backup, on: index, whole: event == .restoreMachine) }
      return "\(name), \(machines[index].replica.id)"
    case .copyFile, .copyMachine:
      guard hasRoom else { return nil }
      try copy(index, whole: event == .copyMachine)
      let copy = machines[machines.count - 1]
      return "\(name) to \(copy.name), \(copy.replica.id)"
    case .join:
      if let lockedOut = machines.indices.first(where: { machines[$0].isLockedOut }) {
        guard machines[lockedOut].errand == nil else { return nil }
        return "\(machines[lockedOut].name) again: \(try await connect(lockedOut))"
      }
      guard hasRoom else { return nil }
      try await addMachine()
      return machines[machines.count - 1].name
    default: preconditionFailure("\(event) is done to no machine")
    }
  }

  /// Adds a machine that is connected with the hub, if somebody can let it in.
  func addMachine() async throws {
    let name = "m\(machines.count)"
    let path = folder + "/" + name
    let replica = try Replica.create(
      at: path, library: library, id: .random(using: &generator),
      schema: SimulatedSchema.present)
    try hooks.created(name, path)
    machines.append(Machine(name: name, path: path, replica: replica))
    _ = try await connect(machines.count - 1)
  }

  /// Connects a machine with the hub: by a code of one that is, or as the library's maker.
  func connect(_ index: Int) async throws -> String {
    let guest = machines[index]
    var chance = SeededGenerator(seed: generator.next())
    for host in machines.indices where host != index && !machines[host].isLockedOut {
      guard try machines[host].replica.remote() != nil else { continue }
      do throws(SyncError) {
        let code = try await HubSetup.pairingCode(
          for: machines[host].replica, root: root, over: direct(host), using: &chance)
        try await HubSetup.join(
          guest.replica, with: code, over: direct(index), using: &chance)
        machines[index].isLockedOut = false
        return "by \(machines[host].name)"
      } catch {
        switch error {
        case .hub(.refused(let problem)) where problem.type == .unauthorised: break
        case .keyring where hasRevoked: break
        default:
          breach("join", "\(guest.name) could not join by \(machines[host].name): \(error)")
          return "\(error)"
        }
        machines[host].isLockedOut = true
      }
    }
    do throws(SyncError) {
      try await HubSetup.connect(
        guest.replica, root: root, to: "https://hub.example.org", over: direct(index),
        using: &chance)
      machines[index].isLockedOut = false
      return "as the first"
    } catch {
      machines[index].isLockedOut = true
      return error.summary
    }
  }

  /// A transport that nobody waits at.
  func direct(_ index: Int) -> any HubTransport { transport(index, DirectTransport(hub)) }

  /// Kills the program that has a machine's file open, and starts it again.
  func restart(_ index: Int) async throws {
    // The new one opens the file before the former lets go of it, so that nothing is tidied up behind the former.
    let replica = try open(machines[index].path, machines[index].schema)
    try machines[index].replica.close()
    await endErrand(of: index)
    machines[index].replica = replica
    machines[index].sights = [:]
  }

  func open(_ path: String, _ schema: Schema) throws -> Replica {
    try Replica.open(at: path, schema: schema, using: &generator)
  }

  // MARK: - Copies

  private static let suffixes = ["", "-wal", "-lock"]

  private func backup(of index: Int) throws -> Machine.Backup {
    let path = machines[index].path
    var backup = Machine.Backup(
      bytesBySuffix: [:], hubGeneration: machines[index].hubGeneration)
    for suffix in Self.suffixes where FileManager.default.fileExists(atPath: path + suffix) {
      backup.bytesBySuffix[suffix] = Array(try Data(contentsOf: URL(filePath: path + suffix)))
    }
    return backup
  }

  /// Copies a machine's file.
  ///
  /// - Parameter isWhole: Whether the file beside it says of the copy what it says of the original, as in an image of a machine.
  private func copy(_ index: Int, whole isWhole: Bool) throws {
    let name = "m\(machines.count)"
    let path = folder + "/" + name
    let backup = try backup(of: index)
    for (suffix, bytes) in backup.bytesBySuffix where suffix != "-lock" {
      try Data(bytes).write(to: URL(filePath: path + suffix))
    }
    if isWhole, let lock = backup.bytesBySuffix["-lock"] {
      let said = String(decoding: lock, as: UTF8.self)
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      let inode = (attributes[.systemFileNumber] as? UInt64) ?? 0
      let digits = String(inode)
      let padded = String(repeating: "0", count: 20 - digits.count) + digits
      let words = said.split(separator: " ").dropLast().joined(separator: " ")
      try "\(words) \(padded)\n".write(toFile: path + "-lock", atomically: true, encoding: .utf8)
    }
    var copy = Machine(name: name, path: path, replica: try open(path, machines[index].schema))
    copy.schema = machines[index].schema
    copy.clock = machines[index].clock
    copy.isLockedOut = machines[index].isLockedOut
    copy.hubGeneration = machines[index].hubGeneration
    machines.append(copy)
  }

  /// Puts a backup in the place of a machine's file, which stays the same file.
  ///
  /// - Parameter isWhole: Whether the file beside it goes back, too, so that nothing on the machine tells.
  private func restore(
    _ backup: Machine.Backup, on index: Int, whole isWhole: Bool
  ) async throws {
    let path = machines[index].path
    try machines[index].replica.close()
    await endErrand(of: index)
    for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    for (suffix, bytes) in backup.bytesBySuffix where isWhole || suffix != "-lock" {
      if suffix == "-wal" {
        try Data(bytes).write(to: URL(filePath: path + suffix))
        continue
      }
      let file = try FileHandle(forWritingTo: URL(filePath: path + suffix))
      try file.truncate(atOffset: 0)
      try file.write(contentsOf: bytes)
      try file.close()
    }
    machines[index].replica = try open(path, machines[index].schema)
    machines[index].sights = [:]
    machines[index].hubGeneration = backup.hubGeneration
  }

  // MARK: - What is destroyed

  /// Does something that may destroy the only copy of what was confirmed, and notes what that was.
  func destroying(_ body: () async throws -> Void) async throws {
    let before = try writesAnywhere()
    try await body()
    history.destroyed.formUnion(before.subtracting(try writesAnywhere()))
    if hasRestoredMachine, hubGeneration > 0 { history.promises.areLargeValuesKept = false }
  }

  private func writesAnywhere() throws -> Set<WriteSignature> {
    try machines.reduce(into: hub.content.writes) { $0.formUnion(try writes(of: $1.replica)) }
  }

  /// Puts the hub back, which everybody finds out later.
  func putBackHub(_ body: () throws -> Void) async throws {
    history.logs.append(hub.content.log)
    hubGeneration += 1
    try await destroying { try body() }
    for index in machines.indices { machines[index].errand?.sawOtherHub = true }
  }
}

/// Reaches the hub at once.
private struct DirectTransport: HubTransport {
  private let hub: SimulatedHub

  init(_ hub: SimulatedHub) { self.hub = hub }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    try HubReply(http: await hub.answer(request), to: request.action)
  }
}
