internal import Gloss
internal import GlossCore

/// One record as `gloss show` prints it.
struct Page {
  let item: Item
  let naming: Naming

  /// A name and its value, in columns.
  static func field(_ name: String, _ value: String) {
    Output.line(Text.padded(name, to: 10) + "  " + value)
  }

  func printHead() {
    let entry = item.entry
    Self.field(item.kind.rawValue, naming.short(item.key) + (entry.isDeleted ? "  (deleted)" : ""))
    switch item {
    case .article(let article):
      let fields = [
        ("title", article.title), ("author", article.author), ("site", article.site),
        ("url", article.url), ("language", article.language), ("published", article.published),
      ]
      for case (let name, let value?) in fields { Self.field(name, Text.line(value)) }
      Self.field("state", article.state.name + (article.isFavourite ? ", favourite" : ""))
      if article.textID == nil { Self.field("text", "none") }
    case .highlight(let highlight):
      if let article = highlight.article { Self.field("article", String("\(article)".prefix(8))) }
      if let anchor = highlight.anchor {
        Self.field("quote", "\u{201C}" + Text.line(anchor.quote) + "\u{201D}")
        Self.field("place", "characters \(anchor.start) to \(anchor.end)")
      }
      if let colour = highlight.colour { Self.field("colour", Text.line(colour)) }
    case .note(let note):
      if let article = note.article { Self.field("article", String("\(article)".prefix(8))) }
      if let highlight = note.highlight {
        Self.field("highlight", String("\(highlight)".prefix(8)))
      }
    }
    Self.field("saved", CivilTime.minute(UInt64(max(0, entry.saved))))
    if !entry.tags.isEmpty {
      Self.field("tags", entry.tags.map { Text.line($0) }.joined(separator: ", "))
    }
  }

  /// Highlights in the order of the text, each with its notes, then the notes about the record itself.
  func printChildren(_ highlights: [Highlight], _ notes: [Note]) {
    if !highlights.isEmpty { Output.line() }
    for highlight in highlights {
      let colour = highlight.colour.map { "  (" + Text.line($0, width: 12) + ")" } ?? ""
      let quote = Text.line(
        highlight.anchor?.quote ?? "", width: 74 - naming.width - Text.columns(colour))
      Output.line(naming.short(highlight.key) + "  \u{201C}\(quote)\u{201D}" + colour)
      for note in notes where note.highlight == highlight.id { printNote(note, indent: "    ") }
    }
    let shown = Set(highlights.map(\.id))
    let rest = notes.filter { note in note.highlight.map { !shown.contains($0) } ?? true }
    if !rest.isEmpty { Output.line() }
    for note in rest { printNote(note, indent: "") }
  }

  private func printNote(_ note: Note, indent: String) {
    let width = 78 - naming.width - indent.utf8.count
    Output.line(indent + naming.short(note.key) + "  " + Text.line(note.body, width: width))
  }
}
