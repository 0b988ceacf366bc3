internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss history`
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", abstract: "Show every change of a record: when, where and what.",
    discussion: """
      EXAMPLE
        gloss history 3f2a --field title
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Argument(help: "The record's name.") var name: String
  @Option(help: "Only changes of this field.") var field: String?

  func run() throws {
    let library = try options.open(.readOnly)
    let item = try library.named(name)
    let lines = try library.history(of: item.key, field: field.map { Name($0) })
    let naming = try Naming([item.key], in: library)
    if output.isJSON {
      return JSON.print([
        ("id", .text("\(item.key.id)")), ("kind", .text(item.kind.rawValue)),
        ("changes", .array(lines.map { Self.json($0, naming) })),
      ])
    }
    if lines.isEmpty {
      throw Failure(.noMatch, "no change wrote that", hint: "gloss history \(name) shows all")
    }
    for line in lines {
      Output.line(
        CivilTime.minute(line.milliseconds) + "  " + naming.device(line.dot.replica)
          + (line.isFirst ? "  added" : "")
          + (line.violation == nil ? "" : "  set aside: it breaks a rule"))
      for write in line.writes { Output.line("  " + Self.text(write)) }
    }
    let lacksValues = lines.contains { $0.writes.contains(where: \.new.isLeftOut) }
    if lacksValues, let time = try library.compactionTime() {
      Output.note("gloss compact dropped values from this machine, last on \(CivilTime.day(time))")
    }
  }

  private static func text(_ write: HistoryLine.FieldWrite) -> String {
    if let tag = ReadingField.tags.member(of: write.field) {
      return (write.new == .bool(true) ? "+" : "-") + Text.line(tag, width: 60)
    }
    if write.field == Field.deleted { return write.new == .bool(true) ? "deleted" : "undeleted" }
    let name = Text.padded(Text.line(write.field.text, width: 20), to: 10) + "  "
    guard let old = write.old else {
      return name + Shown.value(write.new, of: write.field, width: 62)
    }
    let new = Shown.value(write.new, of: write.field, width: 29)
    let aside = write.putAside + (write.putAside.isEmpty || old == write.new ? [] : [old])
    if !aside.isEmpty {
      let values = aside.map { Shown.value($0, of: write.field, width: 24) }
      return name + new + ", not " + values.joined(separator: ", ")
    }
    return name + Shown.value(old, of: write.field, width: 29) + " -> " + new
  }

  private static func json(_ line: HistoryLine, _ naming: Naming) -> JSON {
    let writes = line.writes.map { write in
      JSON.object([
        ("field", .text(write.field.text)), ("old", Shown.json(write.old)),
        ("new", Shown.json(write.new)), ("putAside", .array(write.putAside.map { Shown.json($0) })),
      ])
    }
    return .object([
      ("time", .text(CivilTime.exact(line.milliseconds))),
      ("device", .text("\(line.dot.replica)")), ("seq", .integer(Int64(line.dot.seq))),
      ("name", JSON(naming.rawDevice(line.dot.replica))), ("counts", .bool(line.violation == nil)),
      ("writes", .array(writes)),
    ])
  }
}
