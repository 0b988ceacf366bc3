internal import CSQLite
public import GlossCore

extension Snapshot {
  /// Returns how many hexadecimal digits of each identifier tell it from those of all other records of `kinds`, in the order of
  /// `ids`.
  ///
  /// - Complexity: A few of many records are looked up one by one; many take one pass over all identifiers.
  public func shortestPrefixLengths(
    of ids: [RecordID], kinds: [Name], atLeast least: Int
  ) throws -> [Int] {
    var lengths = PrefixLengths(
      of: ids, among: try kinds.compactMap { try transaction.knownNumber(of: $0) }, atLeast: least)
    if try isPassFaster(forCount: ids.count) {
      try transaction.passIdentifiers(through: &lengths)
    } else {
      try transaction.lookUpNeighbours(for: &lengths)
    }
    return lengths.inGivenOrder
  }

  /// Whether to pass all identifiers, to tell so many from their neighbours: looking up one takes as long as a pass of twenty.
  private func isPassFaster(forCount count: Int) throws -> Bool {
    // Asking for the number of all takes as long as looking up a few.
    try count > 10 && transaction.greatestRecordNumber() < Int64(count) * 20
  }
}

extension Transaction {
  /// Tells each of the identifiers from its neighbours.
  fileprivate func lookUpNeighbours(for lengths: inout PrefixLengths) throws(StoreError) {
    for condition in ["uuid < ? ORDER BY uuid DESC", "uuid > ? ORDER BY uuid"] {
      let neighbours = try prepare("SELECT uuid, kind FROM _record WHERE \(condition)")
      for (place, id) in lengths.ids.enumerated() {
        neighbours.bind(id, at: 1)
        defer { neighbours.reset() }
        while try neighbours.step() {
          guard lengths.concern(kind: neighbours.integer(at: 1)) else { continue }
          lengths.tell(place, from: try neighbours.identifier(as: RecordID.self, at: 0))
          break
        }
      }
    }
  }

  /// Shows them all identifiers, in order, without a step for each.
  fileprivate func passIdentifiers(through lengths: inout PrefixLengths) throws(StoreError) {
    let statement = try prepare(
      "SELECT 1 FROM _record WHERE gloss_pass(uuid, kind, ?1) ORDER BY uuid")
    try withUnsafeMutablePointer(to: &lengths) { place throws(StoreError) in
      statement.bind(UnsafeMutableRawPointer(place), named: PrefixLengths.name, at: 1)
      try statement.run()
    }
    lengths.end()
    guard !lengths.isDamaged else { throw corrupt("an identifier has not 16 bytes") }
  }
}

/// How many digits tell identifiers from all others.
private struct PrefixLengths {
  /// The identifiers, each once, in their order.
  let ids: [RecordID]
  private var counts: [Int]
  /// Which of ``ids`` each is that was asked for.
  private var places: [Int]
  private let kinds: [Int64]

  /// In a pass, how many of ``ids`` are less than all that is still to come.
  private var passedCount = 0
  private var last: RecordID?
  /// Whether something came that is no identifier, which only a damaged file has.
  private(set) var isDamaged = false

  init(of ids: [RecordID], among kinds: [Int64], atLeast least: Int) {
    var sorted: [RecordID] = []
    sorted.reserveCapacity(ids.count)
    places = [Int](repeating: 0, count: ids.count)
    for place in ids.indices.sorted(by: { ids[$0] < ids[$1] }) {
      if sorted.last != ids[place] { sorted.append(ids[place]) }
      places[place] = sorted.count - 1
    }
    self.ids = sorted
    self.kinds = kinds
    counts = [Int](repeating: least, count: sorted.count)
  }

  /// The counts, in the order in which the identifiers were given.
  var inGivenOrder: [Int] { places.map { counts[$0] } }

  /// Whether they have to be told from the records of a kind.
  func concern(kind: Int64) -> Bool { kinds.contains(kind) }

  /// Sees to it that one of ``ids`` is told from another identifier.
  mutating func tell(_ place: Int, from other: RecordID) {
    counts[place] = max(
      counts[place], (other.value ^ ids[place].value).leadingZeroBitCount / 4 + 1)
  }

  /// Is shown an identifier; the next one is greater, or the same of another kind.
  mutating func pass(_ id: RecordID) {
    // No digits tell a record from one of another kind that has its identifier.
    guard last != id else { return }
    while passedCount < ids.count, ids[passedCount] < id {
      tell(passedCount, from: id)
      leave()
    }
    if let last, passedCount < ids.count, ids[passedCount] == id { tell(passedCount, from: last) }
    last = id
  }

  /// Is told that there are no more.
  mutating func end() {
    while passedCount < ids.count { leave() }
  }

  private mutating func leave() {
    if let last, last < ids[passedCount] { tell(passedCount, from: last) }
    passedCount += 1
  }
}

// MARK: - The function of a pass

extension PrefixLengths {
  static let name: StaticString = "gloss-prefix-lengths"

  /// Takes a row of `_record`.
  mutating func pass(_ uuid: OpaquePointer?, kind: OpaquePointer?) {
    guard concern(kind: sqlite3_value_int64(kind)) else { return }
    guard let start = sqlite3_value_blob(uuid),
      sqlite3_value_bytes(uuid) == Int32(RecordID.byteCount)
    else {
      isDamaged = true
      return
    }
    pass(RecordID(UInt128(bigEndian: start.loadUnaligned(as: UInt128.self))))
  }
}

extension SQLFunctions {
  /// Makes `gloss_pass` known to a connection: a row's identifier and kind go to the lengths that a pointer leads to, and no row is
  /// one of the result.
  static func addPass(to connection: OpaquePointer) {
    sqlite3_create_function_v2(
      connection, "gloss_pass", 3, SQLITE_UTF8 | SQLITE_DIRECTONLY, nil,
      { _, _, arguments in
        sqlite3_value_pointer(arguments?[2], PrefixLengths.name.characters)?
          .assumingMemoryBound(to: PrefixLengths.self).pointee
          .pass(arguments?[0], kind: arguments?[1])
      }, nil, nil, nil)
  }
}
