import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Snapshots that are not what they should be, or go away.
@Suite struct SnapshotFaultTests {
  /// Where in a piece a byte is changed.
  enum Part: CaseIterable, Sendable {
    case suite, library, epoch, snapshot, index, salt, commitment, text, tag

    func place(in piece: [UInt8]) -> Int {
      switch self {
      case .suite: 0
      case .library: 5
      case .epoch: 20
      case .snapshot: 30
      case .index: 40
      case .salt: 41
      case .commitment: 41 + 32
      case .text: 41 + 64
      case .tag: piece.count - 1
      }
    }
  }

  @Test(arguments: Part.allCases, [0, 2] as [UInt32])
  func `of a piece with one other bit nothing is taken in, and nothing is lost`(
    part: Part, index: UInt32
  ) async throws {
    let world = try await World.withSnapshot()
    _ = try await world.join("phone")
    try world["phone"].add(page(99), ["title": .text("unsent")])
    let liar = Rewriting(base: world.transport("phone")) { piece in
      guard piece[37..<41].elementsEqual([0, 0, 0, UInt8(index)]) else { return piece }
      var altered = piece
      altered[part.place(in: piece)] ^= 1
      return altered
    }
    do {
      try await world.sync("phone", over: liar)
      Issue.record("an altered piece was taken in")
    } catch SyncError.snapshotUnusable {}
    #expect(try world["phone"].remote()?.cursor == nil)
    #expect(try world["phone"].title(99) == .text("unsent"))
    try await world.sync("phone")
    try await world.expectAgreement()
    #expect(try world["desk"].title(99) == .text("unsent"))
  }

  @Test func `a snapshot that cannot be opened is left, as long as the log is there`() async throws
  {
    var limits = World.snapshotLimits
    limits.logRetention = nil
    let world = try await World.withSnapshot(limits: limits)
    _ = try await world.join("phone")
    let liar = Rewriting(base: world.transport("phone")) { piece in
      piece.dropLast() + [piece.last! ^ 1]
    }
    let report = try await world.sync("phone", over: liar)
    #expect(report.pulledChanges == 12)
    #expect(try world["phone"].shown() == world["desk"].shown())
    try await world.expectAgreement()
  }

  @Test func `a head of another place, and a piece of another number, are noticed`() async throws {
    let world = try await World.withSnapshot()
    _ = try await world.join("phone")
    let place = Cursor(
      log: try await world.newestSnapshot().cursor.log, index: 11,
      hash: Array(repeating: 1, count: 16))!
    let moved = Meddler(base: world.transport("phone")) { (reply) throws(HubFailure) in
      guard case .snapshot(var description) = reply else { return reply }
      description.cursor = place
      return .snapshot(description)
    }
    let short = Meddler(base: world.transport("phone")) { (reply) throws(HubFailure) in
      guard case .snapshot(var description) = reply else { return reply }
      description.pieceCount -= 1
      return .snapshot(description)
    }
    for liar in [moved, short] {
      await #expect(throws: SyncError.snapshotUnusable(.tampered)) {
        try await world.sync("phone", over: liar)
      }
    }
    #expect(try world.vector("phone") == Vector())
  }

  @Test func `a newer snapshot that takes the place of one in the middle is read instead`()
    async throws
  {
    let world = try await World.withSnapshot()
    _ = try await world.join("phone")
    let replaced = Locked(false)
    let gone = Refusing(base: world.transport("phone")) { action in
      guard case .piece(_, _, let index) = action, index == 2 else { return nil }
      return replaced.withLock { isReplaced in
        defer { isReplaced = true }
        return isReplaced ? nil : Problem(.noSnapshot, status: 404, detail: "")
      }
    }
    try await world.sync("phone", over: gone)
    #expect(try world["phone"].shown() == world["desk"].shown())
  }
}
