package import GlossCore

// A log in one order
// ==================
//
// What is written out of a library has to come out the same wherever the same is held (I2), so it cannot be in the order in
// which anything arrived. Each origin's changes have an order of their own. The next one is that of the origin whose next
// change is the oldest by (timestamp, replica): parents are older than their children, so that nearly always what a change
// replaces comes before it, and a person reads a log by time. It is a function of the set of changes, and needs one change of
// each origin in memory.
//
// A run that values were left out of (`Transaction+Thin.swift`) is not cut: no tip is known within it.

/// Something of a library's log; see ``Snapshot/eachLogItem(after:_:)``.
package enum LogItem: Equatable, Sendable {
  /// A large value, before the first change that names it.
  case blob(BlobID, [UInt8])
  /// The next change names a large value that is not held.
  case missingBlob(BlobID)
  /// The changes that come next lack values that were replaced.
  case thin(ThinRun)
  /// A change, and the tip behind it where that is known: 32 bytes.
  case change(Change, tip: [UInt8]?)
}

/// A run of one replica's changes that lacks values, and the tip that it had with them.
package struct ThinRun: Equatable, Sendable {
  package var origin: ReplicaID
  package var seqs: ClosedRange<UInt64>
  /// The tip behind the last of them: 32 bytes.
  package var tip: [UInt8]

  package init(origin: ReplicaID, seqs: ClosedRange<UInt64>, tip: [UInt8]) {
    self.origin = origin
    self.seqs = seqs
    self.tip = tip
  }
}

extension Snapshot {
  /// Gives `body` every change that a vector does not have, and every large value that these name and that is held, in an order
  /// that depends on nothing else than these.
  ///
  /// - Throws: `StoreError`, `.corrupt` where a change is not as it was received, or what `body` throws.
  /// - Complexity: O(*n*) in the number of changes, and O(*k*) in memory for *k* replicas.
  package func eachLogItem(
    after vector: Vector, _ body: (LogItem) throws -> Void
  ) throws {
    var origins: [OriginReader] = []
    for origin in try self.vector().replicas {
      let reader = try OriginReader(origin, after: vector[origin], in: transaction)
      try reader.beginTips()
      if reader.next != nil { origins.append(reader) }
    }
    var seen = BlobMarks()
    while let least = origins.indices.min(by: { origins[$0].place < origins[$1].place }) {
      let origin = origins[least]
      let others = origins.indices.lazy.filter { $0 != least }.map { origins[$0].place }
      let limit = others.min { $0 < $1 }
      while let change = origin.next,
        origin.isWithinThinRun || limit.map({ origin.place < $0 }) ?? true
      {
        try eachNewBlob(of: change, &seen, body)
        if let thin = try origin.thinRunThatBegins() { try body(.thin(thin)) }
        let tip = try origin.tipBehindNext()
        try body(.change(change, tip: tip))
        try origin.advance()
      }
      if origin.next == nil { origins.remove(at: least) }
    }
  }

  private func eachNewBlob(
    of change: Change, _ seen: inout BlobMarks, _ body: (LogItem) throws -> Void
  ) throws {
    for case .blob(let id) in change.writes.map(\.value) {
      let statement = try transaction.prepared(
        &transaction.statements.selectBlobPlace, "SELECT rowid FROM _blob WHERE digest = ?")
      statement.bind(id.digest, at: 1)
      let isHeld = try statement.step()
      let place = isHeld ? statement.integer(at: 0) : 0
      statement.reset()
      guard isHeld else {
        try body(.missingBlob(id))
        continue
      }
      guard seen.insert(place), let content = try transaction.storedBlob(id) else { continue }
      try body(.blob(id, content))
    }
  }
}

/// Reads one replica's changes, one after another, and their tips where that is asked for.
final class OriginReader {
  let origin: ReplicaID
  /// The change that comes next, `nil` behind the last one.
  private(set) var next: Change?
  private let transaction: Transaction
  private let log: Statement
  private let lastSeq: UInt64
  /// The tip before ``next``, `nil` where it is not known.
  private var tip: [UInt8]?
  private var thin: ClosedRange<UInt64>?

