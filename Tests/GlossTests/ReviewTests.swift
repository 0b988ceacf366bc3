import GlossCore
import Testing

@testable import Gloss

@Suite struct ReviewTests {
  private let today = CivilDate(daysSinceEpoch: 20_785)

  @Test func `what is read again comes after twice as long each time, a year at most`() {
    var review: Review?
    var intervals: [Int] = []
    for _ in 0..<8 {
      let next = Review(.later, on: today, after: review)
      #expect(next.due.daysSinceEpoch == today.daysSinceEpoch + next.intervalDays)
      intervals.append(next.intervalDays)
      review = next
    }
    #expect(intervals == [7, 14, 28, 56, 112, 224, 365, 365])
  }

  @Test func `what did not stick begins again, and what is put away stays away`() {
    let often = Review(.later, on: today, after: Review(.later, on: today, after: nil))
    let soon = Review(.soon, on: today, after: often)
    #expect(soon.text == "2026-11-29 1")
    #expect(Review(.later, on: today, after: soon).intervalDays == 2)
    #expect(Review(.never, on: today, after: often).text == "9999-12-31 0")
  }

  @Test func `a field's text is read as it was written, and nothing else is`() {
    for answer in [Review.Answer.later, .soon, .never] {
      let review = Review(answer, on: today, after: nil)
      #expect(Review(review.text) == review)
    }
    for text in [
      "", "2026-12-05", "2026-12-05  7", "2026-13-05 7", "2026-12-5 7", "2026-12-05 -1",
      "2026-12-05 7 ", "2026-12-05 +7", "2026-12-05 366",
    ] {
      #expect(Review(text) == nil, "\(text)")
    }
  }

  @Test func `those due come first, the longest due before the others, then new ones`() throws {
    let shelf = try Shelf()
    let library = try shelf.library("desk")
    let words = (0..<6).map { "word\($0)" }
    var draft = ArticleDraft()
    draft.text = words.joined(separator: " ")
    let article = try library.add(draft).id
    for word in words { try library.highlight(word, in: article) }
    func day(_ offset: Int) -> CivilDate {
      CivilDate(daysSinceEpoch: today.daysSinceEpoch + offset)
    }
    func quotes(_ highlights: [Highlight]) -> [String] { highlights.compactMap(\.anchor?.quote) }
    #expect(Set(quotes(try library.highlightsToReview(on: today, limit: 10))) == Set(words))
    let all = try library.highlights(of: article)
    try library.review(all[0], .soon, on: day(-1))
    try library.review(all[1], .later, on: day(-9))
    try library.review(all[2], .later, on: today)
    try library.review(all[3], .never, on: today)
    let due = try library.highlightsToReview(on: today, limit: 10)
    #expect(quotes(due).prefix(2) == ["word1", "word0"])
    #expect(Set(quotes(due).dropFirst(2)) == ["word4", "word5"])
    #expect(quotes(try library.highlightsToReview(on: today, limit: 1)) == ["word1"])
    #expect(try library.highlightsToReview(on: today, limit: 3).count == 3)
    #expect(try library.randomHighlights(limit: 4).count == 4)
    #expect(try Set(library.randomHighlights(limit: 9).map(\.id)).count == 6)
  }
}
