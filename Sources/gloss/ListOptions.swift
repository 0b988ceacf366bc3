internal import ArgumentParser
internal import Gloss

/// What to list, in which order and form: taken by `gloss list` and `gloss search`.
struct ListOptions: ParsableArguments {
  @Argument(
    help: "What to find; gloss help query has the language. All, where nothing is said.",
    completion: .query)
  var query: [String] = []

  @Option(help: "article, highlight, note or all.") var kind: KindChoice?

  @Option(help: "Only those with this tag.", completion: .tag) var tag: String?

  @Option(
    help: ArgumentHelp(
      "saved, edited, published, title, author or site, and :asc or :desc.", valueName: "field"))
  var sort: SortChoice?

  @Option(help: "At most so many.") var limit: Int?

  @Option(help: "Leave out so many at the start.") var offset = 0

  @Option(
    help: ArgumentHelp(
      "table, json, jsonl, ids, or a text with fields such as {{id}} and {{title}}.",
      valueName: "form"))
  var format: ListFormat?

  @Flag(name: .customLong("json"), help: "The same as --format json.") var isJSON = false

  @Flag(
    name: [.customShort("0"), .customLong("null")],
    help: "End each record with a NUL in place of a line end, for xargs -0.")
  var endsWithNUL = false

  mutating func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit is 0 or more") }
    guard offset >= 0 else { throw ValidationError("--offset is 0 or more") }
    if isJSON, let format, format != .json {
      throw ValidationError("--json and --format contradict each other")
    }
    if endsWithNUL, !form.isOnePerRecord {
      throw ValidationError("-0 goes with --format ids, jsonl or a text with fields")
    }
  }

  /// In which form to print.
  var form: ListFormat { format ?? (isJSON ? .json : .table) }

  /// What is asked for besides the query.
  var filters: [Filter] { tag.map { [.tag($0)] } ?? [] }
}

/// The kinds to look among.
enum KindChoice: String, ExpressibleByArgument, CaseIterable {
  case article, highlight, note, all

  var kinds: [ReadingKind] {
    ReadingKind(rawValue: rawValue).map { [$0] } ?? ReadingKind.allCases
  }
}

/// `title`, `saved:asc`.
struct SortChoice: ExpressibleByArgument {
  let order: ItemOrder

  init?(argument: String) {
    let parts = argument.split(separator: ":", omittingEmptySubsequences: false)
    guard let key = ItemOrder.Key(rawValue: String(parts[0])), parts.count < 3 else { return nil }
    switch parts.dropFirst().first {
    case nil: order = ItemOrder(key)
    case "asc"?: order = ItemOrder(key, descending: false)
    case "desc"?: order = ItemOrder(key, descending: true)
    case _?: return nil
    }
  }

  static var allValueStrings: [String] { ItemOrder.Key.allCases.map(\.rawValue) }
}
