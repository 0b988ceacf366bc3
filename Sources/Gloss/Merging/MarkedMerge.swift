/// A merge as a text for an editor or a merge tool: places that are open stand between lines of marks, as Git's style `diff3`
/// writes them.
///
/// ```
/// <<<<<<< 1 lap
/// what the one side has
/// ||||||| ancestor
/// what it was
/// =======
/// what the other side has
/// >>>>>>> 2 desk
/// ```
///
/// Marks stand around whole lines, in which what needs no decision is the same on all sides. They have seven signs, or more where
/// a text has a line that begins with that many, so that no text can be taken for a mark. Of more than two sides each
/// has its name in the mark before it.
public struct MarkedMerge: Hashable, Sendable {
  /// The text with its marks; without any where nothing is open. It ends with a line end where it has marks.
  public let text: String
  /// How many signs a mark has.
  public let markLength: Int

  /// Writes a merge.
  ///
  /// - Parameter labels: What to call each side, on one line, without control characters.
  /// - Precondition: There are as many labels as sides.
  public init(_ merge: TextMerge, labels: [String]) {
    precondition(labels.count == merge.sideCount, "each side has a label")
    var length = 7
    for chunk in merge.chunks {
      switch chunk {
      case .settled(let text): length = max(length, Self.longestRun(in: text) + 1)
      case .open(let base, let sides):
        for text in sides + [base ?? ""] { length = max(length, Self.longestRun(in: text) + 1) }
      }
    }
    var writer = Writer(labels: labels, length: length)
    for chunk in merge.chunks { writer.take(chunk) }
    writer.close()
    text = writer.text
    markLength = length
  }

  /// Whether a text that was made from this one has any of its marks left.
  public func leavesMarks(in edited: String) -> Bool {
    let marks = ["<", "|", "=", ">"].map { String(repeating: $0, count: markLength) }
    return edited.split(whereSeparator: \.isLineEnd).contains { line in
      marks.contains { line == $0 || line.hasPrefix($0 + " ") }
    }
  }

  /// The longest run of one mark's sign at the beginning of a line, if it is long enough to be taken for a mark.
  private static func longestRun(in text: String) -> Int {
    var longest = 0
    for line in text.utf8.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
      guard let sign = line.first, "<|=>".utf8.contains(sign) else { continue }
      let count = line.prefix { $0 == sign }.count
      if count >= 7 { longest = max(longest, count) }
    }
    return max(longest, 6)
  }
}

/// Puts lines together: those of all sides while a place is open, and settled ones otherwise.
private struct Writer {
  let labels: [String]
  let length: Int
  private(set) var text = ""
  /// The line that is being written, as far as it is settled; while a place is open, what each side has.
  private var line = ""
  private var sides: [String]?
  private var base = ""
  private var hasBase = false

  init(labels: [String], length: Int) {
    self.labels = labels
    self.length = length
  }

  mutating func take(_ chunk: TextMerge.Chunk) {
    switch chunk {
    case .settled(let settled): takeSettled(settled)
    case .open(let old, let texts):
      if sides == nil {
        sides = labels.map { _ in line }
        base = line
        line = ""
      }
      sides = zip(sides ?? [], texts).map { $0 + $1 }
      base += old ?? ""
      hasBase = hasBase || old != nil
      if ((sides ?? []) + [base]).allSatisfy(Self.isWhole) { endPlace() }
    }
  }

  private mutating func takeSettled(_ settled: String) {
    var rest = settled[...]
    if sides != nil {
      // The line goes on behind the open place, on all sides.
      let end = rest.firstIndex(where: \.isLineEnd).map { rest.index(after: $0) }
      let part = rest[..<(end ?? rest.endIndex)]
      sides = sides?.map { $0 + part }
      base += part
      rest = rest[part.endIndex...]
      if end != nil { endPlace() }
    }
    guard let last = rest.lastIndex(where: \.isLineEnd) else {
      line += rest
      return
    }
    text += line + rest[...last]
    line = String(rest[rest.index(after: last)...])
  }

  /// Ends the text.
  mutating func close() {
    if sides != nil { endPlace() }
    text += line
    line = ""
  }

  private mutating func endPlace() {
    guard let texts = sides else { return }
    sides = nil
    write("<", labels[0])
    write(lines: texts[0])
    if hasBase {
      write("|", "ancestor")
      write(lines: base)
    }
    for index in texts.indices.dropFirst() {
      write("=", texts.count == 2 ? "" : labels[index])
      write(lines: texts[index])
    }
    write(">", texts.count == 2 ? labels[1] : "end")
    base = ""
    hasBase = false
  }

  private mutating func write(_ sign: String, _ label: String) {
    text += String(repeating: sign, count: length) + (label.isEmpty ? "" : " " + label) + "\n"
  }

  private mutating func write(lines: String) {
    text += lines + (Self.isWhole(lines) ? "" : "\n")
  }

  /// Whether the text consists of whole lines.
  private static func isWhole(_ text: String) -> Bool { text.last?.isLineEnd ?? true }
}

extension Character {
  /// Whether an editor begins a line after it.
  fileprivate var isLineEnd: Bool { self == "\n" || self == "\r\n" }
}
