internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss undo`
struct UndoCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "undo", abstract: "Take back what the last command changed.",
    discussion: """
      What it changed is put back as an edit like any other, which syncs and can be
      undone itself: undo twice, and all is as it was. A record that the command
      added is deleted, one that it deleted comes back, and a conflict that it
      settled is open again.

      What was written since, here or on another machine, is left as it is and
      told; where that is all there was the exit status is 2.

      OPERATION is the number of a command of this machine, as --list shows them,
      or the name of one change, as gloss log shows it, whoever made that. A sync
      cannot be undone: what it brought are other people's or machines' changes.

      EXAMPLE
        gloss undo --list
        gloss undo 12
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @OptionGroup var confirmation: ConfirmationOptions
  @Flag(name: .customLong("list"), help: "Show the commands that can be undone.") var isList = false
  @Option(help: "With --list: at most so many.") var limit = 20
  @Argument(help: "Which; the last one where not given.") var operation: String?

  func validate() throws {
    if limit < 0 { throw ValidationError("--limit is 0 or more") }
  }

  func run() throws {
    if isList {
      guard operation == nil else { throw ValidationError("--list takes no operation") }
      return try OperationsCommand.show(
        try options.open(.readOnly), limit: limit, asJSON: output.isJSON)
    }
    guard operation != "sync" else {
      throw Failure(
        .usage, "a sync cannot be undone: what it brought was written on other machines",
        hint: "gloss log shows it; gloss undo CHANGE takes one change back, gloss revert one record"
      )
    }
    let library = try options.open()
    let steps: [UndoStep]
    let what: String
    if let operation, Int64(operation) == nil {
      let dot = try library.changeNamed(operation)
      steps = try library.undo(dot)
      what = Text.line(operation)
    } else {
      let recorded = try chosen(in: library)
      let count = try library.recordCount(ofOperation: recorded.number)
      try confirmation.confirm(
        "this takes back what was done to \(Shown.count(count, "record"))", touching: count)
      steps = try ProgressBar.during("undoing") { bar in
        try library.undo(recorded.number, progress: bar?.advance(to:of:))
      }
      what = "\(recorded.number): " + OperationsCommand.words(of: recorded)
    }
    try report(steps, of: what, in: library)
  }

  private func chosen(in library: Library) throws -> RecordedOperation {
    guard let operation, let number = Int64(operation) else {
      guard let last = try library.operations(limit: 1).first else {
        throw Failure(
          .noMatch, "nothing that a command changed here is recorded",
          hint: "gloss history ID shows a record's changes, gloss revert takes one back")
      }
      return last
    }
    guard let found = try library.operations().first(where: { $0.number == number }) else {
      throw LibraryError.noSuchOperation(number)
    }
    return found
  }
}

// MARK: - What came of it

extension UndoCommand {
  private func report(_ steps: [UndoStep], of what: String, in library: Library) throws {
    let changed = steps.filter(\.hasChanged)
    let isAllSame = steps.allSatisfy { $0.outcome == .unchanged }
    if output.isJSON { printJSON(steps) }
    let lines = try OutcomeLines(steps, in: library)
    guard !changed.isEmpty else {
      throw Failure(
        .nothingWritten,
        isAllSame
          ? "nothing to undo: all is as it was before \(what)" : "nothing was undone of \(what)",
        details: isAllSame ? [] : lines.all(atMost: 20),
        hint: isAllSame
          ? "gloss undo --list shows earlier commands"
          : "gloss history ID shows what was written since, gloss revert ID --to CHANGE takes a record back all the same"
      )
    }
    Output.note("undid \(what)")
    for line in lines.all(atMost: 20) { Output.note("  " + line) }
    Output.note("hint: gloss undo takes this back")
  }

  private func printJSON(_ steps: [UndoStep]) {
    JSON.print([
      (
        "steps",
        .array(
          steps.map { step in
            .object([
              ("kind", .text(step.key.kind.text)), ("id", .text("\(step.key.id)")),
              ("field", JSON(step.field?.text)), ("outcome", .text(step.outcome.word)),
            ])
          })
      )
    ])
  }
}

extension UndoStep.Outcome {
  /// What programs call it.
  fileprivate var word: String {
    switch self {
    case .restored: "restored"
    case .reopened: "reopened"
    case .deleted: "deleted"
    case .undeleted: "undeleted"
    case .unchanged: "unchanged"
    case .left(.writtenSince): "written-since"
    case .left(.inUse): "in-use"
    case .left(.parentLeft): "parent-left"
    case .left(.valueDropped): "value-dropped"
    }
  }
}

/// What undoing came to, a line for each record and below it one for each field.
private struct OutcomeLines {
  private var lines: [String] = []
  private let naming: Naming
  private let library: Library
  private let width = Terminal.messages.width - 2

  init(_ steps: [UndoStep], in library: Library) throws {
    self.library = library
    let shown = steps.filter { $0.outcome != .unchanged }
    naming = try Naming(Array(Set(shown.map(\.key)).sorted().prefix(1_000)), in: library)
    var last: RecordKey?
    for step in shown.prefix(1_000) {
      let isWhole = step.field == nil || step.field == Field.deleted
      if step.key != last || isWhole {
        let name = naming.short(step.key) + "  "
        let headline = try library.item(step.key)?.headline ?? step.key.kind.text
        let said = isWhole ? try words(step) : nil
        let room = width - Text.columns(name) - (said.map { Text.columns($0) + 2 } ?? 0)
        lines.append(
          name + Text.line(headline, width: max(16, room)) + (said.map { "  " + $0 } ?? ""))
      }
      last = step.key
      if !isWhole, let field = step.field {
        lines.append(
          "  " + Text.padded(Text.line(field.text, width: 24), to: 10) + "  " + (try words(step)))
      }
    }
  }

  /// As many lines as are asked for, and how many more there are.
  func all(atMost count: Int) -> [String] {
    guard lines.count > count else { return lines }
    return Array(lines.prefix(count - 1)) + ["and \(lines.count - count + 1) lines more"]
  }

  private func words(_ step: UndoStep) throws -> String {
    let field = step.field ?? Field.deleted
    switch step.outcome {
    case .restored(let value):
      if ReadingField.tags.member(of: field) != nil {
        return value == .bool(true) ? "is there again" : "is gone again"
      }
      return "is " + Shown.value(value, of: field, width: max(20, width - 24)) + " again"
    case .reopened(let values):
      return "has \(values.count) values again (gloss conflicts)"
    case .deleted: return "deleted"
    case .undeleted: return "brought back"
    case .unchanged: return "is as before"
    case .left(.valueDropped): return "left: its former value is not kept on this machine"
    case .left(.writtenSince(let dots)):
      return "left: written since by "
        + Set(dots.map { naming.device($0.replica) }).sorted().joined(separator: ", ")
    case .left(.inUse(let keys)):
      return "left: has " + Shown.counts(Set(keys)) + " since"
    case .left(.parentLeft(let key)):
      return "left: belongs to \(try Naming([key], in: library).short(key))"
    }
  }
}
