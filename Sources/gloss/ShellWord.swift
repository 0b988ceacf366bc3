/// A word of a command line as it is being typed.
struct ShellWord {
  /// As it stands in the line, quotes and all.
  let text: String
  /// What a program gets of it, in all but unusual cases.
  let meaning: String
  /// The quotation mark that was not closed.
  private let openQuote: Character?
  /// Whether the next character would be quoted by a backslash.
  private let isEscaping: Bool

  init(_ text: String) {
    var meaning = ""
    var quote: Character?
    var isEscaping = false
    for character in text {
      if isEscaping {
        if quote == "\"", !"\"\\$`".contains(character) { meaning.append("\\") }
        meaning.append(character)
        isEscaping = false
      } else if character == "\\", quote != "'" {
        isEscaping = true
      } else if character == quote {
        quote = nil
      } else if quote == nil, character == "'" || character == "\"" {
        quote = character
      } else {
        meaning.append(character)
      }
    }
    (self.text, self.meaning, openQuote, self.isEscaping) = (text, meaning, quote, isEscaping)
  }

  /// Returns the word with more behind it, quoted for bash as its beginning needs it; `nil` behind a lone backslash. A quotation mark
  /// that is open stays so.
  func goingOn(with rest: String) -> String? {
    guard !isEscaping else { return nil }
    switch openQuote {
    case "'"?:
      // readline takes a mark that stands behind the opening one for the same.
      let isDoubled = text.hasSuffix("'") && rest.hasPrefix("'")
      return text + (isDoubled ? "'" : "") + rest.replacing("'", with: "'\\''")
    case _?: return text + Self.escaped(rest) { "\"\\$`".contains($0) }
    case nil:
      return text
        + Self.escaped(rest) {
          $0.isASCII && !$0.isLetter && !$0.isNumber && !"_-+=:,./@%".contains($0)
        }
    }
  }

  private static func escaped(_ text: String, where isSpecial: (Character) -> Bool) -> String {
    text.reduce(into: "") { $0 += isSpecial($1) ? "\\\($1)" : "\($1)" }
  }
}
