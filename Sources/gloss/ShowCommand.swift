internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss show`
struct ShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", _superCommandName: "gloss",
    abstract: "Show a record, and what belongs to it.",
    discussion: """
      An article's text has its highlights in place: in their colours, or in
      brackets where there are none, the highlight's name behind it. Notes stand in
      the margin where the terminal has 100 columns or more, and below the paragraph
      where it has fewer. On a terminal it all goes through a pager.

      A text that gloss sync --lazy-text left on the hub is fetched with --text.

      EXAMPLE
        gloss show 3f2a
        gloss show 3f2a --at "2026-11-24 13:42"
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Argument(help: "The record's name.", completion: .record) var name: String
  @Option(
    help: ArgumentHelp(
      "As it was then: 2026-11-24, \"2026-11-24 13:42\" (UTC), yesterday, 2w (ago), or after a change that gloss history shows.",
      valueName: "when"))
  var at: String?
  @Flag(help: "Print an article's text as it is, and fetch it where it is on the hub only.")
  var text = false
  @Flag(help: "Leave an article's text out.") var brief = false

  func validate() throws {
    if text && brief { throw ValidationError("give either --text or --brief") }
  }

  func run() throws {
    var library = try options.open(.readOnly)
    var item = try library.named(name)
    if let at {
      let point = try library.point(at)
      guard let then = try library.item(item.key, at: point) else {
        throw Failure(
          .noMatch, "there was no such record then", hint: "gloss history \(name) shows when")
      }
      item = then
      let missing = try library.fieldsLeftOut(of: item.key, at: point)
      if !missing.isEmpty {
        Output.note(
          (try library.compactionTime().map {
            "dropped by gloss compact, last on \(CivilTime.day($0))"
          }
            ?? "not on this machine, which came later") + ": "
            + missing.map { Text.line($0.text) }.joined(separator: ", "))
      }
    }
    if text, case .article(let article) = item, try library.isTextMissing(article) {
      try library.close()
      let opened = try options.open()
      try Waiting.result { try await opened.fetchTextIfMissing(article) }
      library = opened
    }
    try output.isJSON ? printJSON(item, library) : printPage(item, library)
  }

  private func printJSON(_ item: Item, _ library: Library) throws {
    var members = [("record", Shown.json(item))]
    if case .article(let article) = item {
      if text { members.append(("text", JSON(try library.text(article)))) }
      if at == nil {
        members += [
          (
            "highlights",
            .array(try library.highlights(of: article.id).map { Shown.json(.highlight($0)) })
          ),
          ("notes", .array(try library.notes(of: article.id).map { Shown.json(.note($0)) })),
        ]
      }
    }
    if case .highlight(let highlight) = item, at == nil {
      let notes = try library.notes(ofHighlight: highlight.id)
      members.append(("notes", .array(notes.map { Shown.json(.note($0)) })))
    }
    let conflicts = at == nil ? try library.conflicts(of: item.key) : []
    members.append(("conflicts", .array(conflicts.map { .text($0.conflict.field.text) })))
    JSON.print(members)
  }

  private func printPage(_ item: Item, _ library: Library) throws {
    let (highlights, notes) = try children(of: item, library)
    let keys = [item.key] + highlights.map(\.key) + notes.map(\.key)
    let naming = try Naming(keys, in: library)
    let content = try brief ? nil : articleText(item, library)
    if content != nil { Pager.start() }
    let page = Page(item: item, naming: naming)
    page.printHead()
    if !text, case .article(let article) = item, try library.isTextMissing(article) {
      Page.field("text", "not on this machine (gloss show \(naming.short(item.key)) --text)")
    }
    let conflicts = at == nil ? try library.conflicts(of: item.key) : []
    if !conflicts.isEmpty {
      let fields = conflicts.map { Text.line($0.conflict.field.text) }
      var words = StyledText(fields.joined(separator: ", "), .attention)
      words.append(" (gloss conflicts)")
      Page.field("conflict", words)
    }
    if case .note(let note) = item {
      Output.line()
      Page.printText(note.body)
    }
    guard let content, !text else {
      page.printChildren(highlights, notes)
      guard let content else { return }
      Output.line()
      return Output.line(Text.safe(content.droppingLastLineEnd))
    }
    Output.line()
    let reading = ReadingPage(
      text: content.droppingLastLineEnd, highlights: highlights, notes: notes, naming: naming,
      width: Terminal.output.width)
    reading.print()
    let found = Set(highlights.map(\.id)).subtracting(reading.lost.map(\.id))
    let rest = notes.filter { note in note.highlight.map { !found.contains($0) } ?? true }
    page.printChildren(reading.lost, rest)
  }

  /// The article's text, where it is one and the text is here.
  private func articleText(_ item: Item, _ library: Library) throws -> String? {
    guard case .article(let article) = item else { return nil }
    return try library.text(article)
  }

  private func children(of item: Item, _ library: Library) throws -> ([Highlight], [Note]) {
    guard at == nil else { return ([], []) }
    switch item {
    case .article(let article):
      return (try library.highlights(of: article.id), try library.notes(of: article.id))
    case .highlight(let highlight):
      return ([], try library.notes(ofHighlight: highlight.id))
    case .note: return ([], [])
    }
  }
}
