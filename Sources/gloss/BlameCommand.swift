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
    let devices = fields.flatMap(\.versions).map { Text.columns(naming.device($0.dot.replica)) }
    let changes = fields.flatMap(\.versions).map { naming.change($0.dot).utf8.count }
    let (device, change) = (devices.max() ?? 0, changes.max() ?? 0)
    for field in fields {
      for (index, version) in field.versions.enumerated() {
        var end = StyledText(Text.padded(naming.device(version.dot.replica), to: device) + "  ")
        end.append(CivilTime.minute(version.timestamp.milliseconds) + "  ", .faint)
        end.append(Text.padded(naming.change(version.dot), to: change), .heading)
        let mark = field.isOpen ? (index == 0 ? "  shown" : "  open") : ""
        end.append(mark, .attention)
        let room = Terminal.output.width - end.columns - 2
        var text = Self.what(field.field, version, index: index, width: room).cut(to: room)
        text = text.padded(to: room)
        text.append("  ")
        text += end
        Output.line(text.rendered())
      }
    }
    if let open = fields.first(where: \.isOpen) {
      Output.note(
        "hint: gloss conflicts show \(naming.short(item.key)) compares what \(Text.line(open.field.text)) has"
      )
    }
  }

  private static func what(
    _ field: Name, _ version: Version, index: Int, width: Int
  ) -> StyledText {
    if let tag = ChangeText.tag(field, isSet: version.value == .bool(true)) { return tag }
    if field == Field.deleted {
      return StyledText(version.value == .bool(true) ? "deleted" : "undeleted")
    }
    let name = Text.padded(index == 0 ? Text.line(field.text, width: 20) : "", to: 10) + "  "
    return StyledText(name + Shown.value(version.value, of: field, width: width - 12))
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
