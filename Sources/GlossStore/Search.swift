internal import GlossCore

/// What to find among the records of several kinds, and in which order.
public struct Search: Hashable, Sendable {
  /// What is asked of each kind, one a kind at most. Their own orders, limits and offsets do not count.
  public var queries: [Query]

  /// The order, the most significant first. A field that a kind does not have is as one without a value. Records that are equal
  /// in all of it come in the order of ``queries`` and then in that in which they came to this replica.
  public var order: [Query.Order]

  /// The greatest number of records, `nil` for all.
  public var limit: Int?

  /// How many records are left out at the start.
  public var offset = 0

  public init(
    _ queries: [Query],
    order: [Query.Order] = [Query.Order(.relevance, descending: true), Query.Order(.identifier)]
  ) {
    self.queries = queries
    self.order = order
  }
}

/// A record that was found.
public struct Found: Hashable, Sendable {
  public let record: Record

  /// How well it answers the patterns of the search, to be compared within one search; 0 where it matches none.
  public let relevance: Double
}

extension Snapshot {
  /// Returns the records that a search finds; none of a kind that the schema does not have.
  public func find(_ search: Search) throws -> [Found] {
    let kinds = search.queries.compactMap { query in schema[query.kind].map { (query, $0) } }
    guard !kinds.isEmpty else { return [] }
    let hits = try mostRelevantHits(search, kinds) ?? self.hits(search, kinds, among: nil)
    var records: [RecordKey: Record] = [:]
    for (index, (_, kind)) in kinds.enumerated() {
      let numbers = hits.filter { $0.kind == index }.map { String($0.number) }
      let reader = RowReader(kind: kind, transaction: transaction)
      let rows = try reader.records("WHERE k.id IN (SELECT value FROM json_each(?1))") {
        $0.bind("[\(numbers.joined(separator: ","))]", at: 1)
      }
      for record in rows { records[record.key] = record }
    }
    return hits.compactMap { hit in
      records[RecordKey(kinds[hit.kind].1.name, hit.id)].map {
        Found(record: $0, relevance: hit.relevance)
      }
    }
  }

  /// Returns the number of records that a search finds; its limit and offset do not count.
  public func count(_ search: Search) throws -> Int {
    try search.queries.reduce(0) { try $0 + count($1) }
  }

  private typealias Hit = (kind: Int, number: Int64, id: RecordID, relevance: Double)

  /// Returns the hits of a search for the most relevant records without looking at all that match: at the best of them, at many more
  /// where too few of these satisfy all conditions. `nil` where that would not be right or no faster.
  private func mostRelevantHits(
    _ search: Search, _ kinds: [(Query, Kind)]
  ) throws -> [Hit]? {
    guard let limit = search.limit, let first = search.order.first, first.key == .relevance,
      first.isDescending, kinds.allSatisfy({ $0.0.filters.contains(where: \.needsMatch) })
    else { return nil }
    let (need, isTooMuch) = limit.addingReportingOverflow(search.offset)
    guard !isTooMuch else { return nil }
    let relevances = try transaction.searchReader().relevances(of: Set(search.patterns))
    let descending = relevances.filter { $0 > 0 }.sorted(by: >)
    var count = max(256, 4 * min(need, descending.count))
    while count < descending.count / 4 {
      let least = descending[count - 1]
      let best = relevances.indices.filter { relevances[$0] >= least }.map { Int64($0) }
      let hits = try hits(search, kinds, among: best)
      if hits.count == limit { return hits }
      count *= 8
    }
    return nil
  }

  /// Returns the hits of a search, in order.
  ///
  /// - Parameter numbers: The only records that are looked at, `nil` for all.
  private func hits(
    _ search: Search, _ kinds: [(Query, Kind)], among numbers: [Int64]?
  ) throws -> [Hit] {
    var compiler = CompiledCondition(transaction)
    let relevance = try compiler.relevance(of: search.queries)
    let among = numbers.map { " AND \(compiler.isIn($0, "k"))" } ?? ""
    let arms = try kinds.enumerated().map { index, pair in
      let (query, kind) = pair
      var columns = [
        "\(index) AS kind", "k.id AS id", "k.uuid AS uuid",
        "gloss_at(k.id, \(relevance)) AS relevance",
      ]
      for (place, order) in search.order.enumerated() {
        let key = CompiledQuery.key(order.key, kind, relevance: relevance) ?? "NULL"
        columns.append("\(key) AS o\(place)")
      }
      let conditions = try CompiledQuery.conditions(query, kind, &compiler)
      return
        "SELECT \(columns.joined(separator: ", ")) FROM \"\(kind.name)\" k \(conditions)\(among)"
    }
    let terms =
      search.order.enumerated().map { "o\($0)\($1.direction)" } + ["kind", "id"]
    let statement = try transaction.prepare(
      arms.joined(separator: " UNION ALL ") + " ORDER BY " + terms.joined(separator: ", ")
        + CompiledQuery.limit(search.limit, offset: search.offset))
    compiler.bind(to: statement)
    var hits: [Hit] = []
    while try statement.step() {
      hits.append(
        (
          Int(statement.integer(at: 0)), statement.integer(at: 1),
          try statement.identifier(as: RecordID.self, at: 2), statement.real(at: 3)
        ))
    }
    return hits
  }
}

extension Condition {
  /// Whether only records satisfy it that match a pattern.
  fileprivate var needsMatch: Bool {
    switch self {
    case .matches: true
    case .and(let conditions): conditions.contains(where: \.needsMatch)
    case .or(let conditions): conditions.allSatisfy(\.needsMatch)
    default: false
    }
  }
}
