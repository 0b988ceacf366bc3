/// The readable text of a file, and the title that the file gives itself.
public struct ImportedText: Hashable, Sendable {
  /// The title in the file, white space made plain.
  public var title: String?

  /// The text: the file's own, or the readable part of a page.
  public var text: String

  /// What a file is written in.
  public enum Format: Sendable {
    case plain
    case markdown
    case html
  }

  /// Reads the bytes of a file.
  ///
  /// Plain text and Markdown stay as they are, but for a byte order mark; of HTML the readable text is taken.
  ///
  /// - Parameter format: The format, or `nil` to tell HTML from the rest by how it begins.
  /// - Throws: ``LibraryError/notUTF8(offset:)``, ``LibraryError/containsNUL(offset:)``.
  public init(_ bytes: [UInt8], format: Format?) throws(LibraryError) {
    let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let content = try Self.decode(bytes.starts(with: mark) ? bytes[3...] : bytes[...])
    switch format ?? Self.guess(content) {
    case .plain:
      title = nil
      text = content
    case .markdown:
      title = Self.markdownTitle(content)
      text = content
    case .html:
      var reader = HTMLReader(content)
      reader.read()
      title = reader.title.isEmpty ? nil : reader.title
      text = reader.text
    }
  }

  /// Returns the format that a file's name tells, or `nil`.
  public static func format(ofFileNamed name: String) -> Format? {
    guard let dot = name.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
    switch name[name.utf8.index(after: dot)...].lowercased() {
    case "html", "htm", "xhtml": return .html
    case "md", "markdown": return .markdown
    case "txt", "text": return .plain
    default: return nil
    }
  }

  /// Returns the text of UTF-8 bytes.
  ///
  /// - Throws: ``LibraryError/notUTF8(offset:)`` with the first byte that is not, or
  ///   ``LibraryError/containsNUL(offset:)``.
  public static func decode(_ bytes: ArraySlice<UInt8>) throws(LibraryError) -> String {
    if let nul = bytes.firstIndex(of: 0) { throw .containsNUL(offset: nul) }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .notUTF8(offset: bytes.startIndex + validCount(bytes))
    }
    return text
  }

  /// The number of bytes before the first that is not UTF-8.
  private static func validCount(_ bytes: ArraySlice<UInt8>) -> Int {
    var decoder = UTF8.ForwardParser()
    var iterator = bytes.makeIterator()
    var count = 0
    while true {
      switch decoder.parseScalar(from: &iterator) {
      case .valid(let scalar): count += scalar.count
      case .emptyInput, .error: return count
      }
    }
  }

  private static func guess(_ content: String) -> Format {
    let start = content.utf8.drop { $0 == 0x20 || (9...13).contains($0) }.prefix(15)
    let word = String(decoding: start, as: UTF8.self).lowercased()
    return word.hasPrefix("<!doctype html") || word.hasPrefix("<html") ? .html : .plain
  }

  /// The title in the front matter, or the first heading of the first level.
  private static func markdownTitle(_ content: String) -> String? {
    var isInFrontMatter = false
    var fence: Substring?
    for (number, line) in content.split(
      omittingEmptySubsequences: false, whereSeparator: \.isNewline
    ).enumerated() {
      if number == 0, line == "---" {
        isInFrontMatter = true
      } else if isInFrontMatter {
        if line == "---" || line == "..." { isInFrontMatter = false }
        if line.hasPrefix("title:") {
          let title = line.dropFirst(6).trimmingSpace().trimming { $0 == "\"" || $0 == "'" }
          if !title.isEmpty { return title.singleLine }
        }
      } else if line.hasPrefix("```") || line.hasPrefix("~~~") {
        if fence == nil { fence = line.prefix(3) } else if fence == line.prefix(3) { fence = nil }
      } else if fence == nil, line.hasPrefix("# ") {
        let title = line.dropFirst(2).trimming { $0 == "#" || $0.isWhitespace }
        if !title.isEmpty { return title.singleLine }
      }
    }
    return nil
  }
}

extension StringProtocol {
  /// The text without white space at its ends.
  func trimmingSpace() -> SubSequence { trimming(\.isWhitespace) }

  /// The text without the characters at its ends of which `isDropped` is true.
  func trimming(_ isDropped: (Character) -> Bool) -> SubSequence {
    guard let first = firstIndex(where: { !isDropped($0) }),
      let last = lastIndex(where: { !isDropped($0) })
    else { return self[startIndex..<startIndex] }
    return self[first...last]
  }

  /// The text as one line: each run of white space one space, none at the ends.
  var singleLine: String {
    split(whereSeparator: \.isWhitespace).joined(separator: " ")
  }
}
