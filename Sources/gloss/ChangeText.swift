internal import Gloss
internal import GlossCore
internal import GlossStore

/// What a change did to one field, on one line.
enum ChangeText {
  /// A field's name, and what became of its value; a tag with its sign.
  ///
  /// - Parameters:
  ///   - width: The columns that there are.
  ///   - column: The columns that the field's name takes; 0 where lines do not stand below each other, and large values, which have no
  ///     words, are not named.
  static func line(_ write: HistoryLine.FieldWrite, width: Int, column: Int) -> StyledText {
    let field = write.field
    if let tag = tag(field, isSet: write.new == .bool(true)) { return tag }
    if field == Field.deleted {
      let isDeleted = write.new == .bool(true)
      return StyledText(isDeleted ? "deleted" : "undeleted", isDeleted ? .removed : .added)
    }
    if column == 0, case .blob = write.new {
      let word = write.old == nil ? " added" : " changed"
      return StyledText(Text.line(field.text, width: 20) + word)
    }
    var text = StyledText(
      Text.padded(Text.line(field.text, width: 20), to: column) + (column == 0 ? " " : "  "))
    let room = max(16, width - text.columns)
    guard let old = write.old else {
      text.append(Shown.value(write.new, of: field, width: room))
      return text
    }
    let half = max(8, (room - 4) / 2)
    let new = Shown.value(write.new, of: field, width: half)
    let aside = write.putAside + (write.putAside.isEmpty || old == write.new ? [] : [old])
    guard aside.isEmpty else {
      text.append(new + ", ")
      text.append("not ", .faint)
      text.append(
        aside.map { Shown.value($0, of: field, width: max(8, room / 3)) }.joined(separator: ", "))
      return text
    }
    guard old != write.new else {
      // As undo does, which opens a conflict again.
      text.append(Shown.value(old, of: field, width: max(8, room - 6)))
      text.append(" again", .faint)
      return text
    }
    text.append(Shown.value(old, of: field, width: half))
    text.append(" -> ", .faint)
    text.append(new)
    return text
  }

  /// A tag with the sign by which a person adds or removes it; `nil` for any other field.
  static func tag(_ field: Name, isSet: Bool) -> StyledText? {
    guard let tag = ReadingField.tags.member(of: field) else { return nil }
    return StyledText((isSet ? "+" : "-") + Text.line(tag, width: 60), isSet ? .added : .removed)
  }

  /// A write for programs.
  static func json(_ write: HistoryLine.FieldWrite) -> JSON {
    .object([
      ("field", .text(write.field.text)), ("old", Shown.json(write.old)),
      ("new", Shown.json(write.new)), ("putAside", .array(write.putAside.map { Shown.json($0) })),
    ])
  }
}
