internal import Gloss
internal import GlossStore

extension Completing {
  /// What a query goes on with: fields, what can stand behind them, and saved queries. A field that is the only one to begin so is
  /// offered with what can stand behind it, as a shell ends what it is sure of with a space.
  func query() throws -> [Candidate] {
    let whole = try terms(beginningWith: start, isAlone: true).filter {
      $0.word.utf8.starts(with: start.utf8)
    }
    guard whole.isEmpty, let space = start.lastIndex(where: \.isWhitespace) else { return whole }
    // The argument is more than one term.
    let last = String(start[start.index(after: space)...])
    return try terms(beginningWith: last, isAlone: false).map {
      Candidate(word: start[...space] + $0.word, meaning: $0.meaning)
    }
  }

  func savedQueries(prefix: String = "") throws -> [Candidate] {
    try library.savedQueries().map { Candidate(word: prefix + $0.name, meaning: $0.text) }
  }

  /// - Parameter isAlone: Whether the term is an argument of its own, so that its value may have spaces.
  private func terms(beginningWith term: String, isAlone: Bool) throws -> [Candidate] {
    let signs = term.prefix { "-(".contains($0) }
    let term = term.dropFirst(signs.count)
    func signed(_ candidates: [Candidate]) -> [Candidate] {
      candidates.map { Candidate(word: signs + $0.word, meaning: $0.meaning) }
    }
    if term.hasPrefix("@") { return signed(try savedQueries(prefix: "@")) }
    if let colon = term.firstIndex(of: ":") {
      let name = term[..<colon].lowercased()
      let value = term[term.index(after: colon)...]
      return signed(try self.terms(of: name, valueBeginningWith: value, isAlone: isAlone))
    }
    let fields = Self.meanings.filter { $0.field.hasPrefix(term.lowercased()) }
    if fields.count == 1, !term.isEmpty {
      return signed(try self.terms(of: fields[0].field, valueBeginningWith: "", isAlone: isAlone))
    }
    let queries = term.isEmpty ? try savedQueries(prefix: "@") : []
    return signed(fields.map { Candidate(word: $0.field + ":", meaning: $0.meaning) } + queries)
  }

  private func terms(
    of field: String, valueBeginningWith typed: Substring, isAlone: Bool
  ) throws -> [Candidate] {
    let isQuoted = typed.hasPrefix("\"")
    return try values(of: field, beginningWith: String(isQuoted ? typed.dropFirst() : typed)).map {
      let term = field + ":" + $0
      let isPlain =
        !isQuoted && (Filter.isWord($0) || isAlone && QueryArguments.isValueAlone(term))
      return Candidate(word: isPlain ? term : QueryArguments.quoted(term))
    }
  }

  private func values(of field: String, beginningWith prefix: String) throws -> [String] {
    switch field {
    case "tag": try library.tags(beginningWith: prefix, limit: Self.limit)
    case "kind": ReadingKind.allCases.map(\.rawValue)
    case "is": Filter.Claim.allCases.map(\.rawValue)
    case "has": Filter.Part.allCases.map(\.rawValue)
    case "saved", "edited", "published": Self.times
    default:
      try Filter.Field(rawValue: field).map {
        try library.values(of: $0, beginningWith: prefix, limit: Self.limit)
      } ?? []
    }
  }

  private static let times = [
    "today", "yesterday", "this-week", "last-week", "this-month", "last-month", "this-year",
    "last-year", "1d", "1w", "1m", "1y",
  ]

  private static let meanings: [(field: String, meaning: String)] = [
    ("tag", "has the tag"), ("kind", "article, highlight or note"),
    ("is", "unread, archived, conflicted and so on"), ("has", "notes, highlights, text and so on"),
    ("title", "the title has it"), ("author", "the author has it"), ("site", "from the site"),
    ("lang", "in the language"), ("colour", "of the colour"), ("saved", "when it was added"),
    ("edited", "when it was changed last"), ("published", "when it came out"),
  ]
}
