import GlossCore
import GlossTesting
import Testing

struct TimestampTests {
  @Test func `a timestamp is 48 bits of milliseconds and 16 of counter`() {
    let timestamp = Timestamp(milliseconds: 1_700_000_000_000, counter: 513)
    #expect(timestamp.rawValue == 1_700_000_000_000 << 16 | 513)
    #expect(timestamp.milliseconds == 1_700_000_000_000)
    #expect(timestamp.counter == 513)
    #expect("\(timestamp)" == "1700000000000+513")
    #expect("\(Timestamp(milliseconds: 5))" == "5")
    #expect(Timestamp(milliseconds: .max, counter: .max) == .max)
  }

  @Test func `the next timestamp is above the floor and not below physical time`() {
    var random = SeededGenerator(seed: 1)
    for _ in 0..<10_000 {
      let shift = UInt64.random(in: 0..<64, using: &random)
      let now = random.next() >> shift
      let floor = Timestamp(rawValue: random.next() >> UInt64.random(in: 0..<64, using: &random))
      let next = Timestamp.next(at: now, above: floor)
      #expect(next.mayFollow(floor))
      #expect(next >= Timestamp(milliseconds: now))
      #expect(next.milliseconds == now || next.rawValue == floor.rawValue + 1 || now >= 1 << 48)
    }
  }

  @Test func `a full counter carries into the milliseconds`() {
    let full = Timestamp(milliseconds: 9, counter: .max)
    #expect(Timestamp.next(at: 3, above: full) == Timestamp(milliseconds: 10))
  }

  @Test func `at the end of time a timestamp follows itself, and nowhere else`() {
    #expect(Timestamp.next(at: 3, above: .max) == .max)
    #expect(Timestamp.max.mayFollow(.max))
    #expect(!Timestamp(rawValue: 7).mayFollow(Timestamp(rawValue: 7)))
    #expect(!Timestamp(rawValue: 7).mayFollow(.max))
  }
}

struct IdentifierTests {
  private let bytes = (0..<16).map { UInt8($0 * 17) }
  private let text = "00112233445566778899aabbccddeeff"

  @Test func `an identifier is 16 bytes, and 32 hexadecimal digits`() throws {
    let id = try #require(RecordID(bytes: bytes))
    #expect(id.bytes == bytes)
    #expect(id.description == text)
    #expect(RecordID(hex: text) == id)
    #expect(RecordID(hex: text.uppercased()) == id)
    #expect(RecordID(truncating: bytes + [1, 2]) == id)
  }

  @Test(arguments: ["", "0", String(repeating: "0", count: 31), String(repeating: "0", count: 33)])
  func `any other number of digits is none`(text: String) {
    #expect(RecordID(hex: text) == nil)
  }

  @Test func `other characters and other numbers of bytes are none`() {
    #expect(RecordID(hex: "0011223344556677 899aabbccddeeff") == nil)
    #expect(RecordID(hex: "+0112233445566778899aabbccddeeff") == nil)
    #expect(RecordID(hex: String(repeating: "é", count: 16)) == nil)
    #expect(RecordID(bytes: bytes.dropLast()) == nil)
    #expect(RecordID(bytes: bytes + [0]) == nil)
  }

  @Test func `identifiers are in the order of their bytes`() {
    var random = SeededGenerator(seed: 2)
    for _ in 0..<1_000 {
      let (left, right) = (RecordID.random(using: &random), RecordID.random(using: &random))
      #expect((left < right) == left.bytes.lexicographicallyPrecedes(right.bytes))
      #expect(RecordID(bytes: left.bytes) == left)
      #expect(RecordID(hex: "\(left)") == left)
    }
  }

  @Test func `dots are in the order of replica and number`() {
    #expect([dot(2, 1), dot(1, 10), dot(1, 9)].sorted() == [dot(1, 9), dot(1, 10), dot(2, 1)])
    #expect(dot(0xABCD_EF01 << 96, 17).description == "abcdef01:17")
  }
}

struct VectorTests {
  @Test func `a vector holds the changes of each replica up to its last`() {
    var vector = Vector([ReplicaID(1): 3, ReplicaID(2): 0])
    #expect(vector.replicas == [ReplicaID(1)])
    #expect(vector.contains(dot(1, 3)))
    #expect(!vector.contains(dot(1, 4)))
    #expect(!vector.contains(dot(1, 0)))
    #expect(!vector.contains(dot(2, 1)))
    vector[ReplicaID(2)] = 5
    #expect(vector[ReplicaID(2)] == 5)
    vector[ReplicaID(1)] = 0
    #expect(vector == Vector([ReplicaID(2): 5]))
  }

  @Test func `a vector covers another that holds nothing it does not hold`() {
    let small = Vector([ReplicaID(1): 3])
    let large = Vector([ReplicaID(1): 3, ReplicaID(2): 1])
    #expect(large.covers(small) && !small.covers(large) && small.covers(small))
    #expect(small.covers(Vector()) && !Vector().covers(small))
  }
}

struct SchemaTests {
  @Test func `policies are of fields, families and deleted, and latest for what is not known`() {
    let kind = Kind(
      "note", fields: [Field("title", .text, .keep)], families: [Family("alias", .keep)])
    #expect(kind.policy(of: "title") == .keep)
    #expect(kind.policy(of: "alias/x") == .keep)
    #expect(kind.policy(of: "alias") == .latest)
    #expect(kind.policy(of: "newer") == .latest)
    #expect(kind.policy(of: Field.deleted) == .keep)
    #expect(Schema([kind])["note"]?.fields.count == 1)
    #expect(Schema([kind])["other"] == nil)
  }
}
