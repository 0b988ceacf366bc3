internal import Gloss
internal import GlossCore
internal import GlossStore

/// What a change did to one field, word by word where it is text.
struct Patch {
  private let write: HistoryLine.FieldWrite
  /// The texts, where both values are some.
  private let texts: (old: String, new: String)?

  init(_ write: HistoryLine.FieldWrite, in library: Library) throws {
    self.write = write
    let old = try Self.text(write.old, of: write.field, in: library)
    let new = try Self.text(write.new, of: write.field, in: library)
    if let old, let new { texts = (old, new) } else { texts = nil }
  }

  /// The field and below it its text with what went and what came, or both on one line where it is short or no text.
  ///
  /// - Parameter isWhole: Whether long stretches that are the same are shown, too.
  func lines(width: Int, isWhole: Bool) -> [StyledText] {
    let plain = ChangeText.line(write, width: width, column: 10)
    guard let texts, write.putAside.isEmpty else { return [plain] }
    let text = DiffText(WordDiff(from: texts.old, to: texts.new), isWhole: isWhole).styled
    let name = Text.padded(Text.line(write.field.text, width: 20), to: 10) + "  "
    let isShort = !texts.old.contains(where: \.isNewline) && !texts.new.contains(where: \.isNewline)
    var first = StyledText(name)
    first += text
    if isShort, first.columns <= width { return [first] }
    var lines = text.wrapped(to: width - 4)
    while lines.count > 1, lines.last?.isEmpty == true { lines.removeLast() }
    return [StyledText(Text.line(write.field.text, width: 20))] + lines.map { $0.indented(by: 4) }
  }

  /// The text of a value: its own, an anchor's quote, or the large value that it names; `nil` where it is no text or is not here.
  private static func text(_ value: Value?, of field: Name, in library: Library) throws -> String? {
    switch value {
    case .text(let text)?: return text
    case .blob(let id)?: return try library.text(id)
    default: return nil
    }
  }
}

extension StyledText {
  /// The line behind so many spaces, and an empty one as it is.
  func indented(by columns: Int) -> StyledText {
    guard !isEmpty else { return self }
    var result = StyledText(String(repeating: " ", count: columns))
    result += self
    return result
  }
}
