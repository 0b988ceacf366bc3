internal import Gloss
internal import GlossCore
internal import GlossStore

/// Who wrote each field, as `gloss blame` shows it: a line for each value, or two where the terminal is too narrow for all of it.
struct BlameTable {
  let fields: [FieldAuthors]
  let naming: Naming

  /// What one line leaves for a field's name and its value at least.
  private static let valueWidth = 28

  /// One value, and what there is to say about it.
  private struct Row {
    var field: Name
    var isFirst: Bool
    var version: Version
    var remark: String
  }

  func print() {
    let rows = fields.flatMap(rows)
    let nameWidth = rows.map { Text.columns(name($0)) }.max().map { max(10, $0) } ?? 10
    let device = rows.map { Text.columns(naming.device($0.version.dot.replica)) }.max() ?? 0
    let change = rows.map { naming.change($0.version.dot).utf8.count }.max() ?? 0
    let remark = rows.map(\.remark.utf8.count).max() ?? 0
    let width = Terminal.output.width
    let room = width - device - 2 - 16 - 2 - change - (remark > 0 ? remark + 2 : 0) - 2
    for row in rows {
      guard room >= Self.valueWidth else {
        Output.line(what(row, nameWidth: nameWidth, width: width).rendered())
        for line in author(row).wrapped(to: width - 2) { Output.line("  " + line.rendered()) }
        continue
      }
      var line = what(row, nameWidth: nameWidth, width: room).padded(to: room)
      line.append("  ")
      line += author(row, device: device, change: change)
      Output.line(line.rendered())
    }
  }

  private func rows(_ field: FieldAuthors) -> [Row] {
    field.versions.enumerated().map { index, version in
      let remark = field.isOpen ? (index == 0 ? "shown" : "open") : ""
      return Row(field: field.field, isFirst: index == 0, version: version, remark: remark)
    }
  }

  private func name(_ row: Row) -> String {
    ReadingField.tags.member(of: row.field) == nil ? Text.line(row.field.text, width: 20) : ""
  }

  /// The field and its value.
  private func what(_ row: Row, nameWidth: Int, width: Int) -> StyledText {
    let isSet = row.version.value == .bool(true)
    if let tag = ChangeText.tag(row.field, isSet: isSet) { return tag.cut(to: width) }
    if row.field == Field.deleted { return StyledText(isSet ? "deleted" : "undeleted") }
    let name = Text.padded(row.isFirst ? name(row) : "", to: nameWidth) + "  "
    let value = Shown.value(row.version.value, of: row.field, width: width - nameWidth - 2)
    return StyledText(name + value).cut(to: width)
  }

  /// Who, when and in which change.
  private func author(_ row: Row, device: Int = 0, change: Int = 0) -> StyledText {
    let version = row.version
    var text = StyledText(Text.padded(naming.device(version.dot.replica), to: device) + "  ")
    text.append(CivilTime.minute(version.timestamp.milliseconds) + "  ", .faint)
    let name = naming.change(version.dot)
    text.append(row.remark.isEmpty ? name : Text.padded(name, to: change), .heading)
    if !row.remark.isEmpty { text.append("  " + row.remark, .attention) }
    return text
  }
}
