internal import Gloss
internal import GlossCore

// An article's text, with what a reader left in it
// ================================================
//
// The text is laid out paragraph by paragraph, so that what is held is one paragraph and not the whole text. A highlight is shown in
// its colour with its name behind it, or in brackets where there are no colours. Notes stand in the margin, beside the line in which
// their highlight ends or as soon after it as there is room; where the terminal is too narrow for a margin, below the paragraph.

/// Prints an article's text with its highlights in place.
struct ReadingPage {
  /// A highlight that was found in the text.
  private struct Mark {
    let place: Range<Int>
    let highlight: Highlight
  }

  private let naming: Naming
  private let notes: [RecordID: [Note]]
  private let scalars: [Unicode.Scalar]
  private let marks: [Mark]
  /// The highlights whose words are not in the text any more.
  let lost: [Highlight]

  private let textWidth: Int
  /// How wide the margin is; `nil` where there is none.
  private let marginWidth: Int?

  /// The narrowest terminal with a margin.
  private static let leastWidthWithMargin = 100

  init(text: String, highlights: [Highlight], notes: [Note], naming: Naming, width: Int) {
    self.naming = naming
    let scalars = Array(text.unicodeScalars)
    self.scalars = scalars.unwrapped
    var marks: [Mark] = []
    var lost: [Highlight] = []
    for highlight in highlights {
      if let place = highlight.anchor?.place(in: scalars) {
        marks.append(Mark(place: place, highlight: highlight))
      } else {
        lost.append(highlight)
      }
    }
    self.marks = marks.sorted {
      ($0.place.lowerBound, $0.place.upperBound) < ($1.place.lowerBound, $1.place.upperBound)
    }
    self.lost = lost
    let notesByHighlight = Dictionary(
      grouping: notes.filter { $0.highlight != nil }, by: { $0.highlight ?? $0.id })
    self.notes = notesByHighlight
    let hasNotes = marks.contains { notesByHighlight[$0.highlight.id] != nil }
    if hasNotes, width >= Self.leastWidthWithMargin {
      textWidth = min(80, (width - 3) * 2 / 3)
      marginWidth = min(48, width - 3 - textWidth)
    } else {
      textWidth = min(80, width)
      marginWidth = nil
    }
  }

  func print() {
    var margin: [StyledText] = []
    var start = 0
    var first = 0
    while start < scalars.count {
      let end = scalars[start...].firstIndex(of: "\n") ?? scalars.count
      // Marks are in the order of their starts: those before the first that reaches this far are done.
      while first < marks.count, marks[first].place.upperBound <= start { first += 1 }
      let here = marks[first...].prefix { $0.place.lowerBound < end }
        .filter { $0.place.upperBound > start }
      printParagraph(start..<end, here, &margin)
      start = end + 1
    }
    for line in margin { put(StyledText(), beside: line) }
  }

  /// Prints one paragraph, and takes lines of the margin as they find room beside it.
  private func printParagraph(
    _ range: Range<Int>, _ marks: [Mark], _ margin: inout [StyledText]
  ) {
    let (text, ends) = styled(range, marks)
    let lines = text.lines(to: textWidth)
    for (index, line) in lines.enumerated() {
      let next = index + 1 < lines.count ? lines[index + 1].start : text.count + 1
      for end in ends where line.start < end.offset && end.offset <= next && marginWidth != nil {
        margin += marginLines(end.highlight)
      }
      put(line.text, beside: margin.isEmpty ? nil : margin.removeFirst())
    }
    for end in ends where marginWidth == nil {
      for note in notes[end.highlight.id] ?? [] { Page.printNote(note, naming, indent: 4) }
    }
  }

  private func put(_ line: StyledText, beside margin: StyledText?) {
    guard let margin else { return Output.line(line.rendered()) }
    Output.line(line.padded(to: textWidth).rendered() + Style.faint.on(" │ ") + margin.rendered())
  }

  private func marginLines(_ highlight: Highlight) -> [StyledText] {
    (notes[highlight.id] ?? []).flatMap { note in
      var text = StyledText(naming.short(note.key), .name)
      text.append(" " + note.body, .note)
      return text.wrapped(to: marginWidth ?? textWidth)
    }
  }

  /// Returns the paragraph with its marks, and after how many of its characters each mark that ends in it does.
  private func styled(
    _ range: Range<Int>, _ marks: [Mark]
  ) -> (text: StyledText, ends: [(offset: Int, highlight: Highlight)]) {
    let isColoured = Terminal.output.takesColour
    let pieces = marks.map { ($0.place.clamped(to: range), $0) }
    let cuts = Set(
      [range.lowerBound, range.upperBound] + pieces.flatMap { [$0.0.lowerBound, $0.0.upperBound] }
    ).sorted()
    var text = StyledText()
    // Asking the text each time would take a look at all of it.
    var count = 0
    func append(_ content: String, _ style: Style? = nil) {
      let part = StyledText(content, style)
      count += part.count
      text += part
    }
    var ends: [(Int, Highlight)] = []
    for (from, to) in zip(cuts, cuts.dropFirst()) {
      if !isColoured {
        append(String(repeating: "[", count: marks.count { $0.place.lowerBound == from }))
      }
      // Of highlights that overlap, the one that began last is on top.
      let style = marks.last { $0.place.contains(from) }
        .map { Style.marked(colour: $0.highlight.colour) }
      append(String(String.UnicodeScalarView(scalars[from..<to])), style)
      // One that takes the line's end with it ends with the line.
      for (place, mark) in pieces
      where place.upperBound == to && mark.place.upperBound <= range.upperBound + 1 {
        append((isColoured ? "" : "]") + "(" + naming.short(mark.highlight.key) + ")", .faint)
        ends.append((count, mark.highlight))
      }
    }
    return (text, ends)
  }
}
