import GlossCore
import GlossTesting
import GlossWire
import Testing

struct BundleContentTests {
  @Test(arguments: 0..<200 as Range<UInt64>)
  func `changes of every form come back as they were`(seed: UInt64) throws {
    var random = RandomChanges(seed: seed)
    let content = random.content()
    let decoded = try BundleContent(
      decoding: content.encoded(), of: .sample(of: content.changes))
    #expect(decoded == content)
    #expect(decoded.encoded() == content.encoded())
  }

  @Test(arguments: 0..<50 as Range<UInt64>)
  func `histories of replicas come back as they were`(seed: UInt64) throws {
    var generator = ChangeGenerator(seed: seed, replicaCount: 4, hostilePercent: 25)
    let changes = generator.history(60).map(\.change)
    for (_, run) in Dictionary(grouping: changes, by: \.dot.replica) {
      let content = BundleContent(changes: run)
      let decoded = try BundleContent(decoding: content.encoded(), of: .sample(of: run))
      #expect(decoded == content)
    }
  }

  @Test func `a message that is cut anywhere is refused or another run`() throws {
    for seed in 0..<8 as Range<UInt64> {
      var random = RandomChanges(seed: seed)
      let content = random.content()
      let message = try message(of: content)
      for count in 0..<message.count {
        try check(Array(message.prefix(count)), .sample(of: content.changes))
      }
    }
  }

  @Test func `a message in which any byte is another is refused or another run`() throws {
    for seed in 0..<4 as Range<UInt64> {
      var random = RandomChanges(seed: seed)
      let content = random.content()
      let message = try message(of: content)
      for index in message.indices {
        for mask in [0x01, 0x08, 0x80, 0x7F, 0xFF] as [UInt8] {
          var altered = message
          altered[index] ^= mask
          try check(altered, .sample(of: content.changes))
        }
      }
    }
  }

  @Test func `a frame in which any byte is missing or another never traps`() throws {
    var random = RandomChanges(seed: 1)
    let content = random.content()
    let frame = content.encoded()
    let header = BundleHeader.sample(of: content.changes)
    for index in frame.indices {
      #expect(throws: BundleContent.Malformed.self) {
        _ = try BundleContent(decoding: Array(frame.prefix(index)), of: header)
      }
      for mask in [0x01, 0x10, 0x80, 0xFF] as [UInt8] {
        var altered = frame
        altered[index] ^= mask
        _ = try? BundleContent(decoding: altered, of: header)
      }
    }
  }

  @Test func `random bytes are refused`() {
    var random = SeededGenerator(seed: 7)
    let header = BundleHeader.sample(origin: ReplicaID(1), first: 1, last: 1)
    for _ in 0..<5_000 {
      let count = Int.random(in: 0...64, using: &random)
      let message = (0..<count).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(throws: BundleContent.Malformed.self) {
        _ = try BundleContent(decoding: Zstandard.compress(message), of: header)
      }
    }
  }

  @Test func `a small frame does not unfold to millions of changes`() throws {
    let count = BundleContent.entryLimit
    for extra in [0, 1] {
      // So many changes without writes: a shape of the first name, deltas of 0, references to one record.
      let zeros = [UInt8](repeating: 0, count: count + extra)
      var references = [UInt8](repeating: 1, count: count + extra)
      references[0] = 0
      var writer = ByteWriter()
      for (field, content) in [
        (1, Array("note".utf8)), (2, [UInt8](repeating: 9, count: 16)), (4, []), (5, zeros),
        (6, zeros), (7, references),
      ] as [(UInt64, [UInt8])] {
        writer.writeVarint(field << 3 | 2)
        writer.writeCounted(content)
      }
      let header = BundleHeader.sample(
        origin: ReplicaID(1), first: 1, last: UInt64(count + extra))
      let frame = Zstandard.compress(writer.bytes)
      #expect(frame.count < 2_000)
      if extra == 0 {
        #expect(try BundleContent(decoding: frame, of: header).changes.count == count)
      } else {
        #expect(throws: BundleContent.Malformed.badColumns) {
          _ = try BundleContent(decoding: frame, of: header)
        }
      }
    }
  }

  /// Decodes what may be anything; what decodes is the header's run, and encodes to itself.
  private func check(_ message: [UInt8], _ header: BundleHeader) throws {
    let frame = Zstandard.compress(message)
    guard let decoded = try? BundleContent(decoding: frame, of: header) else { return }
    #expect(decoded.changes.map(\.dot.seq) == Array(header.first...header.last))
    #expect(decoded.changes.allSatisfy { $0.dot.replica == header.origin })
    #expect(try BundleContent(decoding: decoded.encoded(), of: header) == decoded)
  }

  private func message(of content: BundleContent) throws -> [UInt8] {
    try Zstandard.decompress(content.encoded()[...], limit: BundleContent.byteLimit)
  }
}
