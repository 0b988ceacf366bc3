public import GlossCore
internal import GlossStore

/// A marked place in an article.
public struct Highlight: Entry, Identifiable {
  public static let kind = ReadingKind.highlight

  public let id: RecordID
  /// The article that it is in.
  public let article: RecordID?
  /// The place; `nil` where a newer version wrote it in a form that this one does not know.
  public var anchor: Anchor?
  /// A colour's name.
  public var colour: String?
  /// When it is to be read again; `nil` where it never was.
  public var review: Review?
  public var saved: Int64
  public let edited: UInt64?
  public let tags: [String]
  public let isDeleted: Bool
  public let basis: Basis
  /// What it was made of; ``seen`` is told from it, which only an edit asks for.
  private let read: RecordFields

  init(_ record: RecordFields) {
    id = record.key.id
    article = record.record(ReadingField.article)
    anchor = record.bytes(ReadingField.anchor).flatMap(Anchor.init(encoded:))
    colour = record.text(ReadingField.colour)
    review = record.text(ReadingField.review).flatMap(Review.init)
    saved = record.integer(ReadingField.saved) ?? 0
    edited = record.edited
    tags = record.tags
    isDeleted = record.isDeleted
    basis = record.basis
    read = record
  }

  public var seen: [Name: Value] { Highlight(read).fields }

  public var fields: [Name: Value] {
    [
      ReadingField.article: Value(article),
      ReadingField.anchor: anchor.map { .bytes($0.encoded) } ?? .null,
      ReadingField.colour: Value(colour), ReadingField.review: Value(review?.text),
      ReadingField.saved: .integer(saved),
    ]
  }
}
