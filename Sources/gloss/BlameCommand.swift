internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss blame`
struct BlameCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "blame",
    abstract: "Show who wrote each field of a record last, when and in which change.",
    discussion: """
      Of a field that is in conflict each value is shown, the displayed one first.

      EXAMPLE
        gloss blame 3f2a
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Argument(help: "The record's name.", completion: .record) var name: String

  func run() throws {
    let library = try options.open(.readOnly)
    let item = try library.named(name)
    let fields = try library.blame(of: item.key)
    let naming = try Naming([item.key], in: library)
    if output.isJSON {
      return JSON.print([
        ("id", .text("\(item.key.id)")), ("kind", .text(item.kind.rawValue)),
        ("fields", .array(fields.map { Self.json($0, naming) })),
      ])
    }
    BlameTable(fields: fields, naming: naming).print()
    if let open = fields.first(where: \.isOpen) {
      Output.note(
        "hint: gloss conflicts show \(naming.short(item.key)) compares what \(Text.line(open.field.text)) has"
      )
    }
  }

  private static func json(_ field: FieldAuthors, _ naming: Naming) -> JSON {
    .object([
      ("field", .text(field.field.text)), ("open", .bool(field.isOpen)),
      (
        "versions",
        .array(
          field.versions.map { version in
            .object([
              ("value", Shown.json(version.value)), ("change", .text(naming.change(version.dot))),
              ("device", .text("\(version.dot.replica)")),
              ("name", JSON(naming.rawDevice(version.dot.replica))),
              ("time", .text(CivilTime.exact(version.timestamp.milliseconds))),
            ])
          })
      ),
    ])
  }
}
