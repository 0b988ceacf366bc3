internal import Gloss
internal import GlossCore

/// Records as lines: name, kind where there are several, day, headline, and as many tags as fit into a third of the rest.
struct ItemTable {
  private let items: [ItemSummary]
  private let names: ShortNames
  private let order: ItemOrder
  private let hasKinds: Bool
  private let hasColour: Bool
  /// How wide what stands behind the day may be.
  private let room: Int

  /// - Parameter width: The columns of a line.
  init(
    _ items: [ItemSummary], in library: Library, _ order: ItemOrder,
    width: Int = Terminal.output.width
  ) throws {
    self.items = items
    self.order = order
    names = try ShortNames(items.map(\.id), in: library)
    hasKinds = items.contains { $0.kind != items[0].kind }
    hasColour = Terminal.output.takesColour
    room = max(8, width - names.width - 2 - (hasKinds ? 11 : 0) - 12)
  }

  /// How far a line under another one is indented.
  var indent: Int { names.width + 2 }

  /// Returns the line of the record at a place.
  ///
  /// - Parameter headline: What to call it, where that is not its own headline.
  func line(_ place: Int, headline: StyledText? = nil) -> String {
    let item = items[place]
    let tags = tags(item)
    let tagRoom = min(Text.columns(tags), room / 3)
    let width = tags.isEmpty ? room : room - tagRoom - 2
    var line = ""
    line.reserveCapacity(2 * (indent + room))
    line += Style.name.on(Text.padded(names[place], to: names.width), hasColour)
    line += "  "
    let day = Text.padded(day(item), to: 10)
    line += Style.faint.on(
      hasKinds ? Text.padded(item.kind.rawValue, to: 9) + "  " + day : day, hasColour)
    line += "  "
    line += headline.map { $0.cut(to: width).rendered() } ?? Text.line(item.headline, width: width)
    guard !tags.isEmpty else { return line }
    line += "  "
    line += Style.tag.on(Text.line(tags, width: tagRoom), hasColour)
    return line
  }

  private func tags(_ item: ItemSummary) -> String {
    var tags = item.isDeleted ? "deleted" : ""
    for tag in item.tags { tags += (tags.isEmpty ? "#" : " #") + Text.line(tag, width: 20) }
    return tags
  }

  /// The day that the list is ordered by, or else that of saving.
  private func day(_ item: ItemSummary) -> String {
    switch order.key {
    case .published: item.published.map { Text.line($0, width: 10) } ?? ""
    case .edited: item.edited.map(CivilTime.day) ?? ""
    default: CivilTime.day(UInt64(max(0, item.saved)))
    }
  }
}
