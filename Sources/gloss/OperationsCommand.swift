internal import ArgumentParser
internal import Gloss
internal import GlossStore

/// `gloss operations`
struct OperationsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "operations",
    abstract: "Show the commands of this machine that changed something.",
    discussion: """
      The newest first, with the number by which gloss undo takes it. The newest
      1,000 are kept; they stay on this machine.

      EXAMPLE
        gloss operations --limit 5
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "At most so many.") var limit = 20

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit is 0 or more") }
  }

  func run() throws {
    try Self.show(try options.open(.readOnly), limit: limit, asJSON: output.isJSON)
  }

  static func show(_ library: Library, limit: Int, asJSON isJSON: Bool) throws {
    let operations = try library.operations(limit: limit)
    if isJSON {
      return JSON.print([("operations", .array(operations.map(json)))])
    }
    if operations.isEmpty { Output.note("nothing that a command changed here is recorded") }
    let digits = operations.first.map { "\($0.number)".utf8.count } ?? 1
    for operation in operations {
      let number = "\(operation.number)"
      let changes = Shown.count(operation.changeCount, "change")
      let start =
        Style.name.on(Text.padded(number, to: digits)) + "  "
        + Style.faint.on(CivilTime.minute(operation.milliseconds)) + "  "
      let end = operation.changeCount == 1 ? "" : "  (\(changes))"
      let room = Terminal.output.width - digits - 20 - end.utf8.count
      Output.line(
        start + Text.line(words(of: operation), width: max(16, room)) + Style.faint.on(end))
    }
  }

  /// What was done, safe to print.
  static func words(of operation: RecordedOperation) -> String {
    let words = Text.line(operation.words, width: 200)
    guard let undone = operation.undone, operation.words == "undo" else { return words }
    return "undo (of \(undone))"
  }

  private static func json(_ operation: RecordedOperation) -> JSON {
    .object([
      ("number", .integer(operation.number)),
      ("time", .text(CivilTime.exact(operation.milliseconds))),
      ("command", .text(operation.words)), ("changes", JSON(operation.changeCount)),
      ("undid", operation.undone.map(JSON.integer) ?? .null),
    ])
  }
}
