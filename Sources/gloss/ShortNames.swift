internal import Gloss
internal import GlossCore
internal import GlossStore

/// The names of the records of a list, by their places: the first digits of their identifiers.
struct ShortNames {
  private let ids: [RecordID]
  private let lengths: [Int]
  /// The longest of them.
  let width: Int

  init(_ ids: [RecordID], in library: Library) throws {
    self.ids = ids
    lengths = try library.prefixLengths(ids)
    width = lengths.max() ?? Library.prefixLength
  }

  subscript(place: Int) -> String { ids[place].firstDigits(lengths[place]) }
}
