public import GlossCore

extension Snapshot {
  /// Returns how many hexadecimal digits of each record's identifier tell it from every other record of `kinds`.
  ///
  /// - Complexity: Few records are looked up one by one; many take one pass over all identifiers.
  public func shortestPrefixLengths(
    of ids: some Sequence<RecordID>, kinds: [Name], atLeast least: Int
  ) throws -> [RecordID: Int] {
    let numbers = Set(try kinds.compactMap { try transaction.knownNumber(of: $0) })
    let ids = ids.sorted()
    var digits = Dictionary(ids.map { ($0, least) }) { first, _ in first }
    func note(_ id: RecordID, _ count: Int) { digits[id] = max(digits[id] ?? least, count) }
    if ids.count > Self.fewNames {
      try noteDigitsInOrder(of: ids, amongKinds: numbers, note)
    } else {
      try noteDigits(of: ids, amongKinds: numbers, note)
    }
    return digits
  }

  /// How many names are looked up one by one: each costs as much as reading some hundred identifiers in order.
  private static let fewNames = 100

  /// Notes the digits that tell each of these identifiers from its neighbours.
  private func noteDigits(
    of ids: [RecordID], amongKinds numbers: Set<Int64>, _ note: (RecordID, Int) -> Void
  ) throws {
    let neighbours = try ["uuid < ? ORDER BY uuid DESC", "uuid > ? ORDER BY uuid"].map {
      try transaction.prepare("SELECT uuid, kind FROM _record WHERE \($0)")
    }
    for id in ids {
      for statement in neighbours {
        statement.bind(id, at: 1)
        defer { statement.reset() }
        while try statement.step() {
          guard numbers.contains(statement.integer(at: 1)) else { continue }
          let neighbour = try statement.identifier(as: RecordID.self, at: 0)
          note(id, Self.digits(telling: id, from: neighbour))
          break
        }
      }
    }
  }

  private static func digits(telling id: RecordID, from other: RecordID) -> Int {
    (other.value ^ id.value).leadingZeroBitCount / 4 + 1
  }

  /// Notes the same by one pass over all identifiers beside these, which are in order.
  private func noteDigitsInOrder(
    of ids: [RecordID], amongKinds numbers: Set<Int64>, _ note: (RecordID, Int) -> Void
  ) throws {
    let statement = try transaction.prepare("SELECT uuid, kind FROM _record ORDER BY uuid")
    var rest = ids[...]
    var last: RecordID?
    while try statement.step() {
      guard numbers.contains(statement.integer(at: 1)) else { continue }
      let id = try statement.identifier(as: RecordID.self, at: 0)
      // Of two kinds one record may have the identifier of the other; no digits tell these.
      guard last != id else { continue }
      while let wanted = rest.first, wanted < id {
        note(wanted, Self.digits(telling: wanted, from: id))
        if let last, last < wanted { note(wanted, Self.digits(telling: wanted, from: last)) }
        rest.removeFirst()
      }
      if let last, rest.first == id { note(id, Self.digits(telling: id, from: last)) }
      last = id
    }
    for wanted in rest {
      if let last, last < wanted { note(wanted, Self.digits(telling: wanted, from: last)) }
    }
  }
}
