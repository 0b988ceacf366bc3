import GlossCore
import GlossTesting
import Testing

@testable import GlossStore

extension SearchSchema {
  /// What is searchable of the tests' kinds.
  static let tests = SearchSchema(
    version: 1,
    columns: [
      Column("title", weight: 8), Column("note", weight: 4), Column("text", weight: 1),
    ],
    sources: [
      Source("page", "title", in: "title"), Source("page", "body", in: "text"),
      Source("page", "raw", in: "text") { bytes in
        bytes.first == 1 ? String(decoding: bytes.dropFirst(), as: UTF8.self) : nil
      },
      Source("note", "body", in: "note"),
    ])
}

@Suite struct SearchTests {
  @Test func `texts of all kinds are found, the most telling first`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), title: "On marginalia", body: "Readers write.")
    try desk.add(page(2), title: "Birds", body: "Of marginalia, and birds.")
    try desk.add(page(3), ["raw": .bytes([1] + Array("raw marginalia".utf8))])
    try desk.add(page(4), ["raw": .bytes([2] + Array("raw marginalia".utf8))])
    try desk.add(note(5), ["body": .text("about Marginalia")])
    #expect(try desk.search("marginalia") == [page(1), note(5), page(3), page(2)])
    #expect(try desk.search("birds") == [page(2)])
    #expect(try desk.search("margin") == [])
    #expect(try desk.search(TextPattern("margin", isPrefix: true)).count == 4)
    #expect(try desk.search(TextPattern("marginalia", columns: ["title"])) == [page(1)])
    #expect(try desk.search(TextPattern("marginalia", columns: ["other"])) == [])
    #expect(try desk.search("marginalia and birds") == [page(2)])
    #expect(try desk.search("and marginalia") == [])
    #expect(try desk.search("?!") == [])
    #expect(TextPattern("?!").isEmpty)
    #expect(try desk.search(#"" OR title : * NEAR("#) == [])
  }

  @Test func `the index follows edits, deletes and undeletes`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), ["title": .text("early bird"), "progress": .integer(1)])
    #expect(try desk.search("early") == [page(1)])
    try desk.edit(page(1), ["title": .text("late bird")])
    #expect(try desk.search("early") == [])
    #expect(try desk.search("late") == [page(1)])
    #expect(try desk.search("bird") == [page(1)])
    let documents = try desk.searchTotals().lastDocument
    try desk.edit(page(1), ["progress": .integer(2)])
    try desk.edit(page(1), ["progress": .integer(3)])
    #expect(try desk.search("bird") == [page(1)])
    #expect(try desk.searchTotals().lastDocument == documents, "what is no text needs no document")
    try desk.delete(page(1))
    #expect(try desk.search("bird") == [])
    #expect(try desk.search("bird", includesHidden: true) == [page(1)])
    let basis = try #require(try desk.record(page(1))).basis
    try desk.write(at: 2_000) { _ = try $0.undelete(page(1), basedOn: basis) }
    #expect(try desk.search("bird") == [page(1)])
  }

  @Test func `every side of a conflict is found until it is resolved`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("bird")])
    try world.syncAll()
    try world["desk"].edit(page(1), ["title": .text("blue heron")], at: 2_000)
    try world["lap"].edit(page(1), ["title": .text("grey crane")], at: 3_000)
    try world.syncAll()
    for name in ["desk", "lap"] {
      #expect(try world[name].search("heron") == [page(1)])
      #expect(try world[name].search("crane") == [page(1)])
      #expect(try world[name].search("crane blue") == [], "no phrase goes over both sides")
      #expect(try world[name].search("heron grey") == [])
      #expect(try world[name].search("bird") == [])
      let passages = try world[name].read {
        try $0.passages(of: page(1), [TextPattern("heron")], .tests, width: 40)
      }
      #expect(passages.map(\.text) == ["blue heron"])
    }
  }

  @Test func `a text that arrives later is found from then on`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), title: "A", body: "the text of it")
    try world.send(from: "desk", to: "lap")
    #expect(try world["lap"].search("text") == [])
    #expect(try world["lap"].search("a") == [page(1)])
    try world["lap"].keep([.whole(Array("the text of it".utf8))])
    #expect(try world["lap"].read { try $0.searchIndexLag(.tests).blobCount } == 1)
    #expect(try world["lap"].search("text") == [page(1)])
    #expect(try !world["lap"].read { try $0.searchIndexLag(.tests).isBehind })
  }

  @Test func `who may not write finds what is there and is told what is not`() throws {
    let world = try World("desk")
    try world["desk"].add(page(1), ["title": .text("bird")])
    try world["desk"].updateSearchIndex(.tests)
    try world["desk"].add(page(2), ["title": .text("bird too")])
    var generator = FixedGenerator(value: 99)
    let reader = try Replica.open(
      at: world.folder.file("desk"), schema: schema, access: .readOnly, using: &generator)
    #expect(try reader.found("page", .matches(TextPattern("bird"))) == [1])
    #expect(try reader.read { try $0.searchIndexLag(.tests).changeCount } == 1)
    #expect(throws: StoreError.self) { try reader.updateSearchIndex(.tests) }
    try world["desk"].updateSearchIndex(.tests)
    #expect(try reader.found("page", .matches(TextPattern("bird"))) == [1, 2])
    #expect(try reader.read { try !$0.searchIndexLag(.tests).isBehind })
  }

  @Test func `a library without an index finds no words, and says that all changes are behind`()
    throws
  {
    let world = try World("desk")
    try world["desk"].add(page(1), ["title": .text("bird")])
    #expect(try world["desk"].found("page", .matches(TextPattern("bird"))) == [])
    #expect(try world["desk"].found("page", .not(.matches(TextPattern("bird")))) == [1])
    #expect(try world["desk"].read { try $0.searchIndexLag(.tests).changeCount } == 1)
  }

  @Test func `making the index may be broken off at any step and goes on from there`() throws {
    struct Broken: Error {}
    let world = try World("desk")
    let desk = world["desk"]
    for number in 1...40 {
      try desk.add(page(UInt128(number)), ["title": .text("t\(number) bird")])
    }
    for count in 1...12 {
      var steps = 0
      #expect(throws: Broken.self) {
        try desk.updateSearchIndex(.tests, recordsAtOnce: 3) { _ in
          steps += 1
          if steps > 1 { throw Broken() }
        }
      }
      #expect(try desk.found("page", .matches(TextPattern("bird"))).count == 3 * count)
      if count == 5 {
        try desk.edit(page(2), ["title": .text("two")])
        try desk.add(page(77), ["title": .text("late bird")])
      }
    }
    var last = SearchIndexProgress(doneCount: 0, totalCount: 0)
    try desk.updateSearchIndex(.tests, recordsAtOnce: 3) { last = $0 }
    #expect(last.doneCount <= last.totalCount)
    #expect(try desk.found("page", .matches(TextPattern("bird"))).count == 40)
    #expect(try desk.found("page", .matches(TextPattern("two"))) == [2])
    #expect(try desk.verify().damages == [])
  }

  @Test func `an index that is mostly dead is made anew`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    let text = String(repeating: "word ", count: 3_000)
    try desk.add(page(1), ["title": .text("first")])
    for number in 1...9 {
      try desk.edit(page(1), ["title": .text("\(text) t\(number)")])
      #expect(try desk.search("t\(number)") == [page(1)])
    }
    let totals = try desk.searchTotals()
    #expect(totals.size < 9 * 3_000)
    #expect(totals.liveSize == 3_001)
    #expect(try desk.verify().damages == [])
  }

  @Test func `the index survives that the tables are made anew, and that it is of another schema`()
    throws
  {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), title: "bird", body: "nest")
    #expect(try desk.search("bird") == [page(1)])
    try desk.rebuildTables()
    #expect(try desk.read { try $0.searchIndexLag(.tests).isBehind })
    #expect(try desk.search("nest") == [page(1)])
    let titles = SearchSchema(
      version: 1, columns: [.init("title", weight: 1)],
      sources: [.init("page", "title", in: "title")])
    try desk.updateSearchIndex(titles)
    #expect(try desk.found("page", .matches(TextPattern("nest"))) == [])
    #expect(try desk.found("page", .matches(TextPattern("bird"))) == [1])
    #expect(try desk.search("nest") == [page(1)])
  }

  @Test func `a log that is not the one that the index followed is swept`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), ["title": .text("bird")], at: 1_000)
    try desk.add(page(2), ["title": .text("nest")], at: 2_000)
    #expect(try desk.search("bird") == [page(1)])
    // As a program does that does not know of the index.
    try desk.transact { transaction in
      let state = try transaction.searchState()
      _ = try transaction.remake(desk.id, after: 1)
      try transaction.setSearchState(try #require(state))
    }
    #expect(try desk.read { try $0.searchIndexLag(.tests).isBehind })
    try desk.add(page(3), ["title": .text("egg")], at: 2_000)
    #expect(try desk.search("nest") == [page(2)])
    #expect(try desk.search("egg") == [page(3)])
    #expect(try desk.verify().damages == [])
  }

  private func worldOfBirds(count: Int) throws -> World {
    let world = try World("desk")
    for number in 1...count {
      try world["desk"].add(page(UInt128(number)), ["title": .text("bird \(number)")])
    }
    return world
  }

  @Test func `numbers of a damaged index are refused, and stop nothing`() throws {
    let world = try worldOfBirds(count: 3)
    let desk = world["desk"]
    for damage in [
      "UPDATE _search_document SET record = -1 WHERE id = 1",
      "UPDATE _search_document SET record = 1 << 60 WHERE id = 1",
      "UPDATE _search_state SET value = x'ffffffffffffffffff0101010101' WHERE key = 'totals'",
      "UPDATE _search_state SET value = x'01ffffffffffffffffff0100000000000000000001' "
        + "WHERE key = 'reached'",
    ] {
      #expect(try desk.search("bird").count == 3)
      try desk.transact { try $0.execute(damage) }
      _ = try? desk.search("bird")
      #expect(throws: Never.self) { try desk.repair() }
      #expect(try desk.search("bird").count == 3, "\(damage)")
    }
  }

  @Test func `bytes that are no UTF-8 are looked through like others`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), ["title": .text("bird")])
    for bytes in ["f4908080", "f4bfbfbf", "eda080", "c080", "e08080", "f0808080", "ff", "f48fbf"] {
      try desk.transact {
        try $0.execute("UPDATE page SET title = CAST(x'\(bytes)62697264' AS TEXT)")
      }
      var query = Query("page")
      query.filters = [.contains("title", "bird")]
      #expect(try desk.read { try $0.count(query) } == 1, "\(bytes)")
    }
  }

  @Test func `verify sees an index that is not whole, and repair lets it be made anew`() throws {
    let world = try worldOfBirds(count: 30)
    let desk = world["desk"]
    for damage in [
      "DELETE FROM _search_document WHERE id = 3",
      "UPDATE _search_document SET size = 9 WHERE id = 2",
      "DELETE FROM _search_data WHERE id > 10",
      // FTS5 does not even open a table without these, not to remove it either.
      "DELETE FROM _search_config", "DELETE FROM _search_data", "DROP TABLE _search_config",
    ] {
      #expect(try desk.search("bird").count == 30)
      #expect(try desk.verify().damages == [])
      try desk.transact { try $0.execute(damage) }
      // A newer SQLite than 3.43 finds some of it by itself, too.
      let found = try desk.verify().damages
      #expect(found.contains(.strayRows(table: "_search")), "\(damage)")
      try desk.repair()
      #expect(try desk.verify().damages == [])
    }
    #expect(try desk.search("bird").count == 30)
  }
}

extension Replica {
  /// Adds a page with a text.
  fileprivate func add(_ key: RecordKey, title: String, body: String) throws {
    try write(at: 1_000) { edits in
      let id = try edits.addBlob(Array(body.utf8))
      try edits.add(key, ["title": .text(title), "body": .blob(id)])
    }
  }

  /// Brings the index up to date and returns the keys of what is found, the most relevant first.
  func search(_ words: String, includesHidden: Bool = false) throws -> [RecordKey] {
    try search(TextPattern(words), includesHidden: includesHidden)
  }

  func search(_ pattern: TextPattern, includesHidden: Bool = false) throws -> [RecordKey] {
    try updateSearchIndex(.tests)
    let search = Search(
      schema.kinds.map { kind in
        var query = Query(kind.name)
        query.filters = [.matches(pattern)]
        query.includesHidden = includesHidden
        return query
      })
    return try read { snapshot in
      let found = try snapshot.find(search)
      #expect(try snapshot.count(search) == found.count)
      #expect(found.allSatisfy { $0.relevance > 0 })
      return found.map(\.record.key)
    }
  }

  func searchTotals() throws -> SearchState.Totals {
    try read { try $0.transaction.searchState()?.totals ?? SearchState.Totals() }
  }
}
