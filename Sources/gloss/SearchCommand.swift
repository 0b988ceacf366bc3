internal import ArgumentParser
internal import Gloss
internal import GlossStore

/// `gloss search`
struct SearchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "search", _superCommandName: "gloss",
    abstract: "Search titles, texts, quotes and notes, the best match first.",
    discussion: """
      What can be asked for is what gloss help query says; words are looked for in
      titles, authors, sites, texts, quotes and notes, whatever their case and
      accents, and margin* finds marginalia. Below each record stands the place
      that answers best. A form with fields has {{passage}} for it.

      EXAMPLE
        gloss search marginal notes
        gloss search '"in the margin" -is:read' --limit 10
        gloss search scholia kind:highlight --sort saved
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var list: ListOptions

  func run() throws {
    let (library, filter) = try options.open(.readOnly, reading: list.query, and: list.filters)
    guard filter != .all else {
      throw Failure(
        .usage, "say what to search for", hint: "for example: gloss search marginal notes")
    }
    let order = list.sort?.order ?? ItemOrder(filter.texts.isEmpty ? .saved : .relevance)
    let findings = try library.findings(
      matching: filter, kinds: list.kind?.kinds ?? ReadingKind.allCases, sortedBy: order,
      limit: list.limit, offset: list.offset,
      passageWidth: list.form == .table ? max(20, Terminal.output.width - 8) : 200,
      columns: { Text.columns(of: $0) })
    try ListPrinter(library: library, options: list, order: order).print(findings)
    if findings.isEmpty { QueryArguments.explainNothing(list.query) }
  }
}
