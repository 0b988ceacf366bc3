import GlossCore
import GlossTesting
import GlossWire
import Testing

struct ChangeEncodingTests {
  @Test func `different changes have different encodings`() {
    var random = RandomChanges(seed: 5)
    var changesByEncoding: [[UInt8]: Change] = [:]
    for _ in 0..<20_000 {
      let change = random.change(UInt64.random(in: 1...3, using: &random.random))
      let encoding = canonical(change)
      if let other = changesByEncoding[encoding] {
        #expect(other == change)
      }
      changesByEncoding[encoding] = change
    }
    #expect(changesByEncoding.count > 15_000)
  }

  /// Each pair differs in one thing, and without its separation would give the same bytes.
  @Test func `neighbours do not run into one another`() {
    let dot = Dot(ReplicaID(1), 1)
    func change(
      _ kind: Name = "k", _ writes: [Write] = [], covers: [Dot] = [], at time: UInt64 = 1
    ) -> Change {
      Change(
        dot: dot, timestamp: Timestamp(rawValue: time), record: RecordID(2), kind: kind,
        writes: writes, covers: covers)
    }
    let parent = Dot(ReplicaID(7), 3)
    let pairs: [(Change, Change)] = [
      (change("ab", [Write("c", .null)]), change("a", [Write("bc", .null)])),
      (
        change("k", [Write("f", .text("ab")), Write("g", .text("c"))]),
        change("k", [Write("f", .text("a")), Write("g", .text("bc"))])
      ),
      (change("k", [Write("f", .text("a"))]), change("k", [Write("f", .bytes([0x61]))])),
      (change("k", [Write("f", .null)]), change("k", [Write("f", .text(""))])),
      (change("k", [Write("f", .bool(false))]), change("k", [Write("f", .integer(0))])),
      (change("k", [Write("f", .integer(1))]), change("k", [Write("f", .integer(-1))])),
      (change("k", [Write("f", .real(0))]), change("k", [Write("f", .real(-0.0))])),
      (
        change("k", [Write("f", .text("caf\u{E9}"))]),
        change("k", [Write("f", .text("cafe\u{301}"))])
      ),
      (
        change("k", [Write("f", .null, parents: [parent])]),
        change("k", [Write("f", .null)], covers: [parent])
      ),
      (
        change("k", [Write("f", .null, parents: [parent]), Write("g", .null)]),
        change("k", [Write("f", .null), Write("g", .null, parents: [parent])])
      ),
      (change(at: 1), change(at: 256)),
    ]
    for (left, right) in pairs {
      #expect(left != right)
      #expect(canonical(left) != canonical(right))
    }
  }

  @Test func `the order in which a change was put together does not show`() {
    let parents = [Dot(ReplicaID(9), 1), Dot(ReplicaID(2), 300), Dot(ReplicaID(2), 4)]
    let writes = [Write("b", .null, parents: parents), Write("a", .null), Write("\u{E9}", .null)]
    func change(_ writes: [Write], _ covers: [Dot]) -> Change {
      Change(
        dot: Dot(ReplicaID(1), 1), timestamp: .max, record: RecordID(2), kind: "k", writes: writes,
        covers: covers)
    }
    let reversed = [
      writes[2], writes[1], Write("b", .null, parents: parents.reversed()),
    ]
    #expect(canonical(change(writes, parents)) == canonical(change(reversed, parents.reversed())))
  }

  @Test func `a value is read as it was written and takes all of its bytes`() throws {
    var random = RandomChanges(seed: 11)
    for _ in 0..<5_000 {
      let value = random.value()
      let change = Change(
        dot: Dot(ReplicaID(1), 1), timestamp: .max, record: RecordID(2), kind: "k",
        writes: [Write("f", value)])
      // Behind the 41 bytes of replica, number, timestamp and record: kind, one write, its field; then tag and value, no
      // parents, no covers.
      let bytes = canonical(change)
      var reader = ByteReader(bytes[41...].dropFirst(2 + 1 + 2).dropLast(2))
      #expect(try reader.readValue(tag: try reader.readByte()) == value)
      #expect(reader.isAtEnd)
    }
  }
}
