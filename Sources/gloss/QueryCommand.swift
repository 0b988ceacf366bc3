internal import ArgumentParser
internal import Gloss
internal import GlossStore

/// `gloss query`
struct QueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query", abstract: "Save queries under names; what a query can say.",
    discussion: """
      A query is words and fields. Records satisfy all of them, unless "or" stands
      between; a hyphen or "not" before one, or before parentheses, means those
      that do not.

        marginalia "in the margin"   texts have the word, the words in this order
        tag:reading                  the tag
        kind:article                 or highlight, note
        is:unread                    or reading, read, archived, favourite,
                                     conflicted, orphaned, deleted
        has:notes                    or highlights, text, tags, url
        author:"Le Guin"             the author has this in it; so title:
        site:example.org             the site's name has this in it, or the
                                     address is at this host or one below it
        lang:en   colour:green       the language, a highlight's colour
        saved:2w                     when it was added; edited: changed last;
                                     published: came out
        @inbox                       what the query saved under this name finds

      Times are 2026, 2026-11, 2026-11-24, 2026-11-24T13:42, today, yesterday,
      monday, last monday, this week, last month, march; 30min, 12h, 3d, 2w, 6m
      and 1y mean since so long ago. A range includes its ends: 2026-01..2026-03,
      2w.., ..2025. >2025 is after, <2026 before. All in UTC.

      What only articles have is that of the article for highlights and notes:
      kind:highlight author:"Le Guin" finds highlights in her articles.

      EXAMPLE
        gloss query save inbox is:unread -is:archived
        gloss list @inbox saved:2w
      """,
    subcommands: [Save.self, List.self, Remove.self])

  /// `gloss query save`
  struct Save: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "save", abstract: "Save a query under a name, for all machines.",
      discussion: """
        What had the name before is replaced. gloss list @NAME uses it.

        EXAMPLE
          gloss query save inbox is:unread -is:archived
        """)

    @OptionGroup var options: LibraryOptions
    @Argument(help: "What to call it.") var name: String
    @Argument(help: "The query.", completion: .query) var query: [String]

    func run() throws {
      guard SavedQuery.isName(name) else {
        throw Failure(
          .usage, "\(Text.line(name, width: 40)) cannot be a query's name",
          hint: "a name has up to 64 letters, digits and - _ . /, and begins with a letter or digit"
        )
      }
      let text = QueryArguments.query(query)
      try options.open().saveQuery(SavedQuery(name: name, text: text))
      Output.note("saved: gloss list @\(Text.line(name))")
    }
  }

  /// `gloss query list`
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the saved queries.",
      discussion: """
        EXAMPLE
          gloss query list --json
        """)

    @OptionGroup var options: LibraryOptions
    @OptionGroup var output: OutputOptions

    func run() throws {
      let queries = try options.open(.readOnly).savedQueries()
      if output.isJSON {
        return JSON.print([
          (
            "queries",
            .array(queries.map { .object([("name", .text($0.name)), ("text", .text($0.text))]) })
          )
        ])
      }
      if queries.isEmpty { Output.note("no query is saved; gloss query save NAME QUERY saves one") }
      let width = queries.map { Text.columns(Text.line($0.name)) }.max() ?? 0
      for query in queries {
        let name = Text.padded(Text.line(query.name), to: width)
        let room = max(8, Terminal.output.width - width - 2)
        let text =
          Terminal.output.isTerminal
          ? Text.line(query.text, width: room) : Text.line(query.text)
        Output.line(Style.name.on(name) + "  " + text)
      }
    }
  }

  /// `gloss query remove`
  struct Remove: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "remove", abstract: "Remove a saved query.",
      discussion: """
        Queries that use it do not work any more until it is there again.

        EXAMPLE
          gloss query remove inbox
        """)

    @OptionGroup var options: LibraryOptions
    @Argument(help: "Its name.", completion: .savedQuery) var name: String

    func run() throws {
      let library = try options.open()
      guard try library.removeQuery(named: name) else {
        throw Failure(
          .noMatch, "no query is called \(Text.line(name, width: 40))",
          hint: "gloss query list shows them")
      }
      Output.note("removed")
    }
  }
}
