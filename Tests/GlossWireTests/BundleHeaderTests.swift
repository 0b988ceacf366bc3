import GlossCore
import GlossWire
import Testing

struct BundleHeaderTests {
  private let header = BundleHeader.sample(
    origin: ReplicaID(0xC0C1), first: 0x0102, last: 0x01_0203)

  @Test func `a header comes back as it was, whatever follows it`() throws {
    #expect(header.bytes.count == BundleHeader.byteCount)
    #expect(try BundleHeader(of: header.bytes) == header)
    #expect(try BundleHeader(of: header.bytes + [1, 2, 3]) == header)
  }

  @Test func `the fields stand where the protocol says`() {
    let bytes = header.bytes
    #expect(bytes[0] == 1)
    #expect(Array(bytes[1..<17]) == header.library.bytes)
    #expect(Array(bytes[17..<21]) == [0, 0, 0, 1])
    #expect(Array(bytes[21..<37]) == header.origin.bytes)
    #expect(Array(bytes[37..<45]) == [0, 0, 0, 0, 0, 0, 1, 2])
    #expect(Array(bytes[45..<53]) == [0, 0, 0, 0, 0, 1, 2, 3])
    #expect(Array(bytes[53..<85]) == header.previousTip)
    #expect(Array(bytes[85..<117]) == header.tip)
  }

  @Test func `fewer bytes than a header are refused`() {
    for count in 0..<BundleHeader.byteCount {
      #expect(throws: BundleHeader.Malformed.tooShort(byteCount: count)) {
        _ = try BundleHeader(of: Array(header.bytes.prefix(count)))
      }
    }
  }

  @Test func `another suite is refused before the rest is read`() {
    for suite in [0, 2, 255] as [UInt8] {
      #expect(throws: BundleHeader.Malformed.unknownSuite(suite)) {
        _ = try BundleHeader(of: [suite])
      }
    }
  }

  @Test(
    arguments: [
      (0, 0), (0, 5), (5, 4), (1, Limits.seq + 1), (Limits.seq + 1, Limits.seq + 1), (.max, .max),
      (0, .max), (.max, 0),
    ] as [(UInt64, UInt64)])
  func `numbers that are no run are refused`(first: UInt64, last: UInt64) {
    var altered = header
    altered.first = first
    altered.last = last
    #expect(throws: BundleHeader.Malformed.badRun(first: first, last: last)) {
      _ = try BundleHeader(of: altered.bytes)
    }
  }

  @Test func `epoch 0 is refused and every other one read`() throws {
    var altered = header
    altered.epoch = 0
    #expect(throws: BundleHeader.Malformed.badEpoch) { _ = try BundleHeader(of: altered.bytes) }
    altered.epoch = .max
    #expect(try BundleHeader(of: altered.bytes).epoch == .max)
  }
}
