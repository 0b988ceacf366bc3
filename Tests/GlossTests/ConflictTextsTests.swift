import Foundation
import Gloss
import GlossCore
import GlossStore
import Testing

/// What conflicting values were made from, and what they come to.
@Suite struct ConflictTextsTests {
  private struct Pair {
    let shelf: Shelf
    let desk: Library
    let lap: Library
    let article: Article

    /// Both have the article as `title`.
    init(_ title: String, text: String = "Every reader writes in the margin.") async throws {
      shelf = try Shelf()
      desk = try shelf.library("desk")
      article = try desk.addArticle(title, text: text)
      try await desk.connect(to: "http://hub.test", over: shelf.transport)
      lap = try await shelf.copy(of: desk, as: "lap")
      try await shelf.sync(desk, lap)
    }

    func sync() async throws { try await shelf.sync(desk, lap) }

    func write(_ title: String, on library: Library) throws {
      shelf.clock.advance()
      var article = try #require(try library.article(article.id))
      article.title = title
      try library.save(article)
    }

    func conflict(on library: Library? = nil) throws -> LibraryConflict {
      let conflicts = try (library ?? desk).conflicts()
      return try #require(conflicts.count == 1 ? conflicts.first : nil)
    }
  }

  @Test func `the ancestor is what both saw, and edits of different words merge`() async throws {
    let pair = try await Pair("first")
    try pair.write("On the margin of books", on: pair.desk)
    try await pair.sync()
    try pair.write("On the margins of books", on: pair.desk)
    try pair.write("On the margin of old books", on: pair.lap)
    try await pair.sync()
    let conflict = try pair.conflict()
    #expect(conflict.ancestors.map(\.value) == [.text("On the margin of books")])
    let texts = try #require(try pair.desk.texts(of: conflict))
    #expect(texts.merge.text == "On the margins of old books")
    try pair.desk.resolve(conflict, toText: "On the margins of old books")
    try await pair.sync()
    #expect(try pair.lap.conflicts().isEmpty)
    #expect(try pair.lap.article(pair.article.id)?.title == "On the margins of old books")
  }

  @Test func `an edit after an edit has the same ancestor`() async throws {
    let pair = try await Pair("a b c")
    try pair.write("a b d", on: pair.desk)
    try pair.write("a b e", on: pair.desk)
    try pair.write("x b c", on: pair.lap)
    try await pair.sync()
    let conflict = try pair.conflict()
    #expect(conflict.ancestors.map(\.value) == [.text("a b c")])
    #expect(try pair.desk.texts(of: conflict)?.merge.text == "x b e")
  }

  @Test func `what was written independently has no ancestor and no merge`() async throws {
    let pair = try await Pair("other")
    _ = try pair.desk.addArticle("On marginalia", url: "https://example.org/a")
    _ = try pair.lap.addArticle("On Marginalia", url: "https://example.org/a")
    try await pair.sync()
    let conflict = try pair.conflict()
    #expect(conflict.conflict.field == ReadingField.title)
    #expect(conflict.ancestors.isEmpty)
    #expect(try pair.desk.texts(of: conflict)?.merge.text == nil)
  }

  @Test func `settling at once in two ways is a conflict again, in one way none`() async throws {
    let pair = try await Pair("first")
    try pair.write("desk", on: pair.desk)
    try pair.write("lap", on: pair.lap)
    try await pair.sync()
    try pair.desk.resolve(try pair.conflict(), toText: "one")
    try pair.lap.resolve(try pair.conflict(on: pair.lap), toText: "two")
    try await pair.sync()
    let again = try pair.conflict()
    #expect(Set(again.versions.map(\.value)) == [.text("one"), .text("two")])
    // Both were made from both.
    #expect(again.ancestors.map(\.value) == [.text("lap"), .text("desk")])
    #expect(try pair.desk.texts(of: again)?.merge.text == nil)
    try pair.desk.resolve(again, toText: "three")
    try pair.lap.resolve(try pair.conflict(on: pair.lap), toText: "three")
    try await pair.sync()
    #expect(try pair.desk.conflicts().isEmpty)
    #expect(try pair.lap.conflicts().isEmpty)
  }

  @Test func `a conflict that undo reopens is what it was`() async throws {
    let pair = try await Pair("one two three")
    try pair.write("one 2 three", on: pair.desk)
    try pair.write("one zwei three", on: pair.lap)
    try await pair.sync()
    func sides(_ conflict: LibraryConflict) -> [String] {
      conflict.versions.map { "\($0.value) \($0.source)" }
    }
    let before = try pair.conflict()
    // Again and again, for what was put back is put back the next time.
    for (library, title) in [(pair.desk, "one zwei three"), (pair.lap, "four"), (pair.desk, "")] {
      library.beginOperation("resolve")
      try library.resolve(try pair.conflict(on: library), toText: title)
      library.endOperation()
      try await pair.sync()
      let operation = try #require(try library.operations(limit: 1).first)
      #expect(try library.undo(operation.number).count == 1)
      try await pair.sync()
      for library in [pair.desk, pair.lap] {
        let conflict = try pair.conflict(on: library)
        #expect(conflict.ancestors.map(\.value) == [.text("one two three")])
        #expect(sides(conflict) == sides(before))
        #expect(try library.texts(of: conflict)?.merge.text == nil)
      }
    }
  }

