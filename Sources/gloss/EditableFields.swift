internal import Gloss
internal import GlossCore

/// The fields of a record as text to edit, and back. The record carries what was seen, so that an edit replaces that.
struct EditableFields {
  private(set) var item: Item

  init(_ item: Item) {
    self.item = item
  }

  /// The fields that can be edited, by the names of their options.
  var names: [String] {
    switch item {
    case .article:
      [
        "title", "author", "site", "url", "language", "date", "state", "favourite", "archived",
        "progress",
      ]
    case .highlight: ["colour"]
    case .note: ["body"]
    }
  }

  /// The text that an editor opens on: a note's body, or a line for each field.
  var text: String {
    if case .note(let note) = item { return note.body }
    return names.map { "\($0): \(line($0))\n" }.joined()
  }

  /// The record with what an editor left. A line that is as it was opened, or is missing, changes nothing.
  func applying(_ text: String) throws -> EditableFields {
    if case .note(var note) = item {
      if !text.hasSameBytes(as: note.body.droppingLastLineEnd) { note.body = text }
      return EditableFields(.note(note))
    }
    var edits: [(String, String)] = []
    for content in text.split(whereSeparator: \.isNewline)
    where content.contains(where: { !$0.isWhitespace }) {
      guard let colon = content.firstIndex(of: ":"), names.contains(String(content[..<colon]))
      else {
        throw Failure(
          .badInput, "this line is no field: \(Text.line(String(content), width: 48))",
          hint: "a line is the name of a field, a colon and its value")
      }
      let name = String(content[..<colon])
      let value = content[content.index(after: colon)...].drop(while: \.isWhitespace)
      if !String(value).hasSameBytes(as: line(name)) { edits.append((name, String(value))) }
    }
    return try applying(edits)
  }

  /// The record with these values.
  func applying(_ values: [(String, String)]) throws -> EditableFields {
    var result = self
    for (name, value) in values { try result.set(name, value) }
    return result
  }

  private mutating func set(_ name: String, _ value: String) throws {
    let text = value.isEmpty ? nil : value
    switch item {
    case .article(var article):
      switch name {
      case "title": article.title = text
      case "author": article.author = text
      case "site": article.site = text
      case "url": article.url = text
      case "language": article.language = text
      case "date": article.published = text
      case "state":
        guard let state = ReadState.allCases.first(where: { $0.name == value }) else {
          throw Failure(
            .usage, "state is unread, reading or read",
            hint: "for example: gloss edit ID --state read")
        }
        article.state = state
      case "favourite": article.isFavourite = try Self.claim(name, value)
      case "archived": article.isArchived = try Self.claim(name, value)
      default:
        guard let progress = Double(value), (0...1).contains(progress) else {
          throw Failure(
            .usage, "progress is a number from 0 to 1",
            hint: "for example: gloss edit ID --progress 0.5")
        }
        article.progress = progress
      }
      item = .article(article)
    case .highlight(var highlight):
      highlight.colour = text
      item = .highlight(highlight)
    case .note(var note):
      note.body = value
      item = .note(note)
    }
  }

  private static func claim(_ name: String, _ value: String) throws -> Bool {
    guard value == "yes" || value == "no" else {
      throw Failure(
        .usage, "\(name) is yes or no", hint: "for example: gloss edit ID --\(name) yes")
    }
    return value == "yes"
  }

  private func line(_ name: String) -> String {
    switch item {
    case .article(let article):
      let text =
        switch name {
        case "title": article.title
        case "author": article.author
        case "site": article.site
        case "url": article.url
        case "language": article.language
        case "date": article.published
        case "state": article.state.name as String?
        case "favourite": article.isFavourite ? "yes" : "no"
        case "archived": article.isArchived ? "yes" : "no"
        default: "\(article.progress)"
        }
      return Text.line(text ?? "")
    case .highlight(let highlight): return Text.line(highlight.colour ?? "")
    case .note: return ""
    }
  }
}
