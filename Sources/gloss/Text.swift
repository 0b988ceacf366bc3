/// Text for a terminal.
enum Text {
  /// Returns content as it may be printed: control characters (C0 but for line end and tab, DEL, C1) and the characters
  /// that change the direction of text become visible escapes, so that no content can steer a terminal or disguise
  /// what it says.
  static func safe(_ content: String) -> String {
    guard content.unicodeScalars.contains(where: isUnsafe) else { return content }
    var result = ""
    for scalar in content.unicodeScalars {
      if isUnsafe(scalar) {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Returns content on one line, safe: each run of white space is one space.
  static func line(_ content: String) -> String {
    safe(content.split(whereSeparator: \.isWhitespace).joined(separator: " "))
  }

  /// Returns content on one line of at most `width` columns, an ellipsis in place of what does not fit.
  static func line(_ content: String, width: Int) -> String {
    let text = line(String(content.prefix(4 * max(width, 1) + 64)))
    guard columns(text) > width else { return text }
    var result = ""
    var used = 1
    for character in text {
      used += columns(String(character))
      if used > width { break }
      result.append(character)
    }
    while result.last == " " { result.removeLast() }
    return result + "…"
  }

  /// Returns `text` with spaces after it up to `width` columns.
  static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - columns(text)))
  }

  /// The columns that a terminal gives the text; see ``Columns``.
  static func columns(_ text: String) -> Int {
    text.reduce(0) { $0 + columns(of: $1) }
  }

  /// The columns that a terminal gives the character.
  static func columns(of character: Character) -> Int {
    Columns.width(of: character)
  }

  /// Whether the character may not begin a line: it belongs to what stands before it.
  static func isClosing(_ character: Character) -> Bool {
    "]})%。、，．！？：；」』）】〉》〕］｝・ー々ゝゞぁぃぅぇぉっゃゅょァィゥェォッャュョ".contains(character)
  }

  /// Whether the scalar may not reach a terminal or a JSON reader as it is.
  static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0: true
    case 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069, 0xFFF9...0xFFFB: true
    case 0xE0000...0xE007F: true
    default: false
    }
  }
}
