import GlossCore
import GlossCrypto
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// What a hub could do to an envelope: each is refused for a reason of its own, and leaves a replica as it was.
@Suite struct EnvelopeTests {
  /// A way to damage one of two bundles that follow each other, and why the result is refused.
  struct Damage: Sendable, CustomTestStringConvertible {
    let name: String
    let error: String
    let damaged: @Sendable (_ one: [UInt8], _ other: [UInt8]) -> [UInt8]

    var testDescription: String { name }

    init(
      _ name: String, _ error: String,
      _ damaged: @escaping @Sendable (_ one: [UInt8], _ other: [UInt8]) -> [UInt8]
    ) {
      self.name = name
      self.error = error
      self.damaged = damaged
    }
  }

  static let header = BundleHeader.byteCount

  /// The lowest bit of one byte of each field.
  static let bits: [Damage] = [
    ("suite", "unknownSuite", 0), ("library", "otherLibrary", 16), ("origin", "wrongKey", 36),
    ("previous tip", "wrongKey", 84), ("tip", "wrongKey", 116), ("salt", "wrongKey", 117),
    ("commitment", "wrongKey", 149), ("ciphertext", "tampered", 181),
  ].map { name, error, place in
    Damage("one bit of the \(name)", error) { one, _ in flipped(one, at: place) }
  }

  static let others: [Damage] = [
    Damage("one bit of the tag", "tampered") { one, _ in flipped(one, at: one.count - 1) },
    Damage("one bit of the epoch", "badEpoch") { one, _ in flipped(one, at: 20) },
    Damage("a higher epoch", "unknownEpoch") { one, _ in replaced(one, at: 20, by: 2) },
    Damage("a first number of 0", "badRun") { one, _ in replaced(one, at: 44, by: 0) },
    Damage("an earlier first number", "wrongKey") { one, _ in replaced(one, at: 44, by: 1) },
    Damage("a later last number", "wrongKey") { one, _ in replaced(one, at: 52, by: 9) },
    Damage("moved to another library", "otherLibrary") { one, _ in
      Array(one.prefix(1) + LibraryID(8).bytes + one.dropFirst(17))
    },
    Damage("the content of its neighbour", "wrongKey") { one, other in
      Array(one.prefix(header) + other.dropFirst(header))
    },
    Damage("replayed under the next numbers", "wrongKey") { one, other in
      Array(other.prefix(header) + one.dropFirst(header))
    },
    Damage("a byte missing", "tampered") { one, _ in one.dropLast() },
    Damage("a byte too many", "tampered") { one, _ in one + [0] },
    Damage("cut to a header and a bit", "truncated") { one, _ in Array(one.prefix(header + 83)) },
    Damage("cut to less than a header", "tooShort") { one, _ in Array(one.prefix(header - 1)) },
    Damage("nothing at all", "tooShort") { _, _ in [] },
  ]

  @Test(arguments: bits + others)
  func `a damaged bundle is refused with its own error, and nothing of it is applied`(
    damage: Damage
  ) async throws {
    let (world, log) = try await worldAndLog()
    let sealer = Sealer(root: world.root, library: world.library)
    let damaged = damage.damaged(log[1], log[2])
    #expect(outcome(of: log[1], sealer, world.library) == "opened")
    #expect(outcome(of: damaged, sealer, world.library) == damage.error)
    try await expectUnchanged(world, by: [damaged])
  }

  @Test func `two bundles with their contents exchanged are both refused`() async throws {
    let (world, log) = try await worldAndLog()
    let exchanged = [
      log[1].prefix(Self.header) + log[2].dropFirst(Self.header),
      log[2].prefix(Self.header) + log[1].dropFirst(Self.header),
    ].map { Array($0) }
    let sealer = Sealer(root: world.root, library: world.library)
    for bundle in exchanged {
      #expect(outcome(of: bundle, sealer, world.library) == "wrongKey")
    }
    try await expectUnchanged(world, by: exchanged)
  }

  @Test func `a later bundle in the place of an earlier one is never applied`() async throws {
    let (world, log) = try await worldAndLog()
    try await expectUnchanged(world, by: [log[2]])
  }

  @Test func `a bundle that comes again changes nothing`() async throws {
    let (world, log) = try await worldAndLog()
    try await expectUnchanged(world, by: [log[0], log[0]])
  }

  @Test func `all reasons are told apart`() {
    let errors = Set((Self.bits + Self.others).map(\.error))
    #expect(
      errors == [
        "unknownSuite", "otherLibrary", "badEpoch", "unknownEpoch", "badRun", "wrongKey",
        "tampered", "truncated", "tooShort",
      ])
  }

  /// A world in which the lap has the first of three bundles of the desk, and these.
  private func worldAndLog() async throws -> (World, [[UInt8]]) {
    let world = try await World("desk", "lap")
    for number in UInt128(1)...3 {
      try world["desk"].add(page(number), ["title": .text("\(number)")])
      try await world.sync("desk")
      if number == 1 { try await world.sync("lap") }
    }
    return (world, try await world.log("desk").bundles)
  }

  /// Syncs the lap with a hub whose log goes on with `bundles`, and a cursor that fits them.
  private func expectUnchanged(_ world: World, by bundles: [[UInt8]]) async throws {
    let shown = try world["lap"].shown()
    let vector = try world.vector("lap")
    let cursor = try world["lap"].remote()?.cursor
    let start = try #require(cursor)
    let meddler = Meddler(base: world.transport("lap")) { (reply) throws(HubFailure) in
      guard case .page(let honest) = reply, !honest.bundles.isEmpty else { return reply }
      let hash = bundles.reduce(start.hash) { Array(sha256($0, sha256($1)).prefix(16)) }
      let index = start.index + UInt64(bundles.count)
      guard let cursor = Cursor(log: start.log, index: index, hash: hash) else { return reply }
      return .page(Page(bundles: bundles, cursor: cursor, hasMore: false))
    }
    // Whether a sync ends with an error or goes on without the bundle is not this test's to say.
    _ = try? await world.sync("lap", over: meddler)
    #expect(try world["lap"].shown() == shown)
    #expect(try world.vector("lap") == vector)
  }

  /// Why a bundle is not opened, or that it is.
  private func outcome(of bundle: [UInt8], _ sealer: Sealer, _ library: LibraryID) -> String {
    do {
      let header = try BundleHeader(of: bundle)
      guard header.library == library else { return "otherLibrary" }
      let content = try sealer.open(
        bundle[Self.header...], as: .bundle, authenticating: header.bytes, epoch: header.epoch)
      _ = try BundleContent(decoding: content, of: header)
      return "opened"
    } catch {
      return String("\(error)".prefix { $0 != "(" })
    }
  }
}

private func flipped(_ bytes: [UInt8], at place: Int) -> [UInt8] {
  replaced(bytes, at: place, by: bytes[place] ^ 1)
}

private func replaced(_ bytes: [UInt8], at place: Int, by byte: UInt8) -> [UInt8] {
  var bytes = bytes
  bytes[place] = byte
  return bytes
}
