import GlossCore
import GlossTesting
import Testing

/// Ids, names and values are compared as bytes: rule 11.
struct ByteEqualityTests {
  /// One word in two ways that Swift's `==` calls equal.
  private let composed = "caf\u{E9}"
  private let decomposed = "cafe\u{301}"

  @Test func `rule 11: texts of different bytes differ though Unicode calls them equivalent`() {
    #expect(composed == decomposed, "which is why this test is here")
    #expect(!composed.hasSameBytes(as: decomposed))
    #expect(Value.text(composed) != .text(decomposed))
    #expect(Set([Value.text(composed), .text(decomposed)]).count == 2)
    #expect(Name(composed) != Name(decomposed))
    #expect(Set([Name(composed), Name(decomposed)]).count == 2)
  }

  @Test func `rule 11: equivalent values of different bytes are a conflict`() throws {
    let receiver = Receiver([
      change(dot(1, 1), at: 1, "title", .text(composed)),
      change(dot(2, 1), at: 1, "title", .text(decomposed)),
    ])
    #expect(try receiver.view().conflicts == [Conflict(field: "title", reason: .values)])
  }

  @Test func `rule 11: equivalent names of different bytes are two registers`() {
    let tags = Family("tag", .latest)
    let receiver = Receiver([
      change(dot(1, 1), at: 1, tags.field(composed)),
      change(dot(2, 1), at: 1, tags.field(decomposed)),
    ])
    #expect(receiver.heads.count == 2)
    let both = Change(
      dot: dot(1, 2), timestamp: .max, record: someRecord, kind: "note",
      writes: [Write(tags.field(composed), .null), Write(tags.field(decomposed), .null)])
    #expect(both.violation == nil)
    #expect(both.writes.map(\.field) == [tags.field(decomposed), tags.field(composed)])
  }

  @Test func `names are in the order of their bytes`() {
    #expect(Name("B") < Name("a"))
    #expect(Name(decomposed) < Name(composed))
    #expect(Name("\u{FFFF}") < Name("\u{10000}"), "as UTF-8, not as UTF-16")
    #expect(Name("tag") < Name("tag/a"))
    #expect(!(Name("a") < Name("a")))
  }

  @Test func `numbers are equal when their bits are`() {
    #expect(Value.real(0) != .real(-0.0))
    #expect(Value.real(.nan) == .real(.nan))
    #expect(Set([Value.real(.nan), .real(.nan)]).count == 1)
  }

  @Test func `values of different types differ though they look alike`() throws {
    let digest = Array(repeating: UInt8(0), count: 32)
    let values: [Value] = [
      .null, .bool(false), .bool(true), .integer(0), .integer(1), .real(0), .text(""), .text("0"),
      .bytes([]), .bytes([0]), .record(RecordID(0)), .blob(try #require(BlobID(digest: digest))),
      .unknown(tag: 9, bytes: []), .unknown(tag: 10, bytes: []), .unknown(tag: 9, bytes: [0]),
    ]
    #expect(Set(values).count == values.count)
    for (index, left) in values.enumerated() {
      for (other, right) in values.enumerated() {
        #expect((left == right) == (index == other))
      }
    }
    #expect(values.map(\.tag) == [0, 1, 1, 2, 2, 3, 4, 4, 5, 5, 6, 7, 9, 10, 9])
    #expect(BlobID(digest: [1]) == nil)
  }
}
