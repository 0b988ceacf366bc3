internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss diff`
struct DiffCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "diff", abstract: "Show what differs between two points of a record's history.",
    discussion: """
      --from and --to take a change as gloss history shows it, such as 3f2a.12,
      or a time: 2026-11-24, "2026-11-24 13:42" (UTC), yesterday, 2w. Texts are
      compared word by word: [-what went-] and {+what came+} without colours.

      EXAMPLE
        gloss diff 3f2a --from "last monday" --to 3f2a.12
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Argument(help: "The record's name.", completion: .record) var name: String
  @Option(help: ArgumentHelp("The earlier point.", valueName: "when")) var from: String
  @Option(help: ArgumentHelp("The later point; now where not given.", valueName: "when"))
  var to: String?
  @Option(help: "Only this field.", completion: .field) var field: String?
  @Flag(help: "Show long stretches that are the same, too.") var full = false

  func run() throws {
    let library = try options.open(.readOnly)
    let item = try library.named(name)
    let start = try library.point(from)
    let end = try to.map { try library.point($0) } ?? .now
    let field = try field.map { try library.writtenField($0, of: item, called: name) }
    let differences = try library.differences(of: item.key, from: start, to: end)
      .filter { field == nil || $0.field == field }
    if output.isJSON {
      return JSON.print([
        ("id", .text("\(item.key.id)")), ("kind", .text(item.kind.rawValue)),
        (
          "fields",
          .array(
            differences.map {
              .object([
                ("field", .text($0.field.text)), ("old", Shown.json($0.old)),
                ("new", Shown.json($0.new)),
              ])
            })
        ),
      ])
    }
    Pager.start()
    for difference in differences {
      let patch = try Patch(difference.write, in: library)
      for line in patch.lines(width: Terminal.output.width, isWhole: full) {
        Output.line(line.rendered())
      }
    }
    if differences.isEmpty { Output.note("no difference") }
    try Notices.tellOfDroppedValues(
      differences.contains { $0.old?.isLeftOut == true || $0.new?.isLeftOut == true }, in: library)
  }
}
