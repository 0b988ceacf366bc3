import Gloss
import GlossCore
import GlossStore
import GlossTesting
import Testing

/// What queries find in a library.
@Suite struct FindingTests {
  /// 2026-11-25 13:42:07 UTC, a Wednesday.
  private static let now: UInt64 = 1_795_614_127_000
  private static let day: UInt64 = 86_400_000

  /// A library with articles, highlights and notes of several days, whose headlines are words of a letter.
  private struct Shelved {
    let shelf: Shelf
    let library: Library

    init() throws {
      shelf = try Shelf()
      library = try shelf.library("desk")
      shelf.clock.set(FindingTests.now - 30 * FindingTests.day)
      try add("A", author: "Ursula K. Le Guin", url: "https://www.Example.org/a", published: "2020")
      let b = try add("B", author: "borges", site: "Example.org daily", published: "2025-03")
      shelf.clock.set(FindingTests.now - 2 * FindingTests.day)
      try add("Ç", language: "en-GB", published: "2025-03-09", tags: ["to read", "x"])
      try add("d", url: "https://example.com/?u=http://example.org/", language: "en", tags: ["x"])
      shelf.clock.set(FindingTests.now - FindingTests.day)
      let made = try library.highlight("in the", in: b.id, colour: "green", note: "N")
      let highlight = try #require(try library.highlight(made.highlight))
      try library.tag(.highlight(highlight), adding: ["x"])
      try library.addNote("M", to: .article(b))
      shelf.clock.set(FindingTests.now)
      try save("A") { $0.state = .read }
      try save("B") { $0.isArchived = true }
      try save("d") { $0.isFavourite = true }
    }

    @discardableResult
    func add(
      _ title: String, author: String? = nil, site: String? = nil, url: String? = nil,
      language: String? = nil, published: String? = nil, tags: [String] = []
    ) throws -> Article {
      var draft = ArticleDraft()
      (draft.title, draft.author, draft.site, draft.url) = (title, author, site, url)
      (draft.language, draft.published, draft.tags) = (language, published, tags)
      draft.text = title == "B" ? "Every reader writes in the margin." : nil
      let id = try library.add(draft).id
      return try #require(try library.article(id))
    }

    func save(_ title: String, _ change: (inout Article) -> Void) throws {
      let items = try library.items(
        matching: try Filter(parsing: "title:\(title)"), kinds: [.article])
      guard case .article(var article)? = items.first else { return }
      change(&article)
      try library.save(article)
    }

    /// The headlines of what a query finds, ordered.
    func found(_ query: String) throws -> String {
      try library.items(matching: try library.filter(parsing: query)).map(\.headline).sorted()
        .joined(separator: " ")
    }
  }

