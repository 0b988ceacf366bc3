import GlossCore
import GlossCrypto
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// What a hub, or a device, may put in the place of a large value.
enum Badness: String, CaseIterable, CustomTestStringConvertible {
  case library, epoch, name, salt, commitment, text, tag, cut, longer, anotherValue, noBytes, tooFar
  case anotherDigest, bomb, notCompressed, question

  var testDescription: String { rawValue }

  func meddle(_ part: BlobPart, _ sealer: Sealer, _ id: BlobID) -> BlobPart {
    var part = part
    switch self {
    case .library: part.bytes[1] ^= 1
    case .epoch: part.bytes[20] ^= 3
    case .name: part.bytes[30] ^= 1
    case .salt: part.bytes[53] ^= 1
    case .commitment: part.bytes[53 + 32] ^= 1
    case .text: part.bytes[53 + 64] ^= 1
    case .tag: part.bytes[part.bytes.count - 1] ^= 1
    case .cut:
      part.bytes.removeLast()
      part.size -= 1
    case .longer:
      part.bytes.append(0)
      part.size += 1
    case .anotherValue: return whole(part, sealer.sealed(Array("another".utf8), as: id))
    case .noBytes: part.bytes = []
    case .tooFar: part.offset = part.size
    case .anotherDigest: part.digest[0] ^= 1
    case .bomb:
      return whole(
        part,
        sealer.sealed([UInt8](repeating: 0, count: Limits.blobByteCount + 1), as: id))
    case .notCompressed: return whole(part, sealer.sealed(frame: Array("plain".utf8), as: id))
    case .question: return BlobPart(asking: part.name)
    }
    if self == .tooFar { part.bytes = [] }
    return part
  }

  private func whole(_ part: BlobPart, _ sealed: [UInt8]) -> BlobPart {
    BlobPart(
      name: part.name, digest: sha256(sealed), size: sealed.count, offset: 0, bytes: sealed)
  }
}

@Suite struct BadBlobTests {
  /// It says so of each upload, and of each question that it has nothing.
  @Test func `a hub that keeps no large value is found out, and the sync ends`() async throws {
    let world = try await World("desk")
    try await world.syncAll()
    try world["desk"].addPage(1, body: noise(500, seed: 1))
    let transport = world.transport("desk")
    let forgetful = Meddler(base: transport) { (reply) throws(HubFailure) in
      guard case .holdings(let holdings) = reply else { return reply }
      // Half of its replies are to uploads.
      return .holdings(
        holdings.map { BlobHolding(name: $0.name, held: 0, isComplete: $0.held == 0) })
    }
    let failure = await world.failure { try await world.sync("desk", over: forgetful) }
    guard case .hub(.notOurs)? = failure else {
      Issue.record("\(String(describing: failure))")
      return
    }
    try await world.sync("desk")
    let lap = try await world.join("lap")
    try await world.sync("lap")
    #expect(try lap.wantedBlobCount() == 0)
  }

  @Test(arguments: Badness.allCases)
  func `a bad value is refused, reported, holds up nothing, and comes once it is good`(
    badness: Badness
  ) async throws {
    let world = try await World("desk", "lap")
    let sealer = Sealer(root: world.root, library: world.library)
    var ids: [BlobID] = []
    for number in UInt128(1)...3 {
      try world["desk"].write(at: 1_000) { edits in
        let id = try edits.addBlob(Array("the text of page \(number), as it was added".utf8))
        try edits.add(page(number), ["title": .text("\(number)"), "body": .blob(id)])
        ids.append(id)
      }
    }
    try await world.sync("desk")
    let victim = ids[1]
    let name = sealer.name(of: victim)
    let liar = Meddler(base: world.transport("lap")) { reply throws(HubFailure) in
      guard case .blobParts(let parts) = reply else { return reply }
      return .blobParts(
        parts.map { $0.name == name ? badness.meddle($0, sealer, victim) : $0 })
    }
    let report = try await world.sync("lap", over: liar)
    if badness == .anotherDigest {
      // The digest is between hub and client: what opens is what was wanted.
      #expect(report.refusedBlobs.isEmpty && report.receivedBlobs == 3)
      return
    }
    #expect(report.refusedBlobs == [victim])
    #expect(report.receivedBlobs == 2 && report.missingBlobs == 1 && report.pulledChanges == 3)
    #expect(try world["lap"].shown() == world["desk"].shown())
    #expect(try world["lap"].read { try $0.blob(victim) } == nil)
    #expect(try world["lap"].blobPart(victim).isEmpty)
    #expect(try await world.engine("lap", over: liar).fetch(victim) == .refused)
    let good = try await world.sync("lap")
    #expect(good.receivedBlobs == 1 && good.missingBlobs == 0 && good.refusedBlobs.isEmpty)
    #expect(
      try world["lap"].read { try $0.blob(victim) }
        == Array("the text of page 2, as it was added".utf8))
  }

  @Test func `a hub that changes its mind about a seal for ever is not asked for ever`()
    async throws
  {
    let world = try await World("desk", "lap")
    var generator = SeededGenerator(seed: 1)
    let body = (0..<2_000_000).map { _ in UInt8.random(in: 0...255, using: &generator) }
    try world["desk"].write(at: 1_000) { edits in
      try edits.add(page(1), ["body": .blob(try edits.addBlob(body))])
    }
    try await world.sync("desk")
    let fickle = Fickle(world.transport("lap"))
    let report = try await world.sync("lap", over: fickle)
    #expect(report.refusedBlobs.count == 1 && report.requests < 10)
    #expect(try await world.sync("lap").receivedBlobs == 1)
  }

  @Test func `a hub that does not keep what it is sent is found out`() async throws {
    let world = try await World("desk")
    for size in [100, 100_000, 2_000_000] {
      var generator = SeededGenerator(seed: 1)
      let body = (0..<size).map { _ in UInt8.random(in: 0...255, using: &generator) }
      try world["desk"].write(at: 1_000) { edits in
        try edits.add(page(UInt128(size)), ["body": .blob(try edits.addBlob(body))])
      }
      let forgetful = Meddler(base: world.transport("desk")) { reply throws(HubFailure) in
        guard case .holdings(let holdings) = reply else { return reply }
        return .holdings(holdings.map { BlobHolding(name: $0.name, held: 0, isComplete: false) })
      }
      await #expect {
        try await world.sync("desk", over: forgetful)
      } throws: { error in
        guard case SyncError.hub(.notOurs) = error else { return false }
        return true
      }
      #expect(try world["desk"].hasUnsent(), "nothing was pushed that names it")
      try await world.sync("desk")
      #expect(try !world["desk"].hasUnsent())
    }
  }
}

/// A hub that says another digest each time.
private actor Fickle: HubTransport {
  private let base: any HubTransport
  private var count: UInt8 = 0

  init(_ base: any HubTransport) { self.base = base }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    let reply = try await base.send(request)
    guard case .blobParts(var parts) = reply else { return reply }
    count &+= 1
    for place in parts.indices { parts[place].digest[0] = count }
    return .blobParts(parts)
  }
}
