internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss delete`
struct DeleteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete", abstract: "Delete records and what belongs to them.",
    discussion: """
      What was deleted stays in the history, and gloss undelete brings it back.
      With an article go its highlights and notes. It asks before more than three
      records go; where nobody can be asked it deletes none without --yes.

      EXAMPLE
        gloss delete 3f2a 91c4
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var confirmation: ConfirmationOptions
  @Argument(help: "The records' names.", completion: .record) var names: [String]

  func run() throws {
    let library = try options.open()
    // All names are looked up before anything is deleted: a mistake in one leaves all as they are.
    let items = try library.named(names)
    let keys = try items.filter { !$0.entry.isDeleted }.flatMap(library.belongings)
    try confirmation.confirm("this deletes", keys)
    var gone: [RecordKey] = []
    for item in items {
      let conflicts = try library.conflicts(of: item.key)
      guard !item.entry.isDeleted || !conflicts.isEmpty else {
        Output.note("was deleted already: \(Text.line(item.headline, width: 50))")
        continue
      }
      let deleted = try library.delete(item)
      gone.append(item.key)
      Output.note(
        "deleted \(Text.line(item.headline, width: 50))\(Shown.along(deleted.dropFirst()))")
    }
    guard !gone.isEmpty else { return }
    let naming = try Naming(gone, in: library)
    Output.note(
      "hint: gloss undelete \(gone.map(naming.short).joined(separator: " ")) takes it back")
  }
}

/// `gloss undelete`
struct UndeleteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undelete",
    abstract: "Bring deleted records back, and what was deleted with them.",
    discussion: """
      With an article come the highlights and notes that went with it. It asks before
      more than three records come; where nobody can be asked it brings back none
      without --yes.

      EXAMPLE
        gloss undelete 3f2a
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var confirmation: ConfirmationOptions
  @Argument(help: "The records' names.", completion: .record) var names: [String]

  func run() throws {
    let library = try options.open()
    let items = try library.named(names)
    try confirmation.confirm("this brings back", items.flatMap(library.deletedTogether))
    for item in items {
      let undeleted = try library.undelete(item)
      let headline = Text.line(item.headline, width: 50)
      Output.note(
        undeleted.isEmpty
          ? "was not deleted: \(headline)"
          : "brought back \(headline)\(Shown.along(undeleted.dropFirst()))")
    }
  }
}
