internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss revert`
struct RevertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "revert", abstract: "Give a record, or one field of it, the values that it had.",
    discussion: """
      --to takes a change as gloss history shows it, such as 3f2a.12, or a time:
      2026-11-24, "2026-11-24 13:42" (UTC), yesterday, 2w. What is shown is
      replaced, as by any edit: conflicts stay open, and gloss undo takes it back.
      A record that was not deleted then comes back, with what was deleted with it;
      it asks where these are more than three records.

      EXAMPLE
        gloss revert 3f2a --to yesterday --field title
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var confirmation: ConfirmationOptions
  @Argument(help: "The record's name.", completion: .record) var name: String
  @Option(help: ArgumentHelp("Back to how it was then.", valueName: "when")) var to: String
  @Option(help: "Only this field: title, text, tag/NAME, deleted ...", completion: .field)
  var field: String?

  func run() throws {
    let library = try options.open()
    let item = try library.named(name)
    let point = try library.point(to)
    let field = try field.map { try library.writtenField($0, of: item, called: name) }
    try confirm(try library.differences(of: item.key, from: .now, to: point), field, item, library)
    let (differences, others) = try library.revert(item, to: point, field: field)
    guard !differences.isEmpty else { return Output.note("nothing to change") }
    Output.note("changed \(Text.line(item.headline, width: 56))\(Shown.along(others))")
    let width = Terminal.messages.width - 2
    for difference in differences {
      let text = ChangeText.line(difference.write, width: width, column: 10)
      Output.note("  " + text.rendered(.messages))
    }
    Output.note("hint: gloss undo takes this back")
  }

  /// Asks where the record goes or comes back, and takes others along.
  private func confirm(
    _ differences: [FieldDifference], _ field: Name?, _ item: Item, _ library: Library
  ) throws {
    guard field == nil || field == Field.deleted,
      let deleted = differences.first(where: { $0.field == Field.deleted })
    else { return }
    if deleted.new == .bool(true) {
      try confirmation.confirm("this deletes", library.belongings([item]))
    } else {
      try confirmation.confirm("this brings back", library.deletedTogether(with: [item]))
    }
  }
}

extension FieldDifference {
  /// The difference as what a change would do.
  var write: HistoryLine.FieldWrite {
    HistoryLine.FieldWrite(field: field, old: old, new: new ?? .null)
  }
}
