internal import GlossCore

/// How far a compaction is; see ``Replica/compact(_:at:)``.
struct Compaction {
  let terms: CompactionTerms
  /// What was held when it began: what comes later is left to the next time.
  let held: Vector

  private(set) var changeCount = 0
  private(set) var valueCount = 0
  private(set) var byteCount = 0
  private(set) var heldBackCount = 0
  /// How many changes were looked at, each of them twice.
  private(set) var passedCount = 0

  /// The last place in the log whose parents are noted.
  private var notedPlace: Int64 = 0
  /// The replicas that are not done, and of the first of them the last change that is.
  private var waiting: [ReplicaID]
  private var seq: UInt64 = 0
  /// The tip there.
  private var tip = Transaction.firstTip

  /// About how many bytes of changes a step reads, and a stretch without a kept tip has.
  static let stepByteCount = 4 * 1_024 * 1_024
  static let stretchByteCount = 512 * 1_024

  /// Makes the table of writes that were replaced long enough ago, and whether by what is acknowledged.
  static let replacedTable = """
    CREATE TEMP TABLE _replaced(
      place INTEGER NOT NULL, field INTEGER NOT NULL, acknowledged INTEGER NOT NULL,
      PRIMARY KEY(place, field)) WITHOUT ROWID
    """
  static let replacedTableRemoval = "DROP TABLE temp._replaced"

  /// Makes the table of large values that changes name.
  static let namedTable = "CREATE TEMP TABLE _named(digest BLOB PRIMARY KEY) WITHOUT ROWID"
  static let namedTableRemoval = "DROP TABLE temp._named"

  init(_ terms: CompactionTerms, held: Vector) {
    self.terms = terms
    self.held = held
    waiting = held.replicas
  }

  func tell(_ progress: WorkProgress?) {
    let total = 2 * held.lastSeqByReplica.values.reduce(0) { $0 + Int($1) }
    progress?(min(passedCount, total), total)
  }

  // MARK: - What was replaced

  /// Notes what some changes replaced. Returns whether there are more.
  mutating func noteReplaced(_ transaction: Transaction) throws(StoreError) -> Bool {
    let log = try transaction.prepare(
      "SELECT id, timestamp, body FROM _change WHERE id > ? ORDER BY id LIMIT 20000")
    log.bind(notedPlace, at: 1)
    let note = try transaction.prepare(
      """
      INSERT INTO temp._replaced(place, field, acknowledged) VALUES (?1, ?2, ?3)
      ON CONFLICT DO UPDATE SET acknowledged = max(acknowledged, excluded.acknowledged)
      """)
    var count = 0
    defer { passedCount += count }
    while try log.step() {
      count += 1
      notedPlace = log.integer(at: 0)
      let change = try transaction.decode(
        log.bytes(at: 2), dot: try transaction.dot(at: notedPlace),
        timestamp: Timestamp(rawValue: UInt64(bitPattern: log.integer(at: 1))),
        record: RecordID(0))
      guard change.timestamp.milliseconds <= terms.replacedUpTo else { continue }
      let isAcknowledged = terms.acknowledged.contains(change.dot)
      for write in change.writes {
        for parent in write.parents where held.contains(parent) {
          guard let place = try transaction.place(of: parent) else { continue }
          note.bind(place, at: 1)
          note.bind(try transaction.number(of: write.field), at: 2)
          note.bind(isAcknowledged && terms.acknowledged.contains(parent), at: 3)
          try note.run()
        }
      }
    }
    return count > 0
  }

  /// Returns the change without the values that may go.
  func thinned(_ change: Change, by transaction: Transaction) throws(StoreError) -> Change {
    try thinned(change, by: transaction, isAcknowledged: true)
  }

  private func thinned(
    _ change: Change, by transaction: Transaction, isAcknowledged: Bool
  ) throws(StoreError) -> Change {
    guard let place = try transaction.place(of: change.dot) else { return change }
    let select = try transaction.prepared(
      &transaction.statements.selectReplaced,
      "SELECT 1 FROM temp._replaced WHERE place = ? AND field = ? AND acknowledged = ?")
    return try transaction.thinned(change, keepsConflicted: true) { field throws(StoreError) in
      select.bind(place, at: 1)
      select.bind(try transaction.number(of: field), at: 2)
      select.bind(isAcknowledged, at: 3)
      defer { select.reset() }
      return try select.step()
    }
  }

  // MARK: - Making thin

