internal import ArgumentParser
internal import Gloss
internal import GlossStore

/// `gloss list`
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", _superCommandName: "gloss",
    abstract: "List articles, highlights or notes, the newest first.",
    discussion: """
      Without --kind it lists articles, or records of all kinds where the query
      asks for a kind, a colour, conflicts, orphans or deleted records.

      A form with fields prints each record as it says: {{id}} {{name}} {{kind}}
      {{headline}} {{title}} {{url}} {{author}} {{site}} {{lang}} {{published}}
      {{state}} {{favourite}} {{archived}} {{progress}} {{tags}} {{saved}}
      {{edited}} {{quote}} {{colour}} {{body}} {{article}}, and {{saved-day}},
      {{saved-exact}} and the same of edited. \\n is a line end, \\t a tab.

      EXAMPLE
        gloss list tag:reading -is:read saved:2w --sort title
        gloss list 'author:"Le Guin" or site:lithub.com' --limit 20
        gloss list kind:highlight --format '{{quote}}\\n  {{author}}, {{title}}'
        gloss list is:archived --format ids -0 | xargs -0 -n1 gloss show --json
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var list: ListOptions

  func run() throws {
    let (library, filter) = try options.open(.readOnly, reading: list.query, and: list.filters)
    let order = list.sort?.order ?? .newest
    let kinds = list.kind?.kinds ?? filter.kinds
    let printer = ListPrinter(library: library, options: list, order: order)
    let isEmpty: Bool
    if list.form == .table {
      let items = try library.summaries(
        matching: filter, kinds: kinds, sortedBy: order, limit: list.limit, offset: list.offset)
      try printer.printTable(items)
      isEmpty = items.isEmpty
    } else {
      let items = try library.items(
        matching: filter, kinds: kinds, sortedBy: order, limit: list.limit, offset: list.offset)
      try printer.print(items)
      isEmpty = items.isEmpty
    }
    if isEmpty { QueryArguments.explainNothing(list.query) }
  }
}
