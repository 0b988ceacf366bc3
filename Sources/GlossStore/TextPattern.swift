public import GlossCore

/// Words that stand one after another in what is searchable of a record; see ``SearchSchema``.
///
/// Case, accents and width do not matter, nor does what separates words. Of scripts that are written without spaces, such as
/// Chinese, Japanese and Thai, every character is a word, so that any part of a text is found, and so is a single character.
public struct TextPattern: Hashable, Sendable {
  /// The words.
  public var text: String

  /// Whether the last word may go on: `gloss` then finds `glossary`.
  public var isPrefix: Bool

  /// The columns of the ``SearchSchema`` that are looked at, `nil` for all.
  public var columns: Set<Name>?

  public init(_ text: String, isPrefix: Bool = false, columns: Set<Name>? = nil) {
    self.text = text
    self.isPrefix = isPrefix
    self.columns = columns
  }

  /// Whether there is no word in it, only signs and spaces. No record satisfies such a pattern.
  public var isEmpty: Bool { words(by: TextFolder()).count == 0 }

  func words(by folder: TextFolder) -> FoldedWords {
    var words = FoldedWords()
    folder.fold(text, into: &words)
    return words
  }
}
