public import GlossCore
internal import GlossStore

/// What a list says of a record. It is read at a fraction of what an ``Item`` costs, and no edit can be based on it.
public struct ItemSummary: Hashable, Sendable {
  /// The record's kind.
  public let kind: ReadingKind

  /// Names the record among those of its kind.
  public let id: RecordID

  /// What to call the record; see ``Item/headline``.
  public let headline: String

  /// When the record was added, in milliseconds since the Unix epoch; 0 where that is not known.
  public let saved: Int64

  /// When it was changed last, in milliseconds since the Unix epoch.
  public let edited: UInt64?

  /// The day of an article's publication, as ``Article/published`` has it.
  public let published: String?

  /// The tags, ordered by their bytes.
  public let tags: [String]

  /// Whether the record is deleted.
  public let isDeleted: Bool

  /// Says of a record what a list says.
  public init(_ item: Item) {
    let entry = item.entry
    kind = item.kind
    id = item.id
    headline = item.headline
    saved = entry.saved
    edited = entry.edited
    published = if case .article(let article) = item { article.published } else { nil }
    tags = entry.tags
    isDeleted = entry.isDeleted
  }

  /// Reads a row of ``fields(of:)`` and of the tags.
  private init(_ row: RecordRow, of kind: ReadingKind) throws {
    self.kind = kind
    id = try row.id()
    saved = row.integer(0) ?? 0
    published = row.text(1)
    headline =
      switch kind {
      case .article: Article.headline(title: row.text(2), url: row.text(3))
      case .highlight: Highlight.headline(quote: row.bytes(2).flatMap(Anchor.init)?.quote)
      case .note: Note.headline(body: row.text(2) ?? "")
      }
    edited = row.edited?.milliseconds
    tags = try row.members(0)
    isDeleted = row.isHidden
  }

  private static func fields(of kind: ReadingKind) -> [Name] {
    let headline =
      switch kind {
      case .article: [ReadingField.title, ReadingField.url]
      case .highlight: [ReadingField.anchor]
      case .note: [ReadingField.body]
      }
    return [ReadingField.saved, ReadingField.published] + headline
  }

  /// Returns what a list says of the records that a query finds, of a kind that the reader makes.
  static func all(of query: Query, in snapshot: Snapshot) throws -> [ItemSummary] {
    guard let kind = ReadingKind(query.kind) else { return [] }
    var query = query
    let tie = query.takeTie()
    var summaries: [ItemSummary] = []
    var group: (saved: Int64?, start: Int) = (nil, 0)
    func sortGroup() {
      guard let tie, summaries.count - group.start > 1 else { return }
      summaries[group.start...].sort { tie.isDescending ? $1.id < $0.id : $0.id < $1.id }
    }
    try snapshot.forEachRow(
      of: query, reading: fields(of: kind), families: [ReadingField.tags.name]
    ) { row in
      let saved = row.integer(0)
      if saved != group.saved {
        sortGroup()
        group = (saved, summaries.count)
      }
      summaries.append(try ItemSummary(row, of: kind))
    }
    sortGroup()
    return summaries
  }
}

extension Query {
  /// Takes the order of records that were saved in one millisecond from a query for all records by when they were saved; `nil`
  /// from another query.
  ///
  /// An index has them in the rest of the order. SQLite would sort each group by itself, even of one record, and take
  /// longer for that than for reading them.
  fileprivate mutating func takeTie() -> Order? {
    guard limit == nil, offset == 0, order.count == 2, order[0].key == .field(ReadingField.saved),
      order[1].key == .identifier
    else { return nil }
    return order.removeLast()
  }
}
