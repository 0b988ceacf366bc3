internal import GlossCore

/// A query as SQL behind `FROM table k`, with what its parameters stand for: no value is pasted into it.
struct CompiledQuery {
  /// The conditions.
  let sql: String
  /// The order and limit.
  let order: String
  private let parameters: [CompiledCondition.Parameter]

  init(_ query: Query, kind: Kind, _ transaction: Transaction) throws(StoreError) {
    var compiler = CompiledCondition(transaction)
    let visible = query.includesHidden ? "length(k.heads) > 0" : "NOT k.hidden"
    let condition = try compiler.sql(.and(query.filters), of: kind, as: "k")
    sql = "WHERE \(visible) AND \(condition)"
    order = Self.order(query, kind: kind) + Self.limit(query)
    parameters = compiler.parameters
  }

  private static func order(_ query: Query, kind: Kind) -> String {
    var terms: [String] = []
    var isTotal = false
    for order in query.order {
      let direction = order.isDescending ? " DESC" : ""
      switch order.key {
      case .field(let field):
        guard kind.fields.contains(where: { $0.name == field }) else { continue }
        terms.append("k.\"\(field)\"\(direction)")
      case .edited: terms.append("gloss_edited(k.heads)\(direction)")
      case .identifier:
        terms.append("k.uuid\(direction)")
        isTotal = true
      }
    }
    if !isTotal { terms.append(query.order.first?.isDescending == true ? "k.id DESC" : "k.id") }
    return " ORDER BY " + terms.joined(separator: ", ")
  }

  private static func limit(_ query: Query) -> String {
    guard query.limit != nil || query.offset > 0 else { return "" }
    return " LIMIT \(query.limit ?? -1) OFFSET \(query.offset)"
  }

  /// Binds what the conditions compare with.
  func bind(to statement: Statement) {
    for (index, parameter) in parameters.enumerated() {
      parameter.bind(to: statement, at: Int32(index + 1))
    }
  }
}
