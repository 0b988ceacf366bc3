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
    var digits: [RecordID: Int] = [:]
    digits.reserveCapacity(ids.count)
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
      note(id, 1)
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
    var place = 0
    var last: RecordID?
    while try statement.step() {
      guard numbers.contains(statement.integer(at: 1)) else { continue }
      let id = try statement.identifier(as: RecordID.self, at: 0)
      // Of two kinds one record may have the identifier of the other; no digits tell these.
      guard last != id else { continue }
      let common = last.map { Self.digits(telling: id, from: $0) } ?? 1
      while place < ids.count, ids[place] < id {
        if ids[place] == last { note(ids[place], common) }
        place += 1
      }
      if place < ids.count, ids[place] == id { note(id, common) }
      last = id
    }
  }
}
