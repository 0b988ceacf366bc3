public import GlossCore
internal import GlossStore

extension Library {
  /// Reads a query as a person writes it, with the saved queries that it names in the place of their names.
  ///
  /// - Throws: ``LibraryError/filter(_:text:)``.
  public func filter(parsing text: String) throws(LibraryError) -> Filter {
    let filter: Filter
    do { filter = try Filter(parsing: text) } catch { throw .filter(error, text: text) }
    guard filter.asksForQueries else { return filter }
    let queries = try savedQueries()
    do {
      return try filter.expanded(with: queries)
    } catch {
      throw .filter(error.placed(in: text), text: text)
    }
  }

  /// Returns the records that a filter finds.
  ///
  /// Deleted ones are found only by a filter that asks for them (``Filter/asksForDeleted``). Records that are equal in `order`
  /// come in an order that is the same on every machine.
  ///
  /// - Parameters:
  ///   - filter: A filter of ``filter(parsing:)``; a saved query's name finds nothing.
  ///   - kinds: The kinds to look among.
  ///   - limit: The greatest number of records, `nil` for all.
  ///   - offset: How many are left out at the start.
  ///   - utcOffsetMinutes: How far the clock on the reader's wall is ahead of UTC, for words such as `yesterday`.
  public func items(
    matching filter: Filter, kinds: [ReadingKind] = ReadingKind.allCases,
    sortedBy order: ItemOrder = .newest, limit: Int? = nil, offset: Int = 0,
    utcOffsetMinutes: Int = 0
  ) throws(LibraryError) -> [Item] {
    let search = self.search(
      filter, kinds, order, utcOffsetMinutes, limit: limit, offset: offset)
    return try reading { snapshot in
      try search.onlyQuery.map { try snapshot.records($0).compactMap { Item(RecordFields($0)) } }
        ?? snapshot.find(search).compactMap { Item(RecordFields($0.record)) }
    }
  }

  /// Returns what a list says of the records that a filter finds; see
  /// ``items(matching:kinds:sortedBy:limit:offset:utcOffsetMinutes:)``.
  public func summaries(
    matching filter: Filter, kinds: [ReadingKind] = ReadingKind.allCases,
    sortedBy order: ItemOrder = .newest, limit: Int? = nil, offset: Int = 0,
    utcOffsetMinutes: Int = 0
  ) throws(LibraryError) -> [ItemSummary] {
    let search = self.search(
      filter, kinds, order, utcOffsetMinutes, limit: limit, offset: offset)
    return try reading { snapshot in
      try search.onlyQuery.map { try ItemSummary.all(of: $0, in: snapshot) }
        ?? snapshot.find(search).compactMap { Item(RecordFields($0.record)).map(ItemSummary.init) }
    }
  }

  /// Returns the records that a filter finds, with the places that answer its texts.
  ///
  /// See ``items(matching:kinds:sortedBy:limit:offset:utcOffsetMinutes:)``; what the full-text index has not taken in is not found.
  ///
  /// - Parameters:
  ///   - passageWidth: The greatest width of the passages, in columns; 0 for none.
  ///   - columns: Returns how many columns a character takes.
  public func findings(
    matching filter: Filter, kinds: [ReadingKind] = ReadingKind.allCases,
    sortedBy order: ItemOrder = ItemOrder(.relevance), limit: Int? = nil, offset: Int = 0,
    utcOffsetMinutes: Int = 0, passageWidth: Int,
    columns: @escaping (Character) -> Int = { _ in 1 }
  ) throws(LibraryError) -> [Finding] {
    let search = self.search(
      filter, kinds, order, utcOffsetMinutes, limit: limit, offset: offset)
    return try find(search, passageWidth: passageWidth, columns: columns)
  }

  /// Returns how many records a filter finds; see ``items(matching:kinds:sortedBy:limit:offset:utcOffsetMinutes:)``.
  public func count(
    matching filter: Filter, kinds: [ReadingKind] = ReadingKind.allCases, utcOffsetMinutes: Int = 0
  ) throws(LibraryError) -> Int {
    try count(search(filter, kinds, .newest, utcOffsetMinutes))
  }

