internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss resolve`
struct ResolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resolve", abstract: "Settle a conflict; what is not kept stays in the history.",
    discussion: """
      --keep takes current (what is shown), other (where there are two), the
      number or the device that gloss conflicts shows. --value writes something
      new.

      EXAMPLE
        gloss resolve 3f2a --field title --keep other
      """)

  @OptionGroup var options: LibraryOptions
  @Argument(help: "The record's name.") var name: String
  @Option(help: "The field; not needed where only one is in conflict.") var field: String?
  @Option(help: "current, other, a number or a device.") var keep: String?
  @Option(help: "The value to write instead.") var value: String?

  func validate() throws {
    guard (keep == nil) != (value == nil) else {
      throw ValidationError("give either --keep or --value")
    }
  }

  func run() throws {
    let library = try options.open()
    let item = try library.named(name)
    let conflict = try chosen(of: item, in: library)
    switch conflict.conflict.reason {
    case .values:
      let value = try newValue(conflict, library)
      try library.resolve(conflict, to: value)
      Output.note(
        "\(conflict.conflict.field) is \(Shown.value(value, of: conflict.conflict.field, width: 50))"
      )
    case .editedAndDeleted:
      switch keep {
      case "current":
        try library.undelete(conflict.item)
        Output.note("kept")
      case "other":
        try library.delete(conflict.item)
        Output.note("deleted")
      default:
        throw Failure(
          .usage, "the record was edited and deleted",
          hint: "--keep current keeps it, --keep other deletes it")
      }
    case .parentDeleted(let parent):
      throw Failure(
        .usage, "this belongs to a deleted \(parent.kind)",
        hint:
          "gloss undelete \("\(parent.id)".prefix(8)) brings that back, gloss delete \(name) lets this go too"
      )
    }
  }

  private func chosen(of item: Item, in library: Library) throws -> LibraryConflict {
    let conflicts = try library.conflicts(of: item.key)
    let matching = conflicts.filter { field == nil || $0.conflict.field.text == field }
    guard let conflict = matching.first else {
      throw Failure(
        .noMatch,
        field.map { "\(Text.line($0)) is not in conflict" } ?? "nothing of it is in conflict",
        hint: "gloss conflicts lists what is")
    }
    guard matching.count == 1 else {
      throw Failure(
        .usage, "more than one field is in conflict",
        hint:
          "say which with --field: \(matching.map(\.conflict.field.text).joined(separator: ", "))")
    }
    return conflict
  }

  private func newValue(_ conflict: LibraryConflict, _ library: Library) throws -> Value {
    let versions = conflict.versions
    guard let keep else {
      guard versions.allSatisfy(\.value.isText) else {
        throw Failure(
          .usage, "\(conflict.conflict.field) cannot be typed in", hint: "choose with --keep")
      }
      return value.map { $0.isEmpty ? .null : .text($0) } ?? .null
    }
    switch keep {
    case "current": return versions[0].value
    case "other":
      guard versions.count == 2 else {
        throw Failure(
          .usage, "there are \(versions.count) values", hint: "say which by its number: --keep 2")
      }
      return versions[1].value
    default: break
    }
    if let number = Int(keep), versions.indices.contains(number - 1) {
      return versions[number - 1].value
    }
    let naming = try Naming([], in: library)
    let wanted = versions.filter {
      naming.rawDevice($0.dot.replica).map { $0.hasSameBytes(as: keep) } ?? false
        || keep.utf8.count >= 4 && "\($0.dot.replica)".hasPrefix(keep)
    }
    guard wanted.count == 1 else {
      throw Failure(
        .noMatch,
        "\(Text.line(keep)) is \(wanted.isEmpty ? "none" : "more than one") of the values",
        hint: "gloss conflicts shows their numbers and devices")
    }
    return wanted[0].value
  }
}
