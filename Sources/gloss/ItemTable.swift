internal import Gloss
internal import GlossCore

/// Records as lines: name, kind where there are several, day, headline, and as many tags as fit into a third of the rest.
struct ItemTable {
  private let names: ShortNames
  private let order: ItemOrder
  private let hasKinds: Bool
  private let width: Int

  /// - Parameter width: The columns of a line.
  init(_ items: [Item], _ names: ShortNames, _ order: ItemOrder, width: Int = Terminal.output.width)
  {
    self.names = names
    self.order = order
    self.width = width
    hasKinds = Set(items.map(\.kind)).count > 1
  }

  /// - Parameter headline: What to call the record, where that is not ``Gloss/Item/headline``.
  func line(_ item: Item, headline: StyledText? = nil) -> String {
    let name = Text.padded(names.name(of: item), to: names.width)
    let kind = hasKinds ? Text.padded(item.kind.rawValue, to: 9) + "  " : ""
    let day = Text.padded(day(item), to: 10)
    let used = names.width + 2 + (hasKinds ? 11 : 0) + 12
    let room = max(8, width - used)
    let marks =
      (item.entry.isDeleted ? ["deleted"] : [])
      + item.entry.tags.map { "#" + Text.line($0, width: 20) }
    let tags = marks.joined(separator: " ")
    let tagRoom = min(Text.columns(tags), room / 3)
    let width = tags.isEmpty ? room : room - tagRoom - 2
    let headline =
      headline.map { $0.cut(to: width).rendered() } ?? Text.line(item.headline, width: width)
    let start =
      Style.name.on(name) + "  " + Style.faint.on(kind + day) + "  " + headline
    return tags.isEmpty ? start : start + "  " + Style.tag.on(Text.line(tags, width: tagRoom))
  }

  /// The day that the list is ordered by, or else that of saving.
  private func day(_ item: Item) -> String {
    switch (order.key, item) {
    case (.published, .article(let article)): Text.line(article.published ?? "", width: 10)
    case (.published, _): ""
    case (.edited, _): item.entry.edited.map(CivilTime.day) ?? ""
    default: CivilTime.day(UInt64(max(0, item.entry.saved)))
    }
  }
}
