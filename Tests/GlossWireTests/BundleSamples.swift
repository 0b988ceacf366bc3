import GlossCore
import GlossTesting
import GlossWire

extension BundleHeader {
  /// A header without meaning but for the run.
  static func sample(origin: ReplicaID, first: UInt64, last: UInt64) -> BundleHeader {
    BundleHeader(
      library: LibraryID(0xA0), epoch: 1, origin: origin, first: first, last: last,
      previousTip: [UInt8](repeating: 1, count: 32), tip: [UInt8](repeating: 2, count: 32))
  }

  /// The header of the run that the changes are.
  static func sample(of changes: [Change]) -> BundleHeader {
    sample(
      origin: changes[0].dot.replica, first: changes[0].dot.seq,
      last: changes[0].dot.seq + UInt64(changes.count) - 1)
  }
}

/// Returns the encoding of a change that is hashed.
func canonical(_ change: Change) -> [UInt8] {
  var encoding = CanonicalEncoding()
  encoding.encode(change)
  return encoding.bytes
}

/// Makes changes of every form that a bundle can carry, sense or not.
struct RandomChanges {
  var random: SeededGenerator
  let replicas: [ReplicaID]
  let records: [RecordID]

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    replicas = (0..<4).map { _ in .random(using: &random) }
    records = (0..<5).map { _ in .random(using: &random) }
    self.random = random
  }

  /// Returns a run of one replica's changes, and large values.
  mutating func content() -> BundleContent {
    let first = pick([1, 2, 1_000, Limits.seq - 9])
    let changes = (0..<UInt64.random(in: 1...9, using: &random)).map { change(first + $0) }
    return BundleContent(
      changes: changes, blobs: (0..<Int.random(in: 0...2, using: &random)).map { _ in bytes() })
  }

  mutating func change(_ seq: UInt64) -> Change {
    var names = ["title", "body", "tag/caf\u{E9}", "tag/cafe\u{301}", "", "a\0b", "deleted"]
      .shuffled(using: &random)
    names.removeLast(Int.random(in: 2...names.count, using: &random))
    return Change(
      dot: Dot(replicas[0], seq), timestamp: Timestamp(rawValue: number()), record: pick(records),
      kind: Name(pick(["note", "article", ""])),
      writes: names.map { Write(Name($0), value(), parents: dots()) },
      covers: random.happens(percent: 20) ? dots() : [])
  }

  mutating func value() -> Value {
    switch Int.random(in: 0..<12, using: &random) {
    case 0: .null
    case 1: .bool(random.happens(percent: 50))
    case 2: .integer(Int64(bitPattern: number()))
    case 3: .real(Double(bitPattern: number()))
    case 4: .text(pick(["", "a", "caf\u{E9}", "cafe\u{301}", "\u{1F4D6}", "a\0b"]))
    case 5: .bytes(bytes())
    case 6: .record(pick(records))
    case 7: BlobID(digest: (0..<32).map { _ in byte() }).map { .blob($0) } ?? .null
    case 8: .unknown(tag: Value.Tag.text, bytes: [0xFF] + bytes())
    case 9: .unknown(tag: Value.Tag.blob, bytes: bytes())
    default: .unknown(tag: UInt8.random(in: 8...255, using: &random), bytes: bytes())
    }
  }

  /// A number of any size, of each number of bits as often as another.
  mutating func number() -> UInt64 {
    random.next() >> UInt64.random(in: 0..<64, using: &random)
  }

  private mutating func dots() -> [Dot] {
    (0..<Int.random(in: 0...3, using: &random)).map { _ in Dot(pick(replicas), number()) }
  }

  private mutating func bytes() -> [UInt8] {
    (0..<Int.random(in: 0...20, using: &random)).map { _ in byte() }
  }

  private mutating func byte() -> UInt8 { UInt8.random(in: 0...255, using: &random) }

  private mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &random)]
  }
}
