/// Text with styles in it. Content becomes safe when it is put in, and widths are those without the styles.
struct StyledText {
  /// A stretch of one style, as it is shown. Most lines are printed as they were put together, without a look at their characters.
  private struct Part {
    var text: String
    var style: Style?
  }

  /// One character, and its style.
  private typealias Piece = (character: Character, style: Style?)

  private var parts: [Part] = []

  init() {}

  init(_ content: String, _ style: Style? = nil) { append(content, style) }

  private init(_ pieces: some Sequence<Piece>) {
    for (character, style) in pieces {
      if let last = parts.indices.last, parts[last].style == style {
        parts[last].text.append(character)
      } else {
        parts.append(Part(text: String(character), style: style))
      }
    }
  }

  private var pieces: [Piece] {
    parts.flatMap { part in part.text.map { ($0, part.style) } }
  }

  var isEmpty: Bool { parts.allSatisfy(\.text.isEmpty) }

  /// The number of characters.
  var count: Int { parts.reduce(0) { $0 + $1.text.count } }

  /// The columns that it takes where it stands on one line.
  var columns: Int { parts.reduce(0) { $0 + Text.columns($1.text) } }

  mutating func append(_ content: String, _ style: Style? = nil) {
    if !content.isEmpty { parts.append(Part(text: Text.safe(content), style: style)) }
  }

  static func += (text: inout StyledText, other: StyledText) { text.parts += other.parts }

  /// Returns it with spaces after it up to `width` columns.
  func padded(to width: Int) -> StyledText {
    var result = self
    result.append(String(repeating: " ", count: max(0, width - columns)))
    return result
  }

  /// Returns as much of it as `width` columns take, an ellipsis in place of the rest.
  func cut(to width: Int) -> StyledText {
    guard columns > width else { return self }
    let pieces = pieces
    var used = 1
    var kept = pieces.prefix { piece in
      used += Text.columns(of: piece.character)
      return used <= width
    }
    while kept.last?.character == " " { kept.removeLast() }
    return StyledText(Array(kept) + [(Character("…"), kept.last?.style)])
  }

  /// Returns its lines, each of at most `width` columns: broken where it has line ends, at spaces, beside what is written without
  /// spaces, and inside words that are wider than a line.
  func wrapped(to width: Int) -> [StyledText] { lines(to: width).map(\.text) }

  /// Returns its lines as ``wrapped(to:)`` does, each with the number of the character that it begins with.
  func lines(to width: Int) -> [(text: StyledText, start: Int)] {
    pieces.split(omittingEmptySubsequences: false) { $0.character.isNewline }
      .flatMap { Self.lines($0, width: max(2, width)) }
  }

  private static func lines(
    _ paragraph: ArraySlice<Piece>, width: Int
  ) -> [(text: StyledText, start: Int)] {
    var lines: [(StyledText, Int)] = []
    var rest = paragraph
    while let end = firstNotTaken(by: width, rest), let next = rest.indices.last.map({ $0 + 1 }) {
      let isLast = end.next == next
      lines.append((StyledText(rest[rest.startIndex..<end.end]), rest.startIndex))
      rest = rest[end.next...]
      if isLast { break }
    }
    return lines.isEmpty ? [(StyledText(), paragraph.startIndex)] : lines
  }

  /// Returns where a line ends that begins with `rest`, and where the next one begins; `nil` where nothing is left.
  private static func firstNotTaken(
    by width: Int, _ rest: ArraySlice<Piece>
  ) -> (end: Int, next: Int)? {
    guard !rest.isEmpty else { return nil }
    var used = 0
    // The last place at which the line may end.
    var place: Int?
    for index in rest.indices {
      let character = rest[index].character
      let columns = Text.columns(of: character)
      let isAfterWide = index > rest.startIndex && Text.columns(of: rest[index - 1].character) == 2
      if character == " " || (columns == 2 || isAfterWide) && !Text.isClosing(character) {
        place = index
      }
      used += columns
      guard used > width else { continue }
      let end = place.map { $0 > rest.startIndex ? $0 : index } ?? index
      let lineEnd = max(end, rest.startIndex + 1)
      let next = rest[lineEnd...].firstIndex { $0.character != " " } ?? rest.endIndex
      let last = rest[..<lineEnd].lastIndex { $0.character != " " }
      return (last.map { $0 + 1 } ?? lineEnd, next)
    }
    return (rest.endIndex, rest.endIndex)
  }

  /// The text as it is printed, in colours where `terminal` takes them.
  func rendered(_ terminal: Terminal = .output) -> String {
    var result = ""
    var start = parts.startIndex
    while start < parts.endIndex {
      let style = parts[start].style
      let end = parts[start...].firstIndex { $0.style != style } ?? parts.endIndex
      let run = parts[start..<end].reduce(into: "") { $0 += $1.text }
      result += style?.on(run, terminal) ?? run
      start = end
    }
    return result
  }
}
