import GlossCore
import Testing

@testable import GlossStore

@Suite struct QueryTests {
  @Test func `queries filter, order and limit`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    for number in 1...9 {
      var values: [Name: Value] = [
        "title": .text("t\(number)"), "progress": .integer(Int64(number % 3)),
      ]
      if number == 4 || number == 5 { values["tag/red"] = .bool(true) }
      try desk.add(page(UInt128(number)), values)
    }
    try desk.delete(page(9))
    func numbers(_ change: (inout Query) -> Void) throws -> [UInt128] {
      var query = Query("page")
      change(&query)
      return try desk.read { try $0.records(query).map(\.key.id.value) }
    }
    #expect(try numbers { _ in } == [1, 2, 3, 4, 5, 6, 7, 8])
    #expect(
      try numbers {
        $0.order = [.init("progress", descending: true)]
        $0.limit = 4
      } == [8, 5, 2, 7])
    #expect(try numbers { $0.filters = [.equals("progress", .integer(0))] } == [3, 6])
    #expect(try numbers { $0.filters = [.hasMember(family: "tag", member: "red")] } == [4, 5])
    #expect(try numbers { $0.filters = [.isNull("title")] } == [])
    #expect(try numbers { $0.includesHidden = true } == [1, 2, 3, 4, 5, 6, 7, 8, 9])
    #expect(try desk.read { try $0.count(Query("page")) } == 8)
  }

  @Test func `a row has the fields and members that were asked for`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.write(at: 5_000) {
      try $0.add(
        page(1), ["title": .text("one"), "progress": .integer(3), "tag/b": .bool(true)])
    }
    try desk.write(at: 6_000) { try $0.add(page(2), ["raw": .bytes([7]), "tag/a": .bool(true)]) }
    try desk.edit(page(1), ["tag/a": .bool(true)])
    try desk.delete(page(2))
    try desk.add(note(1), ["page": .record(RecordID(1))])
    var query = Query("page")
    query.includesHidden = true
    try desk.read { snapshot in
      var rows: [String] = []
      try snapshot.forEachRow(
        of: query, reading: ["raw", "colour", "title", "progress"], families: ["topic", "tag"]
      ) { row in
        let members = try row.members(1)
        #expect(row.text(1) == nil)
        #expect(try row.members(0) == [])
        rows.append(
          "\(try row.id().value) \(row.isHidden) \(row.bytes(0) ?? []) \(row.text(2) ?? "-") "
            + "\(row.integer(3) ?? -1) \(members)")
        let record = try #require(try snapshot.record(page(try row.id().value)))
        #expect(row.edited == record.edited)
      }
      #expect(
        rows == ["1 false [] one 3 [\"a\", \"b\"]", "2 true [7] - -1 [\"a\"]"], "\(rows)")
      try snapshot.forEachRow(of: Query("note"), reading: ["page"]) { row in
        let id = try row.id()
        #expect(id == RecordID(1))
        #expect(row.bytes(0) == id.bytes)
      }
      try snapshot.forEachRow(of: Query("shelf"), reading: []) { _ in
        Issue.record("there are no records of a kind that is not known")
      }
      struct Enough: Error {}
      #expect(throws: Enough.self) {
        try snapshot.forEachRow(of: query, reading: []) { _ in throw Enough() }
      }
    }
  }

  @Test func `a record is named by the digits that no other has`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    let top: UInt128 = 0xABCD << 112
    for number in [top, top | 0xFF << 96, top | 0xF0 << 96] {
      try desk.add(page(number), ["title": .text("x")])
    }
    try desk.add(note(top | 1), ["body": .text("x")])
    let kinds: [Name] = ["page", "note"]
    try desk.read { snapshot throws in
      func length(_ key: RecordKey, _ kinds: [Name]) throws -> Int {
        try snapshot.shortestPrefixLengths(of: [key.id], kinds: kinds, atLeast: 4)[0]
      }
      #expect(try length(page(top | 0xFF << 96), kinds) == 8)
      #expect(try length(page(top), ["page"]) == 7)
      #expect(try length(page(top), kinds) == 32)
      func found(_ prefix: String) throws -> [RecordKey] {
        try snapshot.keys(hexPrefix: prefix, kinds: kinds, limit: 10)
      }
      #expect(try found("abcd").count == 4)
      #expect(try found("ABCD00ff") == [page(top | 0xFF << 96)])
      #expect(try found("abce").isEmpty)
      #expect(try found("xyz").isEmpty)
    }
  }

  @Test func `commits are announced with the records that they changed`() async throws {
    let world = try World("desk", "lap")
    let changes = world["lap"].changes
    try world["lap"].add(page(1), ["title": .text("A")])
    try world["desk"].add(page(2), ["title": .text("B")])
    try world.send(from: "desk", to: "lap")
    try world["lap"].close()
    var announced: [Set<RecordKey>] = []
    for await records in changes { announced.append(records) }
    #expect(announced == [[page(1)], [page(2)]])
  }
}
