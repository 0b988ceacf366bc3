internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss conflicts`
struct ConflictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts",
    abstract: "List what two machines wrote at once, and compare it.",
    discussion: """
      What to list is said as to gloss list; gloss help query has the language.

      EXAMPLE
        gloss conflicts
        gloss conflicts tag:reading edited:2w
        gloss conflicts show 3f2a
        gloss resolve 3f2a
      """, subcommands: [List.self, Show.self], defaultSubcommand: List.self)

  /// `gloss conflicts list`, and `gloss conflicts` without more.
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List what, which field, who and when.",
      discussion: """
        EXAMPLE
          gloss conflicts list tag:reading 'author:"Le Guin"'
          gloss conflicts list is:orphaned --kind note
        """)

    @OptionGroup var options: LibraryOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var filter: ConflictFilter
    @Argument(
      help: "Which records; gloss help query has the language. All, where nothing is said.",
      completion: .query)
    var query: [String] = []

    func run() throws {
      let (library, filter) = try options.open(.readOnly, reading: query, and: filter.filters)
      let conflicts = try library.conflicts(matching: filter)
      if output.isJSON {
        let naming = try Naming([], in: library)
        return JSON.print([("conflicts", .array(conflicts.map { $0.json(naming) }))])
      }
      let naming = try Naming(conflicts.flatMap(\.keys), in: library)
      Pager.start()
      ConflictList(conflicts: conflicts, naming: naming).print()
      guard let first = conflicts.first else {
        Output.note(filter == .all ? "no conflicts" : "no conflict matches")
        return QueryArguments.explainNothing(query)
      }
      let name = naming.short(first.item.key)
      Output.note(
        "hint: gloss conflicts show \(name) compares what was written, gloss resolve \(name) settles it"
      )
    }
  }

  /// `gloss conflicts show`
  struct Show: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "show", abstract: "Compare what was written with what it was before.",
      discussion: """
        Each value stands below what all of them were made from, with the words that
        it took away and those that it put there, in colour or as [-old-]{+new+}.

        EXAMPLE
          gloss conflicts show 3f2a --field title
        """)

    @OptionGroup var options: LibraryOptions
    @OptionGroup var output: OutputOptions
    @Argument(help: "The record's name.", completion: .conflictedRecord) var name: String
    @Option(help: "Only this field.") var field: String?
    @Flag(help: "Leave out nothing of long texts.") var full = false

    func run() throws {
      let library = try options.open(.readOnly)
      let item = try library.named(name)
      let conflicts = try library.conflicts(of: item.key, field: field)
      if output.isJSON {
        let naming = try Naming([], in: library)
        return JSON.print([("conflicts", .array(conflicts.map { $0.json(naming) }))])
      }
      let naming = try Naming(conflicts.flatMap(\.keys), in: library)
      Pager.start()
      for (number, conflict) in conflicts.enumerated() {
        if number > 0 { Output.line() }
        try ConflictPage(
          conflict: conflict, library: library, naming: naming, isWhole: full
        ).print()
      }
      Output.note("hint: gloss resolve \(naming.short(item.key)) asks what to keep")
    }
  }
}

extension Library {
  /// Returns what has to be decided about a record, or about one of its fields; there is something.
  func conflicts(of key: RecordKey, field: String?) throws -> [LibraryConflict] {
    let conflicts = try conflicts(of: key)
      .filter { field.map($0.conflict.field.text.hasSameBytes) ?? true }
    guard conflicts.isEmpty else { return conflicts }
    throw Failure(
      .noMatch,
      field.map { "\(Text.repeated($0)) is not in conflict" } ?? "nothing of it is in conflict",
      hint: "gloss conflicts lists what is")
  }
}

extension LibraryConflict {
  /// The records that a person may have to name.
  var keys: [RecordKey] { [item.key] + (parent.map { [$0.key] } ?? []) }
}
