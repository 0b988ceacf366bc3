internal import Gloss

/// A difference as it is shown: in colour, or as `[-old-]{+new+}` where there are no colours, and where only white space differs,
/// of which a colour shows nothing.
struct DiffText {
  let styled: StyledText

  /// How many characters of unchanged text are shown beside a change, and of a change or of an unchanged text alone.
  private static let nearCount = 160
  private static let alone = 2_000

  init(_ diff: WordDiff, isWhole: Bool) {
    self.init(diff.pieces, isWhole: isWhole)
  }

  init(_ pieces: [WordDiff.Piece], isWhole: Bool) {
    var text = StyledText()
    let isPlain = !Terminal.output.takesColour
    for (index, piece) in pieces.enumerated() {
      switch piece {
      case .same(let words):
        let before = index == 0 ? 0 : Self.nearCount
        let after = index == pieces.count - 1 ? 0 : Self.nearCount
        let isAlone = pieces.count == 1
        Self.append(
          words, nil, to: &text, isWhole: isWhole, before: isAlone ? Self.alone : before,
          after: isAlone ? Self.alone : after)
      case .removed(let words):
        Self.append(words, .removed, marks: ("[-", "-]"), isPlain, to: &text, isWhole: isWhole)
      case .added(let words):
        Self.append(words, .added, marks: ("{+", "+}"), isPlain, to: &text, isWhole: isWhole)
      }
    }
    if pieces.isEmpty { text.append("none", .faint) }
    styled = text
  }

  private static func append(
    _ words: String, _ style: Style, marks: (String, String), _ isPlain: Bool,
    to text: inout StyledText, isWhole: Bool
  ) {
    let isMarked = isPlain || words.allSatisfy(\.isWhitespace)
    if isMarked { text.append(marks.0, style) }
    append(words, style, to: &text, isWhole: isWhole, before: alone, after: alone)
    if isMarked { text.append(marks.1, style) }
  }

  /// Appends words, and of many only the first `before` and the last `after` characters.
  private static func append(
    _ words: String, _ style: Style?, to text: inout StyledText, isWhole: Bool, before: Int,
    after: Int
  ) {
    let count = words.count
    guard !isWhole, count > before + after + 120 else { return text.append(words, style) }
    text.append(String(words.prefix(before)), style)
    text.append(before == 0 ? "" : "…\n")
    text.append("(\(count - before - after) characters more: --full)\n", .faint)
    text.append(after == 0 ? "" : "…" + String(words.suffix(after)), style)
  }
}
