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
      With an article go its highlights and notes. --matching deletes those that
      gloss list shows for the query. It asks before more than three records go;
      where nobody can be asked it deletes none without --yes. gloss undo takes all
      of it back.

      EXAMPLE
        gloss delete 3f2a 91c4
        gloss delete --matching 'kind:highlight colour:grey -has:notes'
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var choice: MatchingOptions
  @Argument(help: "The records' names.", completion: .record) var names: [String] = []

  func run() throws {
    // All names are looked up before anything is deleted: a mistake in one leaves all as they are.
    let (library, items) = try choice.opened(options, named: names)
    try confirmation.confirm(
      "this deletes", library.belongings(items.filter { !$0.entry.isDeleted }))
    let absent = try items.filter {
      try $0.entry.isDeleted && library.conflicts(of: $0.key).isEmpty
    }
    let absentKeys = Set(absent.map(\.key))
    let present = items.filter { !absentKeys.contains($0.key) }
    let deleted = try ProgressBar.during("deleting") { bar in
      try library.delete(present, progress: bar?.advance(to:of:))
    }
    Self.tell("deleted", present, deleted)
    Self.tell(absent, "deleted already")
    let gone = deleted.compactMap(\.first)
    guard !gone.isEmpty else { return }
    let naming = try Naming(gone, in: library)
    let undeletion = "undelete " + gone.map(naming.short).joined(separator: " ")
    Output.note(
      "hint: gloss \(gone.count > ConfirmationOptions.limit ? "undo" : undeletion) takes it back")
  }

  /// Says what was done to records, a few by name and many by number, and to what belongs to them.
  static func tell(_ deed: String, _ items: [Item], _ keys: [[RecordKey]]) {
    let done = zip(items, keys).filter { !$1.isEmpty }
    guard done.count <= ConfirmationOptions.limit else {
      return Output.note("\(deed) \(Shown.counts(keys.joined()))")
    }
    for (item, keys) in done {
      Output.note(
        "\(deed) \(Text.line(item.headline, width: 50))\(Shown.along(keys.dropFirst()))")
    }
  }

  /// Says of which records nothing had to be done, because of what they were.
  static func tell(_ items: [Item], _ state: String) {
    guard items.count <= ConfirmationOptions.limit else {
      return Output.note("\(items.count) records were \(state)")
    }
    for item in items { Output.note("was \(state): \(Text.line(item.headline, width: 50))") }
  }
}

/// `gloss undelete`
struct UndeleteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undelete",
    abstract: "Bring deleted records back, and what was deleted with them.",
    discussion: """
      With an article come the highlights and notes that went with it. --matching
      brings back the deleted records that a query finds: what gloss list is:deleted
      QUERY shows. It asks before more than three records come; where nobody can be
      asked it brings back none without --yes. gloss undo deletes them again.

      EXAMPLE
        gloss undelete 3f2a
        gloss undelete --matching 'tag:essay edited:today'
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var confirmation: ConfirmationOptions
  @OptionGroup var choice: MatchingOptions
  @Argument(help: "The records' names.", completion: .record) var names: [String] = []

  func run() throws {
    let (library, items) = try choice.opened(
      options, named: names, finding: [.claim(.deleted)])
    try confirmation.confirm("this brings back", library.deletedTogether(with: items))
    let undeleted = try ProgressBar.during("bringing back") { bar in
      try library.undelete(items, progress: bar?.advance(to:of:))
    }
    DeleteCommand.tell("brought back", items, undeleted)
    // What came along with an earlier one was deleted, too.
    DeleteCommand.tell(
      zip(items, undeleted).filter { $1.isEmpty && !$0.entry.isDeleted }.map(\.0), "not deleted")
  }
}
