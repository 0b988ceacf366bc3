import GlossCore
import GlossTesting

/// Two machines on which somebody marks, comments and tags the same articles, and which sync now and then.
struct BundleReaders {
  /// The changes of each machine.
  private(set) var runs: [[Change]] = [[], []]

  private var random: SeededGenerator
  private let replicas: [ReplicaID]
  private let articles: [RecordID]
  private var notes: [RecordID] = []
  private var heads: [RecordID: [Name: Head]] = [:]
  private var now: UInt64 = 1_764_000_000_000
  private var isSecond = false

  init(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    replicas = (0..<2).map { _ in .random(using: &random) }
    articles = (0..<40).map { _ in .random(using: &random) }
    self.random = random
  }

  /// Makes the next change.
  mutating func work() {
    now += UInt64.random(in: 300...90_000, using: &random)
    if random.happens(percent: 5) { isSecond.toggle() }
    let article = pick(articles)
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<25:
      change(
        .random(using: &random), "highlight",
        [
          "article": .record(article), "anchor": .bytes(anchor()),
          "colour": .text(pick(["yellow", "yellow", "green", "blue"])),
          "saved": .integer(Int64(now)),
        ])
    case 25..<45:
      notes.append(.random(using: &random))
      change(
        notes[notes.count - 1], "note",
        ["article": .record(article), "body": .text(prose(4...24)), "saved": .integer(Int64(now))])
    case 45..<60 where !notes.isEmpty:
      change(pick(notes), "note", ["body": .text(prose(4...24))])
    case 60..<85:
      let progress = Double(Int.random(in: 0...1_000, using: &random)) / 1_000
      change(article, "article", ["progress": .real(progress)])
    case 85..<92:
      change(article, "article", ["state": .integer(Int64.random(in: 0...2, using: &random))])
    default:
      change(
        article, "article", [Name("tag/" + pick(["swift", "sync", "later", "home"])): .bool(true)])
    }
  }

  private mutating func change(_ record: RecordID, _ kind: Name, _ values: [Name: Value]) {
    let machine = isSecond ? 1 : 0
    let seen = heads[record] ?? [:]
    let dot = Dot(replicas[machine], UInt64(runs[machine].count + 1))
    let floor = values.keys.compactMap { seen[$0]?.timestamp }.max()
    let timestamp = Timestamp.next(at: now, above: floor)
    let writes = values.map { field, value in
      Write(field, value, parents: seen[field].map { [$0.dot] } ?? [])
    }
    runs[machine].append(
      Change(dot: dot, timestamp: timestamp, record: record, kind: kind, writes: writes))
    for field in values.keys { heads[record, default: [:]][field] = Head(dot, timestamp) }
  }

  /// The bytes of an anchor: a quote, what is around it, two offsets, and the digest of the article's text.
  private mutating func anchor() -> [UInt8] {
    var writer = ByteWriter()
    writer.writeByte(1)
    writer.writeCounted(prose(5...20).utf8)
    writer.writeCounted(prose(5...5).utf8.prefix(32))
    writer.writeCounted(prose(5...5).utf8.prefix(32))
    writer.writeVarint(UInt64.random(in: 0...20_000, using: &random))
    writer.writeVarint(UInt64.random(in: 20...200, using: &random))
    for _ in 0..<4 { writer.writeFixed(random.next()) }
    return writer.bytes
  }

  private mutating func prose(_ count: ClosedRange<Int>) -> String {
    (0..<Int.random(in: count, using: &random)).map { _ in
      // The square makes the first words frequent and the last ones rare.
      let place = Double.random(in: 0..<1, using: &random)
      return Self.words[Int(place * place * Double(Self.words.count))]
    }.joined(separator: " ")
  }

  private mutating func pick<T>(_ choices: [T]) -> T {
    choices[Int.random(in: 0..<choices.count, using: &random)]
  }

  private static let words = """
    the of and to in a is that for it as was with be by on not he his but at are this have from or had an they which \
    one you were all her she there would their we him been has when who will no more if out so up said what its about \
    than into them can only other time new some could these two may first then do any like my now over such our man \
    me even most made after also did many off before must well back through years where much your way down should \
    because long each just state those people too mr how little good world make very year still see work life us \
    margin reader library sentence author chapter argument evidence machine network replica conflict history memory \
    silence garden kitchen river letter winter morning question answer language meaning remember forget distance
    """.split(separator: " ").map(String.init)
}
