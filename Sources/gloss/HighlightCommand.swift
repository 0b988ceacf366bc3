internal import ArgumentParser
internal import Gloss
internal import GlossCore

/// `gloss highlight`
struct HighlightCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "highlight",
    abstract: "Mark a quote in an article and print the highlight's name.",
    discussion: """
      The quote is looked for as it is, then with any white space equal to any
      other.

      EXAMPLE
        gloss highlight 3f2a "in the margin" --note "this program" --colour yellow
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Argument(help: "The article's name.", completion: .article) var article: String
  @Argument(help: "Words of its text.") var quote: String
  @Option(help: "What to note about it.") var note: String?
  @Option(help: "A colour's name.") var colour: String?
  @Option(help: "Which of several places is meant, from 1.") var occurrence: Int?
  @Option(
    name: .customLong("tag"), help: "A tag; may be given several times.", completion: .tag)
  var tags: [String] = []

  func run() async throws {
    let library = try options.open()
    let article = try library.articleNamed(article)
    try await library.fetchTextIfMissing(article)
    let added = try library.highlight(
      quote, occurrence: occurrence, in: article.id, colour: colour, note: note, tags: tags)
    var members: [(String, Item)] = []
    if let highlight = try library.highlight(added.highlight) {
      members.append(("id", .highlight(highlight)))
    }
    if output.isJSON, let id = added.note, let note = try library.note(id) {
      members.append(("note", .note(note)))
    }
    try Shown.identity(members, asJSON: output.isJSON, in: library)
  }
}

/// `gloss note`
struct NoteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "note",
    abstract: "Write a note about an article or a highlight and print its name.",
    discussion: """
      Without TEXT the editor of VISUAL or EDITOR opens; - reads standard input.
      An editor that leaves nothing writes no note, and the exit status is 2.

      EXAMPLE
        gloss note 3f2a "Compare with the first chapter."
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Argument(help: "The name of the article or highlight.", completion: .articleOrHighlight)
  var about: String
  @Argument(help: "The note, or - for standard input.") var text: String?
  @Option(
    name: .customLong("tag"), help: "A tag; may be given several times.", completion: .tag)
  var tags: [String] = []

  func run() throws {
    let library = try options.open()
    let item = try library.named(about)
    let id: RecordID
    switch text {
    case nil:
      id = try Editor.edit("", named: "note.md") { try library.addNote($0, to: item, tags: tags) }
    case "-"?:
      let body = try ImportedText.decode(try File.read("-")[...])
      id = try library.addNote(body.droppingLastLineEnd, to: item, tags: tags)
    case let text?:
      id = try library.addNote(text, to: item, tags: tags)
    }
    guard let note = try library.note(id) else { return }
    try Shown.identity([("id", .note(note))], asJSON: output.isJSON, in: library)
  }
}

extension String {
  /// The text without one line end at its end, which a terminal or an editor put there.
  var droppingLastLineEnd: String { last?.isNewline == true ? String(dropLast()) : self }
}
