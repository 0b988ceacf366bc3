internal import ArgumentParser
internal import Gloss
internal import GlossCore

/// `gloss edit`
struct EditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Change articles' fields, highlights' colours or a note.",
    discussion: """
      Without options the editor of VISUAL or EDITOR opens. What it replaces is
      what it was opened on: what another machine wrote in the meantime stays, as
      a conflict. An editor that leaves nothing changes nothing, and the exit
      status is 2. An empty value clears a field.

      With options several records can be named; --matching changes those that gloss
      list shows for the query. It asks before it changes more than three; gloss undo
      takes all of it back.

      EXAMPLE
        gloss edit 3f2a --title "On marginalia" --state read
        gloss edit 3f2a 91c4 --state read
        gloss edit --matching 'is:read edited:..1y' --archived yes
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var choice: MatchingOptions
  @Argument(help: "The records' names.", completion: .record) var names: [String] = []
  @Option(help: "An article's title.") var title: String?
  @Option(help: "Its author.") var author: String?
  @Option(help: "Its site or publication.") var site: String?
  @Option(help: "Its address.") var url: String?
  @Option(help: "Its language.") var language: String?
  @Option(help: "Its day of publication.") var date: String?
  @Option(help: "unread, reading or read.", completion: .list(ReadState.allCases.map(\.name)))
  var state: String?
  @Option(help: "yes or no.", completion: .list(["yes", "no"])) var favourite: String?
  @Option(help: "yes or no.", completion: .list(["yes", "no"])) var archived: String?
  @Option(help: "How much was read, from 0 to 1.") var progress: Double?
  @Option(help: "A note's text.") var body: String?
  @Option(help: "A highlight's colour.") var colour: String?

  func run() throws {
    let (library, items) = try choice.opened(options, named: names)
    guard !given.isEmpty else { return try edit(items, in: library) }
    // What cannot be done to one of them is done to none.
    let edited = try items.map { item in
      let fields = EditableFields(item)
      if let unknown = given.first(where: { !fields.names.contains($0.0) }) {
        throw Failure(
          .usage, "\(item.kind.withArticle) has no \(unknown.0)",
          hint: "it has: \(fields.names.joined(separator: ", "))")
      }
      return try fields.applying(given)
    }
    try confirmation.confirm(
      "this changes \(Shown.count(items.count, "record"))", touching: items.count)
    let changes = try ProgressBar.during("editing") { bar in
      try library.save(edited.map(\.item.entry), progress: bar?.advance(to:of:))
    }
    Shown.changes(changes)
  }

  /// Has the one record edited.
  private func edit(_ items: [Item], in library: Library) throws {
    guard items.count == 1 else {
      throw Failure(
        .usage, "an editor takes one record", hint: "say what to change: --state read, for example")
    }
    let fields = EditableFields(items[0])
    let changed = try Editor.edit(fields.text, named: "\(items[0].kind.rawValue).md") { text in
      try library.save([fields.applying(text).item.entry])[0]
    }
    Shown.changes([changed])
  }

  /// What the options say.
  private var given: [(String, String)] {
    let all: [(String, String?)] = [
      ("title", title), ("author", author), ("site", site), ("url", url), ("language", language),
      ("date", date), ("state", state), ("favourite", favourite), ("archived", archived),
      ("progress", progress.map { "\($0)" }), ("body", body), ("colour", colour),
    ]
    return all.compactMap { name, value in value.map { (name, $0) } }
  }
}
