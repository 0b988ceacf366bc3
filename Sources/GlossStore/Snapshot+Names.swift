public import GlossCore

extension Snapshot {
  /// Returns how many hexadecimal digits of each record's identifier tell it from every other record of `kinds`.
  ///
  /// - Complexity: Few records are looked up one by one; many take one pass over all identifiers.
  public func shortestPrefixLengths(
    of keys: [RecordKey], kinds: [Name], atLeast least: Int
  ) throws -> [RecordKey: Int] {
    let numbers = Set(try kinds.compactMap { try transaction.knownNumber(of: $0) })
    let ids = Set(keys.map(\.id))
    let digits =
      try ids.count > Self.fewNames
      ? digitsInOrder(of: ids, amongKinds: numbers) : digits(of: ids, amongKinds: numbers)
    return Dictionary(
      keys.map { ($0, max(least, digits[$0.id] ?? 1)) }, uniquingKeysWith: { first, _ in first })
  }

  /// How many names are looked up one by one: each costs as much as reading some hundred identifiers in order.
  private static let fewNames = 100

  /// The digits that tell these identifiers from their neighbours.
  private func digits(
    of ids: Set<RecordID>, amongKinds numbers: Set<Int64>
  ) throws -> [RecordID: Int] {
    let neighbours = try ["uuid < ? ORDER BY uuid DESC", "uuid > ? ORDER BY uuid"].map {
      try transaction.prepare("SELECT uuid, kind FROM _record WHERE \($0)")
    }
    var digits: [RecordID: Int] = [:]
    for id in ids {
      for statement in neighbours {
        statement.bind(id, at: 1)
        defer { statement.reset() }
        while try statement.step() {
          guard numbers.contains(statement.integer(at: 1)) else { continue }
          let neighbour = try statement.identifier(as: RecordID.self, at: 0)
          digits[id] = max(digits[id] ?? 1, Self.digits(telling: id, from: neighbour))
          break
        }
      }
    }
    return digits
  }

  private static func digits(telling id: RecordID, from other: RecordID) -> Int {
    (other.value ^ id.value).leadingZeroBitCount / 4 + 1
  }

  /// The same by one pass over all identifiers.
  private func digitsInOrder(
    of ids: Set<RecordID>, amongKinds numbers: Set<Int64>
  ) throws -> [RecordID: Int] {
    let statement = try transaction.prepare("SELECT uuid, kind FROM _record ORDER BY uuid")
    var digits: [RecordID: Int] = [:]
    var last: (id: RecordID, digits: Int)?
    while try statement.step() {
      guard numbers.contains(statement.integer(at: 1)) else { continue }
      let id = try statement.identifier(as: RecordID.self, at: 0)
      // Of two kinds one record may have the identifier of the other; no digits tell these.
      guard last?.id != id else { continue }
      let common = last.map { Self.digits(telling: id, from: $0.id) } ?? 1
      if let last, ids.contains(last.id) { digits[last.id] = max(last.digits, common) }
      last = (id, common)
    }
    if let last { digits[last.id] = last.digits }
    return digits
  }
}
