public import GlossCore
internal import GlossStore

/// What a reader wrote about an article or about one of its highlights.
public struct Note: Entry, Identifiable {
  public static let kind = ReadingKind.note

  public let id: RecordID
  /// The article that the note is about.
  public let article: RecordID?
  /// The highlight that it is about, if it is about one.
  public let highlight: RecordID?
  public var body: String
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
    highlight = record.record(ReadingField.highlight)
    body = record.text(ReadingField.body) ?? ""
    saved = record.integer(ReadingField.saved) ?? 0
    edited = record.edited
    tags = record.tags
    isDeleted = record.isDeleted
    basis = record.basis
    read = record
  }

  public var seen: [Name: Value] { Note(read).fields }

  public var fields: [Name: Value] {
    [
      ReadingField.article: Value(article), ReadingField.highlight: Value(highlight),
      ReadingField.body: .text(body), ReadingField.saved: .integer(saved),
    ]
  }
}
