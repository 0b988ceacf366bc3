internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss conflicts`
struct ConflictsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "conflicts",
    abstract: "List what two machines wrote at once, and how to settle it.",
    discussion: """
      EXAMPLE
        gloss conflicts
        gloss resolve 3f2a --field title --keep 2
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let library = try options.open(.readOnly)
    let conflicts = try library.conflicts()
    if output.isJSON {
      let naming = try Naming([], in: library)
      return JSON.print([("conflicts", .array(conflicts.map { Self.json($0, naming) }))])
    }
    let naming = try Naming(conflicts.flatMap(\.keys), in: library)
    var last: RecordKey?
    for conflict in conflicts {
      let key = conflict.item.key
      if key != last {
        if last != nil { Output.line() }
        Output.line(
          naming.short(key) + "  " + Text.padded(conflict.item.kind.rawValue, to: 9) + "  "
            + Text.line(conflict.item.headline, width: 67 - naming.width))
      }
      last = key
      printSides(conflict, naming)
    }
    if conflicts.isEmpty { Output.note("no conflicts") }
  }

  private func printSides(_ conflict: LibraryConflict, _ naming: Naming) {
    let name = naming.short(conflict.item.key)
    let field = conflict.conflict.field
    switch conflict.conflict.reason {
    case .values:
      Output.line("  \(Text.line(field.text)) has \(conflict.versions.count) values")
      for (number, version) in conflict.versions.enumerated() {
        let shown = number == 0 ? "  shown" : ""
        Output.line("    \(number + 1)  " + side(version, field, naming, width: 36) + shown)
      }
      for number in conflict.versions.indices {
        Output.line(
          "  gloss resolve \(name) --field \(field) --keep \(number == 0 ? "current" : "\(number + 1)")"
        )
      }
      if conflict.versions.allSatisfy(\.value.isText) {
        Output.line("  gloss resolve \(name) --field \(field) --value TEXT")
      }
    case .editedAndDeleted:
      for version in conflict.versions where version.value == .bool(true) {
        Output.line(
          "  deleted by \(naming.device(version.dot.replica)) "
            + CivilTime.minute(version.timestamp.milliseconds) + ", without having seen")
      }
      for edit in conflict.edits {
        Output.line(
          "    \(Text.line(edit.field.text)) " + side(edit.version, edit.field, naming, width: 32))
      }
      Output.line("  gloss undelete \(name)   keeps it")
      Output.line("  gloss delete \(name)     lets it go")
    case .parentDeleted(let parent):
      Output.line("  belongs to a deleted \(parent.kind)")
      Output.line("  gloss undelete \(naming.short(parent))   brings that back")
      Output.line("  gloss delete \(name)     lets this go too")
    }
  }

  /// Value, who and when.
  private func side(_ version: Version, _ field: Name, _ naming: Naming, width: Int) -> String {
    Text.padded(Shown.value(version.value, of: field, width: width), to: width) + "  "
      + naming.device(version.dot.replica) + "  "
      + CivilTime.minute(version.timestamp.milliseconds)
  }

  private static func json(_ conflict: LibraryConflict, _ naming: Naming) -> JSON {
    var parent: JSON = .null
    let reason: String
    switch conflict.conflict.reason {
    case .values: reason = "values"
    case .editedAndDeleted: reason = "edited-and-deleted"
    case .parentDeleted(let key):
      reason = "parent-deleted"
      parent = .text("\(key.id)")
    }
    let edits = conflict.edits.map { json($0.version, naming, field: $0.field) }
    return .object([
      ("record", Shown.json(conflict.item)), ("field", .text(conflict.conflict.field.text)),
      ("reason", .text(reason)), ("parent", parent),
      ("versions", .array(conflict.versions.map { json($0, naming, field: nil) })),
      ("edits", .array(edits)),
    ])
  }

  private static func json(_ version: Version, _ naming: Naming, field: Name?) -> JSON {
    .object(
      (field.map { [("field", .text($0.text))] } ?? []) + [
        ("value", Shown.json(version.value)), ("device", .text("\(version.dot.replica)")),
        ("name", JSON(naming.rawDevice(version.dot.replica))),
        ("time", .text(CivilTime.exact(version.timestamp.milliseconds))),
      ])
  }
}

extension LibraryConflict {
  /// The records that a person may have to name.
  fileprivate var keys: [RecordKey] {
    if case .parentDeleted(let parent) = conflict.reason { return [item.key, parent] }
    return [item.key]
  }
}

extension Value {
  /// Whether a person can type it, or it is none.
  var isText: Bool {
    switch self {
    case .text, .null: true
    default: false
    }
  }
}
