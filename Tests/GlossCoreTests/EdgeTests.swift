import Testing

@testable import GlossCore

/// What mutants of GlossCore showed that no other test looks at: edges, and what is promised beside the result.
struct EdgeTests {
  @Test func `texts, buffers and nothing are written and read as they are`() throws {
    var writer = ByteWriter()
    writer.writeCounted("caf\u{E9}")
    [9, 8].withUnsafeBufferPointer { writer.write($0) }
    #expect(writer.bytes == [5, 0x63, 0x61, 0x66, 0xC3, 0xA9, 9, 8])
    var reader = ByteReader(writer.bytes)
    #expect(try reader.read(0).isEmpty)
    #expect(try reader.readCounted() == [0x63, 0x61, 0x66, 0xC3, 0xA9])
  }

  @Test func `an unknown value is malformed under every tag that is known, and no other`() {
    #expect(Value.unknown(tag: 7, bytes: []).isMalformed)
    #expect(!Value.unknown(tag: 8, bytes: []).isMalformed)
    #expect(Value.leftOut.isLeftOut)
    #expect(!Value.null.isLeftOut)
  }

  @Test func `values count their bytes`() throws {
    let blob = try #require(BlobID(digest: Array(repeating: 1, count: 32)))
    let values: [Value] = [
      .null, .bool(true), .integer(1), .real(1), .text("\u{E9}"), .bytes([1, 2, 3]),
      .record(RecordID(1)), .blob(blob), .unknown(tag: 9, bytes: [1]),
    ]
    #expect(values.map(\.byteCount) == [0, 1, 8, 8, 2, 3, 16, 32, 1])
  }

  @Test func `the limits are the specification's`() {
    #expect(Limits.seq == 1_099_511_627_775)
    #expect(Limits.valueByteCount == 262_144)
    #expect(Limits.changeByteCount == 1_048_576)
    #expect(Limits.blobByteCount == 8_388_608)
  }

  @Test func `one parent named twice among three is found`() {
    let twice = change(dot(1, 1), at: 9, parents: [dot(2, 1), dot(2, 2), dot(2, 2)])
    #expect(twice.violation == .badParents(field: "title"))
  }

  @Test func `two covers are put in order, and of two writes to one field the first counts`() {
    let delete = change(
      dot(1, 1), at: 9, Field.deleted, .bool(true), covers: [dot(2, 2), dot(2, 1)])
    #expect(delete.covers == [dot(2, 1), dot(2, 2)])
    let twice = Change(
      dot: dot(1, 1), timestamp: .max, record: someRecord, kind: "note",
      writes: [Write("title", .text("a")), Write("title", .text("b"))])
    #expect(twice.write(to: "title")?.value == .text("a"))
  }

  @Test func `an identifier is drawn as two halves, and nothing comes before itself`() {
    var generator = CountingGenerator()
    #expect(RecordID.random(using: &generator).value == UInt128(1) << 64 | 2)
    #expect(RecordID(truncating: Array(repeating: 0, count: 15) + [5]) == RecordID(5))
    #expect(!(RecordID(1) < RecordID(1)))
    let head = Head(dot(1, 1), .max)
    #expect(!(head < head))
  }

  @Test func `names and values of different bytes have different hashes`() {
    #expect(Name("a").hashValue != Name("b").hashValue)
    #expect([Name("a"), "bc"].hashValue != [Name("ab"), "c"].hashValue)
    #expect(Value.bytes([1]).hashValue != Value.unknown(tag: 9, bytes: [1]).hashValue)
  }

  @Test func `a vector contains the first change and no change 0`() {
    let vector = Vector([ReplicaID(1): 1])
    #expect(vector.contains(dot(1, 1)))
    #expect(!vector.contains(dot(1, 0)))
  }

  @Test func `names, libraries and large values are told and ordered by their bytes`() throws {
    #expect(LibraryID(5).description.hasSuffix("05"))
    #expect("\(Name("title"))" == "title")
    let low = try #require(BlobID(digest: Array(repeating: 1, count: 32)))
    let high = try #require(BlobID(digest: Array(repeating: 1, count: 31) + [2]))
    #expect(low < high && !(high < low) && !(low < low))
  }

  // MARK: Edits

  /// Or what it names would be taken for names that came later.
  @Test func `what is seen without a file comes before all renamings of changes`() {
    #expect(Basis.nothing.renamingCount == 0 && RecordState().basis.renamingCount == 0)
  }

  @Test func `where more heads were seen than may be named, those displayed first are named`()
    throws
  {
    let seen = (1...70).map { dot($0, 1) }
    let basis = Basis(heads: ["progress": seen])
    let edit = RecordState().edit(
      "progress", to: .integer(2), policy: .latest, basedOn: basis
    ) { _ throws(Never) in .integer(1) }
    #expect(edit?.parents == Array(seen.prefix(64)))
    let resolution = RecordState().resolution(
      "progress", to: .integer(2), basedOn: basis
    ) { _ throws(Never) in .integer(1) }
    #expect(resolution?.parents == Array(seen.prefix(64)))
  }

  @Test func `a settled register can be resolved to another value`() {
    let write = RecordState().resolution(
      "title", to: .text("b"), basedOn: Basis(heads: ["title": [dot(1, 1)]])
    ) { _ throws(Never) in .text("a") }
    #expect(write?.parents == [dot(1, 1)])
  }

