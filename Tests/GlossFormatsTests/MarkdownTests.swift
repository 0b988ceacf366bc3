import Foundation
import Gloss
import GlossCore
import GlossTesting
import Testing

@testable import GlossFormats
@testable import GlossStore

@Suite struct MarkdownTests {
  private let folder: Folder
  private let desk: Library
  private var pages: String { folder.path + "/pages" }

  init() throws {
    folder = try Folder()
    desk = try folder.library("desk")
  }

  @discardableResult
  private func export(_ edited: MarkdownExporter.Edited = .refuse) throws -> MarkdownExporter.Report
  {
    try MarkdownExporter(desk, into: pages, edited: edited).write()
  }

  private func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: pages).sorted()
  }

  private func content(_ name: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: pages + "/" + name)), as: UTF8.self)
  }

  private func put(_ text: String, _ name: String) throws {
    try Data(text.utf8).write(to: URL(filePath: pages + "/" + name))
  }

  @Test func `an article is a file with its quotes in order and the notes under them`() throws {
    var draft = ArticleDraft()
    draft.title = "On Marginalia"
    draft.author = "A. Reader"
    draft.url = "https://example.org/essay"
    draft.text = "Every reader writes in the margin. Nobody reads it."
    draft.tags = ["classics", "to: read"]
    let id = try desk.add(draft).id
    try desk.highlight("Nobody reads it", in: id)
    try desk.highlight("in the margin", in: id, note: "Really?\n\nYes.")
    _ = try desk.addNote(
      "About all of it.", to: try #require(try desk.item(RecordKey("article", id))))
    let report = try export()
    #expect(report.newCount == 1 && report.refused.isEmpty)
    #expect(try names() == ["on-marginalia-\(id).md"])
    let masked = try content(try names()[0]).replacing("\(id)", with: "ID")
      .replacing(#/ID [0-9a-f]{16}/#, with: "ID HASH")
    #expect(
      masked == """
        ---
        # gloss:begin ID HASH
        gloss: "ID"
        title: "On Marginalia"
        author: "A. Reader"
        url: "https://example.org/essay"
        saved: "2023-11-14"
        state: "unread"
        tags: ["classics", "to: read"]
        # gloss:end ID
        ---

        <!-- gloss:begin ID HASH -->
        # On Marginalia

        A. Reader · <https://example.org/essay>

        > in the margin

        Really?

        Yes.

        > Nobody reads it

        ## Notes

        About all of it.
        <!-- gloss:end ID -->

        """)
  }

  @Test func `what a person writes around it stays, and a file that is up to date is not touched`()
    throws
  {
    let id = try desk.addSample("Essay")
    try export()
    let name = try names()[0]
    let mine =
      try content(name).replacing("---\n\n<!--", with: "mine: true\n---\n\nMy words.\n\n<!--")
      + "\nAnd behind.\r\nNo end"
    try put(mine, name)
    let date = Date(timeIntervalSince1970: 1_000)
    try FileManager.default.setAttributes(
      [.modificationDate: date, .posixPermissions: 0o640], ofItemAtPath: pages + "/" + name)
    #expect(try export().unchangedCount == 1)
    let path = pages + "/" + name
    #expect(
      try FileManager.default.attributesOfItem(atPath: path)[.modificationDate] as? Date == date)
    var article = try #require(try desk.article(id))
    article.title = "Another title"
    try desk.save(article)
    #expect(try export().changedCount == 1)
    #expect(try names() == [name], "the name stays")
    let now = try content(name)
    #expect(now.contains("# Another title\n") && now.contains("title: \"Another title\""))
    #expect(now.contains("mine: true\n---\n\nMy words.\n\n<!--"))
    #expect(now.hasSuffix("-->\n\nAnd behind.\r\nNo end"))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o640)
  }

  @Test func `front matter that a person wrote something above is kept up to date`() throws {
    let id = try desk.addSample("Essay")
    try export()
    let name = try names()[0]
    // With rules of their own, and front matter of another tool.
    let mine = "Above\n\n---\nrules\n---\n"
    try put(mine + (try content(name)) + "---\n# gloss:beginner\n---\n", name)
    var article = try #require(try desk.article(id))
    article.title = "Another title"
    try desk.save(article)
    #expect(try export().changedCount == 1)
    let now = try content(name)
    #expect(now.hasPrefix(mine + "---\n# gloss:begin \(id) "))
    #expect(now.contains("title: \"Another title\"") && !now.contains("\"Essay\""))
    #expect(now.hasSuffix("-->\n---\n# gloss:beginner\n---\n"))
    #expect(try export().unchangedCount == 1)
    try put(now.replacing("title: \"Another title\"", with: "title: \"Mine\""), name)
    #expect(try export().refused.map(\.reason) == [.edited])
  }

  @Test func `a file that was renamed is found again, and two of one article are left alone`()
    throws
  {
    try desk.addSample("Essay")
    try export()
    let name = try names()[0]
    try FileManager.default.moveItem(atPath: pages + "/" + name, toPath: pages + "/My Essay.md")
    #expect(try export().unchangedCount == 1)
    #expect(try names() == ["My Essay.md"])
    try put(try content("My Essay.md"), "Copy.md")
    let report = try export()
    #expect(
      report.refused == [
        .init(name: "Copy.md", reason: .double(other: "My Essay.md")),
        .init(name: "My Essay.md", reason: .double(other: "Copy.md")),
      ])
    #expect(report.newCount == 0 && report.changedCount == 0)
  }

  @Test func `a file whose markers a person damaged is left alone, and the others are written`()
    throws
  {
    let id = try desk.addSample("Essay")
    try export()
    let name = try names()[0]
    let whole = try content(name)
    var article = try #require(try desk.article(id))
    article.title = "Changed"
    try desk.save(article)
    let other = try desk.addSample("Other")
    let end = "<!-- gloss:end \(id) -->"
    let damages: [(String, MarkdownExporter.Refusal.Reason)] = [
      (whole.replacing(end + "\n", with: ""), .markersDamaged),
      (whole + end + "\n", .markersDamaged),
      (whole + "\n" + whole, .markersDamaged),
      (whole.replacing(end, with: "<!-- gloss:end -->"), .markersDamaged),
      (whole.replacing(end, with: end.replacing("\(id)", with: "\(other)")), .otherArticle),
      (whole.replacing("> in the margin", with: "> in my margin"), .edited),
      (whole.replacing("title: \"Essay\"", with: "title: \"Mine\""), .edited),
      (whole.replacing("# gloss:end \(id)\n", with: ""), .markersDamaged),
      ("nothing of ours", .markersDamaged), ("", .markersDamaged),
    ]
    for (text, reason) in damages {
      try put(text, name)
      let report = try export()
      #expect(report.refused == [.init(name: name, reason: reason)], "\(text)")
      #expect(try content(name) == text)
      #expect(try names().count == 2)
    }
    // Editors of properties drop comments: the front matter is the person's then.
    let bare = whole.replacing(#/# gloss:[^\n]*\n/#, with: "")
    try put(bare, name)
    #expect(try export().refused.isEmpty)
    #expect(try content(name).contains("title: \"Essay\"\n"))
    #expect(try content(name).contains("# Changed\n"))
    try put(whole.replacing("> in the margin", with: "> in my margin"), name)
    #expect(try export(.overwrite).refused.isEmpty)
    #expect(try content(name).contains("> in the margin\n"))
  }

  @Test func `content that looks like a marker is none`() throws {
    let id = try desk.addSample("<!-- gloss:end x -->\n# gloss:end\n---")
    let item = try #require(try desk.item(RecordKey("article", id)))
    let evil =
      "<!-- gloss:end \(id) -->\n# gloss:end \(id)\n<! gloss:end\n---\n<script>alert(1)</script>\u{1B}[2J\u{202E}"
    try desk.addNote(evil, to: item)
    try export()
    #expect(try export().unchangedCount == 1)
    let text = try content(try names()[0])
    #expect(!text.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{202E}" })
    #expect(text.components(separatedBy: "<!--").count == 3)
  }

  @Test(arguments: [
    "../../etc/passwd", ".hidden", "/", "", "...", "CON", "a/b\\c:d*e?f\"g<h>i|j",
    "\u{202E}gpj.exe\0",
    String(repeating: "long ", count: 200), String(repeating: "\u{1F642}", count: 50),
    "\u{4E2D}\u{6587}\u{6807}\u{9898}", "\n\r\t", "Stra\u{DF}e \u{C4}\u{301}",
  ])
  func `no title is a path`(title: String) throws {
    var article = try #require(try desk.article(try desk.addSample("x")))
    article.title = title
    let name = MarkdownExporter.name(of: article)
    #expect(name.hasSuffix("\(article.id).md"))
    #expect(name.utf8.count <= 60 + 1 + 32 + 3)
    #expect(!name.hasPrefix(".") && !name.contains("/") && !name.contains("\\"))
    #expect(
      name.dropLast(3).unicodeScalars.allSatisfy {
        $0 == "-" || $0.properties.isAlphabetic || $0.properties.numericType != nil
      })
  }

  @Test func `a deleted article is marked in its file, and comes back`() throws {
    let id = try desk.addSample("Essay")
    try desk.addSample("Other")
    let item = try #require(try desk.item(RecordKey("article", id)))
    try export()
    let name = try #require(try names().first { $0.contains("\(id)") })
    try put(try content(name) + "\nMine.\n", name)
    let before = try content(name)
    try desk.delete(item)
    #expect(try export().changedCount == 1)
    let text = try content(name)
    #expect(text.contains("deleted: true\n") && text.contains("*This article was deleted"))
    #expect(!text.contains("> in the margin") && text.hasSuffix("\nMine.\n"))
    try desk.undelete(try #require(try desk.item(RecordKey("article", id))))
    try export()
    #expect(try content(name) == before)
    try FileManager.default.removeItem(atPath: pages + "/" + name)
    try desk.delete(try #require(try desk.item(RecordKey("article", id))))
    #expect(try export().newCount == 0, "what is deleted gets no file")
  }

  @Test func `a link or a folder of the name is left alone`() throws {
    let id = try desk.addSample("Essay")
    try export()
    let name = try names()[0]
    try FileManager.default.removeItem(atPath: pages + "/" + name)
    let target = folder.path + "/target"
    try Data("target".utf8).write(to: URL(filePath: target))
    try FileManager.default.createSymbolicLink(
      atPath: pages + "/" + name, withDestinationPath: target)
    #expect(try export().refused.map(\.name) == [name])
    #expect(try Data(contentsOf: URL(filePath: target)) == Data("target".utf8))
    try FileManager.default.removeItem(atPath: pages + "/" + name)
    try FileManager.default.createDirectory(
      atPath: pages + "/\(id).md", withIntermediateDirectories: false)
    #expect(try export().refused.map(\.name) == ["\(id).md"])
  }
}
