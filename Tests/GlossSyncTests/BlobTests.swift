import GlossCore
import GlossHub
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

extension Replica {
  /// Adds a page with a body, and returns the body's name.
  @discardableResult
  func addPage(_ number: UInt128, body: [UInt8]) throws -> BlobID {
    try write(at: 1_000) { edits in
      let id = try edits.addBlob(body)
      try edits.add(page(number), ["title": .text("page \(number)"), "body": .blob(id)])
      return id
    }
  }

  func body(_ id: BlobID) throws -> [UInt8]? { try read { try $0.blob(id) } }
}

/// Bytes that do not compress.
func noise(_ count: Int, seed: UInt64) -> [UInt8] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
}

/// Breaks the connection at the request of this number, before or after it reached the hub.
private actor Cut: HubTransport {
  private let base: any HubTransport
  private var left: Int
  private let isAfter: Bool
  private(set) var bytesOfBlobs = 0

  init(_ base: any HubTransport, at number: Int, after isAfter: Bool = false) {
    self.base = base
    left = number
    self.isAfter = isAfter
  }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    if left <= 0, !isAfter { throw .transport(.badAddress("cut")) }
    if case .uploadBlobs(_, let parts) = request.action {
      bytesOfBlobs += parts.reduce(0) { $0 + $1.bytes.count }
    }
    let reply = try await base.send(request)
    if case .blobParts(let parts) = reply {
      bytesOfBlobs += parts.reduce(0) { $0 + $1.bytes.count }
    }
    left -= 1
    if left < 0 { throw .transport(.badAddress("cut")) }
    return reply
  }
}

