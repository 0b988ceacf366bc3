internal import Gloss
internal import GlossCore
internal import GlossStore

/// The names of the records of a list: the first digits of their identifiers.
struct ShortNames {
  private let lengths: [RecordKey: Int]
  /// The longest of them.
  let width: Int

  init(_ items: [Item], in library: Library) throws {
    lengths = try library.prefixLengths(items.map(\.key))
    width = lengths.values.max() ?? Library.prefixLength
  }

  func name(of item: Item) -> String {
    String("\(item.key.id)".prefix(lengths[item.key] ?? 2 * RecordID.byteCount))
  }
}
