import Gloss
import Testing

@Suite struct ImportedTextTests {
  private func read(_ text: String, _ format: ImportedText.Format?) throws -> ImportedText {
    try ImportedText(Array(text.utf8), format: format)
  }

  @Test func `plain text stays as it is, but for a byte order mark`() throws {
    let imported = try ImportedText([0xEF, 0xBB, 0xBF] + Array(" a\r\n b ".utf8), format: .plain)
    #expect(imported.text.utf8.elementsEqual(" a\r\n b ".utf8))
    #expect(imported.title == nil)
  }

  @Test(arguments: [
    ("# One\n\ntext", "One"), ("text\n# Two #\n", "Two"), ("## Sub\n", nil),
    ("```\n# no\n```\n# Yes", "Yes"),
    ("---\ntitle: \"In front\"\ndate: x\n---\n# Later", "In front"),
    ("---\r\ntitle: Windows\r\n---\r\n", "Windows"), ("", nil), ("#hashtag", nil),
  ])
  func `Markdown is kept and its title is read`(text: String, title: String?) throws {
    let imported = try read(text, .markdown)
    #expect(imported.title == title)
    #expect(imported.text == text)
  }

  @Test func `a page is reduced to its readable text`() throws {
    let page = """
      <!DOCTYPE html><html><head><title>On &amp;
        marginalia</title><style>p > a { color: red }</style></head>
      <body><!-- <p>not this</p> --><h1>Head</h1><p class="a > b">Every   <b>reader</b>
      writes&nbsp;in the&#32;margin &mdash; &#x2014;.<br>Next.</p>
      <script>if (a < b) { document.write("<p>no</p>") }</script>
      <ul><li>one<li>two</ul><pre>  a
        b</pre><p>1 < 2 &unknown; &amp</body></html>
      """
    let imported = try read(page, nil)
    #expect(imported.title == "On & marginalia")
    #expect(
      imported.text == """
        Head

        Every reader writes\u{A0}in the margin — —.
        Next.

        - one
        - two

          a
          b

        1 < 2 &unknown; &amp
        """)
  }

  @Test(arguments: [
    "<", "<p", "<!--", "<script>", "<a href='", "</", "&", "&#;", "&#x110000;", "<title>x",
  ])
  func `a page that ends anywhere still gives a text`(page: String) throws {
    _ = try read("<html>a" + page, .html)
  }

  @Test(
    arguments: [
      ([0x61, 0xFF, 0x62], 1), ([0x61, 0x62, 0xC3], 2), ([0xC0, 0x80], 0),
      ([0x61, 0xED, 0xA0, 0x80], 1),
      ([0xEF, 0xBB, 0xBF, 0x61, 0xFE], 4),
    ] as [([UInt8], Int)])
  func `the first byte that is not UTF-8 is named`(bytes: [UInt8], offset: Int) {
    #expect(throws: LibraryError.notUTF8(offset: offset)) {
      try ImportedText(bytes, format: .plain)
    }
  }

  @Test func `a NUL is named`() {
    #expect(throws: LibraryError.containsNUL(offset: 2)) {
      try ImportedText([0x61, 0x62, 0], format: .plain)
    }
  }

  @Test func `the format follows from the file's name`() {
    #expect(ImportedText.format(ofFileNamed: "a/b.HTML") == .html)
    #expect(ImportedText.format(ofFileNamed: "b.md") == .markdown)
    #expect(ImportedText.format(ofFileNamed: "b.txt") == .plain)
    #expect(ImportedText.format(ofFileNamed: "README") == nil)
  }
}
