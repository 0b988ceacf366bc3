internal import GlossCore

// Conditions as SQL
// =================
//
// SQLite's logic has three values: what compares with NULL is NULL. An expression of ANDs and ORs is true in it exactly where
// it is true when NULL is taken for false, because both grow with their operands. NOT does not, so what it negates is made
// true or false first (`IS TRUE`), and nothing else has to be, which leaves comparisons as an index can answer them.
//
// SQLite parses `a AND b AND c ...` as a tree as deep as it is long, and allows 1,000 levels. Parentheses make it a balanced one. Its
// parser has a stack of 100 places, of which each expression within another takes some: they are counted before it does.

/// Conditions on their way to SQL, and what the parameters in that stand for.
struct CompiledCondition {
  private var parameters: [Parameter] = []
  private let transaction: Transaction
  private var count = 0
  private var depth = 0
  private var aliasCount = 0

  enum Parameter {
    case integer(Int64)
    case real(Double)
    case text(String)
    case bytes([UInt8])

    func bind(to statement: Statement, at place: Int32) {
      switch self {
      case .integer(let integer): statement.bind(integer, at: place)
      case .real(let real): statement.bind(real, at: place)
      case .text(let text): statement.bind(text, at: place)
      case .bytes(let bytes): statement.bind(bytes, at: place)
      }
    }
  }

  init(_ transaction: Transaction) {
    self.transaction = transaction
  }

  /// Returns an expression about the row `row` of a kind's table.
  mutating func sql(
    _ condition: Condition, of kind: Kind, as row: String
  ) throws(StoreError) -> String {
    count += 1
    let need = condition.parserStackNeed
    depth += need
    defer { depth -= need }
    guard count <= Condition.countLimit, depth <= Self.parserStackLimit else {
      throw .conditionTooLarge
    }
    switch condition {
    case .and(let conditions): return try joined(conditions, "AND", "TRUE", of: kind, as: row)
    case .or(let conditions): return try joined(conditions, "OR", "FALSE", of: kind, as: row)
    case .not(let condition): return "NOT (\(try sql(condition, of: kind, as: row)) IS TRUE)"
    case .equals(let field, .null): return try null(field, of: kind, as: row)
    case .isNull(let field): return try null(field, of: kind, as: row)
    case .equals(let field, let value): return try compare(field, "=", value, of: kind, as: row)
    case .compares(let field, let comparison, let value):
      return try compare(field, comparison.sql, value, of: kind, as: row)
    case .hasPrefix, .contains, .hasHost: return try text(condition, of: kind, as: row)
    case .hasMember, .hasMembers: return try member(condition, of: kind, as: row)
    case .refers, .isReferredTo: return try reference(condition, of: kind, as: row)
    case .hasConflict:
      let number = parameter(.integer(try transaction.knownNumber(of: kind.name) ?? 0))
      return "\(row).id IN (SELECT record FROM _conflict WHERE kind = \(number))"
    case .isOrphaned: return orphan(of: kind, as: row)
    case .isHidden: return "\(row).hidden"
    case .isOneOf(let ids): return try oneOf(ids, of: kind, as: row)
    case .edited(let range): return edited(range, as: row)
    case .matches(let pattern): return try matches(pattern, as: row)
    }
  }

  private mutating func joined(
    _ conditions: [Condition], _ operation: String, _ empty: String, of kind: Kind, as row: String
  ) throws(StoreError) -> String {
    var parts: [String] = []
    for condition in conditions { parts.append(try sql(condition, of: kind, as: row)) }
    return Self.balanced(parts[...], operation) ?? empty
  }

  private static func balanced(_ parts: ArraySlice<String>, _ operation: String) -> String? {
    guard parts.count > 1 else { return parts.first }
    let middle = parts.startIndex + parts.count / 2
    guard let left = balanced(parts[..<middle], operation),
      let right = balanced(parts[middle...], operation)
    else { return nil }
    return "(\(left) \(operation) \(right))"
  }