  init(_ origin: ReplicaID, after seq: UInt64, in transaction: Transaction) throws(StoreError) {
    self.origin = origin
    self.transaction = transaction
    let known = try transaction.known(origin)
    lastSeq = known.lastSeq
    log = try transaction.prepare(
      "SELECT id, timestamp, record, body FROM _change WHERE id BETWEEN ? AND ?")
    log.bind(known.number << 40 | Int64(min(seq, Limits.seq) + 1), at: 1)
    log.bind(known.number << 40 | Int64(known.lastSeq), at: 2)
    guard seq < known.lastSeq else { return }
    try read(seq + 1)
  }

  /// Sees to it that tips are told, and that the last one is what it has to be.
  func beginTips() throws(StoreError) {
    guard let seq = next?.dot.seq else { return }
    tip = try transaction.tip(of: origin, at: seq - 1)
    thin = try transaction.thinRange(of: origin, from: seq)
  }

  /// Where the next change stands among those of all replicas.
  var place: (timestamp: Timestamp, replica: ReplicaID) { (next?.timestamp ?? .max, origin) }

  /// Whether the next change continues a run that lacks values.
  var isWithinThinRun: Bool {
    guard let next, let thin else { return false }
    return thin.contains(next.dot.seq) && next.dot.seq != thin.lowerBound
  }

  /// Returns the run that lacks values and begins with the next change, or `nil` where none does.
  func thinRunThatBegins() throws(StoreError) -> ThinRun? {
    guard let thin, thin.lowerBound == next?.dot.seq else { return nil }
    guard let tip = try transaction.keptTip(of: origin, at: thin.upperBound) else {
      throw transaction.corrupt("a tip of \(origin) is missing")
    }
    return ThinRun(origin: origin, seqs: thin, tip: tip)
  }

  /// Returns the tip behind the next change, or `nil` within a run that lacks values.
  func tipBehindNext() throws(StoreError) -> [UInt8]? {
    guard let next else { return tip }
    if let thin, thin.contains(next.dot.seq) {
      return next.dot.seq == thin.upperBound
        ? try transaction.keptTip(of: origin, at: thin.upperBound) : nil
    }
    return tip.map { transaction.tip(after: $0, next) }
  }

  /// Goes on to the change behind the next one.
  func advance() throws(StoreError) {
    guard let seq = next?.dot.seq else { return }
    tip = try tipBehindNext()
    if let thin, thin.upperBound == seq {
      self.thin = try transaction.thinRange(of: origin, from: seq + 1)
    }
    guard seq < lastSeq else {
      next = nil
      if let tip, try tip != transaction.known(origin).tip {
        throw transaction.corrupt("a change of \(origin) is not as it was received")
      }
      return
    }
    try read(seq + 1)
  }

  private func read(_ seq: UInt64) throws(StoreError) {
    guard try log.step(), log.integer(at: 0) & Int64(Limits.seq) == Int64(seq) else {
      throw transaction.corrupt("change \(seq) of \(origin) is missing")
    }
    let body = log.bytes(at: 3)
    next = try transaction.decode(
      body, dot: Dot(origin, seq),
      timestamp: Timestamp(rawValue: UInt64(bitPattern: log.integer(at: 1))),
      record: try transaction.recordID(log.integer(at: 2), body: body))
  }
}

/// Which large values were met, by their rows: a bit each.
private struct BlobMarks {
  private var words: [Int64: UInt64] = [:]

  /// Marks a row, and returns whether it was not marked before.
  mutating func insert(_ row: Int64) -> Bool {
    let bit: UInt64 = 1 << UInt64(row & 63)
    let word = words[row >> 6, default: 0]
    words[row >> 6] = word | bit
    return word & bit == 0
  }
}
