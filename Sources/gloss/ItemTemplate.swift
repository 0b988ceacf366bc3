internal import Gloss

/// A text with fields between double braces, which is printed for each record.
struct ItemTemplate: Equatable {
  /// The text as it was given.
  let text: String

  /// Text to print as it is, or a field.
  enum Piece: Equatable {
    case text(String)
    case field(ItemField)
  }

  /// Returns what the text is made of.
  func pieces() throws -> [Piece] {
    guard text.contains("{{") else { throw unknownForm() }
    var pieces: [Piece] = []
    var plain = ""
    var rest = text[...]
    while let character = rest.first {
      if rest.hasPrefix("{{") {
        if !plain.isEmpty { pieces.append(.text(plain)) }
        plain = ""
        pieces.append(.field(try field(&rest)))
      } else if character == "\\" {
        plain += try escape(&rest)
      } else {
        plain.append(character)
        rest.removeFirst()
      }
    }
    return plain.isEmpty ? pieces : pieces + [.text(plain)]
  }

  private func field(_ rest: inout Substring) throws -> ItemField {
    let start = rest.startIndex
    guard let end = rest.firstRange(of: "}}") else {
      throw failure("a field is not closed", start..<text.endIndex, hint: "write {{title}}")
    }
    let name = rest[rest.index(start, offsetBy: 2)..<end.lowerBound]
    rest = rest[end.upperBound...]
    let trimmed = name.drop { $0 == " " }
    let word = String(trimmed.prefix { $0 != " " })
    guard let field = ItemField(rawValue: word),
      trimmed.dropFirst(word.count).allSatisfy({ $0 == " " })
    else {
      let nearest = Spelling.nearest(to: word, among: ItemField.allCases.map(\.rawValue))
      throw failure(
        "there is no field \(Text.line(String(name), width: 40))", name.startIndex..<name.endIndex,
        hint: nearest.map { "did you mean {{\($0)}}?" }
          ?? "the fields are: \(ItemField.allCases.map(\.rawValue).joined(separator: ", "))")
    }
    return field
  }

  private func escape(_ rest: inout Substring) throws -> String {
    let known: [Character: String] = ["n": "\n", "t": "\t", "\\": "\\", "{": "{", "}": "}"]
    let start = rest.startIndex
    rest.removeFirst()
    guard let character = rest.first, let meant = known[character] else {
      let end = rest.isEmpty ? rest.startIndex : rest.index(after: rest.startIndex)
      throw failure(
        "\(Text.line(String(text[start..<end]))) means nothing", start..<end,
        hint: "\\n is a line end, \\t a tab, \\\\ a backslash, \\{ a brace")
    }
    rest.removeFirst()
    return meant
  }

  private func unknownForm() -> Failure {
    let known = ListFormat.allValueStrings
    let nearest = Spelling.nearest(to: text, among: known)
    return Failure(
      .usage, "there is no form \(Text.line(text, width: 40))",
      hint: nearest.map { "did you mean \($0)?" }
        ?? "it is \(known.joined(separator: ", ")), or a text with fields: \"{{id}} {{title}}\"")
  }

  private func failure(_ message: String, _ place: Range<String.Index>, hint: String) -> Failure {
    let bytes = text.utf8
    let start = bytes.distance(from: bytes.startIndex, to: place.lowerBound)
    let end = bytes.distance(from: bytes.startIndex, to: place.upperBound)
    return Failure(
      .usage, message, details: Failure.pointing(at: start..<end, in: text), hint: hint)
  }
}
