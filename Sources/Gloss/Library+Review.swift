internal import GlossCore
internal import GlossStore

extension Library {
  /// Returns the highlights that are to be read again on a day: those that are due, the longest due first, then some that were never
  /// read again, by chance.
  public func highlightsToReview(
    on day: CivilDate, limit: Int
  ) throws(LibraryError) -> [Highlight] {
    var query = Query(Highlight.kind.name)
    // A day's values are its text, a space and more.
    query.filters = [.compares(ReadingField.review, .isLess, .text("\(day)!"))]
    query.order = [Query.Order(ReadingField.review), Query.Order(.identifier)]
    query.limit = limit
    let due = try highlights(query)
    var fresh = Query(Highlight.kind.name)
    fresh.filters = [.isNull(ReadingField.review)]
    return due + (try randomHighlights(fresh, limit: limit - due.count))
  }

  /// Returns some highlights by chance.
  public func randomHighlights(limit: Int) throws(LibraryError) -> [Highlight] {
    try randomHighlights(Query(Highlight.kind.name), limit: limit)
  }

  /// Puts off a highlight by what a reader says of it.
  ///
  /// - Parameter day: Today, in UTC.
  public func review(
    _ highlight: Highlight, _ answer: Review.Answer, on day: CivilDate
  ) throws(LibraryError) {
    var highlight = highlight
    highlight.review = Review(answer, on: day, after: highlight.review)
    try save(highlight)
  }

  private func randomHighlights(_ query: Query, limit: Int) throws(LibraryError) -> [Highlight] {
    let count = try reading { try $0.count(query) }
    var generator = AnyGenerator(randomness())
    var places: Set<Int> = []
    while places.count < min(limit, count) {
      places.insert(.random(in: 0..<count, using: &generator))
    }
    var found: [Highlight] = []
    for place in places.sorted() {
      var one = query
      one.limit = 1
      one.offset = place
      found += try highlights(one)
    }
    return found.shuffled(using: &generator)
  }

  private func highlights(_ query: Query) throws(LibraryError) -> [Highlight] {
    try reading { try $0.records(query).map { Highlight(RecordFields($0)) } }
  }
}
