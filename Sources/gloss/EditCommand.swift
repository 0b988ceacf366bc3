internal import ArgumentParser
internal import Gloss
internal import GlossCore

/// `gloss edit`
struct EditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit", abstract: "Change an article's fields, a highlight's colour or a note.",
    discussion: """
      Without options the editor of VISUAL or EDITOR opens. What it replaces is
      what it was opened on: what another machine wrote in the meantime stays, as
      a conflict. An editor that leaves nothing changes nothing, and the exit
      status is 2. An empty value clears a field.

      EXAMPLE
        gloss edit 3f2a --title "On marginalia" --state read
      """)

  @OptionGroup var options: LibraryOptions
  @Argument(help: "The record's name.") var name: String
  @Option(help: "An article's title.") var title: String?
  @Option(help: "Its author.") var author: String?
  @Option(help: "Its site or publication.") var site: String?
  @Option(help: "Its address.") var url: String?
  @Option(help: "Its language.") var language: String?
  @Option(help: "Its day of publication.") var date: String?
  @Option(help: "unread, reading or read.") var state: String?
  @Option(help: "yes or no.") var favourite: String?
  @Option(help: "yes or no.") var archived: String?
  @Option(help: "How much was read, from 0 to 1.") var progress: Double?
  @Option(help: "A note's text.") var body: String?
  @Option(help: "A highlight's colour.") var colour: String?

  func run() throws {
    let library = try options.open()
    let item = try library.named(name)
    let fields = EditableFields(item)
    let given = options(for: fields)
    if let unknown = given.first(where: { !fields.names.contains($0.0) }) {
      throw Failure(
        .usage, "\(item.kind.withArticle) has no \(unknown.0)",
        hint: "it has: \(fields.names.joined(separator: ", "))")
    }
    let changed: Bool
    if given.isEmpty {
      changed = try Editor.edit(fields.text, named: "\(item.kind.rawValue).md") { text in
        try fields.applying(text).save(in: library)
      }
    } else {
      changed = try fields.applying(given).save(in: library)
    }
    Output.note(changed ? "changed" : "nothing to change")
  }

  private func options(for fields: EditableFields) -> [(String, String)] {
    let all: [(String, String?)] = [
      ("title", title), ("author", author), ("site", site), ("url", url), ("language", language),
      ("date", date), ("state", state), ("favourite", favourite), ("archived", archived),
      ("progress", progress.map { "\($0)" }), ("body", body), ("colour", colour),
    ]
    return all.compactMap { name, value in value.map { (name, $0) } }
  }
}
