package import GlossCore

/// A part of a log that was written out, up to where the tips are known.
package struct LogBatch: Equatable, Sendable {
  /// What it has, in order. The tips that changes carry do not count.
  package var items: [LogItem] = []

  /// Of each replica that it has changes of, the last one and the tip there: 32 bytes.
  package var ends: [ReplicaID: End] = [:]

  /// A place in a replica's run.
  package struct End: Equatable, Sendable {
    package var seq: UInt64
    package var tip: [UInt8]

    package init(seq: UInt64, tip: [UInt8]) {
      self.seq = seq
      self.tip = tip
    }
  }

  package init() {}
}

/// What taking in a part of a log has done.
package struct LogReport: Equatable, Sendable {
  /// The number of changes that were new.
  package var newChangeCount = 0
  /// The number of changes that were here already.
  package var knownChangeCount = 0
  /// The number of large values that were new.
  package var newBlobCount = 0

  package init() {}

  package static func += (left: inout LogReport, right: LogReport) {
    left.newChangeCount += right.newChangeCount
    left.knownChangeCount += right.knownChangeCount
    left.newBlobCount += right.newBlobCount
  }
}

extension Replica {
  /// Takes in a part of a log that was written out, in one transaction: all of it or nothing. What is here already is compared
  /// and passed over, so a repeat does nothing.
  ///
  /// - Throws: `StoreError.bundleGap` where the part continues what is not here; `.contradicted` where a change is not the
  ///   one that is here, where the changes do not come to the tips, or where a change was made as this replica and is not here:
  ///   then the file is a copy, see ``renew(as:after:of:)``.
  package func takeIn(_ batch: LogBatch) throws -> LogReport {
    try transact { transaction in
      var intake = LogIntake(transaction: transaction)
      for item in batch.items { try intake.take(item) }
      for (origin, end) in batch.ends.sorted(by: { $0.key < $1.key }) {
        try intake.check(origin, end)
      }
      return intake.report
    }
  }
}

/// Takes in a log within one transaction.
private struct LogIntake {
  let transaction: Transaction
  var report = LogReport()
  private var held: [ReplicaID: OriginReader] = [:]
  private var thin: [ReplicaID: (run: ThinRun, firstNew: UInt64?, lacksValues: Bool)] = [:]
  /// The last change of a replica that was here before.
  private var agreed: [ReplicaID: UInt64] = [:]

  init(transaction: Transaction) {
    self.transaction = transaction
  }

  mutating func take(_ item: LogItem) throws(StoreError) {
    switch item {
    case .blob(let id, let content):
      let isHeld = try transaction.storedBlob(id) == content
      if !isHeld {
        _ = try transaction.insertBlob(content)
        report.newBlobCount += 1
      }
    case .missingBlob: break
    case .thin(let run): thin[run.origin] = (run, nil, false)
    case .change(let change, _): try take(change)
    }
  }

  private mutating func take(_ change: Change) throws(StoreError) {
    let dot = change.dot
    let known = try transaction.known(dot.replica)
    if agreed[dot.replica] == nil { agreed[dot.replica] = known.lastSeq }
    if dot.seq <= known.lastSeq {
      try compare(change)
    } else {
      guard dot.seq == known.lastSeq + 1 else {
        throw .bundleGap(replica: dot.replica, held: known.lastSeq, first: dot.seq)
      }
      let isOwn = try dot.replica == transaction.ownID()
      guard !isOwn else { throw .contradicted(dot.replica, agreedSeq: known.lastSeq) }
      try transaction.merge(change)
      report.newChangeCount += 1
      if thin[dot.replica]?.run.seqs.contains(dot.seq) == true {
        if thin[dot.replica]?.firstNew == nil { thin[dot.replica]?.firstNew = dot.seq }
        if change.lacksValues { thin[dot.replica]?.lacksValues = true }
      }
    }
    try finishThinRun(behind: dot, known)
  }

  private mutating func compare(_ change: Change) throws(StoreError) {
    let dot = change.dot
    if held[dot.replica]?.next?.dot != dot {
      held[dot.replica] = try OriginReader(dot.replica, after: dot.seq - 1, in: transaction)
    }
    guard let own = held[dot.replica]?.next, own.isSame(as: change) else {
      throw .contradicted(dot.replica, agreedSeq: dot.seq - 1)
    }
    try held[dot.replica]?.advance()
    report.knownChangeCount += 1
  }

  private mutating func finishThinRun(
    behind dot: Dot, _ known: Transaction.KnownReplica
  ) throws(StoreError) {
    guard let (run, firstNew, lacksValues) = thin[dot.replica], run.seqs.upperBound == dot.seq
    else { return }
    thin[dot.replica] = nil
    guard let firstNew, lacksValues else { return }
    try transaction.noteThin(dot.replica, firstNew...dot.seq, heldTip: known.tip)
    known.advance(to: dot.seq, tip: run.tip)
  }

  /// Checks that what was taken in of a replica comes to the tip that the log says.
  func check(_ origin: ReplicaID, _ end: LogBatch.End) throws(StoreError) {
    let known = try transaction.known(origin)
    // What was held was compared change by change.
    guard let before = agreed[origin], before < end.seq else { return }
    guard known.lastSeq == end.seq, known.tip == end.tip else {
      throw .contradicted(origin, agreedSeq: before)
    }
    try transaction.keepTip(end.tip, of: origin, at: end.seq)
  }
}
