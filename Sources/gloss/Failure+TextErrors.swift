internal import Gloss

// What is wrong with a text that a person wrote in a language of ours, with a mark under the place.

extension Failure {
  /// A text that should be a time.
  init(_ error: TimeTextError, in text: String) {
    self.init(
      .usage, Self.message(of: error.problem, Self.part(error.place, of: text)),
      details: Self.pointing(at: error.place, in: text), hint: Self.hint(for: error.problem))
  }

  /// A text that should be a query.
  init(_ error: FilterError, in text: String) {
    let part = Self.part(error.place, of: text)
    let details = Self.pointing(at: error.place, in: text)
    switch error.problem {
    case .time(let problem):
      self.init(
        .usage, Self.message(of: problem, part), details: details, hint: Self.hint(for: problem))
    case .savedQuery(let name, let text, let error):
      let inner = Failure(error, in: text)
      self.init(
        .usage, "@\(Text.line(name)): \(inner.message)", details: inner.details,
        hint: "gloss query save \(Text.line(name)) QUERY saves another one in its place")
    case .tooLong, .tooDeep, .tooManyTerms:
      self.init(
        .usage, Self.message(of: error.problem, part),
        hint:
          "a query has at most \(Filter.byteLimit) bytes, \(Filter.termLimit) terms, and \(Filter.depthLimit) of them within each other"
      )
    default:
      self.init(
        .usage, Self.message(of: error.problem, part), details: details,
        hint: Self.hint(for: error.problem, part))
    }
  }

  private static func message(of problem: FilterError.Problem, _ part: String) -> String {
    switch problem {
    case .missingTerm: "a term is missing"
    case .missingValue(let field): "there is nothing behind \(field):"
    case .unknownField: "there is no field \(part)"
    case .unknownValue(let field, _, _): "\(field):\(part) means nothing"
    case .time(let problem): message(of: problem, part)
    case .unclosedParenthesis: "a parenthesis is not closed"
    case .unopenedParenthesis: "a parenthesis is closed that was not opened"
    case .unclosedQuote: "a quotation mark is not closed"
    case .controlCharacter: "there is a control character"
    case .notAQueryName: "\(part) is not the name of a query"
    case .noSuchQuery(let name, _): "no query is called \(Text.line(name, width: 40))"
    case .cycle(let names):
      "a query is part of itself: " + names.map { "@" + Text.line($0) }.joined(separator: ", ")
    case .savedQuery(let name, _, _): "@\(Text.line(name)) does not work"
    case .tooLong: "the query is too long"
    case .tooDeep: "too much of the query stands within each other"
    case .tooManyTerms: "the query has too many terms"
    }
  }

  private static func hint(for problem: FilterError.Problem, _ part: String) -> String? {
    switch problem {
    case .unknownField(let suggestion?):
      "did you mean \(suggestion):? Quoted it is text: \"\(part):...\""
    case .unknownField(nil):
      "the fields are \(Filter.fieldNames.joined(separator: ", ")); quoted it is text: \"\(part):...\""
    case .unknownValue(let field, let suggestion?, _): "did you mean \(field):\(suggestion)?"
    case .unknownValue(_, nil, let known): "it is one of: \(known.joined(separator: ", "))"
    case .missingValue(let field): "for example \(example(of: field))"
    case .missingTerm, .unclosedParenthesis, .unopenedParenthesis, .unclosedQuote:
      "gloss help query has the language; or, and, not and parentheses are text between quotation marks"
    case .noSuchQuery(_, let suggestion?): "did you mean @\(Text.line(suggestion))?"
    case .noSuchQuery(_, nil): "gloss query list shows them"
    case .cycle: "gloss query save gives one of them another text"
    case .notAQueryName: "a name stands behind @: letters, digits and - _ . /"
    default: nil
    }
  }

  private static func example(of field: String) -> String {
    switch field {
    case "tag": "tag:reading"
    case "site": "site:example.org"
    case "author": "author:\"Le Guin\""
    case "lang": "lang:en"
    case "colour": "colour:yellow"
    case "kind": "kind:highlight"
    case "is": "is:unread"
    case "has": "has:notes"
    case "title": "title:margin"
    default: "\(field):2026-11, \(field):yesterday or \(field):2w"
    }
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