  // MARK: Fields

  private func type(of field: Name, _ kind: Kind) -> FieldType? {
    kind.fields.first { $0.name == field }?.type
  }

  private func null(_ field: Name, of kind: Kind, as row: String) throws(StoreError) -> String {
    type(of: field, kind) == nil ? "TRUE" : "\(row).\"\(field)\" IS NULL"
  }

  private mutating func compare(
    _ field: Name, _ comparison: String, _ value: Value, of kind: Kind, as row: String
  ) throws(StoreError) -> String {
    guard let type = type(of: field, kind),
      let parameter = try parameter(for: value, of: type)
    else { return "FALSE" }
    return "\(row).\"\(field)\" \(comparison) \(self.parameter(parameter))"
  }

  /// Returns what a column of this type has for a value, or `nil` for a value that it never has.
  private func parameter(
    for value: Value, of type: FieldType
  ) throws(StoreError) -> Parameter? {
    switch (type, value) {
    case (.bool, .bool(let bool)): return .integer(bool ? 1 : 0)
    case (.integer, .integer(let integer)), (.real, .integer(let integer)): return .integer(integer)
    case (.real, .real(let real)), (.integer, .real(let real)):
      return real.isNaN ? nil : .real(real)
    case (.text, .text(let text)): return .text(text)
    case (.bytes, .bytes(let bytes)): return .bytes(bytes)
    case (.blob, .blob(let blob)): return .bytes(blob.digest)
    case (.reference(let target), .record(let id)):
      return try transaction.number(of: RecordKey(target, id)).map { .integer($0) }
    default: return nil
    }
  }

  private mutating func text(
    _ condition: Condition, of kind: Kind, as row: String
  ) throws(StoreError) -> String {
    switch condition {
    case .hasPrefix(let field, "") where type(of: field, kind) == .text:
      // `substr` of an empty blob is NULL.
      return "\(row).\"\(field)\" IS NOT NULL"
    case .hasPrefix(let field, let prefix) where type(of: field, kind) == .text:
      let bytes = Array(prefix.utf8)
      let start = "substr(CAST(\(row).\"\(field)\" AS BLOB), 1, \(bytes.count))"
      return "\(start) = \(parameter(.bytes(bytes)))"
    case .contains(let field, let part) where type(of: field, kind) == .text:
      return
        "gloss_contains(\(row).\"\(field)\", \(parameter(.bytes(FoldedText.bytes(part, by: TextFolder())))))"
    case .hasHost(let field, let host) where type(of: field, kind) == .text:
      let bytes = Array(host.lowercased().utf8)
      return "gloss_has_host(\(row).\"\(field)\", \(parameter(.bytes(bytes))))"
    default: return "FALSE"
    }
  }

  private mutating func member(
    _ condition: Condition, of kind: Kind, as row: String
  ) throws(StoreError) -> String {
    switch condition {
    case .hasMember(let family, let member):
      guard let family = kind.families.first(where: { $0.name == family }) else { break }
      let member = parameter(.bytes(Array(member.utf8)))
      return
        "\(row).id IN (SELECT record FROM \"\(kind.table(of: family))\" WHERE member = \(member))"
    case .hasMembers(let family):
      guard let family = kind.families.first(where: { $0.name == family }) else { break }
      return "EXISTS (SELECT 1 FROM \"\(kind.table(of: family))\" WHERE record = \(row).id)"
    default: break
    }
    return "FALSE"
  }

  // MARK: Other records