  @Test func `of a hundred heads an edit names the oldest that it may`() {
    let crowd = (1...100).map { change(dot($0, 1), at: UInt64($0)) }
    let write = RecordState.computed(of: crowd).state.edit(
      "title", to: .text("new"), policy: .keep, basedOn: .nothing
    ) { _ throws(Never) in nil }
    #expect(write?.parents == (1...64).map { dot($0, 1) })
  }

  @Test func `a change of two fields has to be above both`() {
    let changes = [change(dot(1, 1), at: 5, "title"), change(dot(2, 1), at: 9, "body")]
    let state = RecordState.computed(of: changes).state
    #expect(state.floor(of: ["title", "body"]) == Timestamp(rawValue: 9))
    #expect(state.floor(of: ["body", "title"]) == Timestamp(rawValue: 9))
  }

  // MARK: Merge and view

  @Test func `a record deleted, restored and edited at once lists each field once`() throws {
    let receiver = Receiver([
      change(dot(1, 1), at: 5, "title", .text("a")), change(dot(2, 1), at: 6, "title", .text("b")),
      change(dot(1, 2), at: 9, Field.deleted, .bool(true)),
      change(dot(2, 2), at: 8, Field.deleted, .bool(false)),
    ])
    #expect(
      try receiver.view().conflicts == [
        Conflict(field: Field.deleted, reason: .editedAndDeleted),
        Conflict(field: "title", reason: .values),
      ])
  }

  @Test func `two writes at the end of time that name each other leave nothing to show`() throws {
    let time = UInt64.max
    let receiver = Receiver([
      change(dot(1, 1), at: time, parents: [dot(2, 1)]),
      change(dot(2, 1), at: time, parents: [dot(1, 1)]),
    ])
    #expect(receiver.heads["title"] == [])
    #expect(try receiver.view() == RecordView(values: [:], conflicts: [], isHidden: false))
  }

  @Test func `a merge does not ask for the time of a head, and takes a late parent without ado`() {
    var state = RecordState()
    var asked: [Dot] = []
    func merge(_ change: Change) -> RecordState.Outcome {
      state.merge(change) {
        asked.append($0)
        return nil
      }
    }
    #expect(merge(change(dot(1, 1), at: 1)) == .merged)
    #expect(merge(change(dot(1, 2), at: 3, parents: [dot(1, 1), dot(2, 1)])) == .merged)
    #expect(merge(change(dot(2, 1), at: 2)) == .merged)
    #expect(asked == [dot(2, 1)])
  }

  @Test func `of two parents that are too young the first is told of`() {
    let parents = [change(dot(2, 1), at: 8), change(dot(3, 1), at: 9)]
    let child = change(dot(1, 1), at: 5, parents: [dot(3, 1), dot(2, 1)])
    let computed = RecordState.computed(of: parents + [child])
    #expect(computed.invalid == [dot(1, 1): .parentNotOlder(dot(2, 1))])
    var state = RecordState.computed(of: parents).state
    #expect(state.merge(child) { _ throws(Never) in nil } == .invalid(.parentNotOlder(dot(2, 1))))
  }

  @Test func `a change that is handed over twice counts once`() {
    let changes = [change(dot(1, 1), at: 5), change(dot(1, 2), at: 6, parents: [dot(3, 1)])]
    let once = RecordState.computed(of: changes)
    let twice = RecordState.computed(of: changes + changes)
    #expect(once.state == twice.state && once.invalid == twice.invalid)
    #expect(once.state.registers["title"]?.heads.count == 2)
  }

  // MARK: Schemas

  @Test(arguments: ["a", "z", "az09_", "page"])
  func `words are lowercase letters, digits and underscores`(text: String) {
    #expect(Name(text).isWord)
    #expect(!Field(Name(text), .text, .keep).isIndexed)
  }

  @Test(arguments: ["", "1a", "_a", "A", "aB", "a-b", "a/b", "caf\u{E9}", "{", "a{"])
  func `nothing else is a word`(text: String) {
    #expect(!Name(text).isWord)
  }

  @Test func `a schema names each kind once`() async {
    await #expect(processExitsWith: .failure) {
      _ = Schema([Kind("a", fields: []), Kind("a", fields: [])])
    }
  }

  @Test func `a reference is to a kind of the schema`() async {
    let itself = Kind("a", fields: [Field("b", .reference("a"), .keep)])
    #expect(Schema([itself])["a"]?.fields.count == 1)
    await #expect(processExitsWith: .failure) {
      _ = Schema([Kind("a", fields: [Field("b", .reference("c"), .keep)])])
    }
  }

  @Test func `a kind names each field once`() async {
    await #expect(processExitsWith: .failure) {
      _ = Kind("a", fields: [Field("b", .text, .keep), Field("b", .text, .keep)])
    }
  }

  @Test func `kinds and fields are named by words`() async {
    await #expect(processExitsWith: .failure) { _ = Kind("a", fields: [Field("B", .text, .keep)]) }
    await #expect(processExitsWith: .failure) {
      _ = Kind("a", fields: [], families: [Family("-", .keep)])
    }
  }

  @Test func `id, uuid and deleted are taken`() async {
    await #expect(processExitsWith: .failure) { _ = Kind("a", fields: [Field("id", .text, .keep)]) }
  }

  @Test func `a digest that is too short makes no identifier`() async {
    await #expect(processExitsWith: .failure) { _ = RecordID(truncating: [1, 2, 3]) }
  }
}

/// Gives 1, 2, 3 and so on.
private struct CountingGenerator: RandomNumberGenerator {
  private var count: UInt64 = 0

  mutating func next() -> UInt64 {
    count += 1
    return count
  }
}
