internal import Gloss

/// Text for a terminal.
enum Text {
  /// Returns content as it may be printed; see ``SafeText``.
  static func safe(_ content: String) -> String { SafeText.escaped(content) }

  /// Returns content on one line, safe: each run of white space is one space.
  static func line(_ content: String) -> String {
    if let line = plainLine(content, width: .max) { return line }
    return safe(content.split(whereSeparator: \.isWhitespace).joined(separator: " "))
  }

  /// Returns content on one line of at most `width` columns, an ellipsis in place of what does not fit.
  static func line(_ content: String, width: Int) -> String {
    if let line = plainLine(content, width: width) { return line }
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

  /// Returns text in lines of at most `width` columns, broken at spaces only: a word may be a path, to be copied whole.
  static func lines(_ text: String, width: Int) -> [String] {
    text.split(separator: "\n", omittingEmptySubsequences: false).flatMap { paragraph in
      var lines: [String] = []
      var line = ""
      // Spaces beside each other are words without letters between them.
      for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) {
        if columns(line) + columns(String(word)) <= width || line.allSatisfy({ $0 == " " }) {
          line += word + " "
          continue
        }
        lines.append(line)
        line = word + " "
      }
      return (lines + [line]).map { line in
        String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
      }
    }
  }

  /// Returns what somebody typed as a message repeats it.
  static func repeated(_ argument: String) -> String { line(argument, width: 60) }

  /// Returns a path for a message: whole, unless it is longer than anybody's.
  static func path(_ path: String) -> String { line(path, width: 200) }

  /// Returns the same for what most content is, printable ASCII and white space, of which a column is a byte; `nil` for other content.
  /// Clusters of characters are what takes the time of a long list.
  private static func plainLine(_ content: String, width: Int) -> String? {
    guard width > 0 else { return nil }
    var content = content
    switch content.withUTF8({ plainLine($0, width: width) }) {
    case .other: return nil
    case .same: return content
    case .line(let line): return line
    }
  }

  /// What comes of content as a plain line.
  private enum PlainLine {
    case same
    case line(String)
    /// It is not plain.
    case other
  }

  private static func plainLine(_ content: UnsafeBufferPointer<UInt8>, width: Int) -> PlainLine {
    let start = lineStart(content, width)
    if content.count <= width {
      if start == content.count, content.last != space { return .same }
    } else if start > width, content[width] != space {
      return .line(cut(content[..<(width - 1)]))
    }
    return spacedLine(content, width: width)
  }

  /// Returns how many of the first `width` + 1 bytes are as a line has them: printable, with one space between words.
  private static func lineStart(_ content: UnsafeBufferPointer<UInt8>, _ width: Int) -> Int {
    let end = width < content.count ? width + 1 : content.count
    var isAfterSpace = true
    for place in 0..<end {
      let byte = content[place]
      guard isPlain(byte), byte != space || !isAfterSpace else { return place }
      isAfterSpace = byte == space
    }
    return end
  }

  private static func cut(_ line: some BidirectionalCollection<UInt8>) -> String {
    let end = line.last == space ? line.dropLast() : line[...]
    return String(decoding: end, as: UTF8.self) + "…"
  }

  /// Returns the line of plain content that has more white space than a line.
  private static func spacedLine(_ content: UnsafeBufferPointer<UInt8>, width: Int) -> PlainLine {
    var line: [UInt8] = []
    line.reserveCapacity(min(content.count, width) + 1)
    var isAfterSpace = false
    for byte in content where line.count <= width {
      guard !isWhiteSpace(byte) else {
        isAfterSpace = true
        continue
      }
      guard isPlain(byte) else { return .other }
      if isAfterSpace, !line.isEmpty { line.append(space) }
      line.append(byte)
      isAfterSpace = false
    }
    guard line.count > width else { return .line(String(decoding: line, as: UTF8.self)) }
    return .line(cut(line[..<(width - 1)]))
  }

  private static let space = UInt8(ascii: " ")

  private static func isPlain(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) }

  private static func isWhiteSpace(_ byte: UInt8) -> Bool {
    byte == space || (0x09...0x0D).contains(byte)
  }

  /// Returns `text` with spaces after it up to `width` columns.
  static func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - columns(text)))
  }

  /// The columns that a terminal gives the text; see ``Columns``.
  static func columns(_ text: String) -> Int {
    text.utf8.allSatisfy(isPlain)
      ? text.utf8.count : text.reduce(0) { $0 + columns(of: $1) }
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
  static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool { SafeText.isUnsafe(scalar.value) }
}
