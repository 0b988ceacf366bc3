internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss review`
struct ReviewCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "review", abstract: "Read highlights again, one by one.",
    discussion: """
      First come those that are due, then some that were never read again. On a
      terminal each waits for a key and the Enter key:

        Enter  again later: after a week, then after twice as long each time
        s      again soon: tomorrow
        x      never again
        n      write a note about it
        q      enough

      When each is due is part of the library, on all machines. Where standard input
      is no terminal they are printed and nothing is written.

      EXAMPLE
        gloss review --limit 5
        gloss review --random --limit 1
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "At most so many.") var limit = 10
  @Flag(help: "Any highlights by chance, due or not.") var random = false

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit is 1 or more") }
  }

  func run() throws {
    let asks = Prompt.isPossible && Terminal.output.isTerminal && !output.isJSON
    let library = try options.open(asks ? .readWrite : .readOnly)
    let today = CivilDate(daysSinceEpoch: Int(Surroundings.clock() / 86_400_000))
    let highlights =
      try random
      ? library.randomHighlights(limit: limit)
      : library.highlightsToReview(on: today, limit: limit)
    if output.isJSON {
      return JSON.print([("highlights", .array(highlights.map { Shown.json(.highlight($0)) }))])
    }
    guard !highlights.isEmpty else {
      return Output.note(
        random ? "there are no highlights" : "nothing is due (gloss review --random)")
    }
    for (index, highlight) in highlights.enumerated() {
      if index > 0 { Output.line() }
      try show(highlight, "\(index + 1)/\(highlights.count)", library)
      guard asks else { continue }
      Output.line()
      guard try answer(highlight, library, today) else { return }
    }
  }

  private func show(_ highlight: Highlight, _ place: String, _ library: Library) throws {
    let notes = try library.notes(ofHighlight: highlight.id)
    let article = try highlight.article.flatMap { try library.article($0) }
    let naming = try Naming([highlight.key] + notes.map(\.key), in: library)
    let width = min(80, Terminal.output.width)
    var source = StyledText(place + "  ", .faint)
    source.append(naming.short(highlight.key), .name)
    if let article {
      source.append("  " + Text.line(Item.article(article).headline), .heading)
      if let author = article.author { source.append(", " + Text.line(author), .faint) }
    }
    Output.line(source.cut(to: width).rendered())
    let quote = StyledText(
      "\u{201C}" + (highlight.anchor?.quote ?? "") + "\u{201D}",
      .marked(colour: highlight.colour))
    for line in quote.wrapped(to: width) { Output.line(line.rendered()) }
    for note in notes { Page.printNote(note, naming, indent: 4) }
  }

  /// Asks until the highlight is done with. Returns whether to go on.
  private func answer(_ highlight: Highlight, _ library: Library, _ today: CivilDate) throws -> Bool
  {
    while true {
      Output.flush()
      Output.ask("Enter later, s soon, x never, n note, q quit: ")
      guard let reply = try Prompt.reply() else { return false }
      switch reply.lowercased() {
      case "": try library.review(highlight, .later, on: today)
      case "s": try library.review(highlight, .soon, on: today)
      case "x": try library.review(highlight, .never, on: today)
      case "q": return false
      case "n":
        try writeNote(on: highlight, in: library)
        continue
      default: continue
      }
      return true
    }
  }

  /// Has a note written. A person who thinks better of it is still at the highlight.
  private func writeNote(on highlight: Highlight, in library: Library) throws {
    do {
      try Editor.edit("", named: "note.md") { text in
        _ = try library.addNote(text, to: .highlight(highlight))
      }
    } catch {
      guard let failure = Failure(error), failure.isForAPerson else { throw error }
      failure.report()
    }
  }
}
