extension Anchor {
  /// Returns where the quote is in a text, which need not be the one that it was marked in: in code points.
  ///
  /// Where it is not at the place that it had, every place with the same words counts, and the one whose surroundings are most like
  /// those of before is taken; of several such, the nearest. `nil` where the words are not in the text any more.
  ///
  /// - Complexity: O(1) where nothing moved, or else as ``init(of:in:occurrence:)``.
  public func place(in text: [Unicode.Scalar]) -> Range<Int>? {
    let quote = Array(self.quote.unicodeScalars)
    guard !quote.isEmpty else { return nil }
    let before = Array(prefix.unicodeScalars)
    let after = Array(suffix.unicodeScalars)
    /// How many code points before and after the place are those of before.
    func likeness(_ place: Int) -> Int {
      let ahead = zip(text[..<place].reversed(), before.reversed()).prefix { $0 == $1 }
      let behind = zip(text[(place + quote.count)...], after).prefix { $0 == $1 }
      return ahead.count + behind.count
    }
    if end <= text.count, start < end, text[start..<end].elementsEqual(quote),
      likeness(start) == before.count + after.count
    {
      return start..<end
    }
    return Self.matches(of: quote, in: text)
      .min { (-likeness($0), abs($0 - start)) < (-likeness($1), abs($1 - start)) }
      .map { $0..<$0 + quote.count }
  }
}
