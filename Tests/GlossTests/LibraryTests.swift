import Foundation
import Gloss
import GlossCore
import GlossStore
import Testing

@Suite struct LibraryTests {
  @Test func `what was added is there after closing and opening`() throws {
    let shelf = try Shelf()
    let library = try shelf.library("desk")
    let article = try library.addArticle("One", url: "https://example.org/a", tags: ["b", "a"])
    let made = try library.highlight(
      "in the margin", in: article.id, colour: "yellow", note: "the name")
    try library.close()

    let again = try shelf.open("desk")
    let read = try #require(try again.article(article.id))
    #expect(read.title == "One")
    #expect(read.saved == 1_000_000)
    #expect(read.state == .unread)
    #expect(read.tags == ["a", "b"])
    #expect(try again.text(read) == "Every reader writes in the margin.")
    #expect(try again.highlights(of: article.id).map(\.anchor?.quote) == ["in the margin"])
    #expect(try again.notes(ofHighlight: made.highlight).map(\.body) == ["the name"])
    #expect(try again.notes(of: article.id).map(\.id) == [made.note])
    #expect(try again.deviceNames() == [again.replica.id: "desk"])
  }

  @Test func `two spellings of an address are one article`() throws {
    let library = try Shelf().library("desk")
    let first = try library.addArticle("One", url: "https://example.org/a?utm_x=1")
    var draft = ArticleDraft()
    draft.url = "HTTPS://EXAMPLE.org/a"
    draft.author = "Somebody"
    let second = try library.add(draft)
    #expect(second.id == first.id)
    #expect(!second.isNew)
    let read = try #require(try library.article(first.id))
    #expect(read.url == "https://example.org/a")
    #expect(read.title == "One")
    #expect(read.author == "Somebody")
  }

  @Test func `saving writes what was changed and nothing else`() throws {
    let library = try Shelf().library("desk")
    var article = try library.addArticle("One")
    #expect(try !library.save(article))
    article.title = "Two"
    article.author = nil
    #expect(try library.save(article))
    let last = try #require(try library.history(of: article.key).last)
    #expect(last.writes.map(\.field) == ["title"])
    #expect(last.writes.first?.old == .text("One"))
    #expect(last.writes.first?.new == .text("Two"))
  }

  @Test func `what breaks a rule is refused and writes nothing`() throws {
    let library = try Shelf().library("desk")
    var article = try library.addArticle("One")
    let before = try library.statistics()
    article.published = "2026-13-01"
    #expect(throws: LibraryError.notADate("2026-13-01")) { try library.save(article) }
    article.published = nil
    article.title = "a\u{0}b"
    #expect(throws: LibraryError.store(.invalid(.malformedValue(field: "title")))) {
      try library.save(article)
    }
    #expect(throws: LibraryError.notATag(" x")) {
      try library.tag(.article(article), adding: [" x"])
    }
    #expect(throws: LibraryError.emptyNote) { try library.addNote(" \n", to: .article(article)) }
    let long = String(repeating: "a", count: Limits.valueByteCount + 1)
    #expect(
      throws: LibraryError.store(.invalid(.tooLarge(field: "body", byteCount: long.utf8.count)))
    ) {
      try library.highlight("margin", in: article.id, note: long)
    }
    #expect(throws: LibraryError.notAURL("example.org")) {
      var draft = ArticleDraft()
      draft.url = "example.org"
      try library.add(draft)
    }
    #expect(try library.statistics() == before)
  }

  @Test func `a record is named by the first digits of its identifier`() throws {
    let library = try Shelf().library("desk")
    let article = try library.addArticle("One")
    let digits = "\(article.id)"
    #expect(try library.item(hexPrefix: String(digits.prefix(4)).uppercased()).key == article.key)
    #expect(try library.item(hexPrefix: digits).key == article.key)
    #expect(try library.prefixLengths([article.id]) == [4])
    #expect(throws: LibraryError.notAPrefix("abc")) { try library.item(hexPrefix: "abc") }
    #expect(throws: LibraryError.notAPrefix("ghij")) { try library.item(hexPrefix: "ghij") }
    let other = (digits.first == "0" ? "1" : "0") + digits.dropFirst()
    #expect(throws: LibraryError.noSuchRecord(other)) { try library.item(hexPrefix: other) }
  }

  @Test func `lists are newest first, by tag and up to a limit`() throws {
    let shelf = try Shelf()
    let library = try shelf.library("desk")
    for (title, tags) in [("A", ["x"]), ("B", []), ("C", ["x"])] {
      _ = try library.addArticle(title, tags: tags)
      shelf.clock.advance()
    }
    #expect(try library.items(.article).map(\.headline) == ["C", "B", "A"])
    #expect(try library.items(.article, tag: "x").map(\.headline) == ["C", "A"])
    #expect(try library.items(.article, limit: 1).map(\.headline) == ["C"])
    #expect(try library.items(.note).isEmpty)
  }

  @Test
  func `deleting an article takes its highlights and notes along, and undeleting brings them`()
    throws
  {
    let library = try Shelf().library("desk")
    let article = try library.addArticle("One")
    try library.highlight("margin", in: article.id, note: "n")
    try library.addNote("m", to: .article(article))
    let deleted = try library.delete(try #require(try library.item(article.key)))
    #expect(deleted.first == article.key)
    #expect(Set(deleted).count == 4)
    #expect(deleted.count == 4)
    #expect(try library.items(.article).isEmpty)
    #expect(try library.items(.highlight).isEmpty)
    #expect(try library.items(.note).isEmpty)
    try library.undelete(try #require(try library.item(article.key)))
    #expect(try library.items(.article).count == 1)
    #expect(try library.items(.highlight).count == 1)
    #expect(try library.items(.note).count == 2)
    #expect(try library.conflicts().isEmpty)
  }

  @Test func `a record is shown as it was`() throws {
    let shelf = try Shelf()
    let library = try shelf.library("desk")
    var article = try library.addArticle("One", tags: ["x"])
    let then = shelf.clock.now()
    shelf.clock.advance()
    article.title = "Two"
    try library.save(article)
    try library.tag(.article(article), adding: [], removing: ["x"])
    #expect(try library.item(article.key, at: then - 1) == nil)
    let old = try #require(try library.item(article.key, at: then))
    #expect(old.headline == "One")
    #expect(old.entry.tags == ["x"])
    let now = try #require(try library.item(article.key))
    #expect(now.headline == "Two")
    #expect(now.entry.tags.isEmpty)
  }

  @Test func `commits are told as changes`() async throws {
    let library = try Shelf().library("desk")
    var changes = library.changes.makeAsyncIterator()
    let article = try library.addArticle("One")
    #expect(await changes.next() == [article.key])
  }
}
