public import GlossCore
internal import GlossStore

/// An article: what is known of it, and which text it has.
public struct Article: Entry, Identifiable {
  public static let kind = ReadingKind.article

  public let id: RecordID
  /// The address, in the form of ``URLIdentity``.
  public var url: String?
  public var title: String?
  public var author: String?
  /// The name of the site or publication.
  public var site: String?
  /// A language tag, such as `en`.
  public var language: String?
  /// The day of publication, as `2026-11-24`, `2026-11` or `2026`.
  public var published: String?
  public var saved: Int64
  public let edited: UInt64?
  /// Names the text; ``Library/text(_:)`` returns it. `nil` where only the address is known.
  public var textID: BlobID?
  public var state: ReadState
  public var isFavourite: Bool
  /// How much was read: from 0 to 1.
  public var progress: Double
  /// Whether the reader has put it away.
  public var isArchived: Bool
  public let tags: [String]
  public let isDeleted: Bool
  public let basis: Basis
  /// What it was made of; ``seen`` is told from it, which only an edit asks for.
  private let read: RecordFields

  init(_ record: RecordFields) {
    id = record.key.id
    url = record.text(ReadingField.url)
    title = record.text(ReadingField.title)
    author = record.text(ReadingField.author)
    site = record.text(ReadingField.site)
    language = record.text(ReadingField.language)
    published = record.text(ReadingField.published)
    saved = record.integer(ReadingField.saved) ?? 0
    textID = record.blob(ReadingField.text)
    state = record.integer(ReadingField.state).flatMap(ReadState.init) ?? .unread
    isFavourite = record.bool(ReadingField.favourite) ?? false
    progress = record.real(ReadingField.progress) ?? 0
    isArchived = record.bool(ReadingField.archived) ?? false
    edited = record.edited
    tags = record.tags
    isDeleted = record.isDeleted
    basis = record.basis
    read = record
  }

  public var seen: [Name: Value] { Article(read).fields }

  public var fields: [Name: Value] {
    [
      ReadingField.url: Value(url), ReadingField.title: Value(title),
      ReadingField.author: Value(author), ReadingField.site: Value(site),
      ReadingField.language: Value(language), ReadingField.published: Value(published),
      ReadingField.saved: .integer(saved), ReadingField.text: textID.map(Value.blob) ?? .null,
      ReadingField.state: .integer(state.rawValue), ReadingField.favourite: .bool(isFavourite),
      ReadingField.progress: .real(progress), ReadingField.archived: .bool(isArchived),
    ]
  }
}
