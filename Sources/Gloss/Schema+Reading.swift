public import GlossCore

extension Schema {
  /// The kinds of a reading library: `article`, `highlight`, `note`, `device`, `library` and `query`.
  ///
  /// What a person writes has the policy ``Policy/keep``: two machines that write it at once leave a conflict. What a
  /// program notes down along the way, such as progress, is ``Policy/latest``.
  public static let reading = Schema([
    Kind(
      ReadingKind.article.name,
      fields: [
        Field(ReadingField.url, .text, .keep),
        Field(ReadingField.title, .text, .keep),
        Field(ReadingField.author, .text, .keep),
        Field(ReadingField.site, .text, .keep),
        Field(ReadingField.language, .text, .keep),
        Field(ReadingField.published, .text, .keep),
        Field(ReadingField.saved, .integer, .latest, isIndexed: true),
        Field(ReadingField.text, .blob, .keep),
        Field(ReadingField.state, .integer, .latest),
        Field(ReadingField.favourite, .bool, .latest),
        Field(ReadingField.progress, .real, .latest),
        Field(ReadingField.archived, .bool, .latest),
      ], families: [ReadingField.tags]),
    Kind(
      ReadingKind.highlight.name,
      fields: [
        Field(ReadingField.article, .reference(ReadingKind.article.name), .keep),
        Field(ReadingField.anchor, .bytes, .keep),
        Field(ReadingField.colour, .text, .latest),
        Field(ReadingField.review, .text, .latest, isIndexed: true),
        Field(ReadingField.saved, .integer, .latest, isIndexed: true),
      ], families: [ReadingField.tags]),
    Kind(
      ReadingKind.note.name,
      fields: [
        Field(ReadingField.article, .reference(ReadingKind.article.name), .keep),
        Field(ReadingField.highlight, .reference(ReadingKind.highlight.name), .keep),
        Field(ReadingField.body, .text, .keep),
        Field(ReadingField.saved, .integer, .latest, isIndexed: true),
      ], families: [ReadingField.tags]),
    Kind(
      ReadingField.device,
      fields: [
        Field(ReadingField.name, .text, .latest), Field(ReadingField.token, .bytes, .latest),
      ]),
    Kind(ReadingField.library, fields: [Field(ReadingField.history, .text, .latest)]),
    Kind(
      ReadingField.query,
      fields: [
        Field(ReadingField.name, .text, .latest), Field(ReadingField.text, .text, .latest),
      ]),
  ])
}

/// The names of the fields of ``GlossCore/Schema/reading``.
public enum ReadingField {
  public static let url: Name = "url"
  public static let title: Name = "title"
  public static let author: Name = "author"
  public static let site: Name = "site"
  public static let language: Name = "language"
  /// The day of publication, as `2026-11-24`, `2026-11` or `2026`.
  public static let published: Name = "published"
  /// When the record was added, in milliseconds since the Unix epoch.
  public static let saved: Name = "saved"
  /// An article's text; a saved query's.
  public static let text: Name = "text"
  /// The raw value of a ``ReadState``.
  public static let state: Name = "state"
  public static let favourite: Name = "favourite"
  /// How much was read: from 0 to 1.
  public static let progress: Name = "progress"
  /// Whether the reader has put the article away.
  public static let archived: Name = "archived"
  public static let article: Name = "article"
  public static let highlight: Name = "highlight"
  /// An encoded ``Anchor``.
  public static let anchor: Name = "anchor"
  public static let colour: Name = "colour"
  /// The text of a ``Review``.
  public static let review: Name = "review"
  public static let body: Name = "body"
  public static let name: Name = "name"
  /// The SHA-256 of a device's token, by which the hub calls it.
  public static let token: Name = "token"
  /// The tags: `tag/NAME`, true while the record has it.
  public static let tags = Family("tag", .latest)

  /// The kind of the records that name the replicas of a library, so that a history can say who.
  static let device: Name = "device"

  /// The kind of the one record that says what the machines of a library agree on.
  static let library: Name = "library"
  /// The raw value of a ``GlossSync/SnapshotHistory``.
  static let history: Name = "history"

  /// The kind of the records that are saved queries.
  static let query: Name = "query"
}
