internal import Gloss
internal import GlossCore
internal import GlossStore

/// Settles one conflict in a way that was asked for.
struct Settlement {
  let library: Library
  let naming: Naming
  /// Whether an editor may be opened on what cannot be merged.
  let mayAsk: Bool
  let isDryRun: Bool
  /// Whether a merge that is only tried is printed.
  var printsMerge = false

  /// How to settle a conflict.
  enum Way {
    /// What `--keep` says.
    case keep(String)
    /// What `--value` says.
    case value(String)
    case merge
    case edit
  }

  /// What a conflict was settled on.
  struct Result {
    /// In words.
    let message: String
    /// In one word, for programs.
    let way: String
    let json: JSON
  }

  func settle(_ conflict: LibraryConflict, by way: Way) throws -> Result {
    switch way {
    case .keep(let choice):
      return conflict.isAboutStaying
        ? try stay(conflict, choice) : try keep(conflict, choice)
    case .value(let value): return try write(value, to: conflict)
    case .merge: return try merge(conflict)
    case .edit:
      let texts = try texts(of: conflict)
      return try edit(MarkedMerge(texts.merge, labels: labels(conflict)), texts, conflict)
    }
  }

  // MARK: - Values

  private func keep(_ conflict: LibraryConflict, _ choice: String) throws -> Result {
    switch choice {
    case "both": return try write(joined(conflict), to: conflict, way: "both")
    case "current", "newest": return try write(conflict.versions[0].value, to: conflict, choice)
    case "other":
      guard conflict.versions.count == 2 else {
        throw Failure(
          .usage, "there are \(conflict.versions.count) values",
          hint: "say which by its number: --keep 2")
      }
      return try write(conflict.versions[1].value, to: conflict, choice)
    default:
      return try write(try version(choice, of: conflict.versions).value, to: conflict, "kept")
    }
  }

  /// The version of this number, or of the device that is called so or whose identifier begins so.
  private func version(_ choice: String, of versions: [Version]) throws -> Version {
    if let number = Int(choice), versions.indices.contains(number - 1) {
      return versions[number - 1]
    }
    let devices = try library.replicas(named: choice)
    let wanted = versions.filter { devices.contains($0.source.replica) }
    guard wanted.count == 1 else {
      throw Failure(
        .noMatch,
        "\(Text.line(choice, width: 30)) is \(wanted.isEmpty ? "none" : "more than one") of the values",
        hint: "gloss conflicts show ID has their numbers and devices")
    }
    return wanted[0]
  }

  /// All texts, one after the other, the oldest first: in fields of one line with a slash between them, in longer ones as
  /// paragraphs. What another one has in it already is not repeated.
  private func joined(_ conflict: LibraryConflict) throws -> String {
    let field = conflict.conflict.field
    guard conflict.takesBoth else {
      throw Failure(
        .usage, "\(Text.line(field.text)) can have one value only",
        hint: "choose one with --keep, or write one with --value")
    }
    let sides = try texts(of: conflict).sides
    let oldestFirst = zip(conflict.versions, sides)
      .sorted { $0.0.timestamp < $1.0.timestamp }.map(\.1)
    var parts: [String] = []
    for (index, side) in oldestFirst.enumerated() where !side.isEmpty {
      let others = oldestFirst.enumerated().filter { $0.offset != index }
      let isCovered = others.contains { other in
        other.element.utf8.count > side.utf8.count && other.element.contains(side)
      }
      if !isCovered { parts.append(side) }
    }
    guard !LibraryConflict.lineFields.contains(field) else { return parts.joined(separator: " / ") }
    return parts.dropFirst().reduce(parts.first ?? "") { text, part in
      text + (text.hasSuffix("\n") ? "\n" : "\n\n") + part
    }
  }

  private func write(
    _ value: Value, to conflict: LibraryConflict, _ way: String
  ) throws -> Result {
    if !isDryRun { try library.resolve(conflict, to: value) }
    return result(value, of: conflict, way)
  }

