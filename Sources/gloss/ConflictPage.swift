internal import Gloss
internal import GlossCore
internal import GlossStore

/// One conflict with all that a person needs to decide it: what each side wrote, below what it was made from.
struct ConflictPage {
  let conflict: LibraryConflict
  let library: Library
  let naming: Naming
  /// Whether long texts are printed whole.
  var isWhole = false

  private var field: Name { conflict.conflict.field }
  private var width: Int { Terminal.output.width }

  func print() throws {
    printHead()
    Output.line()
    switch conflict.conflict.reason {
    case .values: try printValues()
    case .editedAndDeleted: try printEdits()
    case .parentDeleted: printParent()
    }
  }

  private func printHead() {
    let item = conflict.item
    var line = StyledText(naming.short(item.key), .name)
    line.append("  \(item.kind.rawValue)  ")
    line.append(Text.line(item.headline, width: max(8, width - line.columns)), .heading)
    Output.line(line.rendered())
  }

  // MARK: - Values

  private func printValues() throws {
    heading("\(Text.line(field.text)) has \(conflict.versions.count) values")
    try printAncestor()
    for (number, version) in conflict.versions.enumerated() {
      Output.line()
      printSide("\(number + 1)", version, number == 0 ? "shown" : "")
      // Without an ancestor each is compared with the one that is shown.
      let first = number > 0 ? conflict.versions[0] : nil
      try printDifference(version, from: (conflict.ancestors.first ?? first)?.value)
    }
    try printMerge()
  }

  /// The value, with the words that it took away from `old` and those that it put there, where both are texts.
  private func printDifference(_ version: Version, from old: Value?) throws {
    guard let old = try old.flatMap({ try text(of: $0) }),
      let new = try text(of: version.value)
    else { return body(try value(version.value)) }
    body(DiffText(WordDiff(from: old, to: new), isWhole: isWhole).styled)
  }

  private func printAncestor() throws {
    Output.line()
    guard let ancestor = conflict.ancestors.first else {
      var line = StyledText("before", .heading)
      line.append("  nothing: they were written independently", .faint)
      return body(line, indent: 0)
    }
    let more = conflict.ancestors.count - 1
    let remark = more == 0 ? "" : "and \(more) more, for it was settled twice at once"
    printSide("before", ancestor, remark, .heading)
    body(try value(ancestor.value))
  }

  private func printMerge() throws {
    guard let texts = try library.texts(of: conflict) else { return }
    let merge = texts.merge
    Output.line()
    guard let text = merge.text else {
      let places = Shown.count(merge.openCount, "place")
      return body(StyledText("merge: \(places) for a person to decide", .faint), indent: 0)
    }
    body(StyledText("merge: nothing overlaps, so --merge gives", .faint), indent: 0)
    body(DiffText([.same(text)], isWhole: isWhole).styled)
  }

  /// The value as a text that can be compared, or `nil`.
  private func text(of value: Value) throws -> String? {
    guard !value.isLeftOut else { return nil }
    return try library.text(of: value)
  }

  private func value(_ value: Value) throws -> StyledText {
    switch value {
    case .null: return StyledText("none", .faint)
    case .bool(let isDeleted) where field == Field.deleted:
      return StyledText(isDeleted ? "deleted" : "kept")
    case .bytes(let bytes):
      guard let anchor = Anchor(encoded: bytes) else { break }
      return place(anchor)
    case .record(let id):
      guard let target = try library.target(id, of: field, in: conflict.item) else { break }
      return StyledText(
        "\(target.kind.rawValue) \(naming.whole(id))  \(Text.line(target.headline, width: 60))"
          + (target.entry.isDeleted ? "  (deleted)" : ""))
    case .unknown where value.isLeftOut:
      return StyledText(
        "not kept on this machine: gloss compact dropped it, or it came without", .faint)
    case .text, .blob:
      if let text = try text(of: value) { return DiffText([.same(text)], isWhole: isWhole).styled }
      return StyledText("not on this machine: gloss sync fetches it", .faint)
    default: break
    }
    return StyledText(Shown.value(value, of: field, width: max(8, width - 2)))
  }

  /// A marked place, with what stands around it.
  private func place(_ anchor: Anchor) -> StyledText {
    var text = StyledText()
    if anchor.start > anchor.prefix.unicodeScalars.count { text.append("…", .faint) }
    text.append(Text.line(anchor.prefix), .faint)
    if anchor.prefix.last?.isWhitespace == true { text.append(" ") }
    text.append("[", .faint)
    text.append(Text.line(anchor.quote), .marked(colour: nil))
    text.append("]", .faint)
    if anchor.suffix.first?.isWhitespace == true { text.append(" ") }
    text.append(Text.line(anchor.suffix), .faint)
    if anchor.suffix.unicodeScalars.count == Anchor.contextCount { text.append("…", .faint) }
    text.append("\ncharacters \(anchor.start) to \(anchor.end)")
    return text
  }

  // MARK: - Deletes

  private func printEdits() throws {
    heading("edited and deleted")
    for (number, delete) in conflict.deletes.enumerated() {
      Output.line()
      printSide(number == 0 ? "deleted" : "and", delete, "without having seen what follows")
    }
    var last: Name?
    for edit in conflict.edits {
      let name = Text.line(edit.field.text, width: 20)
      if let before = edit.before, edit.field != last {
        Output.line()
        heading("\(name) before")
        body(try value(before))
      }
      last = edit.field
      Output.line()
      printSide(name, edit.version, "")
      try printDifference(edit.version, from: edit.before)
    }
  }

  private func printParent() {
    guard let parent = conflict.parent else { return }
    heading("it belongs to a deleted \(parent.kind.rawValue)")
    for delete in conflict.deletes {
      Output.line()
      printSide("deleted", delete, "without having seen this \(conflict.item.kind.rawValue)")
      body(StyledText("\(naming.short(parent.key))  \(Text.line(parent.headline, width: 200))"))
    }
  }

  // MARK: - Lines

  private func heading(_ text: String) {
    for line in StyledText(text, .heading).wrapped(to: width) { Output.line(line.rendered()) }
  }

  /// Number or name, who and when.
  private func printSide(
    _ name: String, _ version: Version, _ remark: String, _ style: Style = .attention
  ) {
    var line = StyledText(name, style)
    line.append("  \(naming.device(version.source.replica))  ")
    line.append(CivilTime.minute(version.timestamp.milliseconds), .faint)
    if !remark.isEmpty { line.append("  " + remark, .faint) }
    for line in line.wrapped(to: width) { Output.line(line.rendered()) }
  }

  private func body(_ text: StyledText, indent: Int = 2) {
    for line in text.wrapped(to: width - indent) {
      Output.line(line.isEmpty ? "" : String(repeating: " ", count: indent) + line.rendered())
    }
  }
}

extension Library {
  /// The record that a field of `item` names.
  func target(_ id: RecordID, of field: Name, in item: Item) throws -> Item? {
    switch field {
    case ReadingField.article: try article(id).map(Item.article)
    case ReadingField.highlight: try highlight(id).map(Item.highlight)
    default: nil
    }
  }
}
