import Gloss
import GlossTesting
import Testing

/// The query language.
@Suite struct FilterTests {
  @Test(
    arguments: [
      ("", .all), ("  \n ", .all), ("margin", .text("margin")),
      (#""in the margin""#, .text("in the margin")), (#""or""#, .text("or")),
      (#""say \"so\" \\ now""#, .text(#"say "so" \ now"#)), ("12:30", .text("12:30")),
      ("well-known", .text("well-known")), ("読書", .text("読書")),
      ("a b", .and([.text("a"), .text("b")])), ("a　b", .and([.text("a"), .text("b")])),
      ("a and b AND c", .and([.text("a"), .text("b"), .text("c")])),
      ("a or b", .or([.text("a"), .text("b")])),
      ("a b or c d", .or([.and([.text("a"), .text("b")]), .and([.text("c"), .text("d")])])),
      ("a (b OR c)", .and([.text("a"), .or([.text("b"), .text("c")])])),
      ("((a) (b))", .and([.text("a"), .text("b")])),
      ("-a", .not(.text("a"))), ("not a", .not(.text("a"))),
      ("-(a b)", .not(.and([.text("a"), .text("b")]))),
      ("- -a", nil), ("--a", .not(.not(.text("a")))), ("notable", .text("notable")),
      ("or", nil), ("order", .text("order")), (#"a"b""#, .and([.text("a"), .text("b")])),
      ("tag:to-read", .tag("to-read")), (#"tag:"to read""#, .tag("to read")),
      ("TAG:a:b", .tag("a:b")), ("-tag:x", .not(.tag("x"))), ("kind:Note", .kind(.note)),
      ("color:green", .field(.colour, "green")), ("language:en", .field(.language, "en")),
      (#"author:"Le Guin""#, .field(.author, "Le Guin")),
      ("title:margin", .field(.title, "margin")),
      ("site:example.org", .field(.site, "example.org")), ("is:favorite", .claim(.favourite)),
      ("has:note", .has(.notes)), ("@inbox", .query("inbox")),
      ("-@work/2026", .not(.query("work/2026"))),
      ("saved:2026-01..2026-03", .when(.saved, "2026-01..2026-03")),
      ("saved:last monday x", .and([.when(.saved, "last-monday"), .text("x")])),
      ("edited:last 3 days", .when(.edited, "3d")),
      ("saved:last monday..today", .when(.saved, "last-monday..today")),
      ("(saved:last monday)", .when(.saved, "last-monday")),
      (#"published:"2026-11-24 13:42"."#, nil),
      ("published:<2000", .when(.published, "<2000")),
    ] as [(String, Filter?)])
  func `a query is read`(text: String, meant: Filter?) throws {
    guard let meant else {
      // It reads as something else or as nothing, and does not trap.
      _ = try? Filter(parsing: text)
      return
    }
    #expect(try Filter(parsing: text) == meant)
  }

  @Test(
    arguments: [
      ("a or", 4..<4, .missingTerm), ("or a", 0..<0, .missingTerm),
      ("a or or b", 5..<5, .missingTerm),
      ("()", 1..<2, .missingTerm), ("- a", 1..<1, .missingTerm), ("not", 3..<3, .missingTerm),
      ("a and", 5..<5, .missingTerm), (#""""#, 0..<2, .missingTerm),
      ("(a", 0..<1, .unclosedParenthesis), ("a)", 1..<2, .unopenedParenthesis),
      (")", 0..<1, .unopenedParenthesis), (#"a "b"#, 2..<3, .unclosedQuote),
      (#""a\"#, 0..<1, .unclosedQuote),
      ("a\u{1B}[31m", 1..<2, .controlCharacter), ("a\0", 1..<2, .controlCharacter),
      ("x tga:a", 2..<5, .unknownField(suggestion: "tag")),
      ("https://example.org", 0..<5, .unknownField(suggestion: nil)),
      ("tag:", 4..<4, .missingValue(field: "tag")),
      (#"site:"""#, 5..<7, .missingValue(field: "site")),
      ("saved: x", 6..<6, .missingValue(field: "saved")),
      (
        "a is:unred", 5..<10,
        .unknownValue(
          field: "is", suggestion: "unread", known: Filter.Claim.allCases.map(\.rawValue))
      ),
      (
        "kind:book", 5..<9,
        .unknownValue(field: "kind", suggestion: nil, known: ["article", "highlight", "note"])
      ),
      ("saved:yesterdya", 6..<15, .time(.unknown(suggestion: "yesterday"))),
      ("saved:2026..2026-13 x", 12..<19, .time(.noSuchDate)),
      (#"saved:"last mnoday""#, 12..<18, .time(.unknown(suggestion: "last monday"))),
      ("saved:last x", 11..<12, .time(.unknown(suggestion: nil))),
      ("saved:last or x", 10..<10, .time(.nothing)),
      ("@", 0..<1, .notAQueryName), ("@-x", 0..<3, .notAQueryName),
      (String(repeating: "a ", count: 5_000), 0..<0, .tooLong),
      (String(repeating: "(", count: Filter.depthLimit), 24..<24, .missingTerm),
      (String(repeating: "(", count: 4_000), 24..<25, .tooDeep),
      (String(repeating: "-", count: 4_000) + "a", 24..<25, .tooDeep),
      (String(repeating: "not ", count: 1_000) + "a", 96..<97, .tooDeep),
      (String(repeating: "a ", count: 41), 80..<81, .tooManyTerms),
    ] as [(String, Range<Int>, FilterError.Problem)])
  func `what is no query says where`(text: String, place: Range<Int>, problem: FilterError.Problem)
  {
    #expect(throws: FilterError(place: place, problem: problem)) { try Filter(parsing: text) }
  }

  @Test func `what is printed is read as the same`() throws {
    var random = SeededGenerator(seed: 7)
    for _ in 0..<2_000 {
      let filter = Self.filter(depth: 4, using: &random)
      let text = filter.description
      let again = try Filter(parsing: text)
      #expect(again == filter, "\(text)")
      #expect(again.description.utf8.elementsEqual(text.utf8))
    }
  }

  @Test(
    arguments: [
      // A mark that combines makes one character of a parenthesis, a quotation mark or a hyphen, and they are that no less.
      "\"a(\u{301}\"", "\"a\\\"\u{301}b\"", "title:\"x)\u{301}y\"", "\"-\u{301}x\"",
      "\"@\u{301}x\"",
      "\"\\\\\u{301}\\\\\u{2003}\"",
      // As deep as may be, and printed no deeper.
      String(repeating: "-", count: Filter.depthLimit - 1) + "a",
    ])
  func `what is hard to print is read as the same`(text: String) throws {
    let filter = try Filter(parsing: text)
    #expect(try Filter(parsing: filter.description) == filter, "\(filter)")
  }

  @Test func `no text traps`() throws {
    var random = SeededGenerator(seed: 8)
    let parts = [
      "tag", ":", "\"", "(", ")", "-", "or", "and", "not", " ", "@", "saved:", "last", "monday",
      "..",
      "\\", "é", "\u{3000}", "\u{A0}", "\u{202E}", "a", "2026", "is:", "🙂", "\t", "\u{0}", "<",
      "2w",
    ]
    for _ in 0..<5_000 {
      let text = (0..<Int.random(in: 0...16, using: &random)).map { _ in
        parts.randomElement(using: &random) ?? ""
      }.joined()
      let filter: Filter
      do {
        filter = try Filter(parsing: text)
      } catch {
        #expect(error.place.upperBound <= text.utf8.count, "\(text)")
        continue
      }
      #expect(try Filter(parsing: filter.description) == filter, "\(text)")
    }
  }

  @Test func `saved queries stand in the place of their names`() throws {
    let queries = [
      SavedQuery(name: "inbox", text: "is:unread -is:archived"),
      SavedQuery(name: "soon", text: "@inbox tag:soon"), SavedQuery(name: "all", text: ""),
    ]
    let filter = try Filter(parsing: "-@soon or @all").expanded(with: queries)
    let inbox = Filter.and([.claim(.unread), .not(.claim(.archived))])
    #expect(filter == .or([.not(.and([inbox, .tag("soon")])), .all]))
  }

  @Test(
    arguments: [
      ("@inbx", .noSuchQuery(name: "inbx", suggestion: "inbox")),
      ("@nothing", .noSuchQuery(name: "nothing", suggestion: nil)),
      ("@a", .cycle(["a", "b", "a"])), ("x or -(@self)", .cycle(["self", "self"])),
      ("@double double", .tooManyTerms),
    ] as [(String, FilterError.Problem)])
  func `queries that cannot stand in a place say why`(text: String, problem: FilterError.Problem)
    throws
  {
    var queries = [
      SavedQuery(name: "inbox", text: "is:unread"), SavedQuery(name: "a", text: "@b"),
      SavedQuery(name: "b", text: "-@a"), SavedQuery(name: "self", text: "x @self"),
      SavedQuery(name: "double", text: "@d1 @d1"),
    ]
    for level in 1..<9 {
      queries.append(SavedQuery(name: "d\(level)", text: "@d\(level + 1) @d\(level + 1)"))
    }
    queries.append(SavedQuery(name: "d9", text: "x"))
    let filter = try Filter(parsing: text)
    let error = #expect(throws: FilterError.self) { try filter.expanded(with: queries) }
    #expect(error?.problem == problem)
  }

  @Test func `a saved query that does not work says what is wrong in it`() throws {
    let queries = [SavedQuery(name: "old", text: "is:unred")]
    let error = #expect(throws: FilterError.self) {
      try Filter(parsing: "@old").expanded(with: queries)
    }
    guard case .savedQuery("old", "is:unred", let inner)? = error?.problem else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(inner.place == 3..<8)
  }

  /// A filter of the form that parsing returns.
  private static func filter(depth: Int, using random: inout SeededGenerator) -> Filter {
    let kind = depth == 0 ? 3 : Int.random(in: 0..<7, using: &random)
    switch kind {
    case 0: return .not(filter(depth: depth - 1, using: &random))
    case 1, 2:
      let members = (0..<Int.random(in: 2...3, using: &random)).map { _ in
        filter(depth: depth - 1, using: &random)
      }
      return kind == 1
        ? .and(members.flatMap { if case .and(let inner) = $0 { inner } else { [$0] } })
        : .or(members.flatMap { if case .or(let inner) = $0 { inner } else { [$0] } })
    default: return term(using: &random)
    }
  }

  private static func term(using random: inout SeededGenerator) -> Filter {
    let words = [
      "a", "or", "NOT", "-x", "@y", "tag:z", "Le Guin", "a\"b", "\\", "(", "x)", "é", "読書", "a:b",
      "12:30", "\u{3000}", "last", "\t", "..", "-", "saved:2w", "e\u{301}", "\\\"",
    ]
    let word = words.randomElement(using: &random) ?? "a"
    switch Int.random(in: 0..<8, using: &random) {
    case 0, 1: return .text(word)
    case 2: return .tag(word)
    case 3: return .field(Filter.Field.allCases.randomElement(using: &random) ?? .title, word)
    case 4: return .claim(Filter.Claim.allCases.randomElement(using: &random) ?? .read)
    case 5: return .has(Filter.Part.allCases.randomElement(using: &random) ?? .notes)
    case 6:
      return .time(
        Filter.TimeField.allCases.randomElement(using: &random) ?? .saved,
        MomentTests.expression(using: &random))
    default:
      return random.happens(percent: 50)
        ? .query("in-box.2") : .kind(ReadingKind.allCases.randomElement(using: &random) ?? .note)
    }
  }
}

extension Filter {
  /// A term about a time that a test has written right.
  fileprivate static func when(_ field: TimeField, _ time: String) -> Filter {
    (try? TimeExpression(parsing: time)).map { .time(field, $0) } ?? .all
  }
}
