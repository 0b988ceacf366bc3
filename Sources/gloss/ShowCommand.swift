internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss show`
struct ShowCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show a record, and what belongs to it.",
    discussion: """
      A text that gloss sync --lazy-text left on the hub is fetched with --text.

      EXAMPLE
        gloss show 3f2a --at "2026-11-24 13:42"
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Argument(help: "The record's name.") var name: String
  @Option(help: "As it was then: 2026-11-24, \"2026-11-24 13:42\" (UTC), yesterday, 2w (ago).")
  var at: String?
  @Flag(help: "Print an article's text too.") var text = false

  func run() async throws {
    var library = try options.open(.readOnly)
    var item = try library.named(name)
    if let at {
      let time = try Self.time(at)
      guard let then = try library.item(item.key, at: time) else {
        throw Failure(
          .noMatch, "there was no such record then", hint: "gloss history \(name) shows when")
      }
      item = then
      let missing = try library.fieldsLeftOut(of: item.key, at: time)
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
      library = try options.open()
      try await library.fetchTextIfMissing(article)
    }
    try output.isJSON ? printJSON(item, library) : printPage(item, library)
  }

  /// The last millisecond of a time that a person wrote.
  private static func time(_ text: String) throws -> UInt64 {
    do {
      let reference = TimeReference(now: Surroundings.clock())
      return UInt64(max(0, try Moment(parsing: text).end(at: reference)))
    } catch {
      throw Failure(error, in: text)
    }
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
    let page = Page(item: item, naming: naming)
    page.printHead()
    if !text, case .article(let article) = item, try library.isTextMissing(article) {
      Page.field("text", "not on this machine (gloss show \(naming.short(item.key)) --text)")
    }
    let conflicts = at == nil ? try library.conflicts(of: item.key) : []
    if !conflicts.isEmpty {
      Page.field(
        "conflict",
        conflicts.map(\.conflict.field.text).joined(separator: ", ") + " (gloss conflicts)")
    }
    if case .note(let note) = item {
      Output.line()
      Output.line(Text.safe(note.body))
    }
    page.printChildren(highlights, notes)
    if text, case .article(let article) = item, let content = try library.text(article) {
      Output.line()
      Output.line(Text.safe(content.droppingLastLineEnd))
    }
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
