internal import Gloss
internal import GlossCore
internal import GlossStore

/// Prints records as a list, in the form that was asked for.
struct ListPrinter {
  let library: Library
  let options: ListOptions
  /// What the list is ordered by, which decides what a table says when.
  let order: ItemOrder

  func print(_ items: [Item]) throws {
    switch options.form {
    case .table: try printTable(items.map(ItemSummary.init))
    case .json: JSON.print([("items", .array(items.map(Shown.json)))])
    case .jsonl: for item in items { end(Self.line(Shown.json(item))) }
    case .ids: for item in items { end("\(item.key.id)") }
    case .template(let template): try print(items, as: template) { _ in nil }
    }
  }

  /// Prints what a search found, with the places that answer it.
  func print(_ findings: [Finding]) throws {
    let items = findings.map(\.item)
    switch options.form {
    case .table: try printTable(findings)
    case .json: JSON.print([("items", .array(findings.map(Self.json)))])
    case .jsonl: for finding in findings { end(Self.line(Self.json(finding))) }
    case .ids: for item in items { end("\(item.key.id)") }
    case .template(let template):
      try print(items, as: template) { findings[$0].passages.first }
    }
  }

  private func end(_ line: String) {
    Output.write(line + (options.endsWithNUL ? "\0" : "\n"))
  }

  /// An object on a line of its own, with the version of its form.
  private static func line(_ object: JSON) -> String {
    guard case .object(let members) = object else { return object.text }
    return JSON.object([("version", .integer(1))] + members).text
  }

  private static func json(_ finding: Finding) -> JSON {
    guard case .object(let members) = Shown.json(finding.item) else { return .null }
    let passages = finding.passages.map { passage in
      JSON.object([
        ("field", .text(passage.field.text)),
        (
          "parts",
          .array(
            passage.parts.map { .object([("text", .text($0.text)), ("hit", .bool($0.isHit))]) })
        ),
      ])
    }
    return .object(
      members + [("relevance", .real(finding.relevance)), ("passages", .array(passages))])
  }

  private func print(
    _ items: [Item], as template: ItemTemplate, passage: (Int) -> Passage?
  ) throws {
    let pieces = try template.pieces()
    let fields = pieces.compactMap { if case .field(let field) = $0 { field } else { nil } }
    let articles =
      fields.contains(where: \.isOfArticle)
      ? try library.articles(Set(items.compactMap(\.articleID))) : [:]
    let names = fields.contains(.name) ? try ShortNames(items.map(\.id), in: library) : nil
    for (place, item) in items.enumerated() {
      let article = item.articleID.flatMap { articles[$0] }
      let name = names?[place] ?? ""
      end(
        pieces.map { piece in
          switch piece {
          case .text(let text): text
          case .field(let field):
            field.text(of: item, article: article, name: name, passage: passage(place))
          }
        }.joined())
    }
  }

  // MARK: - Tables

  /// Prints records in the form of a table, which needs no more of them.
  func printTable(_ items: [ItemSummary]) throws {
    guard !items.isEmpty else { return }
    Pager.start()
    let table = try ItemTable(items, in: library, order)
    for place in items.indices { Output.line(table.line(place)) }
  }

  /// Two lines for each record: its own, with the hits in it, and what is behind it. That is the place in an article's text, or
  /// the title of the article that a highlight or note belongs to.
  private func printTable(_ findings: [Finding]) throws {
    guard !findings.isEmpty else { return }
    Pager.start()
    let items = findings.map(\.item)
    let table = try ItemTable(items.map(ItemSummary.init), in: library, order)
    let articles = try library.articles(
      Set(items.filter { $0.kind != .article }.compactMap(\.articleID)))
    for (place, finding) in findings.enumerated() {
      let heading = finding.passages.first { Self.isHeading($0, of: finding.item) }
      Output.line(table.line(place, headline: heading.map(Self.styled)))
      var below = StyledText()
      switch finding.item {
      case .article:
        if let passage = finding.passages.first(where: { $0.column != SearchColumn.title }) {
          below = Self.styled(passage)
        }
      case .highlight, .note:
        let article = finding.item.articleID.flatMap { articles[$0] }
        if let article { below = StyledText(Text.line(Item.article(article).headline), .faint) }
      }
      guard !below.isEmpty else { continue }
      let indent = String(repeating: " ", count: table.indent)
      Output.line(
        indent + below.cut(to: max(8, Terminal.output.width - table.indent)).rendered())
    }
  }

  /// Whether a passage is what the record is called by.
  private static func isHeading(_ passage: Passage, of item: Item) -> Bool {
    switch item {
    case .article: passage.column == SearchColumn.title
    case .highlight: passage.column == SearchColumn.quote
    case .note: passage.column == SearchColumn.note
    }
  }

  private static func styled(_ passage: Passage) -> StyledText {
    var text = StyledText(passage.isCutAtStart ? "…" : "")
    for part in passage.parts { text.append(part.text, part.isHit ? .hit : nil) }
    if passage.isCutAtEnd { text.append("…") }
    return text
  }
}