  @Test func `with two ancestors a place is settled only if it is by both`() {
    let texts = ConflictTexts(
      sides: ["a b and then x", "a c and then x"], bases: ["a b and then y", "a c and then y"])
    // By the first alone, b would be taken for what was changed to c.
    #expect(TextMerge(base: texts.bases[0], sides: texts.sides).text == "a c and then x")
    #expect(TextMerge(base: texts.bases[1], sides: texts.sides).text == "a b and then x")
    #expect(texts.merge.text == nil)
    #expect(texts.merge.openCount == 1)
  }

  @Test func `texts of articles are merged, and stored as texts`() async throws {
    let base = "Every reader writes.\nSome twice.\nFew read it again.\n"
    let pair = try await Pair("a", text: base)
    func put(_ text: String, on library: Library) throws {
      pair.shelf.clock.advance()
      let basis = try #require(try library.article(pair.article.id)).basis
      try library.replica.write(at: pair.shelf.clock.now()) { edits in
        let blob = try edits.addBlob(Array(text.utf8))
        try edits.edit(pair.article.key, [ReadingField.text: .blob(blob)], basedOn: basis)
      }
    }
    try put("Every good reader writes.\nSome twice.\nFew read it again.\n", on: pair.desk)
    try put("Every reader writes.\nSome twice.\nNobody reads it again.\n", on: pair.lap)
    try await pair.sync()
    let conflict = try pair.conflict()
    let merged = try #require(try pair.desk.texts(of: conflict)?.merge.text)
    #expect(merged == "Every good reader writes.\nSome twice.\nNobody reads it again.\n")
    try pair.desk.resolve(conflict, toText: merged)
    try await pair.sync()
    let read = try #require(try pair.lap.article(pair.article.id))
    #expect(try pair.lap.text(read) == merged)
    #expect(try pair.lap.conflicts().isEmpty)
  }

  @Test func `a value that a field cannot have is refused, and nothing is settled`() async throws {
    let pair = try await Pair("a")
    for (library, date) in [(pair.desk, "2020"), (pair.lap, "2021")] {
      var article = try #require(try library.article(pair.article.id))
      article.published = date
      try library.save(article)
    }
    try await pair.sync()
    let conflict = try pair.conflict()
    #expect(throws: LibraryError.notADate("soon")) {
      try pair.desk.resolve(conflict, toText: "soon")
    }
    #expect(try pair.desk.conflicts().count == 1)
    try pair.desk.resolve(conflict, toText: "")
    #expect(try pair.desk.article(pair.article.id)?.published == nil)
  }

  @Test func `a note of a deleted article comes back with it, goes with it, or moves`() async throws
  {
    for choice in 0..<3 {
      let pair = try await Pair("a")
      let note = try pair.lap.addNote(
        "kept", to: try #require(try pair.lap.item(pair.article.key)))
      let other = try pair.lap.addArticle("other")
      try pair.desk.delete(try #require(try pair.desk.item(pair.article.key)))
      try await pair.sync()
      let conflict = try pair.conflict()
      #expect(conflict.parent?.key == pair.article.key)
      #expect(conflict.deletes.count == 1)
      switch choice {
      case 0: try pair.desk.settle(conflict, by: .kept)
      case 1: try pair.desk.settle(conflict, by: .deleted)
      default: try pair.desk.move(conflict.item, to: .article(other))
      }
      try await pair.sync()
      #expect(try pair.lap.conflicts().isEmpty)
      #expect(try pair.lap.article(pair.article.id)?.isDeleted == (choice != 0))
      #expect(try pair.lap.note(note)?.isDeleted == (choice == 1))
      #expect(try pair.lap.note(note)?.article == (choice == 2 ? other.id : pair.article.id))
    }
  }

  @Test func `a delete and an undelete at once are settled by either`() async throws {
    for stays in [LibraryConflict.Stay.kept, .deleted] {
      let pair = try await Pair("a")
      func item(_ library: Library) throws -> Item {
        try #require(try library.item(pair.article.key))
      }
      try pair.desk.delete(try item(pair.desk))
      try await pair.sync()
      // The one brings it back while the other deletes it once more.
      pair.shelf.clock.advance()
      try pair.desk.undelete(try item(pair.desk))
      try pair.lap.delete(try item(pair.lap))
      try await pair.sync()
      let conflict = try pair.conflict()
      #expect(conflict.conflict.field == Field.deleted)
      #expect(conflict.conflict.reason == .values)
      try pair.desk.settle(conflict, by: stays)
      try await pair.sync()
      #expect(try pair.lap.conflicts().isEmpty)
      #expect(try item(pair.lap).entry.isDeleted == (stays == .deleted))
    }
  }
}
