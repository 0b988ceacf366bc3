/// Text with styles in it. Content becomes safe when it is put in, and widths are those without the styles.
struct StyledText {
  /// One character as it is shown, and its style.
  private typealias Piece = (character: Character, style: Style?)

  private var pieces: [Piece] = []

  init() {}

  init(_ content: String, _ style: Style? = nil) { append(content, style) }

  private init(_ pieces: some Sequence<Piece>) { self.pieces = Array(pieces) }

  var isEmpty: Bool { pieces.isEmpty }

  /// The columns that it takes where it stands on one line.
  var columns: Int { pieces.reduce(0) { $0 + Text.columns(of: $1.character) } }

  mutating func append(_ content: String, _ style: Style? = nil) {
    pieces += Text.safe(content).map { ($0, style) }
  }

  static func += (text: inout StyledText, other: StyledText) { text.pieces += other.pieces }

  /// Returns it with spaces after it up to `width` columns.
  func padded(to width: Int) -> StyledText {
    var result = self
    result.append(String(repeating: " ", count: max(0, width - columns)))
    return result
  }

  /// Returns as much of it as `width` columns take, an ellipsis in place of the rest.
  func cut(to width: Int) -> StyledText {
    guard columns > width else { return self }
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
  func wrapped(to width: Int) -> [StyledText] {
    pieces.split(omittingEmptySubsequences: false) { $0.character.isNewline }
      .flatMap { Self.lines($0, width: max(2, width)) }
  }

  private static func lines(_ paragraph: ArraySlice<Piece>, width: Int) -> [StyledText] {
    var lines: [StyledText] = []
    var rest = paragraph
    while !rest.isEmpty {
      var used = 0
      var end = rest.startIndex
      // The last place at which the line may end, and where the next one begins then.
      var place: (end: Int, next: Int)?
      while end < rest.endIndex {
        let piece = rest[end].character
        let columns = Text.columns(of: piece)
        if piece == " " || piece == "\t" {
          place = (end, end + 1)
        } else if columns == 2, end > rest.startIndex, !Text.isClosing(piece) {
          place = (end, end)
        }
        guard used + columns <= width else { break }
        used += columns
        end += 1
        if columns == 2, end < rest.endIndex, !Text.isClosing(rest[end].character) {
          place = (end, end)
        }
      }
      guard end < rest.endIndex else {
        lines.append(StyledText(rest))
        break
      }
      let (lineEnd, next) = place ?? (max(end, rest.startIndex + 1), max(end, rest.startIndex + 1))
      lines.append(StyledText(rest[rest.startIndex..<lineEnd]))
      rest = rest[next...]
      while rest.first?.character == " ", place != nil { rest.removeFirst() }
    }
    return lines.isEmpty ? [StyledText()] : lines
  }

  /// The text as it is printed, in colours where `terminal` takes them.
  func rendered(_ terminal: Terminal = .output) -> String {
    var result = ""
    var start = pieces.startIndex
    while start < pieces.endIndex {
      let style = pieces[start].style
      let end = pieces[start...].firstIndex { $0.style != style } ?? pieces.endIndex
      let run = String(pieces[start..<end].map(\.character))
      result += style?.on(run, terminal) ?? run
      start = end
    }
    return result
  }
}
