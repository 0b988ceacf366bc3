import GlossCore
import GlossTesting
import Testing

@testable import GlossStore

/// Which changes an operation made, whatever becomes of the file.
@Suite struct OperationTests {
  private let page1 = page(1)
  private let world: World

  init() throws { world = try World("desk") }

  private func edited(_ replica: Replica, _ words: String = "edit") throws {
    try replica.write(at: 1_000, as: Operation("add")) { try $0.add(page1, ["title": .text("A")]) }
    try replica.write(at: 2_000, as: Operation(words)) { edits in
      let record = try #require(try edits.snapshot.record(page1))
      try edits.edit(
        page1, ["title": .text("B"), "progress": .integer(3), "tag/x": .bool(true)],
        basedOn: record.basis)
    }
  }

  private func undo(_ replica: Replica, _ number: Int64) throws -> [UndoStep.Outcome]? {
    try replica.write(at: 3_000, as: Operation("undo")) { try $0.undo(number) }?.map(\.outcome)
  }

  @Test func `operations are made with their changes or not at all`() throws {
    let desk = world["desk"]
    #expect(try desk.read { try $0.operations() } == [])
    #expect(throws: StoreError.noSuchRecord(page1)) {
      try desk.write(at: 1, as: Operation("fails")) { edits in
        try edits.add(page(2), ["title": .text("x")])
        try edits.edit(page1, ["title": .text("y")], basedOn: .nothing)
      }
    }
    #expect(try desk.read { try $0.operations() } == [])
    try edited(desk)
    #expect(
      try desk.read { try $0.operations() }
        == [
          RecordedOperation(
            number: 2, milliseconds: 2_000, words: "edit", undone: nil, changeCount: 1),
          RecordedOperation(
            number: 1, milliseconds: 1_000, words: "add", undone: nil, changeCount: 1),
        ])
  }

  @Test func `what two operations write in turns stays apart`() throws {
    let desk = world["desk"]
    let (one, other) = (Operation("one"), Operation("other"))
    for (index, operation) in [one, other, one, one].enumerated() {
      try desk.write(at: 1_000, as: operation) {
        try $0.add(page(UInt128(index + 1)), ["title": .text(operation.words)])
      }
    }
    #expect(try desk.read { try $0.operations() }.map(\.changeCount) == [1, 3])
    #expect(try undo(desk, 1)?.count == 3)
    #expect(try desk.read { try $0.records(Query("page")) }.map(\.key) == [page(2)])
  }

  @Test func `an operation outlives making the tables anew, and the file is in order`() throws {
    let desk = world["desk"]
    try edited(desk)
    try desk.rebuildTables()
    #expect(try desk.verify().damages == [])
    #expect(
      try undo(desk, 2) == [.restored(.null), .restored(.bool(false)), .restored(.text("A"))])
    #expect(try undo(desk, 7) == nil)
  }

  @Test func `operations whose values may be dropped are forgotten with them`() throws {
    let desk = world["desk"]
    try edited(desk, "edit --title B")
    let terms = CompactionTerms(
      acknowledged: try desk.read { try $0.vector() }, replacedUpTo: 1_500)
    _ = try desk.compact(terms, at: 9_000)
    #expect(try desk.read { try $0.operations() }.map(\.number) == [2])
  }

  @Test func `a dropped value cannot be put back`() throws {
    let desk = world["desk"]
    try edited(desk)
    let last = Dot(desk.id, 2)
    let terms = CompactionTerms(
      acknowledged: try desk.read { try $0.vector() }, replacedUpTo: 2_500)
    _ = try desk.compact(terms, at: 9_000)
    let steps = try desk.write(at: 9_000) { try $0.undo(last) }
    #expect(steps.map(\.outcome).contains(.left(.valueDropped)))
    #expect(try desk.read { try $0.record(page1) }?.values["title"] == .text("B"))
  }

  @Test func `what several changes had brought is put back, though it is too much for one`() throws
  {
    let fields = (1...5).map { Name("field\($0)") }
    let world = try World(
      "desk", "lap",
      schema: Schema([
        Kind(
          "page", fields: fields.map { Field($0, .text, .keep) }, families: [Family("tag", .latest)]
        )
      ]))
    let (desk, page1) = (world["desk"], page(1))
    let tags = (1...300).map { Name("tag/\($0)") }
    try desk.add(page1, [:].merging(fields.map { ($0, .text("short")) }) { $1 })
    for (index, field) in fields.enumerated() {
      let text = String(repeating: "\(index)", count: Limits.valueByteCount)
      try desk.edit(page1, [field: .text(text)])
    }
    for part in [tags.prefix(200), tags.suffix(100)] {
      try desk.edit(page1, [:].merging(part.map { ($0, .bool(true)) }) { $1 })
    }
    let before = try #require(try desk.record(page1))
    try desk.write(at: 2_000, as: Operation("clear")) { edits in
      for part in [tags.prefix(200), tags.suffix(100)] {
        try edits.edit(
          page1, [:].merging(part.map { ($0, .bool(false)) }) { $1 }, basedOn: before.basis)
      }
      try edits.edit(
        page1, [:].merging(fields.map { ($0, .null) }) { $1 }, basedOn: before.basis)
    }
    let cleared = try #require(try desk.record(page1))
    #expect(cleared.values.isEmpty && cleared.members(of: "tag").isEmpty)
    let steps = try desk.write(at: 3_000, as: Operation("undo")) { try $0.undo(1) }
    #expect(steps?.count == 305)
    #expect(steps?.allSatisfy(\.hasChanged) == true)
    let after = try #require(try desk.record(page1))
    #expect(after.values == before.values)
    #expect(after.members(of: "tag").count == 300)
    // One operation, which is taken back as a whole.
    #expect(try desk.read { try $0.operations() }.map(\.changeCount) == [3, 3])
    _ = try desk.write(at: 4_000, as: Operation("undo")) { try $0.undo(2) }
    #expect(try desk.record(page1)?.values.isEmpty == true)
    #expect(try desk.verify().damages == [])
    try world.syncAll()
    #expect(try world["lap"].shown() == desk.shown())
  }

  @Test func `parts are as few as the limits of a change allow`() {
    let half = Limits.changeByteCount / 2
    let sizes = [half, half, 1, half, half - 1, 1]
    let values = sizes.map { Value.bytes([UInt8](repeating: 0, count: $0)) }
    #expect(
      values.changeParts(\.self).map { $0.map(\.byteCount) } == [
        [half, half], [1, half, half - 1], [1],
      ])
    #expect(
      Array(repeating: Value.null, count: 513).changeParts(\.self).map(\.count) == [256, 256, 1])
    #expect([Value]().changeParts(\.self).isEmpty)
  }

  @Test func `long words are cut, and whole characters stay`() {
    let words = Operation(String(repeating: "é", count: 300)).words
    #expect(words.utf8.count <= Operation.wordsByteCount)
    #expect(words.hasSuffix("é…"))
  }

  @Test func `runs follow the names that their changes get`() {
    let (desk, branch, second) = (ReplicaID(1), ReplicaID(2), ReplicaID(3))
    let run = OperationRun(replica: desk, numbers: 4...9)
    let renamings = [
      Renaming(origin: desk, first: 6, branch: branch),
      Renaming(origin: branch, first: 1, branch: second),
      Renaming(origin: desk, first: 20, branch: branch),
    ]
    #expect(
      run.renamed(by: renamings) == [
        OperationRun(replica: desk, numbers: 4...5), OperationRun(replica: second, numbers: 1...4),
      ])
    #expect(
      run.renamed(by: [Renaming(origin: desk, first: 2, branch: branch)])
        == [OperationRun(replica: branch, numbers: 3...8)])
  }

  @Test func `what got another name because of a copy can be taken back`() throws {
    var world = try World("desk", "twin")
    let desk = ReplicaID(1)
    world.replicas["twin"] = try Replica.create(
      at: world.folder.file("copy"), library: world.library, id: desk, schema: schema)
    try edited(world["desk"])
    try world["twin"].write(at: 1_000) { try $0.add(page(2), ["title": .text("twin")]) }
    _ = try world["desk"].renew(as: ReplicaID(50), after: 0, of: desk)
    try world.send(from: "twin", to: "desk")
    #expect(
      try undo(world["desk"], 2) == [
        .restored(.null), .restored(.bool(false)), .restored(.text("A")),
      ])
    #expect(try undo(world["desk"], 1) == [.deleted])
    #expect(try world["desk"].read { try $0.records(Query("page")) }.map(\.key) == [page(2)])
    let origins = try world["desk"].read { try $0.originByBranch() }
    #expect(Array(origins.values) == [desk])
  }
}
