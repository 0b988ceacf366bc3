/// What was changed from one text to another, word by word.
///
/// The pieces that are not ``Piece/added(_:)`` are the old text and those that are not ``Piece/removed(_:)`` the new one, byte
/// for byte.
///
/// ```swift
/// WordDiff(from: "a red car", to: "a blue car").pieces
/// // [.same("a "), .removed("red"), .added("blue"), .same(" car")]
/// ```
public struct WordDiff: Hashable, Sendable {
  /// The pieces of both texts in order; of what was replaced the old words come first.
  public let pieces: [Piece]

  /// Words in a row that have the same lot.
  public enum Piece: Hashable, Sendable {
    case same(String)
    case removed(String)
    case added(String)
  }

  /// Compares two texts.
  ///
  /// - Complexity: O(*n* · *d*) for texts of *n* words with *d* differences, and bounded: where texts are long and have little in
  ///   common the result tells less of what they share, down to nothing.
  public init(from old: String, to new: String) {
    let comparison = TextComparison(TextTokens(old), TextTokens(new))
    var pieces: [Piece] = []
    var start = 0
    func add(_ tokens: TextTokens, _ range: Range<Int>, _ make: (String) -> Piece) {
      if !range.isEmpty { pieces.append(make(tokens.text(range))) }
    }
    for hunk in comparison.hunks {
      add(comparison.old, start..<hunk.old.lowerBound, Piece.same)
      add(comparison.old, hunk.old, Piece.removed)
      add(comparison.new, hunk.new, Piece.added)
      start = hunk.old.upperBound
    }
    add(comparison.old, start..<comparison.old.count, Piece.same)
    self.pieces = pieces
  }
}
