public import GlossCore

extension Snapshot {
  /// Returns how many hexadecimal digits of each record's identifier tell it from every other record of `kinds`.
  ///
  /// - Complexity: Few records are looked up one by one; many take one pass over all identifiers.
  public func shortestPrefixLengths(
    of keys: [RecordKey], kinds: [Name], atLeast least: Int
  ) throws -> [RecordKey: Int] {
    var lengths: [RecordKey: Int] = [:]
    guard keys.count > Self.fewNames else {
      for key in keys {
        lengths[key] = try shortestPrefixLength(of: key, kinds: kinds, atLeast: least)
      }
      return lengths
    }
    let digits = try digitsByIdentifier(kinds)
    for key in keys {
      lengths[key] = max(least, digits[key.id] ?? 1)
    }
    return lengths
  }

  /// How many names are looked up one by one: each costs as much as reading some hundred identifiers in order.
  private static let fewNames = 100

  /// The digits that tell each identifier from its neighbours.
  private func digitsByIdentifier(_ kinds: [Name]) throws -> [RecordID: Int] {
    let numbers = Set(try kinds.compactMap { try transaction.knownNumber(of: $0) })
    let statement = try transaction.prepare("SELECT uuid, kind FROM _record ORDER BY uuid")
    var digits: [RecordID: Int] = [:]
    var last: (id: RecordID, digits: Int)?
    while try statement.step() {
      guard numbers.contains(statement.integer(at: 1)) else { continue }
      let id = try statement.identifier(as: RecordID.self, at: 0)
      // Of two kinds one record may have the identifier of the other; no digits tell these.
      guard last?.id != id else { continue }
      let common = last.map { ($0.id.value ^ id.value).leadingZeroBitCount / 4 + 1 } ?? 1
      if let last { digits[last.id] = max(last.digits, common) }
      last = (id, common)
    }
    if let last { digits[last.id] = last.digits }
    return digits
  }
}
