internal import Gloss
internal import GlossCore
internal import GlossStore

/// Conflicts as `gloss conflicts` lists them: a line for each record and one for each of its conflicts, or one for both where the
/// terminal is wide enough for all of them.
struct ConflictList {
  let conflicts: [LibraryConflict]
  let naming: Naming

  /// What a list on one line leaves for the records' headlines at least.
  private static let headlineWidth = 40

  func print() {
    let width = Terminal.output.width
    let indent = naming.width + 2
    let details = conflicts.map { detail(of: $0, isOneLine: true) }
    let detailWidth = details.map(\.columns).max() ?? 0
    let kindWidth = 9 + 2
    let headlineWidth = width - indent - kindWidth - 2 - detailWidth
    let isOneLine = headlineWidth >= Self.headlineWidth
    var last: RecordKey?
    for (conflict, detail) in zip(conflicts, details) {
      let item = conflict.item
      var line = StyledText(Text.padded(naming.short(item.key), to: naming.width), .name)
      line.append("  " + Text.padded(item.kind.rawValue, to: width < 60 ? 0 : 9) + "  ")
      let room = isOneLine ? headlineWidth : max(8, width - line.columns)
      line.append(Text.line(item.headline, width: room))
      if isOneLine {
        line = line.padded(to: width - detailWidth)
        line += detail
        Output.line(line.rendered())
        continue
      }
      if item.key != last { Output.line(line.rendered()) }
      last = item.key
      for rest in self.detail(of: conflict, isOneLine: false).wrapped(to: width - indent) {
        Output.line(String(repeating: " ", count: indent) + rest.rendered())
      }
    }
  }

  /// Which field, who and when.
  private func detail(of conflict: LibraryConflict, isOneLine: Bool) -> StyledText {
    var text = StyledText()
    func add(_ version: Version) {
      text.append(naming.device(version.source.replica))
      text.append(" " + CivilTime.minute(version.timestamp.milliseconds), .faint)
    }
    func addAll(_ versions: [Version]) {
      for (number, version) in versions.prefix(4).enumerated() {
        if number > 0 { text.append(", ") }
        add(version)
      }
      if versions.count > 4 { text.append(", and \(versions.count - 4) more") }
    }
    switch conflict.conflict.reason {
    case .values:
      let name = Text.line(conflict.conflict.field.text, width: 20)
      text.append(isOneLine ? name + "  " : Text.padded(name, to: 9) + "  ", .attention)
      addAll(conflict.versions)
    case .editedAndDeleted:
      text.append("deleted", .attention)
      text.append(" by ")
      addAll(conflict.deletes)
      let fields = Set(conflict.edits.map(\.field)).sorted().map { Text.line($0.text, width: 20) }
      text.append("; \(fields.joined(separator: ", ")) edited by ")
      addAll(newest(conflict.edits.map(\.version)))
    case .parentDeleted(let key):
      text.append("its \(key.kind)", .attention)
      text.append(" ")
      text.append(naming.short(key), .name)
      text.append(" was deleted by ")
      addAll(conflict.deletes)
    }
    return text
  }

  /// Of each machine the newest.
  private func newest(_ versions: [Version]) -> [Version] {
    var seen: Set<ReplicaID> = []
    return versions.sorted { $0.timestamp > $1.timestamp }
      .filter { seen.insert($0.source.replica).inserted }
  }
}