  private func write(_ text: String, to conflict: LibraryConflict, way: String) throws -> Result {
    if !isDryRun { try library.resolve(conflict, toText: text) }
    return result(text.isEmpty ? .null : .text(text), of: conflict, way)
  }

  private func result(_ value: Value, of conflict: LibraryConflict, _ way: String) -> Result {
    let field = conflict.conflict.field
    return Result(
      message: "\(Text.line(field.text)) \(isDryRun ? "would be" : "is") "
        + Shown.value(value, of: field, width: 50), way: way, json: Shown.json(value))
  }

  /// Writes what was typed: a text, or the name of a record where the field says what a record belongs to.
  private func write(_ text: String, to conflict: LibraryConflict) throws -> Result {
    let field = conflict.conflict.field
    guard field == ReadingField.article || field == ReadingField.highlight else {
      guard !conflict.isAboutStaying else { throw stayFailure(conflict) }
      guard conflict.isOfTexts else {
        throw Failure(
          .usage, "\(Text.line(field.text)) cannot be typed in", hint: "choose with --keep")
      }
      return try write(text, to: conflict, way: "value")
    }
    let target = try library.named(text)
    guard !conflict.isAboutStaying else {
      if !isDryRun { try library.move(conflict.item, to: target) }
      return Result(
        message: (isDryRun ? "would be moved" : "moved")
          + " to \(Text.line(target.headline, width: 50))",
        way: "moved", json: .text("\(target.key.id)"))
    }
    guard target.kind.name == field else {
      throw Failure(
        .usage, "\(Text.line(text)) is \(target.kind.withArticle)",
        hint: "gloss list --kind \(Text.line(field.text)) shows what it can be")
    }
    return try write(.record(target.key.id), to: conflict, "value")
  }

  // MARK: - Deletes

  private func stay(_ conflict: LibraryConflict, _ choice: String) throws -> Result {
    let answer: LibraryConflict.Stay
    let isShown =
      conflict.conflict.reason != .values || conflict.versions.first?.value != .bool(true)
    switch choice {
    case "edited": answer = .kept
    case "deleted": answer = .deleted
    case "current": answer = isShown ? .kept : .deleted
    case "other": answer = isShown ? .deleted : .kept
    case "newest":
      let delete = conflict.deleteTime ?? Timestamp(rawValue: 0)
      answer = (conflict.editTime ?? Timestamp(rawValue: 0)) > delete ? .kept : .deleted
    default:
      let devices = try library.replicas(named: choice)
      let deletes = conflict.deletes.contains { devices.contains($0.dot.replica) }
      let edits = conflict.keepers.contains { devices.contains($0.dot.replica) }
      guard deletes != edits else { throw stayFailure(conflict) }
      answer = edits ? .kept : .deleted
    }
    if !isDryRun { try library.settle(conflict, by: answer) }
    let parent = conflict.parent.map { "brought back \(Text.line($0.headline, width: 50))" }
    let message = answer == .deleted ? "deleted" : parent ?? "kept"
    return Result(
      message: isDryRun ? "would be \(message)" : message,
      way: answer == .kept ? "kept" : "deleted", json: .null)
  }

  private func stayFailure(_ conflict: LibraryConflict) -> Failure {
    guard let parent = conflict.parent else {
      return Failure(
        .usage, "the record was edited and deleted",
        hint: "--keep edited keeps it, --keep deleted deletes it")
    }
    return Failure(
      .usage, "it belongs to a deleted \(parent.kind.rawValue)",
      hint:
        "--keep current brings that back, --keep deleted lets this go too, --value ID moves a note")
  }

  // MARK: - Merges

  private func texts(of conflict: LibraryConflict) throws -> ConflictTexts {
    guard !conflict.isAboutStaying else { throw stayFailure(conflict) }
    guard let texts = try library.texts(of: conflict) else {
      let field = Text.line(conflict.conflict.field.text)
      let isMissing = conflict.versions.contains {
        if case .blob = $0.value { true } else { false }
      }
      throw isMissing
        ? Failure(
          .noMatch, "a text is not on this machine, and not on the hub yet",
          hint: "gloss sync on the machine that wrote it sends it; or choose with --keep")
        : Failure(.usage, "\(field) is no text that can be merged", hint: "choose with --keep")
    }
    return texts
  }

