internal import Gloss

// What is wrong with a text that a person wrote in a language of ours, with a mark under the place.

extension Failure {
  /// A text that should be a time.
  init(_ error: TimeTextError, in text: String) {
    self.init(
      .usage, Self.message(of: error.problem, Self.part(error.place, of: text)),
      details: Self.pointing(at: error.place, in: text), hint: Self.hint(for: error.problem))
  }

  static func message(of problem: TimeTextError.Problem, _ part: String) -> String {
    switch problem {
    case .nothing: "a time is missing"
    case .unknown: "\(part) is not a time"
    case .noSuchDate: "there is no \(part) in the calendar"
    case .tooManyUnits: "\(part) is more than \(Moment.greatestCount)"
    case .ambiguousComparison: "\(part) can be read in two ways"
    }
  }

  static func hint(for problem: TimeTextError.Problem) -> String {
    switch problem {
    case .unknown(let suggestion?): "did you mean \(suggestion)?"
    case .ambiguousComparison(let moment):
      "\(moment).. is since then, ..\(moment) is before"
    case .nothing, .unknown, .noSuchDate, .tooManyUnits:
      "for example 2026-11-24, \"2026-11-24 13:42\", 2026-11, yesterday, \"last monday\" or 2w, in UTC"
    }
  }

  /// A part of a text, by its bytes, on one line.
  static func part(_ place: Range<Int>, of text: String) -> String {
    Text.line(
      String(decoding: Array(text.utf8)[place.clamped(to: 0..<text.utf8.count)], as: UTF8.self),
      width: 40)
  }

  /// The text on a line, and carets under a part of it; of a long text only what is near.
  static func pointing(at place: Range<Int>, in text: String) -> [String] {
    let bytes = Array(text.utf8)
    let place = place.clamped(to: 0..<bytes.count)
    func shown(_ range: Range<Int>) -> String {
      Text.safe(
        String(decoding: bytes[range].map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self))
    }
    var before = shown(0..<place.lowerBound)
    var marked = shown(place)
    var after = shown(place.upperBound..<bytes.count)
    if Text.columns(before) > 40 { before = "…" + Self.last(39, of: before) }
    if Text.columns(marked) > 40 { marked = Text.line(marked, width: 40) }
    if Text.columns(after) > 24 { after = Text.line(after, width: 24) }
    let carets = String(repeating: "^", count: max(1, Text.columns(marked)))
    return [
      before + marked + after, String(repeating: " ", count: Text.columns(before)) + carets,
    ]
  }

  /// The end of a text that fits into so many columns.
  private static func last(_ columns: Int, of text: String) -> String {
    var result = ""
    var used = 0
    for character in text.reversed() {
      used += Text.columns(String(character))
      if used > columns { break }
      result.append(character)
    }
    return String(result.reversed())
  }
}
