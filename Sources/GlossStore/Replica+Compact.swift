internal import Glibc
internal import GlossCore

// Letting go of history
// =====================
//
// Problem: every value that was ever replaced is kept, and a library that is written to for years is mostly past.
//
// Idea: what goes is values, never changes. Runs of the log are made thin in place (see `Transaction+Thin.swift`): each change
// keeps its number, time, record, fields, parents and covers, so what any replica makes of any set of changes is the same
// before and after, whoever comes however late. There is no way in which this could bring back what was deleted or make a
// conflict: merging looks at nothing that is gone. What goes is a value
//
// - that is no head, in a record without a conflict, without a change that breaks a rule, and without a parent that has not
//   arrived,
// - whose change, and one that replaced it, are held by every machine that is let in: whoever wants the past has had it,
// - and that was replaced for long enough. A replacement from the future is not old.
//
// It goes over the log twice, in steps. The first notes in a temporary table what was replaced, because a change knows its
// parents and not its children. The second makes thin what it can, one stretch at a time, in transactions of a few megabytes, each of
// which leaves a file that is in order. Stretches end where a tip is kept, which is where bundles end: a hub that comes back
// from a backup ends there too, so that this replica can go on from it. Large values that nothing names any more go last, and
// then the file is written anew without the room that is free in it. Who is interrupted does the rest the next time.

extension Replica {
  /// Drops values that were replaced, and makes the file smaller. No change goes, and nothing that is shown.
  ///
  /// - Parameters:
  ///   - now: Milliseconds since the Unix epoch, which are noted as the time of the compaction.
  ///   - progress: Is told how far it is with the changes; the file is written anew after that.
  /// - Throws: `StoreError.busy` where another compaction of this replica is at work, and as every write; `.full` too where there is
  ///   no room to write the file anew. What was done until then stays done, and a repeat does the rest.
  public func compact(
    _ terms: CompactionTerms, at now: UInt64, progress: WorkProgress? = nil
  ) throws -> CompactionReport {
    try compacting(terms, progress) { compaction, report in
      report.fileByteCountBefore = fileByteCount
      while try transact({ try compaction.step($0, isKept: true, at: now) }) {
        compaction.tell(progress)
      }
      report.add(compaction)
      // What was said of a change may quote what it wrote.
      try transact { try $0.removeOperations(until: terms.replacedUpTo) }
      let (count, byteCount) = try removeUnnamedBlobs(at: now)
      report.blobCount = count
      report.blobByteCount = byteCount
      if try setting(Transaction.rewriteDueKey) != nil {
        // What has words of what is gone goes, too.
        try transact { transaction in
          guard let state = try transaction.searchState() else { return }
          let hasOldWords = state.totals.size > state.totals.liveSize
          if try hasOldWords || !transaction.hasTakenInAll(state) {
            try transaction.dropSearchIndex()
          }
        }
        try rewriteFile()
        try setSetting(Transaction.rewriteDueKey, to: nil)
      }
      report.fileByteCountAfter = fileByteCount
    }
  }

  /// Returns what ``compact(_:at:)`` would do, and does nothing.
  public func compactionPreview(
    _ terms: CompactionTerms, progress: WorkProgress? = nil
  ) throws -> CompactionReport {
    try compacting(terms, progress) { compaction, report in
      report.fileByteCountBefore = fileByteCount
      report.fileByteCountAfter = fileByteCount
      while try read({ try compaction.step($0.transaction, isKept: false, at: 0) }) {
        compaction.tell(progress)
      }
      report.add(compaction)
      (report.blobCount, report.blobByteCount) = try read { snapshot in
        try snapshot.transaction.execute(Compaction.namedTable)
        defer { try? snapshot.transaction.execute(Compaction.namedTableRemoval) }
        try snapshot.transaction.noteNamedBlobs(behind: Vector()) { change throws(StoreError) in
          try compaction.thinned(change, by: snapshot.transaction)
        }
        return try snapshot.transaction.unnamedBlobs()
      }
    }
  }

  /// When values were dropped from this file last, in milliseconds since the Unix epoch, `nil` for never.
  public func compactionTime() throws -> UInt64? {
    try setting(Transaction.compactedKey)?.reduce(0) { $0 << 8 | UInt64($1) }
  }

  /// Whether there are changes without values that were replaced.
  package func lacksValues() throws -> Bool {
    try read { snapshot in
      try snapshot.transaction.prepare("SELECT 1 FROM _thin LIMIT 1").step()
    }
  }

  /// Whether a snapshot with all of the past is better made by somebody else, because values were dropped from this file.
  ///
  /// A hub asks one device after another. Who is asked again and again is the only one, or one of many that have dropped values: the
  /// third time it is to make the snapshot all the same.
  package func leavesSnapshotToOthers() throws -> Bool {
    guard try compactionTime() != nil else { return false }
    let count = try setting(Transaction.leftSnapshotsKey)?.first ?? 0
    guard count < 2 else { return false }
    try setSetting(Transaction.leftSnapshotsKey, to: [count + 1])
    return true
  }

  /// Notes that this replica has made a snapshot.
  package func noteSnapshotMade() throws {
    guard try setting(Transaction.leftSnapshotsKey) != nil else { return }
    try setSetting(Transaction.leftSnapshotsKey, to: nil)
  }

  /// Notes what was replaced, and lets `body` go on from there.
  private func compacting(
    _ terms: CompactionTerms, _ progress: WorkProgress?,
    _ body: (inout Compaction, inout CompactionReport) throws -> Void
  ) throws -> CompactionReport {
    let isFirst = isCompacting.withLock { isCompacting in
      defer { isCompacting = true }
      return !isCompacting
    }
    guard isFirst else { throw StoreError.busy(path: path) }
    defer { isCompacting.withLock { $0 = false } }
    let held = try read { try $0.vector() }
    var compaction = Compaction(terms, held: held)
    try read { try $0.transaction.execute(Compaction.replacedTable) }
    defer { _ = try? read { try $0.transaction.execute(Compaction.replacedTableRemoval) } }
    while try read({ try compaction.noteReplaced($0.transaction) }) { compaction.tell(progress) }
    var report = CompactionReport()
    try body(&compaction, &report)
    return report
  }

  /// Removes the large values that no change names.
  private func removeUnnamedBlobs(at now: UInt64) throws -> (count: Int, byteCount: Int) {
    try read { try $0.transaction.execute(Compaction.namedTable) }
    defer { _ = try? read { try $0.transaction.execute(Compaction.namedTableRemoval) } }
    var noted = Vector()
    noted = try read { snapshot in
      try snapshot.transaction.noteNamedBlobs(behind: noted) { change in change }
      return try snapshot.vector()
    }
    var removed = (count: 0, byteCount: 0)
    while true {
      let (count, byteCount) = try transact { transaction in
        // What was written since may name what nothing named before.
        try transaction.noteNamedBlobs(behind: noted) { change in change }
        return try transaction.removeUnnamedBlobs(limit: 256, at: now)
      }
      guard count > 0 else { return removed }
      removed.count += count
      removed.byteCount += byteCount
    }
  }

  /// The bytes of the file and of its write-ahead log.
  private var fileByteCount: Int {
    ["", "-wal"].reduce(0) { sum, suffix in
      var info = stat()
      return stat(path + suffix, &info) == 0 ? sum + Int(info.st_size) : sum
    }
  }
}

extension CompactionReport {
  fileprivate mutating func add(_ compaction: Compaction) {
    changeCount = compaction.changeCount
    valueCount = compaction.valueCount
    byteCount = compaction.byteCount
    heldBackCount = compaction.heldBackCount
  }
}