  private func labels(_ conflict: LibraryConflict) -> [String] {
    conflict.versions.enumerated().map { number, version in
      "\(number + 1) \(naming.device(version.source.replica)) "
        + CivilTime.minute(version.timestamp.milliseconds)
    }
  }

  private func merge(_ conflict: LibraryConflict) throws -> Result {
    let texts = try texts(of: conflict)
    let merge = texts.merge
    if let text = merge.text {
      if printsMerge { Output.write(Text.safe(text) + (text.hasSuffix("\n") ? "" : "\n")) }
      return try write(text, to: conflict, way: "merged")
    }
    let marked = MarkedMerge(merge, labels: labels(conflict))
    let overlap =
      "\(Text.line(conflict.conflict.field.text)) has "
      + Shown.count(merge.openCount, "place") + " that more than one side changed"
    if printsMerge { Output.write(Text.safe(marked.text)) }
    if isDryRun {
      throw Failure(.needsDecision, overlap, hint: "without --dry-run an editor opens on it")
    }
    if let tool = MergeTool.fromEnvironment {
      let text = try tool.merge(texts, conflict, labels: labels(conflict))
      return try write(text, to: conflict, way: "merged")
    }
    guard mayAsk else {
      throw Failure(
        .needsDecision,
        overlap + ": a person has to merge it; nothing was changed",
        hint:
          "--merge --dry-run prints it with marks; GLOSS_MERGETOOL names a tool; or choose with --keep"
      )
    }
    return try edit(marked, texts, conflict)
  }

  /// Opens the editor on a merge. What comes back with marks in it settles nothing and is kept.
  private func edit(
    _ marked: MarkedMerge, _ texts: ConflictTexts, _ conflict: LibraryConflict
  ) throws -> Result {
    try Editor.edit(marked.text, named: "\(conflict.conflict.field.text).md") { edited in
      guard !marked.leavesMarks(in: edited) else { throw Failure.marksLeft }
      return try write(texts.closed(edited), to: conflict, way: "edited")
    }
  }
}

extension Failure {
  static var marksLeft: Failure {
    Failure(.needsDecision, "lines with marks are left in it: nothing was changed")
  }
}

extension ConflictTexts {
  /// What an editor left, with a line end behind it where all texts have one: editors add them, or take them away.
  func closed(_ edited: String) -> String {
    let bare = edited.droppingLastLineEnd
    return sides.allSatisfy { $0.hasSuffix("\n") } ? bare + "\n" : bare
  }
}

extension LibraryConflict {
  /// Whether the question is if the record stays, and not which value a field has.
  var isAboutStaying: Bool { conflict.reason != .values || conflict.field == Field.deleted }

  /// The writes that speak for keeping it.
  fileprivate var keepers: [Version] {
    switch conflict.reason {
    case .values: versions.filter { $0.value != .bool(true) }
    case .editedAndDeleted: edits.map(\.version)
    case .parentDeleted: versions
    }
  }

  fileprivate var editTime: Timestamp? { keepers.map(\.timestamp).max() }

  fileprivate var deleteTime: Timestamp? {
    (conflict.reason == .values ? versions.filter { $0.value == .bool(true) } : deletes)
      .map(\.timestamp).max()
  }

  /// Whether its values are texts, which can be merged and edited.
  var isOfTexts: Bool {
    versions.allSatisfy {
      switch $0.value {
      case .text, .null, .blob: true
      default: false
      }
    }
  }

  /// The fields of one line that can have one text after another.
  static let lineFields = [ReadingField.title, ReadingField.author, ReadingField.site]

  /// Whether all of its values can stand one after the other.
  var takesBoth: Bool {
    isOfTexts
      && ([ReadingField.body, ReadingField.text] + Self.lineFields).contains(conflict.field)
  }
}
