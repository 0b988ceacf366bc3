/// One of several places where a quote occurs.
public struct QuotePlace: Hashable, Sendable {
  /// The line of the text, from 1.
  public let line: Int
  /// What stands before the quote in that line, as much as helps.
  public let before: String
  /// The quote.
  public let quote: String
  /// What stands after it in its last line.
  public let after: String

  init(_ place: Range<Int>, in text: [Unicode.Scalar]) {
    var lineStart = place.lowerBound
    while lineStart > 0, text[lineStart - 1] != "\n" { lineStart -= 1 }
    var lineEnd = place.upperBound
    while lineEnd < text.count, text[lineEnd] != "\n" { lineEnd += 1 }
    line = 1 + text[..<place.lowerBound].count { $0 == "\n" }
    before = String(text[max(lineStart, place.lowerBound - Self.width)..<place.lowerBound])
    quote = String(text[place])
    after = String(text[place.upperBound..<min(lineEnd, place.upperBound + Self.width)])
  }

  private static let width = 24
}