  /// Returns the articles of these identifiers that are there, deleted ones too.
  public func articles(_ ids: Set<RecordID>) throws(LibraryError) -> [RecordID: Article] {
    var query = Query(Article.kind.name)
    query.filters = [.isOneOf(ids)]
    query.includesHidden = true
    let records = try reading { try $0.records(query) }
    return Dictionary(
      records.map { ($0.key.id, Article(RecordFields($0))) },
      uniquingKeysWith: { first, _ in first })
  }

  private func search(
    _ filter: Filter, _ kinds: [ReadingKind], _ order: ItemOrder, _ utcOffsetMinutes: Int,
    limit: Int? = nil, offset: Int = 0
  ) -> Search {
    let reference = TimeReference(now: clock(), utcOffsetMinutes: utcOffsetMinutes)
    let queries: [Query] = ReadingKind.allCases.filter { kinds.contains($0) }.compactMap { kind in
      let condition = filter.condition(for: kind, at: reference).simplified
      guard condition != .or([]) else { return nil }
      var query = Query(kind.name)
      query.filters = [condition]
      query.includesHidden = filter.asksForDeleted
      return query
    }
    var orders = [Query.Order(order.key.storeKey, descending: order.isDescending)]
    if order.key == .relevance { orders.append(Query.Order(ReadingField.saved, descending: true)) }
    orders.append(Query.Order(.identifier, descending: order.isDescending))
    var search = Search(queries, order: orders)
    (search.limit, search.offset) = (limit, offset)
    return search
  }
}

extension Search {
  /// A search of records of one kind as a query, which can read them in the order of an index; `nil` for other searches.
  fileprivate var onlyQuery: Query? {
    guard var query = queries.first, queries.count == 1 else { return nil }
    (query.order, query.limit, query.offset) = (order, limit, offset)
    return query
  }
}

extension ItemOrder.Key {
  fileprivate var storeKey: Query.Order.Key {
    switch self {
    case .saved: .field(ReadingField.saved)
    case .edited: .edited
    case .relevance: .relevance
    case .published: .folded(ReadingField.published)
    case .title: .folded(ReadingField.title)
    case .author: .folded(ReadingField.author)
    case .site: .folded(ReadingField.site)
    }
  }
}

extension Filter {
  fileprivate var asksForQueries: Bool {
    contains { if case .query = $0 { true } else { false } }
  }
}

extension FilterError {
  /// The error with the place of the name that it is about.
  func placed(in text: String) -> FilterError {
    let names: [String] =
      switch problem {
      case .noSuchQuery(let name, _), .savedQuery(let name, _, _): [name]
      case .cycle(let names): names
      default: []
      }
    let bytes = Array(text.utf8)
    let range = names.lazy.compactMap { bytes.firstRange(of: Array("@\($0)".utf8)) }.first
    guard place.isEmpty, let range else { return self }
    return FilterError(place: range, problem: problem)
  }
}

extension Condition {
  /// The condition without parts that are always or never satisfied, which tells that a kind need not be looked at.
  fileprivate var simplified: Condition {
    switch self {
    case .and(let members):
      let rest = members.map(\.simplified).filter { $0 != .and([]) }
      return rest.contains(.or([])) ? .or([]) : rest.count == 1 ? rest[0] : .and(rest)
    case .or(let members):
      let rest = members.map(\.simplified).filter { $0 != .or([]) }
      return rest.contains(.and([])) ? .and([]) : rest.count == 1 ? rest[0] : .or(rest)
    case .not(let condition):
      switch condition.simplified {
      case .and([]): return .or([])
      case .or([]): return .and([])
      case .not(let inner): return inner
      case let inner: return .not(inner)
      }
    case .refers(_, where: let inner) where inner.simplified == .or([]): return .or([])
    case .refers(let field, let inner): return .refers(through: field, where: inner.simplified)
    default: return self
    }
  }
}