@Suite struct BlobTests {
  @Test func `a large value goes up before the change that names it, and comes after it`()
    async throws
  {
    let world = try await World("desk", "lap")
    let id = try world["desk"].addPage(1, body: Array("A short text.".utf8))
    let sent = try await world.sync("desk")
    #expect(sent.sentBlobs == 1 && sent.pushedChanges == 1 && sent.requests == 3)
    #expect(
      await world.transport("desk").exchanges.map(\.request.method) == ["POST", "POST", "POST"])
    #expect(await world.transport("desk").exchanges[0].request.target.hasSuffix("/blobs"))
    let question = await world.transport("desk").exchanges[2].request
    #expect(question.target.hasSuffix("/blobs") && question.body.count < 100, "is it there still?")
    // Bundles have no large values any more.
    let pushed = await world.transport("desk").exchanges[1].request.body
    #expect(pushed.count < 450, "\(pushed.count)")
    let received = try await world.sync("lap")
    #expect(received.receivedBlobs == 1 && received.missingBlobs == 0 && received.requests == 2)
    #expect(try world["lap"].body(id) == Array("A short text.".utf8))
    for name in ["desk", "lap"] {
      #expect(try await world.sync(name).requests == 1, "an idle sync is one request")
    }
  }

  @Test func `a small edit of what has a large value is one request`() async throws {
    let world = try await World("desk", "lap")
    try world["desk"].addPage(1, body: noise(5_000, seed: 1))
    try await world.syncAll()
    try world["lap"].edit(page(1), ["title": .text("better")])
    #expect(try await world.sync("lap").requests == 1)
    #expect(try await world.sync("desk").requests == 1)
  }

  @Test func `many small values share requests, both ways`() async throws {
    let world = try await World("desk", "lap", "phone")
    for number in UInt128(1)...300 {
      try world["desk"].addPage(number, body: noise(1_000, seed: UInt64(number)))
    }
    let sent = try await world.sync("desk")
    // One question, one upload of 300 kB, one push, one question.
    #expect(sent.sentBlobs == 300 && sent.requests == 4)
    let received = try await world.sync("lap")
    // One page of changes, five of up to 64 values each.
    #expect(received.receivedBlobs == 300 && received.requests == 6)
    #expect(try world["lap"].wantedBlobCount() == 0)
    #expect(try await world.sync("lap").requests == 1)
  }

  @Test func `what another process adds during a sync goes up before its change, too`() async throws
  {
    let world = try await World("desk")
    try world["desk"].addPage(1, body: noise(500, seed: 1))
    let desk = world["desk"]
    let late = Interloper(base: world.transport("desk")) {
      _ = try? desk.addPage(2, body: noise(500, seed: 2))
    }
    let report = try await world.sync("desk", over: late)
    #expect(report.sentBlobs == 2 && report.pushedChanges == 2)
    let targets = await world.transport("desk").exchanges.map(\.request.target)
    // The interloper repeats the first request.
    #expect(targets.map { $0.hasSuffix("/blobs") } == [true, true, true, false, true])
  }

  @Test func `values that are left on the hub are fetched one by one, or all by a sync`()
    async throws
  {
    let world = try await World("desk", "lap")
    let ids = try (1...3).map {
      try world["desk"].addPage(UInt128($0), body: noise(500, seed: UInt64($0)))
    }
    try await world.sync("desk")
    let lazy = try await world.engine("lap").sync(largeValues: .leave)
    #expect(lazy.receivedBlobs == 0 && lazy.missingBlobs == 3 && lazy.requests == 1)
    #expect(try world["lap"].body(ids[1]) == nil)
    let engine = world.engine("lap")
    #expect(try await engine.fetch(ids[1]) == .held)
    #expect(try world["lap"].body(ids[1]) == noise(500, seed: 2))
    #expect(try await engine.fetch(ids[1]) == .held)
    #expect(
      try await engine.fetch(BlobID(digest: noise(32, seed: 5))!) == .held, "nothing names it")
    let rest = try await world.sync("lap")
    #expect(rest.receivedBlobs == 2 && rest.missingBlobs == 0)
    #expect(try ids.map { try world["lap"].body($0)?.count } == [500, 500, 500])
  }

  @Test(arguments: [true, false])
  func `an upload of a large one goes on where it was cut`(after: Bool) async throws {
    let world = try await World("desk", "lap")
    let body = noise(3_000_000, seed: 1)
    let id = try world["desk"].addPage(1, body: body)
    var total = 0
    var requests = 0
    for number in 1...20 {
      // Two requests more, the first of which asks how much is held.
      let cut = Cut(world.transport("desk"), at: 3, after: after)
      do {
        requests += try await world.sync("desk", over: cut).requests
        total += await cut.bytesOfBlobs
        break
      } catch SyncError.hub(.transport(.badAddress)) {
        total += await cut.bytesOfBlobs
      }
      try #require(number < 20)
    }
    // Each byte went up once, but for the padding and what was sent into the cut.
    #expect(total < 3_000_000 + 100_000 + 4 * 2, "\(total)")
    try await world.sync("lap")
    #expect(try world["lap"].body(id) == body)
    #expect(try world["desk"].unsentBlobs(limit: 1).isEmpty)
  }

  @Test func `a fetch of a large one goes on where it was cut`() async throws {
    let world = try await World("desk", "lap")
    let body = noise(5_000_000, seed: 2)
    let id = try world["desk"].addPage(1, body: body)
    try await world.sync("desk")
    var total = 0
    for number in 1...20 {
      let cut = Cut(world.transport("lap"), at: 2)
      do {
        try await world.sync("lap", over: cut)
        total += await cut.bytesOfBlobs
        break
      } catch SyncError.hub(.transport(.badAddress)) {
        total += await cut.bytesOfBlobs
      }
      try #require(number < 20)
    }
    #expect(total < 5_000_000 + 200_000, "\(total)")
    #expect(try world["lap"].body(id) == body)
    #expect(try world["lap"].blobPart(id).isEmpty)
  }

  @Test func `a body that a proxy refuses is halved`() async throws {
    let world = try await World("desk", "lap", limits: HubLimits(requestByteCount: 200_000))
    let ids = try (1...4).map {
      try world["desk"].addPage(UInt128($0), body: noise(150_000 * $0, seed: UInt64($0)))
    }
    try await world.sync("desk")
    try await world.sync("lap")
    #expect(
      try ids.map { try world["lap"].body($0)?.count } == [150_000, 300_000, 450_000, 600_000])
  }

  @Test func `what the hub lacks stays wanted, holds up nothing, and comes later`() async throws {
    let world = try await World("desk", "lap", "phone")
    let id = try world["desk"].addPage(1, body: noise(1_000, seed: 1))
    try await world.sync("desk")
    _ = try await world.engine("lap").sync(largeValues: .leave)
    // The hub is lost, and the one that fills it again does not have the text.
    try await world.restoreHub(from: nil)
    try await world.reconnect("lap", host: nil)
    _ = try await world.engine("lap").sync(largeValues: .leave)
    try await world.reconnect("phone", host: "lap")
    let report = try await world.sync("phone")
    #expect(report.pulledChanges == 1 && report.missingBlobs == 1 && report.receivedBlobs == 0)
    #expect(try world["phone"].title(1) == .text("page 1"))
    #expect(try await world.engine("phone").fetch(id) == .missing)
    // The desk has all of its changes acknowledged, and finds that the hub lacks the text all the same.
    try await world.reconnect("desk", host: "lap")
    #expect(try await world.sync("desk").sentBlobs == 1)
    #expect(try await world.sync("phone").receivedBlobs == 1)
    #expect(try world["phone"].body(id)?.count == 1_000)
  }

  @Test func `a hub that comes back from an old copy gets the values that it lost`() async throws {
    let world = try await World("desk", "lap", "phone")
    let old = try world["desk"].addPage(1, body: noise(90_000, seed: 1))
    try await world.sync("desk")
    try await world.backUpHub(as: "copy")
    let new = try world["desk"].addPage(2, body: noise(90_000, seed: 2))
    try await world.sync("desk")
    try await world.sync("lap")
    try await world.restoreHub(from: "copy")
    // Others' values go up, too; what the hub has is asked for by name and not sent again.
    let report = try await world.sync("lap")
    #expect(report.sentBlobs == 2)
    let uploads = await world.transport("lap").exchanges.filter {
      $0.request.method == "POST" && $0.request.target.hasSuffix("/blobs")
    }
    #expect(uploads.suffix(2).map(\.request.body.count).max().map { $0 < 100_000 } == true)
    try await world.sync("phone")
    for id in [old, new] { #expect(try world["phone"].body(id)?.count == 90_000) }
  }

  @Test func `another device's seal of a value replaces what came of the first`() async throws {
    let world = try await World("desk", "lap")
    let body = noise(2_500_000, seed: 3)
    let id = try world["desk"].addPage(1, body: body)
    try await world.sync("desk")
    let cut = Cut(world.transport("lap"), at: 2)
    _ = try? await world.sync("lap", over: cut)
    #expect(try !world["lap"].blobPart(id).isEmpty)
    // As a program that compresses otherwise would have sealed it.
    let other = Meddler(base: world.transport("lap")) { reply throws(HubFailure) in
      guard case .blobParts(var parts) = reply else { return reply }
      for place in parts.indices { parts[place].digest[0] ^= 1 }
      return .blobParts(parts)
    }
    _ = try await world.sync("lap", over: other)
    try await world.sync("lap")
    #expect(try world["lap"].body(id) == body)
  }

  @Test func `what a library may not have any more is kept back, and the rest comes`() async throws
  {
    var limits = HubLimits()
    limits.libraryByteCount = 60_000
    let world = try await World("desk", "lap", limits: limits)
    try world["lap"].add(page(9), ["title": .text("from lap")])
    try await world.sync("lap")
    let id = try world["desk"].addPage(1, body: noise(100_000, seed: 1))
    await #expect {
      try await world.sync("desk")
    } throws: { error in
      guard case SyncError.hub(.refused(let problem)) = error else { return false }
      return problem.type == .quotaExceeded
    }
    #expect(try world["desk"].title(9) == .text("from lap"))
    #expect(try world["desk"].unsentBlobs(limit: 5).map(\.id) == [id])
    #expect(try world["desk"].hasUnsent())
  }
}
