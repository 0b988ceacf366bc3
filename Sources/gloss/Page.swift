internal import Gloss
internal import GlossCore

/// One record as `gloss show` prints it.
struct Page {
  let item: Item
  let naming: Naming

  /// How far values stand from the left.
  private static let valueColumn = 12

  /// A name and its value, in columns.
  static func field(_ name: String, _ value: String, _ style: Style? = nil) {
    field(name, StyledText(value, style))
  }

  /// A name and its value, in columns: on as many lines as that takes on a terminal, and on one elsewhere.
  static func field(_ name: String, _ value: StyledText) {
    var start = StyledText(Text.padded(name, to: valueColumn - 2), .faint).rendered() + "  "
    let width = Terminal.output.width - valueColumn
    for line in Terminal.output.isTerminal ? value.wrapped(to: width) : [value] {
      Output.line(start + line.rendered())
      start = String(repeating: " ", count: valueColumn)
    }
  }

  func printHead() {
    let entry = item.entry
    var name = StyledText(naming.short(item.key), .name)
    if entry.isDeleted {
      name.append("  ")
      name.append("(deleted)", .attention)
    }
    Self.field(item.kind.rawValue, name)
    switch item {
    case .article(let article):
      let fields = [
        ("title", article.title), ("author", article.author), ("site", article.site),
        ("url", article.url), ("language", article.language), ("published", article.published),
      ]
      for case (let name, let value?) in fields {
        Self.field(name, Text.line(value), name == "title" ? .heading : nil)
      }
      let claims =
        (article.isFavourite ? ", favourite" : "") + (article.isArchived ? ", archived" : "")
      Self.field("state", article.state.name + claims)
      if article.textID == nil { Self.field("text", "none") }
    case .highlight(let highlight):
      if let article = highlight.article { Self.field("article", article.firstDigits(8)) }
      if let anchor = highlight.anchor {
        Self.field("quote", "\u{201C}" + Text.line(anchor.quote) + "\u{201D}")
        Self.field("place", "characters \(anchor.start) to \(anchor.end)")
      }
      if let colour = highlight.colour { Self.field("colour", Text.line(colour)) }
    case .note(let note):
      if let article = note.article { Self.field("article", article.firstDigits(8)) }
      if let highlight = note.highlight {
        Self.field("highlight", highlight.firstDigits(8))
      }
    }
    Self.field("saved", CivilTime.minute(UInt64(max(0, entry.saved))))
    var tags = StyledText()
    for tag in entry.tags {
      if !tags.isEmpty { tags.append(", ") }
      tags.append(Text.line(tag), .tag)
    }
    if !tags.isEmpty { Self.field("tags", tags) }
  }

  /// Highlights in the order of the text, each with its notes, then the notes about the record itself.
  func printChildren(_ highlights: [Highlight], _ notes: [Note]) {
    if !highlights.isEmpty { Output.line() }
    for highlight in highlights {
      let colour = highlight.colour.map { "  (" + Text.line($0, width: 12) + ")" } ?? ""
      let room = Terminal.output.width - 6 - naming.width - Text.columns(colour)
      let quote = Text.line(highlight.anchor?.quote ?? "", width: max(20, room))
      Output.line(
        Style.name.on(naming.short(highlight.key)) + "  \u{201C}\(quote)\u{201D}" + colour)
      for note in notes where note.highlight == highlight.id {
        Self.printNote(note, naming, indent: 4)
      }
    }
    let shown = Set(highlights.map(\.id))
    let rest = notes.filter { note in note.highlight.map { !shown.contains($0) } ?? true }
    if !rest.isEmpty { Output.line() }
    for note in rest { Self.printNote(note, naming, indent: 0) }
  }

  /// Prints a text: in lines that fit where it goes to a terminal, and as it is where it does not.
  static func printText(_ text: String) {
    guard Terminal.output.isTerminal else { return Output.line(Text.safe(text)) }
    for line in StyledText(text).wrapped(to: min(80, Terminal.output.width)) {
      Output.line(line.rendered())
    }
  }

  /// Prints a note whole, its name before it, `indent` columns from the left.
  static func printNote(_ note: Note, _ naming: Naming, indent: Int) {
    let name = naming.short(note.key)
    let start = indent + naming.width + 2
    let width = max(20, min(80, Terminal.output.width) - start)
    for (index, line) in StyledText(note.body).wrapped(to: width).enumerated() {
      let head =
        index == 0
        ? String(repeating: " ", count: indent) + Style.name.on(name)
          + String(repeating: " ", count: naming.width + 2 - name.utf8.count)
        : String(repeating: " ", count: start)
      let text = line.rendered()
      Output.line(text.isEmpty && index > 0 ? "" : head + text)
    }
  }
}
