internal import Gloss
internal import GlossCore
internal import GlossStore

/// The names of the records of a list: the first digits of their identifiers.
struct ShortNames {
  private let lengths: [RecordID: Int]
  /// The longest of them.
  let width: Int

  init(_ items: [Item], in library: Library) throws {
    lengths = try library.prefixLengths(items.map(\.id))
    width = lengths.values.max() ?? Library.prefixLength
  }

  func name(of item: Item) -> String {
    item.id.firstDigits(lengths[item.id] ?? 2 * RecordID.byteCount)
  }
}
