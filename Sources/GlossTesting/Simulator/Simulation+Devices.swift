internal import GlossCore
internal import GlossCrypto
internal import GlossHub
internal import GlossStore
internal import GlossSync
internal import GlossWire

extension Simulation {
  /// Lets somebody begin to take another machine's token from it; like a sync, it waits at each request.
  func beginRevocation() async throws -> String? {
    let members = machines.indices.filter { !machines[$0].isLockedOut }
    guard members.count > 2,
      let index = members.filter({ machines[$0].errand == nil }).randomElement(using: &generator),
      let victim = members.filter({ $0 != index }).randomElement(using: &generator),
      let remote = try machines[victim].replica.remote(),
      try machines[index].replica.remote() != nil
    else { return nil }
    hasRevoked = true
    let digest = sha256(Array(remote.credential.utf8))
    let gate = Gate()
    let seed = generator.next()
    let (replica, root, transport) = (machines[index].replica, root, transport(index, gate))
    let arrival = await gate.begin { _ async throws(SyncError) in
      var chance = SeededGenerator(seed: seed)
      _ = try await HubSetup.revoke(
        digest, of: replica, root: root, over: transport, using: &chance)
      return SyncReport()
    }
    let words = "\(machines[victim].name) by \(machines[index].name)"
    var errand = Machine.Errand(gate: gate, request: HubRequest(.describe), records: [])
    errand.isSync = false
    machines[index].errand = errand
    return "\(words), who \(try await settle(index, arrival))"
  }

  func endOfRevocation(_ result: Result<SyncReport, SyncError>) -> String {
    switch result {
    case .success: return "has begun a new epoch"
    case .failure(.hub), .failure(.keyring): return "could not revoke"
    case .failure(let error):
      breach("revoke", "\(error)")
      return "\(error)"
    }
  }

  /// Lets somebody with a newer version write what older ones do not know.
  func editAsNewer() throws -> String? {
    let newer = machines.indices.filter { machines[$0].schema.kinds.count > 2 }
    guard let index = newer.randomElement(using: &generator) else { return nil }
    let page = RecordKey("page", RecordID(UInt128.random(in: 1...5, using: &generator)))
    let shelf = RecordKey("shelf", RecordID(UInt128.random(in: 1...2, using: &generator)))
    let text = Value.text("\(machines[index].name) \(step)")
    let mark = Value.unknown(tag: 40, bytes: [UInt8(truncatingIfNeeded: step), 0, 255])
    let choice = Int.random(in: 0..<3, using: &generator)
    let key = choice == 0 ? shelf : page
    guard let sight = try machines[index].replica.read({ try $0.sight(of: key) }) else {
      guard choice == 0 else { return nil }
      return try confirmed(index, shelf, nil) {
        try machines[index].replica.write(
          at: UInt64(time.withLock { $0 }), as: Operation("newer-edit")
        ) {
          try $0.add(shelf, ["name": text])
        }
      }
    }
    return try confirmed(index, key, sight) {
      try machines[index].replica.write(
        at: UInt64(time.withLock { $0 }), as: Operation("newer-edit")
      ) { edits in
        switch choice {
        case 0: try edits.edit(key, ["name": text], basedOn: sight.record.basis)
        case 1: try edits.edit(key, ["colour": text], basedOn: sight.record.basis)
        default: try edits.edit(key, ["mark": mark], basedOn: sight.record.basis)
        }
      }
    }
  }

  /// Lets somebody with a token send what no honest device would.
  func pushHostilely() async throws -> String? {
    guard let index = machines.indices.randomElement(using: &generator),
      let remote = try machines[index].replica.remote()
    else { return nil }
    let noise = (0..<Int.random(in: 1...900, using: &generator)).map { _ in
      UInt8.random(in: 0...255, using: &generator)
    }
    let known = hub.content.vector.replicas.randomElement(using: &generator)
    let choice = Int.random(in: 0..<5, using: &generator)
    var action = HubRequest.Action.push(library, bundles: [noise], after: nil)
    var forged: PushedChanges?
    var mayPass = false
    switch choice {
    case 1:
      let origin = ReplicaID.random(using: &generator)
      let zero = [UInt8](repeating: 0, count: 32)
      let first = hub.content.vector[origin] + 1
      forged = PushedChanges(origin: origin, first: first, last: first + 2, changes: [])
      let header = BundleHeader(
        library: library, epoch: 1, origin: origin, first: first, last: first + 2,
        previousTip: zero, tip: digest(noise))
      action = .push(library, bundles: [header.bytes + noise], after: nil)
      mayPass = true
    case 2, 3:
      guard let known else { return nil }
      // Behind a gap, or in the place of what is there.
      let first = choice == 2 ? hub.content.vector[known] + 5 : 1
      let header = BundleHeader(
        library: library, epoch: 1, origin: known, first: first, last: first,
        previousTip: digest([1]), tip: digest(noise))
      action = .push(library, bundles: [header.bytes + noise], after: nil)
      // Within what a bundle brought the hub cannot tell, and takes it for a repeat.
      mayPass = choice == 3
    case 4:
      let part = BlobPart(
        name: digest(noise), digest: digest([2]), size: noise.count, offset: 0, bytes: noise)
      action = .uploadBlobs(library, parts: [part])
      mayPass = true
    default: break
    }
    if case .push(_, let bundles, _) = action, forged == nil,
      Int.random(in: 0..<4, using: &generator) == 0
    {
      let padding = [UInt8](repeating: 7, count: hub.limits.requestByteCount)
      action = .push(library, bundles: bundles + [padding], after: nil)
    }
    if let forged { forgedOrigins.insert(forged.origin) }
    let reply = await ask(
      HubRequest(action, credential: remote.credential), forged.map { [$0] } ?? [])
    if reply.status < 400, !mayPass {
      breach("hub", "it took in what a hostile device sent: \(action.word), \(choice)")
    }
    try await checkHub(with: remote.credential)
    return "\(machines[index].name)'s token, \(choice), \(reply.status)"
  }

  /// Compares what the hub says that it holds with what was pushed.
  private func checkHub(with credential: String) async throws {
    let request = HubRequest(.vector(library), credential: credential)
    let reply = try? HubReply(http: await hub.answer(request), to: request.action)
    guard case .vector(let held)? = reply else { return }
    let vector = Vector(held.origins.mapValues(\.lastSeq))
    if vector != hub.content.vector {
      breach("hub", "it holds \(vector) and was pushed \(hub.content.vector)")
    }
  }

  private func digest(_ bytes: [UInt8]) -> [UInt8] { sha256(bytes) }
}
