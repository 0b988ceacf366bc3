import Foundation
import Gloss
import GlossCore
import GlossTesting
import Testing

@testable import GlossFormats
@testable import GlossStore

@Suite struct ChangeExportTests {
  @Test func `an import of an export has the same state, and exports the same bytes`() throws {
    let folder = try Folder()
    let desk = try folder.library("desk")
    for number in 0..<5 { try desk.addSample("Essay \(number)") }
    let (file, report) = try desk.export()
    #expect(report.changeCount == 16 && report.textCount == 1 && report.leftOutCount == 0)
    let (copy, taken) = try folder.imported(file, "copy")
    #expect(taken.newChangeCount == 16 && taken.knownChangeCount == 0 && taken.newTextCount == 1)
    #expect(taken.state == (try desk.stateHash()))
    #expect(try copy.stateHash() == desk.stateHash())
    #expect(try copy.export().file == file)
    #expect(try copy.verify().damages.isEmpty)
    #expect(try copy.statistics().vector == desk.statistics().vector, "no change of its own")
  }

  @Test func `a second import changes nothing, and one into a library with records merges`() throws
  {
    let folder = try Folder()
    let desk = try folder.library("desk")
    try desk.addSample("A")
    let first = try desk.export().file
    let (lap, _) = try folder.imported(first, "lap")
    let before = try lap.export().file
    let again = try importFile(first) { _ in lap }
    #expect(again.newChangeCount == 0 && again.knownChangeCount == 4 && again.newTextCount == 0)
    #expect(try lap.export().file == before)
    try lap.addSample("B")
    try desk.addSample("C")
    let merged = try importFile(try desk.export().file) { _ in lap }
    #expect(merged.newChangeCount == 3 && merged.knownChangeCount == 4 && merged.state == nil)
    _ = try importFile(try lap.export().file) { _ in desk }
    #expect(try lap.export().file == desk.export().file, "equal sets give equal bytes (I2)")
    #expect(try lap.stateHash() == desk.stateHash(), "and equal heads (I10)")
  }

  @Test(arguments: 1...40)
  func `whatever changes there are, the same come back, conflicts, deletes and broken ones too`(
    seed: UInt64
  ) throws {
    let folder = try Folder()
    let desk = try folder.library("desk", seed: seed)
    var generator = ChangeGenerator(seed: seed, replicaCount: 4, hostilePercent: 15)
    let changes = generator.history(60).map(\.change)
    try desk.merge(changes.filter { $0.dot.seq <= Limits.seq })
    let (file, _) = try desk.export()
    let (copy, _) = try folder.imported(file, "copy")
    #expect(Set(try copy.allChanges()) == Set(try desk.allChanges()), "seed \(seed)")
    #expect(try copy.export().file == file)
    #expect(try copy.stateHash() == desk.stateHash())
    #expect(try copy.quarantined() == desk.quarantined())
    #expect(try copy.verify().damages.isEmpty)
  }

  @Test(arguments: 1...20)
  func `the order does not depend on the order of arrival`(seed: UInt64) throws {
    let folder = try Folder()
    var generator = ChangeGenerator(seed: seed, replicaCount: 5, hostilePercent: 5)
    let changes = generator.history(50).map(\.change)
    let left = try folder.library("left")
    let right = try folder.copy(of: left.replica.library, "right")
    _ = try importFile(try left.export().file) { _ in right }
    try left.merge(changes)
    let byReplica = Dictionary(grouping: changes, by: \.dot.replica)
    for origin in byReplica.keys.sorted().reversed() { try right.merge(byReplica[origin] ?? []) }
    #expect(try left.export().file == right.export().file, "seed \(seed)")
  }

  @Test func `every value comes back byte for byte, of types that nobody knows too`() throws {
    let folder = try Folder()
    let desk = try folder.library("desk")
    let values: [Value] = [
      .null, .bool(true), .integer(.min), .integer(.max), .integer(9_007_199_254_740_993), .real(1),
      .real(-0.0), .real(.leastNonzeroMagnitude), .real(.infinity), .real(-.infinity),
      .real(Double(bitPattern: 0x7FF8_0000_0000_0042)), .real(0.1), .text("caf\u{E9} cafe\u{301}"),
      .text("a\0b"), .bytes([]), .bytes([0xFF, 0]), .record(RecordID(7)),
      .unknown(tag: 4, bytes: [0xFF]), .unknown(tag: 7, bytes: [1]), .unknown(tag: 200, bytes: []),
      .unknown(tag: 255, bytes: [1]),
    ]
    let writes = values.enumerated().map { Write(Name("field \($0)"), $1) }
    let replica = ReplicaID(99)
    try desk.merge([
      Change(
        dot: Dot(replica, 1), timestamp: .max, record: RecordID(5), kind: "later/kind",
        writes: writes),
      Change(
        dot: Dot(replica, 2), timestamp: Timestamp(milliseconds: 7, counter: 3),
        record: RecordID(5),
        kind: "", writes: [Write("a", .text("1")), Write("a", .text("2"))],
        covers: [Dot(replica, .max)]),
    ])
    let (copy, _) = try folder.imported(try desk.export().file, "copy")
    #expect(try copy.allChanges() == desk.allChanges())
    #expect(try copy.verify().damages.isEmpty)
  }

