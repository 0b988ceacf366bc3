public import GlossCore
public import GlossStore

extension Library {
  /// How many candidates ``LibraryError/ambiguousPrefix(_:candidates:)`` has at most.
  public static let candidateCount = 10

  /// The least number of digits that a record is named by.
  public static let prefixLength = 4

  /// Returns the article, deleted or not, or `nil` where there is none.
  public func article(_ id: RecordID) throws(LibraryError) -> Article? {
    guard case .article(let article)? = try item(RecordKey(Article.kind.name, id)) else {
      return nil
    }
    return article
  }

  /// Returns the highlight, deleted or not, or `nil` where there is none.
  public func highlight(_ id: RecordID) throws(LibraryError) -> Highlight? {
    guard case .highlight(let highlight)? = try item(RecordKey(Highlight.kind.name, id)) else {
      return nil
    }
    return highlight
  }

  /// Returns the note, deleted or not, or `nil` where there is none.
  public func note(_ id: RecordID) throws(LibraryError) -> Note? {
    guard case .note(let note)? = try item(RecordKey(Note.kind.name, id)) else { return nil }
    return note
  }

  /// Returns the record, deleted or not, or `nil` where there is none of the reader's kinds.
  public func item(_ key: RecordKey) throws(LibraryError) -> Item? {
    try reading { try $0.record(key).flatMap { Item(RecordFields($0)) } }
  }

  /// Returns the one record whose identifier begins with these hexadecimal digits.
  ///
  /// - Throws: ``LibraryError/notAPrefix(_:)``, ``LibraryError/noSuchRecord(_:)``,
  ///   ``LibraryError/ambiguousPrefix(_:candidates:)``.
  public func item(hexPrefix: String) throws(LibraryError) -> Item {
    let digits = hexPrefix.utf8.count
    guard (Self.prefixLength...2 * RecordID.byteCount).contains(digits),
      hexPrefix.utf8.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
    else { throw .notAPrefix(hexPrefix) }
    return try reading { snapshot in
      let keys = try snapshot.keys(
        hexPrefix: hexPrefix, kinds: Self.kinds, limit: Self.candidateCount, includesHidden: true)
      guard keys.count < 2 else {
        throw LibraryError.ambiguousPrefix(hexPrefix, candidates: keys)
      }
      guard let key = keys.first, let record = try snapshot.record(key),
        let item = Item(RecordFields(record))
      else { throw LibraryError.noSuchRecord(hexPrefix) }
      return item
    }
  }

  /// Returns the records of a kind, the newest first.
  ///
  /// - Parameters:
  ///   - tag: A tag that all of them have, or `nil`.
  ///   - limit: The greatest number of them, or `nil` for all.
  public func items(
    _ kind: ReadingKind, tag: String? = nil, limit: Int? = nil
  ) throws(LibraryError) -> [Item] {
    var query = Query(kind.name)
    query.order = [Query.Order(ReadingField.saved, descending: true)]
    query.limit = limit
    if let tag {
      query.filters = [.hasMember(family: ReadingField.tags.name, member: tag)]
    }
    return try reading { try $0.records(query).compactMap { Item(RecordFields($0)) } }
  }

  /// Returns the highlights of an article, in the order of the text.
  public func highlights(of article: RecordID) throws(LibraryError) -> [Highlight] {
    var query = Query(Highlight.kind.name)
    query.filters = [.equals(ReadingField.article, .record(article))]
    let highlights = try reading { try $0.records(query).map { Highlight(RecordFields($0)) } }
    return highlights.sorted {
      ($0.anchor?.start ?? .max, $0.saved, $0.id) < ($1.anchor?.start ?? .max, $1.saved, $1.id)
    }
  }

  /// Returns the notes about an article and about its highlights, the oldest first.
  public func notes(of article: RecordID) throws(LibraryError) -> [Note] {
    try notes(where: ReadingField.article, is: article)
  }

  /// Returns the notes about a highlight, the oldest first.
  public func notes(ofHighlight highlight: RecordID) throws(LibraryError) -> [Note] {
    try notes(where: ReadingField.highlight, is: highlight)
  }

  private func notes(where field: Name, is id: RecordID) throws(LibraryError) -> [Note] {
    var query = Query(Note.kind.name)
    query.filters = [.equals(field, .record(id))]
    query.order = [Query.Order(ReadingField.saved)]
    return try reading { try $0.records(query).map { Note(RecordFields($0)) } }
  }

  /// Returns what deleting records deletes: each that is shown, an article's highlights and notes, a highlight's notes, all once.
  public func belongings(_ items: [Item]) throws(LibraryError) -> [RecordKey] {
    try reading { try $0.belongings(of: items.map(\.key)) }
  }

  /// Returns what comes back when records are undeleted, each that is deleted before what was deleted with it.
  public func deletedTogether(with items: [Item]) throws(LibraryError) -> [RecordKey] {
    try reading { snapshot in try items.flatMap { try snapshot.deletedTogether(with: $0.key) } }
  }

  /// Returns the text of an article, or `nil` where it has none or it has not arrived.
  public func text(_ article: Article) throws(LibraryError) -> String? {
    guard let id = article.textID else { return nil }
    return try text(id)
  }

  /// Returns the text of this name, or `nil` where it is not here.
  public func text(_ id: BlobID) throws(LibraryError) -> String? {
    try reading { try $0.blob(id) }.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Whether an article has a text that is not here: it was left on the hub, or the machine that has it did not send it yet.
  public func isTextMissing(_ article: Article) throws(LibraryError) -> Bool {
    guard let id = article.textID else { return false }
    return try reading { try !$0.holdsBlob(id) }
  }

  /// Returns how many hexadecimal digits name each of these records among all of the library, at least
  /// ``prefixLength``, in their order.
  public func prefixLengths(_ ids: [RecordID]) throws(LibraryError) -> [Int] {
    try reading {
      try $0.shortestPrefixLengths(of: ids, kinds: Self.kinds, atLeast: Self.prefixLength)
    }
  }

  /// Returns how much the library holds.
  public func statistics() throws(LibraryError) -> Statistics {
    try reading { try $0.statistics() }
  }

  static let kinds = ReadingKind.allCases.map(\.name)
}