  private mutating func reference(
    _ condition: Condition, of kind: Kind, as row: String
  ) throws(StoreError) -> String {
    aliasCount += 1
    let other = "k\(aliasCount)"
    switch condition {
    case .refers(let field, let condition):
      guard case .reference(let name)? = type(of: field, kind),
        let target = transaction.schema[name]
      else { break }
      let inner = try sql(condition, of: target, as: other)
      return """
        EXISTS (SELECT 1 FROM "\(name)" \(other) WHERE \(other).id = \(row)."\(field)"
          AND length(\(other).heads) > 0 AND \(inner))
        """
    case .isReferredTo(let name, let field, let condition):
      guard let source = transaction.schema[name], type(of: field, source) == .reference(kind.name)
      else { break }
      let inner = try sql(condition, of: source, as: other)
      return """
        EXISTS (SELECT 1 FROM "\(name)" \(other) WHERE \(other)."\(field)" = \(row).id
          AND NOT \(other).hidden AND \(inner))
        """
    default: break
    }
    return "FALSE"
  }

  private mutating func orphan(of kind: Kind, as row: String) -> String {
    var parents: [String] = []
    for field in kind.fields {
      guard case .reference(let target) = field.type else { continue }
      parents.append(
        """
        \(row)."\(field.name)" IN
          (SELECT id FROM "\(target)" WHERE hidden AND length(heads) > 0)
        """)
    }
    let isOrphan = Self.balanced(parents[...], "OR") ?? "FALSE"
    return "(NOT \(row).hidden AND (\(isOrphan)))"
  }

  /// The identifiers as the store's numbers, in one parameter however many they are.
  private mutating func oneOf(
    _ ids: Set<RecordID>, of kind: Kind, as row: String
  ) throws(StoreError) -> String {
    var numbers: [Int64] = []
    for id in ids {
      if let number = try transaction.number(of: RecordKey(kind.name, id)) {
        numbers.append(number)
      }
    }
    return isIn(numbers, row)
  }

  /// Whether the row's number is one of these.
  mutating func isIn(_ numbers: [Int64], _ row: String) -> String {
    let list = parameter(.text("[\(numbers.map(String.init).joined(separator: ","))]"))
    return "\(row).id IN (SELECT value FROM json_each(\(list)))"
  }

  private mutating func edited(_ range: Range<UInt64>, as row: String) -> String {
    let bounds = [range.lowerBound, range.upperBound].map {
      parameter(.integer(Int64(clamping: $0)))
    }
    return
      "(gloss_edited(\(row).heads) >= \(bounds[0]) AND gloss_edited(\(row).heads) < \(bounds[1]))"
  }

  /// The records that match, in one parameter: as a list where they are few, so that SQLite goes from them to the rows.
  private mutating func matches(_ pattern: TextPattern, as row: String) throws(StoreError) -> String
  {
    let matches = try searchReader().matches(pattern)
    guard matches.records.count > Self.listLimit else {
      return isIn(matches.records, row)
    }
    return "gloss_in(\(row).id, \(parameter(.bytes(matches.bits))))"
  }

  func searchReader() throws(StoreError) -> SearchReader { try transaction.searchReader() }

  /// Less than 100, for what stands around conditions.
  private static let parserStackLimit = 75

  private static let listLimit = 2_000

  /// Binds what the conditions compare with.
  func bind(to statement: Statement) {
    for (index, parameter) in parameters.enumerated() {
      parameter.bind(to: statement, at: Int32(index + 1))
    }
  }

  mutating func parameter(_ parameter: Parameter) -> String {
    parameters.append(parameter)
    return "?\(parameters.count)"
  }
}

extension Condition {
  /// How many places of the parser's stack are taken while it reads what is within the condition.
  fileprivate var parserStackNeed: Int {
    switch self {
    case .and(let conditions), .or(let conditions):
      // Each level of the balanced tree is `( left AND (`.
      3 * (Int.bitWidth - max(conditions.count - 1, 0).leadingZeroBitCount)
    case .not: 2
    case .refers, .isReferredTo: 12
    default: 0
    }
  }
}

extension Condition.Comparison {
  fileprivate var sql: String {
    switch self {
    case .isLess: "<"
    case .isAtMost: "<="
    case .isAtLeast: ">="
    case .isGreater: ">"
    }
  }
}
