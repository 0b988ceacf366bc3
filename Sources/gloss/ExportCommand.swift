internal import ArgumentParser
internal import Glibc
internal import Gloss
internal import GlossCore
internal import GlossFormats
internal import GlossStore

/// `gloss export`
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write everything out, or what changed since the last time.",
    discussion: """
      Lines of JSON: every change that was ever made, deletions, history and open
      conflicts included, the texts, and hashes by which an import notices whatever
      is not as it was. Libraries that hold the same give the same bytes. gloss
      import reads it; Protocol/export.md describes it.

      At its end it prints a cursor on standard error, which is also in the file's
      first and last line. With --since it writes what came after that, of all
      machines. It is the same on every machine of the library.

      The key and the hub's token are not in it: gloss backup has these.

      With --format markdown it keeps a file for each article in a folder: highlights
      as quotes, notes under them. Its part stands between lines with gloss:begin and
      gloss:end. All around them is yours and is never touched; so is a file in which
      these lines, or what is between them, were edited. Files may be renamed.

      With a query it writes the articles that gloss list shows for it, whole, and
      those whose highlights or notes it shows: kind:highlight colour:green takes
      articles with a green highlight. The files of all others stay as they are.

      EXAMPLE
        gloss export library.jsonl
        gloss export | jq -r 'select(.kind == "note").writes.body.value // empty'
        gloss export --since "$(cat cursor)" new.jsonl
        gloss export --format markdown ~/notes/reading
        gloss export --format markdown ~/notes/essays tag:essay has:notes -is:unread
      """)

  @OptionGroup var options: LibraryOptions
  @Option(help: ArgumentHelp("jsonl, or markdown.", valueName: "format"))
  var format = Format.jsonl
  @Option(help: ArgumentHelp("Only what came after this cursor.", valueName: "cursor"))
  var since: String?
  @Flag(help: "Replace the file where it exists, or what was edited between the markers.")
  var force = false
  @Argument(
    help: ArgumentHelp(
      "The file, - or nothing for standard output; of markdown, the folder.", valueName: "place"))
  var place: String = "-"
  @Argument(
    help: "Of markdown, which articles; gloss help query has the language.", completion: .query)
  var query: [String] = []

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case jsonl, markdown
  }

  func validate() throws {
    guard format == .markdown else {
      guard query.isEmpty else { throw ValidationError("a query goes with --format markdown") }
      return
    }
    guard place != "-", !QueryArguments.isTerm(place) else {
      throw ValidationError("name the folder for the Markdown files, before a query")
    }
    guard since == nil else {
      throw ValidationError("--since is for jsonl; what is up to date is not written anyway")
    }
  }

  func run() throws {
    let cursor = try since.map { text in
      guard let cursor = ExportCursor(text) else {
        throw Failure(
          .usage, "\(Text.line(text, width: 60)) is not a cursor",
          hint: "gloss export prints one at its end; it is also the member cursor of the last line")
      }
      return cursor
    }
    switch format {
    case .jsonl: try writeChanges(of: try options.open(.readOnly), since: cursor)
    case .markdown: try writeMarkdown()
    }
  }

  // MARK: Lines of JSON

  private func writeChanges(of library: Library, since cursor: ExportCursor?) throws {
    let exporter = try ChangeExporter(library, since: cursor)
    let report: ChangeExporter.Report
    if place == "-" {
      report = try exporter.write(to: { Output.write(bytes: $0) })
    } else {
      let output = try AtomicFile(
        place, existing: force ? .replace : .refuse, from: library)
      report = try ProgressBar.during("exporting", unit: "changes") { bar in
        try exporter.write(to: { try output.write($0) }, progress: { bar?.advance($0) })
      }
      try output.finish()
    }
    tell(report)
  }

  private func tell(_ report: ChangeExporter.Report) {
    Output.note(
      "wrote \(Shown.count(Int(clamping: report.changeCount), "change")), "
        + Shown.count(report.textCount, "text"))
    if report.missingTextCount > 0 {
      Output.note(
        "note: \(Shown.count(report.missingTextCount, "text")) not on this machine; gloss sync brings what the hub has"
      )
    }
    if report.leftOutCount > 0 {
      Output.note(
        "note: \(Shown.count(report.leftOutCount, "replaced value")) dropped by gloss compact before"
      )
    }
    Output.note("cursor: \(report.cursor.text)")
  }

  // MARK: Markdown

  private func writeMarkdown() throws {
    let (library, filter) = try options.open(.readOnly, reading: query)
    let articles = filter == .all ? nil : try Self.articles(of: filter, in: library)
    if articles == [] {
      Output.note("no article matches")
      return QueryArguments.explainNothing(query)
    }
    let exporter = MarkdownExporter(library, into: place, edited: force ? .overwrite : .refuse)
    let report = try ProgressBar.during("exporting", unit: "articles") { bar in
      try exporter.write(articles) { bar?.advance($0) }
    }
    Output.note(
      "\(Shown.count(report.newCount, "new file")), \(report.changedCount) changed, \(report.unchangedCount) as they were"
    )
    guard !report.refused.isEmpty else { return }
    throw Failure(
      .needsDecision, "\(Shown.count(report.refused.count, "file")) left alone",
      details: report.refused.map { "\(Text.line($0.name)): \(Self.words(for: $0.reason))" },
      hint:
        "what is yours belongs before or behind the lines with gloss:begin and gloss:end; move a file away to get it anew"
    )
  }

  /// The articles that a query finds, or that have highlights or notes which it finds.
  private static func articles(of filter: Filter, in library: Library) throws -> [RecordID] {
    var seen: Set<RecordID> = []
    return try library.items(matching: filter, kinds: filter.kinds).compactMap { item in
      switch item {
      case .article(let article): article.id
      case .highlight(let highlight): highlight.article
      case .note(let note): note.article
      }
    }.filter { seen.insert($0).inserted }
  }

  private static func words(for reason: MarkdownExporter.Refusal.Reason) -> String {
    switch reason {
    case .markersDamaged: "a line with gloss:begin or gloss:end is missing, altered or there twice"
    case .edited: "edited between gloss:begin and gloss:end (--force replaces that)"
    case .otherArticle: "it has another article's gloss:begin"
    case .notText: "it is not UTF-8"
    case .unusable(ELOOP): "it is a link, which is not followed"
    case .unusable(let code): String(cString: strerror(code))
    case .double(let other): "the same article as \(Text.line(other))"
    }
  }
}