  @Test func `a library that was compacted says what it left out, and comes back as it is`()
    async throws
  {
    let folder = try Folder()
    let desk = try folder.library("desk")
    let id = try desk.addSample("A title that nobody keeps")
    var article = try #require(try desk.article(id))
    article.title = "A better one"
    try desk.save(article)
    _ = try desk.compact(try await desk.compactionPlan(keepingMilliseconds: 0, over: nil))
    let (file, report) = try desk.export()
    #expect(report.leftOutCount > 0)
    #expect(lines(file).contains { $0.hasPrefix(#"{"type":"left-out","replica":"#) })
    #expect(!String(decoding: file, as: UTF8.self).contains("\"A title that nobody keeps\""))
    let (copy, _) = try folder.imported(file, "copy")
    #expect(try copy.export().file == file)
    #expect(try copy.stateHash() == desk.stateHash())
    #expect(try copy.verify().damages.isEmpty)
  }

  @Test func `changes that are not cut may name any number of texts, and are not without bound`()
    async throws
  {
    let folder = try Folder()
    let desk = try folder.library("desk")
    let id = try desk.addSample("Old")
    for number in 1...20 { try desk.addSample("\(number)", text: "in the margin of \(number)") }
    var article = try #require(try desk.article(id))
    article.title = "New"
    try desk.save(article)
    _ = try desk.compact(try await desk.compactionPlan(keepingMilliseconds: 0, over: nil))
    let (file, report) = try desk.export()
    #expect(report.textCount == 21 && report.leftOutCount == 1)
    // All of it is one such run, and the check is behind it.
    #expect(lines(file).filter { $0.hasPrefix(#"{"type":"check""#) }.count == 1)
    func importer(_ file: [UInt8], changes limit: Int) -> ChangeImporter {
      var rest = file
      var importer = ChangeImporter {
        defer { rest = [] }
        return rest
      }
      importer.textByteLimit = 500
      importer.changeByteLimit = limit
      return importer
    }
    let copy = try folder.copy(of: desk.replica.library, "copy")
    var whole = importer(file, changes: file.count - 1_500)
    let taken = try whole.run { _ in copy }
    #expect(taken.newTextCount == 21 && taken.state != nil)
    #expect(try copy.export().file == file)
    #expect(try copy.verify().damages.isEmpty)

    // Of a file that is cut there are texts, which are what their names say, and no changes.
    let part = try folder.copy(of: desk.replica.library, "part")
    var cut = importer(Array(file.dropLast(700)), changes: file.count - 1_500)
    #expect(throws: ExchangeError.self) { try cut.run { _ in part } }
    #expect(try part.statistics().changeCount == 0)
    try importFile(file) { _ in part }
    #expect(try part.export().file == file)

    var small = importer(file, changes: 2_000)
    #expect {
      try small.run { _ in try folder.copy(of: desk.replica.library, "none") }
    } throws: { error in
      guard case .badLine(_, let reason)? = error as? ExchangeError else { return false }
      return reason.hasPrefix("no check is within 2000 bytes")
    }
  }

  @Test func `a text that is no UTF-8 comes back, and one that is not here is counted`() throws {
    let folder = try Folder()
    let desk = try folder.library("desk")
    let content: [UInt8] = [0xC3, 0x28, 0, 1]
    try desk.replica.write(at: 1) { edits in
      let id = try edits.addBlob(content)
      try edits.add(RecordKey("article", RecordID(3)), ["text": .blob(id), "title": .text("x")])
    }
    let missing = try #require(BlobID(digest: [UInt8](repeating: 9, count: 32)))
    try desk.merge([
      Change(
        dot: Dot(ReplicaID(8), 1), timestamp: Timestamp(milliseconds: 1), record: RecordID(4),
        kind: "article", writes: [Write("text", .blob(missing))])
    ])
    let (file, report) = try desk.export()
    #expect(report.textCount == 1 && report.missingTextCount == 1)
    let (copy, _) = try folder.imported(file, "copy")
    #expect(try copy.export().file == file)
    #expect(try copy.missingTextCount() == 1)
  }

  @Test func `a person with jq finds titles, notes and quotes`() throws {
    let folder = try Folder()
    let desk = try folder.library("desk")
    try desk.addSample("On marginalia")
    let texts = lines(try desk.export().file)
    #expect(texts[0].hasPrefix(#"{"type":"gloss-export","version":1,"library":""#))
    #expect(texts.contains { $0.contains(#""title":{"type":"text","value":"On marginalia"}"#) })
    #expect(texts.contains { $0.contains(#""quote":"in the margin""#) })
    #expect(
      texts.contains { $0.contains(#""body":{"type":"text","value":"about On marginalia"}"#) })
    #expect(texts.contains { $0.contains(#","text":"Every reader writes in the margin."}"#) })
    #expect(texts.contains { $0.contains(#""time":"2023-11-14T22:13:20.000Z","kind":"note""#) })
    #expect(texts.last?.hasPrefix(#"{"type":"end","changes":4,"texts":1,"#) == true)
  }
}
