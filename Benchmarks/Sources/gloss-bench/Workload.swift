import Glibc
import GlossCore

/// The rows that every contestant stores: a tenth articles, six tenths highlights, three tenths notes, with prose-like text.
/// The same seed gives the same rows.
struct Workload {
  /// A row: its table, its identifier, and a value for each column.
  struct Row {
    let kind: Name
    let id: RecordID
    let values: [(field: Name, value: Value)]
    /// The same in the form that an edit takes.
    let valuesByField: [Name: Value]

    init(kind: Name, id: RecordID, values: [(field: Name, value: Value)]) {
      self.kind = kind
      self.id = id
      self.values = values
      valuesByField = Dictionary(uniqueKeysWithValues: values.map { ($0.field, $0.value) })
    }
  }

  let rows: [Row]

  /// The bytes of all values and identifiers.
  var byteCount: Int {
    rows.reduce(0) { sum, row in
      sum + RecordID.byteCount + row.values.reduce(0) { $0 + $1.value.benchmarkByteCount }
    }
  }

  static let schema = Schema([
    Kind(
      "article",
      fields: [
        Field("url", .text, .keep, isIndexed: true), Field("title", .text, .keep),
        Field("author", .text, .keep), Field("site", .text, .keep),
        Field("saved", .integer, .latest, isIndexed: true),
      ]),
    Kind(
      "highlight",
      fields: [
        Field("article", .reference("article"), .keep), Field("quote", .text, .keep),
        Field("prefix", .text, .keep), Field("suffix", .text, .keep),
        Field("start", .integer, .keep), Field("finish", .integer, .keep),
        Field("colour", .text, .latest),
      ]),
    Kind(
      "note",
      fields: [
        Field("article", .reference("article"), .keep),
        Field("highlight", .reference("highlight"), .keep), Field("body", .text, .keep),
      ]),
  ])

  init(recordCount: Int, seed: UInt64 = 20_240_917) {
    var random = Seeded(state: seed)
    let prose = Prose(using: &random)
    var rows: [Row] = []
    rows.reserveCapacity(recordCount)
    func id() -> RecordID {
      // Ordered by time like a version 7 UUID, which is the plain tables' best case.
      let milliseconds = 1_700_000_000_000 + UInt128(rows.count) * 977
      return RecordID(
        milliseconds << 80 | UInt128(random.next()) << 16 | UInt128(random.next() & 0xFFFF))
    }
    for article in 0..<recordCount / 10 {
      let articleID = id()
      let site = prose.text(12, using: &random).filter(\.isLetter).lowercased() + ".example"
      let slug = prose.text(52, using: &random).filter { $0.isLetter || $0 == " " }
        .replacing(" ", with: "-")
      rows.append(
        Row(
          kind: "article", id: articleID,
          values: [
            ("url", .text("https://\(site)/\(slug)-\(article)")),
            ("title", .text(prose.text(40 + random.below(40), using: &random))),
            ("author", .text(prose.text(14, using: &random))), ("site", .text(site)),
            ("saved", .integer(1_700_000_000_000 + Int64(article) * 60_000)),
          ]))
      var highlights: [RecordID] = []
      for _ in 0..<6 {
        let highlight = id()
        highlights.append(highlight)
        let start = random.below(2_500)
        let length = 80 + random.below(160)
        rows.append(
          Row(
            kind: "highlight", id: highlight,
            values: [
              ("article", .record(articleID)),
              ("quote", .text(prose.text(length, using: &random))),
              ("prefix", .text(prose.text(32, using: &random))),
              ("suffix", .text(prose.text(32, using: &random))),
              ("start", .integer(Int64(start))), ("finish", .integer(Int64(start + length))),
              ("colour", .text(["yellow", "green", "blue", "pink", "purple"][random.below(5)])),
            ]))
      }
      for _ in 0..<3 {
        let highlight = highlights[random.below(6)]
        rows.append(
          Row(
            kind: "note", id: id(),
            values: [
              ("article", .record(articleID)),
              ("highlight", random.below(6) == 0 ? .null : .record(highlight)),
              ("body", .text(prose.text(120 + random.below(240), using: &random))),
            ]))
      }
    }
    self.rows = rows
  }
}

/// SplitMix64 (Steele, Lea and Flood, 2014).
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
    return mixed ^ mixed >> 31
  }

  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}

/// A long text of words drawn by Zipf's law, of which slices are taken: compressible like prose, without repeats.
private struct Prose {
  private let bytes: [UInt8]

  init(using random: inout Seeded) {
    let consonants = Array("bcdfghjklmnprstvwz".utf8)
    let vowels = Array("aeiou".utf8)
    let words = (0..<20_000).map { _ in
      (0...random.below(4)).flatMap { _ in
        [consonants[random.below(consonants.count)], vowels[random.below(vowels.count)]]
      }
    }
    var bytes: [UInt8] = []
    while bytes.count < 4 << 20 {
      for _ in 0..<6 + random.below(12) {
        let rank = Double(words.count + 1)
        let uniform = Double(random.next() >> 11) / Double(1 << 53)
        let index = Int(exp(uniform * log(rank))) - 1
        bytes += words[min(index, words.count - 1)] + [UInt8(ascii: " ")]
      }
      bytes[bytes.count - 1] = UInt8(ascii: ".")
      bytes.append(UInt8(ascii: " "))
    }
    self.bytes = bytes
  }

  func text(_ count: Int, using random: inout Seeded) -> String {
    let start = random.below(bytes.count - count)
    return String(decoding: bytes[start..<start + count], as: UTF8.self)
  }
}

extension Value {
  fileprivate var benchmarkByteCount: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .integer: 8
    case .record: RecordID.byteCount
    default: 0
    }
  }
}
