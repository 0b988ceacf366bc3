internal import Gloss
internal import GlossCore

/// An article with its highlights and notes, as the parts of a Markdown file that are ours.
struct MarkdownPage {
  let id: RecordID
  /// The lines of the front matter between our markers.
  let frontMatter: [String]
  /// The lines of the body between our markers.
  let body: [String]

  /// An article as it is.
  init(
    _ article: Article, highlights: [(highlight: Highlight, notes: [Note])], notes: [Note]
  ) {
    id = article.id
    var fields: [String] = []
    func add(_ name: String, _ text: String?) {
      if let text { fields.append("\(name): \(MarkdownText.yaml(text))") }
    }
    add("gloss", "\(article.id)")
    add("title", article.title)
    add("author", article.author)
    add("site", article.site)
    add("url", article.url)
    add("language", article.language)
    add("published", article.published)
    add("saved", CivilTime.day(UInt64(max(0, article.saved))))
    add("state", "\(article.state)")
    if article.isFavourite { fields.append("favourite: true") }
    if !article.tags.isEmpty {
      fields.append("tags: [" + article.tags.map(MarkdownText.yaml).joined(separator: ", ") + "]")
    }
    if article.isDeleted { fields.append("deleted: true") }
    frontMatter = fields
    body = article.isDeleted ? Self.deleted(article) : Self.lines(article, highlights, notes)
  }

  private static func deleted(_ article: Article) -> [String] {
    [
      "# " + MarkdownText.line(article.title ?? article.url ?? "Untitled"), "",
      "*This article was deleted from the library.*",
    ]
  }

  private static func lines(
    _ article: Article, _ highlights: [(highlight: Highlight, notes: [Note])], _ notes: [Note]
  ) -> [String] {
    var lines = ["# " + MarkdownText.line(article.title ?? article.url ?? "Untitled")]
    var source = [article.author, article.site, article.published].compactMap(\.self)
      .map(MarkdownText.line)
    if let url = article.url { source.append(MarkdownText.link(url)) }
    if !source.isEmpty { lines += ["", source.joined(separator: " · ")] }
    for (highlight, notes) in highlights {
      lines.append("")
      lines += MarkdownText.quote(highlight.anchor?.quote ?? "")
      for note in notes {
        lines.append("")
        lines += MarkdownText.lines(note.body)
      }
    }
    if !notes.isEmpty {
      lines += ["", "## Notes"]
      for note in notes {
        lines.append("")
        lines += MarkdownText.lines(note.body)
      }
    }
    return lines
  }
}

/// Content as it may stand in a Markdown file: nothing of it can be taken for a marker of ours, steers a terminal, or is HTML
/// that the article's author brings.
enum MarkdownText {
  /// A text in double quotes, on one line (YAML 1.2, which takes JSON's escapes).
  static func yaml(_ text: String) -> String {
    var writer = JSONWriter()
    writer.text(text)
    return String(decoding: writer.bytes, as: UTF8.self).replacing("<!--", with: "\\u003c!--")
  }

  /// A text on one line.
  static func line(_ text: String) -> String {
    withoutTags(
      SafeText.escaped(text, keeping: "\r").split(whereSeparator: \.isWhitespace).joined(
        separator: " "))
  }

  /// An address as a link.
  static func link(_ url: String) -> String {
    let plain = url.unicodeScalars.allSatisfy {
      $0.value > 0x20 && $0.value < 0x7F && $0 != "<" && $0 != ">" && $0 != "\\"
    }
    return plain ? "<\(url)>" : line(url)
  }

  /// The words of an article as a block quote.
  static func quote(_ text: String) -> [String] {
    lines(text).map { $0.isEmpty ? ">" : "> " + withoutTags($0) }
  }

  /// A note, which is its author's Markdown, as it is: but for comments, which may look like ours.
  static func lines(_ text: String) -> [String] {
    var lines = SafeText.escaped(text, keeping: "\r").replacing("\r\n", with: "\n").replacing(
      "\r", with: "\n"
    ).replacing(
      "<!", with: "&lt;!"
    )
    .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    while lines.count > 1, lines.last?.allSatisfy(\.isWhitespace) == true { lines.removeLast() }
    return lines
  }

  private static func withoutTags(_ text: String) -> String {
    guard text.contains("<") else { return text }
    var result = ""
    var isOpen = false
    for character in text {
      if isOpen {
        result += character.isLetter || "/!?".contains(character) ? "&lt;" : "<"
        isOpen = false
      }
      if character == "<" { isOpen = true } else { result.append(character) }
    }
    return isOpen ? result + "<" : result
  }
}
