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
      A record that was not deleted then comes back, with what was deleted with it.

      EXAMPLE
        gloss revert 3f2a --to yesterday --field title
      """)

  @OptionGroup var options: LibraryOptions
  @Argument(help: "The record's name.", completion: .record) var name: String
  @Option(help: ArgumentHelp("Back to how it was then.", valueName: "when")) var to: String
  @Option(help: "Only this field: title, text, tag/NAME, deleted ...", completion: .field)
  var field: String?

  func run() throws {
    let library = try options.open()
    let item = try library.named(name)
    let point = try library.point(to)
    if let field {
      let known = try library.history(of: item.key, field: Name(field))
      guard !known.isEmpty else {
        throw Failure(
          .noMatch, "nothing ever wrote to \(Text.line(field, width: 40)) of it",
          hint: "gloss history \(Text.line(name)) shows its fields")
      }
    }
    let differences = try library.revert(item, to: point, field: field.map { Name($0) })
    guard !differences.isEmpty else { return Output.note("nothing to change") }
    Output.note("changed \(Text.line(item.headline, width: 56))")
    let width = Terminal.messages.width - 2
    for difference in differences {
      let text = ChangeText.line(difference.write, width: width, column: 10)
      Output.note("  " + text.rendered(.messages))
    }
    Output.note("hint: gloss undo takes this back")
  }
}

extension FieldDifference {
  /// The difference as what a change would do.
  var write: HistoryLine.FieldWrite {
    HistoryLine.FieldWrite(field: field, old: old, new: new ?? .null)
  }
}