  /// Makes some stretches of the log thin. Returns whether there are more.
  ///
  /// - Parameter isKept: Whether it is written down; otherwise it is only counted.
  mutating func step(
    _ transaction: Transaction, isKept: Bool, at now: UInt64
  ) throws(StoreError) -> Bool {
    // Where the transaction fails nothing of it has happened.
    var next = self
    var byteCount = 0
    while byteCount < Self.stepByteCount, let origin = next.waiting.first {
      guard let stretch = try next.nextStretch(of: origin, transaction) else {
        next.waiting.removeFirst()
        next.seq = 0
        next.tip = Transaction.firstTip
        continue
      }
      byteCount += stretch.byteCount
      try next.makeThin(stretch, of: origin, transaction, isKept: isKept, at: now)
      next.passedCount += Int(stretch.last - next.seq)
      next.seq = stretch.last
      next.tip = stretch.tip
    }
    self = next
    return !waiting.isEmpty
  }

  /// Changes between two numbers whose tips are known.
  private struct Stretch {
    var changes: [Change] = []
    var last: UInt64
    /// The tip at its end.
    var tip: [UInt8]
    var byteCount = 0
  }

  private func nextStretch(
    of origin: ReplicaID, _ transaction: Transaction
  ) throws(StoreError) -> Stretch? {
    let first = seq + 1
    let end = min(terms.acknowledged[origin], held[origin])
    let heldEnd = held[origin]
    guard first <= heldEnd else { return nil }
    var stretch = Stretch(last: seq, tip: tip)
    let thin = try transaction.thinRange(of: origin, from: first)
    if let thin, thin.lowerBound == first {
      guard let tip = try transaction.keptTip(of: origin, at: thin.upperBound) else {
        throw transaction.corrupt("a tip of \(origin) is missing")
      }
      stretch.last = thin.upperBound
      stretch.tip = tip
      try transaction.eachChange(of: origin, from: first) { change, count throws(StoreError) in
        guard change.dot.seq <= thin.upperBound else { return false }
        stretch.changes.append(change)
        stretch.byteCount += count
        return true
      }
      return stretch
    }
    let kept = try transaction.nextKeptTip(of: origin, from: first)
    try transaction.eachChange(of: origin, from: first) { change, count throws(StoreError) in
      stretch.changes.append(change)
      stretch.byteCount += count
      stretch.last = change.dot.seq
      stretch.tip = transaction.tip(after: stretch.tip, change)
      return stretch.last != kept && stretch.last != end && stretch.last < heldEnd
        && stretch.last + 1 != thin?.lowerBound && stretch.byteCount < Self.stretchByteCount
    }
    guard !stretch.changes.isEmpty else { throw transaction.corrupt("a change is missing") }
    return stretch
  }

  private mutating func makeThin(
    _ stretch: Stretch, of origin: ReplicaID, _ transaction: Transaction, isKept: Bool,
    at now: UInt64
  ) throws(StoreError) {
    var changed: [Change] = []
    var heldTip = tip
    for change in stretch.changes {
      var rest = change
      if stretch.last <= terms.acknowledged[origin] {
        rest = try thinned(change, by: transaction)
      }
      heldBackCount +=
        change.valuesLost(
          in: try thinned(change, by: transaction, isAcknowledged: false)
        ).count
      heldTip = transaction.tip(after: heldTip, rest)
      let lost = change.valuesLost(in: rest)
      guard !lost.isEmpty else { continue }
      changed.append(rest)
      changeCount += 1
      valueCount += lost.count
      byteCount += lost.reduce(0) { $0 + $1.contentByteCount }
    }
    guard isKept, !changed.isEmpty else { return }
    for change in changed { try transaction.replaceBody(with: change) }
    let run = seq + 1...stretch.last
    try transaction.forgetThin(origin, within: run)
    try transaction.keepTip(stretch.tip, of: origin, at: stretch.last)
    try transaction.noteThin(origin, run, heldTip: heldTip)
    try transaction.noteCompacted(at: now)
  }
}

extension Change {
  /// The values that the same change, as it is otherwise, lacks.
  fileprivate func valuesLost(in other: Change) -> [Value] {
    zip(writes, other.writes).filter { $0.value != $1.value }.map(\.0.value)
  }
}

extension Value {
  /// The bytes of what a thin run leaves out.
  fileprivate var contentByteCount: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .bytes(let bytes), .unknown(_, let bytes): bytes.count
    case .blob(let id): id.digest.count
    default: 0
    }
  }
}
