import Gloss
import GlossCore
import GlossStore
import Testing

@Suite struct LibrarySearchTests {
  @Test func `titles, authors, texts, quotes and notes are found, with the words marked`() throws {
    let library = try Shelf().library("desk")
    var draft = ArticleDraft()
    draft.url = "https://a.example/margins"
    draft.title = "Notes in the Margin"
    draft.author = "Élodie Durand"
    draft.text = "Every reader writes in the margin. 読者は余白に書く。"
    let article = try library.add(draft)
    let made = try library.highlight("writes in the margin", in: article.id)
    let item = try #require(try library.item(RecordKey(ReadingKind.article.name, article.id)))
    try library.addNote("Vgl. Straße, S. 42", to: item)
    try library.updateSearchIndex()
    func found(_ words: String) throws -> [ReadingKind] {
      try library.find(words, limit: nil).map(\.item.kind)
    }
    #expect(try Set(found("margin")) == [.highlight, .article])
    #expect(try found("elodie") == [.article])
    #expect(try found("余") == [.article])
    #expect(try found("strasse 42") == [.note])
    #expect(try found("writes") == [.highlight, .article])
    #expect(try found("?") == [])
    let finding = try #require(try library.find("余白", limit: 1).first)
    let passage = try #require(finding.passages.first)
    #expect(passage.column == SearchColumn.text)
    #expect(passage.parts.filter(\.isHit).map(\.text) == ["余白"])
    let marked = try #require(
      try library.item(RecordKey(ReadingKind.highlight.name, made.highlight)))
    try library.delete(marked)
    try library.updateSearchIndex()
    #expect(try found("writes") == [.article])
  }

  @Test func `updating the index ends with what its caller throws`() throws {
    struct Enough: Error {}
    let library = try Shelf().library("desk")
    _ = try library.addArticle("A", url: "https://example.org/a")
    #expect(throws: Enough.self) { try library.updateSearchIndex { _ in throw Enough() } }
    #expect(try library.searchIndexLag().isBehind)
    try library.updateSearchIndex()
    #expect(try !library.searchIndexLag().isBehind)
  }
}
