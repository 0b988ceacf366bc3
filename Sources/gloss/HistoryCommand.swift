internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss history`
struct HistoryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "history", _superCommandName: "gloss",
    abstract: "Show every change of a record: when, where and what.",
    discussion: """
      The oldest comes first. Behind the machine stands the name of the change,
      such as 3f2a.12, which gloss show --at, diff, revert and undo take. It is the
      same on all machines; desk.12 means the same where the machine is called desk.

      EXAMPLE
        gloss history 3f2a --field title
        gloss history 3f2a --patch --limit 3
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Argument(help: "The record's name.", completion: .record) var name: String
  @Option(help: "Only changes of this field.", completion: .field) var field: String?
  @Flag(help: "Show word by word what was changed in texts.") var patch = false
  @Flag(help: "With --patch: show long stretches that are the same, too.") var full = false
  @Option(help: "At most so many, the newest.") var limit: Int?

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit is 0 or more") }
  }

  func run() throws {
    let library = try options.open(.readOnly)
    let item = try library.named(name)
    let field = try field.map { try library.writtenField($0, of: item, called: name) }
    let all = try library.history(of: item.key, field: field)
    let lines = all.suffix(limit ?? all.count)
    let naming = try Naming([item.key], in: library)
    if output.isJSON {
      return JSON.print([
        ("id", .text("\(item.key.id)")), ("kind", .text(item.kind.rawValue)),
        ("changes", .array(lines.map { Self.json($0, naming) })),
      ])
    }
    Pager.start()
    let width = Terminal.output.width - 2
    for line in lines {
      Output.line(Self.head(line, naming).rendered())
      for write in line.writes {
        let texts =
          patch
          ? try Patch(write, in: library).lines(width: width, isWhole: full)
          : [ChangeText.line(write, width: width, column: 10)]
        for text in texts { Output.line(text.indented(by: 2).rendered()) }
      }
    }
    try Notices.tellOfDroppedValues(
      lines.contains { $0.writes.contains(where: \.new.isLeftOut) }, in: library)
  }

  private static func head(_ line: HistoryLine, _ naming: Naming) -> StyledText {
    var text = StyledText(CivilTime.minute(line.milliseconds), .faint)
    text.append("  " + naming.device(line.dot.replica) + "  ")
    text.append(naming.change(line.dot), .heading)
    if line.isFirst { text.append("  added", .added) }
    if line.violation != nil { text.append("  set aside: it breaks a rule", .attention) }
    return text
  }

  private static func json(_ line: HistoryLine, _ naming: Naming) -> JSON {
    .object([
      ("change", .text(naming.change(line.dot))),
      ("time", .text(CivilTime.exact(line.milliseconds))),
      ("device", .text("\(line.dot.replica)")), ("seq", .integer(Int64(line.dot.seq))),
      ("name", JSON(naming.rawDevice(line.dot.replica))), ("counts", .bool(line.violation == nil)),
      ("writes", .array(line.writes.map(ChangeText.json))),
    ])
  }
}
