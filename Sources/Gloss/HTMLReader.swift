// Readable text out of HTML
// =========================
//
// No layout, no scripts, no tree: a page is read once from front to back, tags are dropped, those that begin or end a block
// break the line, character references are decoded, and what stands in elements that are not for reading is left out. Any
// input gives some text, in time linear in its size. Nothing is fetched and nothing is run.

/// Reduces a page to its readable text.
struct HTMLReader {
  /// The content of the first `title` element as one line.
  private(set) var title = ""

  private let input: [UInt8]
  private var position = 0
  private var output: [UInt8] = []
  /// Line ends that are due before the next word: 1 ends the line, 2 leaves an empty one.
  private var breaksDue = 0
  private var isSpaceDue = false
  private var preformattedDepth = 0

  init(_ page: String) {
    input = Array(page.utf8)
  }

  /// The text so far: lines without white space at their ends, at most one empty line between them.
  var text: String { String(decoding: output, as: UTF8.self) }

  /// Reads the whole page.
  mutating func read() {
    while position < input.count {
      if input[position] == UInt8(ascii: "<"), let tag = nextTag() {
        take(tag)
      } else {
        takeText(upTo: nextMark(after: position))
      }
    }
  }

  private struct Tag {
    var name: String
    var isEnd: Bool
  }

  private static let unread: Set<String> = [
    "script", "style", "noscript", "template", "svg", "math", "iframe", "object", "select",
    "textarea",
  ]
  private static let blocks: Set<String> = [
    "address", "article", "aside", "blockquote", "body", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6",
    "head",
    "header", "hr", "html", "li", "main", "nav", "ol", "p", "pre", "section", "table", "tr", "ul",
  ]
  private static let tight: Set<String> = ["dd", "dt", "li", "tr"]

  private mutating func take(_ tag: Tag) {
    if tag.name == "title", !tag.isEnd {
      let content = contentOfElement("title")
      if title.isEmpty { title = decoded(content).singleLine }
    } else if Self.unread.contains(tag.name) {
      if !tag.isEnd { _ = contentOfElement(tag.name) }
    } else if tag.name == "br" {
      breaksDue = max(breaksDue, 1)
    } else if Self.blocks.contains(tag.name) {
      breaksDue = max(breaksDue, Self.tight.contains(tag.name) ? 1 : 2)
      if tag.name == "pre" { preformattedDepth = max(0, preformattedDepth + (tag.isEnd ? -1 : 1)) }
      if tag.name == "li", !tag.isEnd { write(Array("- ".utf8)) }
    } else if tag.name == "td" || tag.name == "th" {
      isSpaceDue = true
    }
  }

  /// Reads the tag, comment or declaration here, or returns `nil` where the `<` is text.
  private mutating func nextTag() -> Tag? {
    let rest = input[(position + 1)...]
    if rest.starts(with: "!--".utf8) {
      position = endOfComment()
      return Tag(name: "", isEnd: false)
    }
    let isEnd = rest.first == UInt8(ascii: "/")
    let nameStart = position + (isEnd ? 2 : 1)
    guard nameStart < input.count else { return nil }
    let isDeclaration =
      input[nameStart] == UInt8(ascii: "!") || input[nameStart] == UInt8(ascii: "?")
    guard isDeclaration || isLetter(input[nameStart]) else { return nil }
    let nameEnd = input[nameStart...].firstIndex { !isLetter($0) && !isDigit($0) } ?? input.count
    position = endOfTag(from: nameEnd)
    return Tag(
      name: String(decoding: input[nameStart..<nameEnd], as: UTF8.self).lowercased(), isEnd: isEnd)
  }

  private func endOfComment() -> Int {
    var index = position + 4
    while index + 2 < input.count {
      if input[index] == UInt8(ascii: "-"), input[index + 1] == UInt8(ascii: "-"),
        input[index + 2] == UInt8(ascii: ">")
      {
        return index + 3
      }
      index += 1
    }
    return input.count
  }

  /// The place after the `>` that ends a tag; one inside a quoted attribute does not.
  private func endOfTag(from start: Int) -> Int {
    var quote: UInt8?
    var index = start
    while index < input.count {
      let byte = input[index]
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: ">") {
        return index + 1
      } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
        quote = byte
      }
      index += 1
    }
    return input.count
  }

  /// Takes everything up to the element's end tag, and that tag.
  private mutating func contentOfElement(_ name: String) -> ArraySlice<UInt8> {
    let start = position
    let wanted = Array(name.utf8)
    var index = start
    while let mark = input[index...].firstIndex(of: UInt8(ascii: "<")) {
      let candidate = input[mark...].dropFirst(2).prefix(wanted.count)
      if mark + 1 < input.count, input[mark + 1] == UInt8(ascii: "/"),
        candidate.count == wanted.count, zip(candidate, wanted).allSatisfy({ $0 | 0x20 == $1 })
      {
        position = endOfTag(from: mark + 2 + wanted.count)
        return input[start..<mark]
      }
      index = mark + 1
    }
    position = input.count
    return input[start...]
  }

  private func nextMark(after start: Int) -> Int {
    input[(start + 1)...].firstIndex(of: UInt8(ascii: "<")) ?? input.count
  }

  private mutating func takeText(upTo end: Int) {
    let content = decoded(input[position..<end])
    position = end
    if preformattedDepth > 0 {
      write(Array(content.utf8).filter { $0 != UInt8(ascii: "\r") })
      return
    }
    for scalar in content.unicodeScalars {
      if scalar.value < 128 || scalar.value == 0x85, scalar.properties.isWhitespace {
        isSpaceDue = true
      } else {
        write(Array(UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter))
      }
    }
  }

  /// Writes bytes of a line, after the line ends and the space that are due.
  private mutating func write(_ bytes: [UInt8]) {
    guard !bytes.isEmpty else { return }
    if breaksDue > 0, !output.isEmpty {
      while output.last == UInt8(ascii: " ") { output.removeLast() }
      while output.last == UInt8(ascii: "\n") { output.removeLast() }
      output += Array(repeating: UInt8(ascii: "\n"), count: breaksDue)
    } else if isSpaceDue, let last = output.last, last != UInt8(ascii: "\n"),
      last != UInt8(ascii: " ")
    {
      output.append(UInt8(ascii: " "))
    }
    breaksDue = 0
    isSpaceDue = false
    output += bytes
  }

  private func decoded(_ bytes: ArraySlice<UInt8>) -> String {
    HTMLCharacters.decode(String(decoding: bytes, as: UTF8.self))
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
  }

  private func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
  }
}
