public import ArgumentParser
public import Gloss
internal import GlossCore
internal import GlossStore

extension ReadingKind: ExpressibleByArgument {}

/// `gloss list`
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List articles, highlights or notes, the newest first.",
    discussion: """
      EXAMPLE
        gloss list --tag reading --limit 20
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Option(help: "article, highlight or note.") var kind = ReadingKind.article
  @Option(help: "Only those with this tag.") var tag: String?
  @Option(help: "At most so many.") var limit: Int?

  func validate() throws {
    if let limit, limit < 0 { throw ValidationError("--limit is 0 or more") }
  }

  func run() throws {
    let library = try options.open(.readOnly)
    let items = try library.items(kind, tag: tag, limit: limit)
    if output.isJSON { return JSON.print([("items", .array(items.map(Shown.json)))]) }
    let naming = try Naming(items.map(\.key), in: library)
    for item in items { Output.line(Self.line(item, naming)) }
  }

  /// Name, day, headline and as many tags as fit, in 80 columns.
  static func line(_ item: Item, _ naming: Naming) -> String {
    let entry = item.entry
    let start =
      Text.padded(naming.short(item.key), to: naming.width) + "  "
      + CivilTime.day(UInt64(max(0, entry.saved))) + "  "
    let tags = entry.tags.map { "#" + Text.line($0, width: 20) }.joined(separator: " ")
    let room = 80 - Text.columns(start)
    let tagRoom = min(Text.columns(tags), room / 3)
    let headline = Text.line(item.headline, width: tags.isEmpty ? room : room - tagRoom - 2)
    guard !tags.isEmpty else { return start + headline }
    return start + headline + "  " + Text.line(tags, width: tagRoom)
  }
}
