internal import GlossCore

/// Queries as SQL, with what its parameters stand for: no value is pasted into it.
struct CompiledQuery {
  /// The conditions on a row `k`, behind `FROM table k`.
  let sql: String
  /// The order and limit.
  let order: String
  private let compiler: CompiledCondition

  init(_ query: Query, kind: Kind, _ transaction: Transaction) throws(StoreError) {
    var compiler = CompiledCondition(transaction)
    sql = try Self.conditions(query, kind, &compiler)
    var relevance = ""
    if query.order.contains(where: { $0.key == .relevance }) {
      relevance = try compiler.relevance(of: [query])
    }
    var terms: [String] = []
    for order in query.order {
      guard let key = Self.key(order.key, kind, relevance: relevance) else { continue }
      terms.append(key + order.direction)
    }
    if !query.order.contains(where: { $0.key == .identifier }) {
      terms.append(query.order.first?.isDescending == true ? "k.id DESC" : "k.id")
    }
    order =
      " ORDER BY " + terms.joined(separator: ", ") + Self.limit(query.limit, offset: query.offset)
    self.compiler = compiler
  }

  /// Returns the conditions of a query.
  static func conditions(
    _ query: Query, _ kind: Kind, _ compiler: inout CompiledCondition
  ) throws(StoreError) -> String {
    let visible = query.includesHidden ? "length(k.heads) > 0" : "NOT k.hidden"
    return "WHERE \(visible) AND \(try compiler.sql(.and(query.filters), of: kind, as: "k"))"
  }

  /// Returns what a row is ordered by, `nil` where the kind has nothing of the sort.
  ///
  /// - Parameter relevance: The parameter of how relevant each record is.
  static func key(_ key: Query.Order.Key, _ kind: Kind, relevance: String) -> String? {
    switch key {
    case .field(let field):
      kind.fields.contains { $0.name == field } ? "k.\"\(field)\"" : nil
    case .folded(let field):
      kind.fields.contains { $0.name == field } ? "gloss_folded(k.\"\(field)\")" : nil
    case .edited: "gloss_edited(k.heads)"
    case .identifier: "k.uuid"
    case .relevance: "gloss_at(k.id, \(relevance))"
    }
  }

  static func limit(_ limit: Int?, offset: Int) -> String {
    limit != nil || offset > 0 ? " LIMIT \(limit ?? -1) OFFSET \(offset)" : ""
  }

  /// Binds what the conditions compare with.
  func bind(to statement: Statement) { compiler.bind(to: statement) }
}

extension Query.Order {
  /// What stands behind the key in SQL.
  var direction: String {
    let direction = isDescending ? " DESC" : ""
    if case .folded = key { return direction + " NULLS LAST" }
    return direction
  }
}

extension CompiledCondition {
  /// Returns the parameter of how relevant each record is.
  mutating func relevance(of queries: [Query]) throws(StoreError) -> String {
    var patterns: Set<TextPattern> = []
    for query in queries {
      for condition in query.filters { patterns.formUnion(condition.asserted) }
    }
    let relevances = try searchReader().relevances(of: patterns)
    return parameter(.bytes(relevances.withUnsafeBytes { Array($0) }))
  }
}

extension Condition {
  /// The patterns that make a record that matches them satisfy the condition, or may.
  var asserted: [TextPattern] {
    switch self {
    case .matches(let pattern): [pattern]
    case .and(let conditions), .or(let conditions): conditions.flatMap(\.asserted)
    default: []
    }
  }
}
