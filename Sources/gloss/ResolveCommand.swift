internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss resolve`
struct ResolveCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve", abstract: "Settle a conflict; what is not kept stays in the history.",
    discussion: """
      Without more it shows each conflict, or those of the one record that is named,
      and asks, at a terminal. With --all words are a query as gloss list takes it,
      and it is about the conflicts of records that this finds. --keep takes
        current    what is shown           newest    what was written last
        other      the other of two        both      two texts, one after the other
        NUMBER     as gloss conflicts show counts
        DEVICE     what that machine wrote
      and, where a record was edited and deleted, edited or deleted. For a record
      of a deleted article, current brings the article back, deleted lets the
      record go too, and --value ID moves a note to another article.

      --merge puts together word by word what was changed in different places.
      Where two changed the same place it opens the editor (VISUAL, EDITOR), or the
      command in GLOSS_MERGETOOL, on a file with marks like those of git. The
      command has the files' names in BASE, LOCAL, REMOTE and MERGED, and after it
      where it names none of these. Marks that are left in settle nothing. Texts that
      gloss sync --lazy-text left on the hub are fetched.

      EXAMPLE
        gloss resolve 3f2a
        gloss resolve 3f2a --field title --keep other
        gloss resolve 3f2a --merge
        gloss resolve --all tag:reading edited:2w --keep newest --dry-run
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Argument(
    help: ArgumentHelp(
      "The record's name, or with --all a query; all are meant without.", valueName: "name"),
    completion: .conflictedRecordOrQuery)
  var names: [String] = []
  @Option(help: "The field; not needed where only one is in conflict.", completion: .field)
  var field: String?
  @Option(help: "current, other, both, newest, a number or a device.", completion: .side)
  var keep: String?
  @Option(help: "The value to write instead.") var value: String?
  @Flag(help: "Merge word by word.") var merge = false
  @Flag(help: "Write the value in an editor.") var edit = false
  @Flag(help: "All conflicts, or those of a query, --kind, --tag and --field.") var all = false
  @OptionGroup var filter: ConflictFilter
  @OptionGroup var confirmation: ConfirmationOptions
  @Flag(name: .customLong("dry-run"), help: "Say what would be done, and do nothing.")
  var isDryRun = false

  func validate() throws {
    let ways = [keep != nil, value != nil, merge, edit].count { $0 }
    if ways > 1 { throw ValidationError("give one of --keep, --value, --merge and --edit") }
    if all {
      if value != nil || edit {
        throw ValidationError("--all goes with --keep or --merge")
      }
    } else if names.count > 1 || names.isEmpty && ways > 0 {
      throw ValidationError("name one record, or say --all")
    }
    if !all, !filter.filters.isEmpty, !names.isEmpty {
      throw ValidationError("--kind and --tag go with --all")
    }
    if isDryRun, ways == 0 || edit {
      throw ValidationError("--dry-run goes with --keep, --value or --merge")
    }
  }

  private var way: Settlement.Way? {
    if let keep { return .keep(keep) }
    if let value { return .value(value) }
    if merge { return .merge }
    return edit ? .edit : nil
  }

  func run() async throws {
    if way == nil { try requirePerson() }
    let (opened, conflicts) = try chosen()
    let isFiltered = !names.isEmpty || !filter.filters.isEmpty || field != nil
    if conflicts.isEmpty, isFiltered, !output.isJSON {
      Output.note("no conflict matches")
      return QueryArguments.explainNothing(names)
    }
    let library = try await fetchTexts(of: conflicts, opened)
    let naming = try Naming(conflicts.flatMap(\.keys), in: library)
    guard let way else {
      return try Questions(library: library, naming: naming).ask(about: conflicts)
    }
    var report = Report(naming: naming, isAll: all)
    if all, !isDryRun {
      let count = Set(conflicts.map(\.item.key)).count
      try confirmation.confirm(
        "this settles conflicts of \(Shown.count(count, "record"))", touching: count)
    }
    let settlement = Settlement(
      library: library, naming: naming, mayAsk: !all && Prompt.isPossible, isDryRun: isDryRun,
      printsMerge: isDryRun && !all && !output.isJSON)
    try ProgressBar.during("settling", unit: "conflicts") { bar in
      for (done, conflict) in conflicts.enumerated() {
        bar?.advance(to: done, of: conflicts.count)
        try settle(conflict, by: way, settlement, &report)
      }
    }
    if output.isJSON { report.printJSON(isDryRun: isDryRun) } else { report.print() }
    if !report.open.isEmpty {
      throw Failure(
        .needsDecision, "\(Shown.count(report.open.count, "conflict")) left open",
        hint: "gloss resolve ID asks what to keep")
    }
  }

  /// Settles one, and with `--all` goes on where a person has to.
  private func settle(
    _ conflict: LibraryConflict, by way: Settlement.Way, _ settlement: Settlement,
    _ report: inout Report
  ) throws {
    do {
      // Settling one may settle others: a record that comes back brings along what belongs to it.
      guard let now = all ? try settlement.library.renewed(conflict) : conflict else { return }
      report.add(now, try settlement.settle(now, by: way))
    } catch let failure as Failure where all && failure.isForAPerson {
      report.add(conflict, failure)
    } catch let error as LibraryError where all {
      guard let failure = Failure(error), failure.isForAPerson else { throw error }
      report.add(conflict, failure)
    }
  }

  private func chosen() throws -> (Library, [LibraryConflict]) {
    let access: Replica.Access = isDryRun ? .readOnly : .readWrite
    guard let name = names.first, !all else {
      let (library, filter) = try options.open(access, reading: names, and: filter.filters)
      let conflicts = try library.conflicts(matching: filter)
      return (
        library,
        conflicts.filter { field.map($0.conflict.field.text.hasSameBytes) ?? true }
      )
    }
    let library = try options.open(access)
    let conflicts = try library.conflicts(of: try library.named(name).key, field: field)
    guard way == nil || conflicts.count == 1 else {
      let fields = conflicts.map { Text.line($0.conflict.field.text) }
      throw Failure(
        .usage, "more than one field is in conflict",
        hint: "say which with --field: \(fields.joined(separator: ", "))")
    }
    return (library, conflicts)
  }

  /// Fetches the texts that were left on the hub, where they are looked at. Who is asked can choose one of those that are here.
  private func fetchTexts(
    of conflicts: [LibraryConflict], _ library: Library
  ) async throws -> Library {
    switch way {
    case .keep("both")?, .merge?, .edit?, nil: break
    case .keep?, .value?: return library
    }
    let missing = try conflicts.flatMap(library.missingTexts)
    guard !missing.isEmpty else { return library }
    if isDryRun { try library.close() }
    let library = isDryRun ? try options.open() : library
    do {
      _ = try await library.fetch(
        missing, called: missing.count == 1 ? "a text is" : "\(missing.count) texts are")
    } catch let failure as Failure where way == nil {
      failure.report()
    }
    return library
  }

  private func requirePerson() throws {
    guard !Prompt.isPossible || output.isJSON else { return }
    throw Failure(
      .usage, "say how to settle it: nobody can be asked",
      hint: "--keep current|other|both|newest|NUMBER|DEVICE, --value TEXT, --merge or --edit")
  }
}

extension ResolveCommand {
  /// What became of each conflict.
  struct Report {
    let naming: Naming
    /// Whether each line says which record it is about.
    let isAll: Bool
    private(set) var settled: [(LibraryConflict, Settlement.Result)] = []
    private(set) var open: [(LibraryConflict, Failure)] = []

    init(naming: Naming, isAll: Bool) {
      self.naming = naming
      self.isAll = isAll
    }

    mutating func add(_ conflict: LibraryConflict, _ result: Settlement.Result) {
      settled.append((conflict, result))
    }

    mutating func add(_ conflict: LibraryConflict, _ failure: Failure) {
      open.append((conflict, failure))
    }

    func print() {
      func name(_ conflict: LibraryConflict) -> String {
        isAll ? Text.padded(naming.short(conflict.item.key), to: naming.width) + "  " : ""
      }
      for (conflict, result) in settled { Output.note(name(conflict) + result.message) }
      for (conflict, failure) in open {
        let field = Text.line(conflict.conflict.field.text, width: 20)
        Output.note(name(conflict) + "\(field) stays open: \(failure.message)")
      }
      if isAll, settled.isEmpty, open.isEmpty { Output.note("no conflicts") }
    }

    func printJSON(isDryRun: Bool) {
      func members(_ conflict: LibraryConflict) -> [(String, JSON)] {
        [
          ("kind", .text(conflict.item.kind.rawValue)), ("id", .text("\(conflict.item.key.id)")),
          ("field", .text(conflict.conflict.field.text)), ("reason", .text(conflict.reasonName)),
        ]
      }
      JSON.print([
        ("dryRun", .bool(isDryRun)),
        (
          "settled",
          .array(
            settled.map { .object(members($0) + [("by", .text($1.way)), ("value", $1.json)]) })
        ),
        ("open", .array(open.map { .object(members($0) + [("why", .text($1.message))]) })),
      ])
    }
  }
}

extension Library {
  /// Returns the conflict as it is now, or `nil` where it is one no more.
  func renewed(_ conflict: LibraryConflict) throws -> LibraryConflict? {
    try conflicts(of: conflict.item.key).first {
      $0.conflict.field == conflict.conflict.field && $0.reasonName == conflict.reasonName
    }
  }
}