  @Test(arguments: [
    ("", "A B M N d in the Ç"), ("kind:article", "A B d Ç"), ("kind:note", "M N"),
    ("kind:highlight", "in the"), ("-kind:article", "M N in the"),
    ("tag:x", "d in the Ç"), (#"tag:"to read""#, "Ç"), ("tag:X", ""),
    ("-has:tags kind:article", "A B"),
    ("author:\"le guin\"", "A"), ("author:BORGES", "B M N in the"),
    ("author:borges kind:highlight", "in the"), ("-author:borges", "A d Ç"),
    ("site:example.org", "A B M N in the"), ("site:www.example.org", "A"),
    ("site:example.com", "d"),
    ("site:ample.org kind:article -site:daily", ""), ("lang:en", "d Ç"), ("lang:EN-gb", "Ç"),
    ("colour:green", "in the"), ("color:Green", "in the"), ("colour:red", ""), ("title:c", "Ç"),
    ("is:read", "A"), ("is:unread kind:article", "B d Ç"), ("is:unread", "B M N d in the Ç"),
    ("is:archived", "B M N in the"), ("is:favourite", "d"), ("is:reading", ""),
    ("has:notes", "B in the"), ("has:highlights", "B"), ("has:text", "B"), ("has:url", "A d"),
    ("has:tags", "d in the Ç"), ("is:conflicted", ""), ("is:orphaned", ""), ("is:deleted", ""),
    ("saved:2d", "M N d in the Ç"), ("saved:yesterday", "M N in the"), ("saved:..2w", "A B"),
    ("saved:last monday", "d Ç"), ("saved:today", ""), ("saved:2026-10..2026-11-23", "A B d Ç"),
    ("edited:today", "A B d"), ("edited:yesterday", "M N in the"), ("edited:<2026-11-24", "Ç"),
    ("published:2025", "B M N in the Ç"), ("published:2025-03", "B M N in the Ç"),
    ("published:2025-03-01", "B M N in the"), ("published:2025-03-02..", "Ç"),
    ("published:..2024", "A"),
    ("published:2020-01-01", "A"), ("published:<2020", ""), ("-published:..2030", "d"),
    ("kind:article (tag:x or is:read) -is:favourite", "A Ç"),
    ("-(tag:x or kind:article)", "M N"),
  ])
  func `a query finds what it says`(query: String, headlines: String) throws {
    #expect(try Shelved().found(query) == headlines)
  }

  @Test func `deleted records are found by those who ask for them`() throws {
    let shelved = try Shelved()
    let library = shelved.library
    let item = try #require(try library.items(matching: try Filter(parsing: "title:d")).first)
    try library.delete(item)
    #expect(try shelved.found("tag:x") == "in the Ç")
    #expect(try shelved.found("is:deleted") == "d")
    #expect(try shelved.found("-is:deleted kind:article") == "A B Ç")
    #expect(try shelved.found("is:deleted or is:read") == "A d")
    #expect(try library.count(matching: try Filter(parsing: "is:deleted")) == 1)
  }

  @Test func `two machines' edits are found while they are at odds`() async throws {
    let shelved = try Shelved()
    try await shelved.library.connect(to: "https://hub.example", over: shelved.shelf.transport)
    let lap = try await shelved.shelf.copy(of: shelved.library, as: "lap")
    try await shelved.shelf.sync(shelved.library, lap)
    try shelved.save("d") { $0.author = "one" }
    guard
      case .article(var article)? = try lap.items(matching: try Filter(parsing: "title:d")).first
    else {
      Issue.record("not there")
      return
    }
    article.author = "other"
    try lap.save(article)
    let wanted = try Filter(parsing: "kind:article title:B")
    let parent = try #require(try lap.items(matching: wanted).first)
    try lap.delete(parent)
    shelved.shelf.clock.set(Self.now + 1_000)
    let b = try #require(try shelved.library.items(matching: wanted).first)
    try shelved.library.addNote("late", to: b)
    try await shelved.shelf.sync(shelved.library, lap)
    for library in [shelved.library, lap] {
      func found(_ query: String) throws -> [String] {
        try library.items(matching: try Filter(parsing: query)).map(\.headline)
      }
      #expect(try found("is:conflicted") == ["late", "d"])
      #expect(try found("is:orphaned") == ["late"])
      #expect(try found("is:conflicted is:favourite") == ["d"])
    }
  }

  @Test(arguments: [
    ("saved", false, "B A d Ç"), ("saved", true, "Ç d A B"), ("title", false, "A B Ç d"),
    ("title", true, "d Ç B A"), ("author", false, "B A d Ç"), ("author", true, "A B d Ç"),
    ("published", false, "A B Ç d"), ("published", true, "Ç B A d"),
  ])
  func `lists have an order, and what has nothing there comes last`(
    key: String, isDescending: Bool, headlines: String
  ) throws {
    let shelved = try Shelved()
    let order = ItemOrder(try #require(ItemOrder.Key(rawValue: key)), descending: isDescending)
    let items = try shelved.library.items(
      matching: .kind(.article), sortedBy: order)
    let found = items.map(\.headline)
    let expected = headlines.split(separator: " ").map(String.init)
    if key == "saved" || key == "author" {
      // Those that are equal stand together, in an order that all machines have.
      #expect(Set(found.prefix(2)) == Set(expected.prefix(2)))
      #expect(Set(found.suffix(2)) == Set(expected.suffix(2)))
    } else {
      #expect(found == expected)
    }
  }

  @Test(arguments: ItemOrder.Key.allCases, [false, true])
  func `pages of a list of several kinds are the list`(
    key: ItemOrder.Key, isDescending: Bool
  ) throws {
    let library = try Shelved().library
    let order = ItemOrder(key, descending: isDescending)
    let all = try library.items(matching: .all, sortedBy: order).map(\.key)
    #expect(all.count == 7)
    for limit in 1...3 {
      var pages: [RecordKey] = []
      for offset in stride(from: 0, to: 9, by: limit) {
        let page = try library.items(
          matching: .all, sortedBy: order, limit: limit, offset: offset)
        pages += page.map(\.key)
      }
      #expect(pages == all)
    }
    let reversed = ItemOrder(key, descending: !isDescending)
    #expect(try Set(library.items(matching: .all, sortedBy: reversed).map(\.key)) == Set(all))
  }

  @Test(arguments: [
    ("margin", "B"), ("reader writes", "B"), ("\"writes reader\"", ""), ("N", "N"),
    ("\"in the\"", "B in the"),
    ("LE GUIN", "A"), ("c", "Ç"), ("-margin kind:article", "A d Ç"), ("read", ""), ("read*", "B"),
    ("margin or is:favourite", "B d"), ("!!!", ""),
  ])
  func `words are found in what is searchable`(query: String, headlines: String) throws {
    let shelved = try Shelved()
    try shelved.library.updateSearchIndex()
    #expect(try shelved.found(query) == headlines)
  }

  @Test func `saved queries sync, and the later of two of one name counts`() async throws {
    let shelf = try Shelf()
    let desk = try shelf.library("desk")
    try desk.saveQuery(SavedQuery(name: "inbox", text: "is:unread"))
    try await desk.connect(to: "https://hub.example", over: shelf.transport)
    let lap = try await shelf.copy(of: desk, as: "lap")
    try await shelf.sync(desk, lap)
    #expect(try lap.savedQueries() == [SavedQuery(name: "inbox", text: "is:unread")])
    shelf.clock.advance()
    try desk.saveQuery(SavedQuery(name: "soon", text: "tag:a"))
    shelf.clock.advance()
    try lap.saveQuery(SavedQuery(name: "soon", text: "@inbox tag:b"))
    try await shelf.sync(desk, lap)
    for library in [desk, lap] {
      #expect(try library.savedQueries().map(\.text) == ["is:unread", "@inbox tag:b"])
      #expect(try library.conflicts().isEmpty)
      #expect(
        try library.filter(parsing: "@soon") == .and([.claim(.unread), .tag("b")]))
    }
    #expect(try desk.removeQuery(named: "soon"))
    #expect(try !desk.removeQuery(named: "soon"))
    try desk.saveQuery(SavedQuery(name: "soon", text: "tag:c"))
    #expect(try desk.savedQueries().map(\.text) == ["is:unread", "tag:c"])
  }

  @Test func `a query that does not work is not saved, and an error of it has its place`() throws {
    let library = try Shelf().library("desk")
    func problem(_ body: () throws -> Void) -> FilterError? {
      do { try body() } catch LibraryError.filter(let error, _) { return error } catch {}
      return nil
    }
    try library.saveQuery(SavedQuery(name: "a", text: "tag:x"))
    try library.saveQuery(SavedQuery(name: "b", text: "@a"))
    #expect(
      problem { try library.saveQuery(SavedQuery(name: "a", text: "x @b")) }
        == FilterError(place: 2..<4, problem: .cycle(["a", "b", "a"])))
    #expect(problem { try library.saveQuery(SavedQuery(name: "c", text: "is:x")) }?.place == 3..<4)
    #expect(
      problem { try library.saveQuery(SavedQuery(name: "c d", text: "x")) }?.problem
        == .notAQueryName)
    #expect(
      problem { _ = try library.filter(parsing: "x -@bb") }
        == FilterError(place: 3..<6, problem: .noSuchQuery(name: "bb", suggestion: nil)))
    #expect(try library.savedQueries().map(\.name) == ["a", "b"])
  }

  @Test func `a library that was searched can be closed`() throws {
    let library = try Shelved().library
    try library.updateSearchIndex()
    #expect(try library.findings(matching: .text("margin"), passageWidth: 40).count == 1)
    try library.close()
  }

  @Test func `a day is that of the reader's wall`() throws {
    let shelved = try Shelved()
    shelved.shelf.clock.set(Self.now + 12 * 3_600_000)  // 01:42 of the 26th
    func found(_ utcOffsetMinutes: Int) throws -> [String] {
      try shelved.library.items(
        matching: try Filter(parsing: "edited:yesterday"), utcOffsetMinutes: utcOffsetMinutes
      ).map(\.headline).sorted()
    }
    #expect(try found(0) == ["A", "B", "d"])
    #expect(try found(-180) == ["M", "N", "in the"])
  }

  @Test func `a list says of records what they say of themselves, in the same order`() throws {
    let library = try Shelved().library
    // Of one moment, whose order is that of the identifiers.
    for title in ["E", "F", "G"] { _ = try library.addArticle(title) }
    let e = try library.items(matching: try Filter(parsing: "title:E"))
    _ = try library.delete(e[0])
    for text in ["", "is:deleted", "tag:x", "kind:article"] {
      let filter = try Filter(parsing: text)
      for kinds in [[.article], [.highlight], [.note], ReadingKind.allCases] {
        for key in ItemOrder.Key.allCases {
          for isDescending in [false, true] {
            let order = ItemOrder(key, descending: isDescending)
            for (limit, offset) in [(nil, 0), (2, 0), (nil, 3), (3, 4)] as [(Int?, Int)] {
              let items = try library.items(
                matching: filter, kinds: kinds, sortedBy: order, limit: limit, offset: offset)
              let summaries = try library.summaries(
                matching: filter, kinds: kinds, sortedBy: order, limit: limit, offset: offset)
              #expect(summaries == items.map(ItemSummary.init), "\(text) \(kinds) \(order)")
            }
          }
        }
      }
    }
  }
}
