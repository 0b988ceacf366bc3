internal import GlossCore

// The changes against the tips that vouch for them.

extension Audit {
  func checkLog(_ found: inout Verification) throws(StoreError) {
    let replicas = try transaction.prepare("SELECT id, uuid, last_seq, tip FROM _replica")
    var changeCount = 0
    var tipCount = 0
    while try replicas.step() {
      var check = LogCheck(
        number: replicas.integer(at: 0),
        replica: try replicas.identifier(as: ReplicaID.self, at: 1),
        lastSeq: replicas.seq(at: 2), tip: replicas.bytes(at: 3))
      let lastSeq = replicas.integer(at: 2)
      if lastSeq != Int64(check.lastSeq) { found.damages.append(.strayRows(table: "_replica")) }
      try self.check(&check, &found)
      changeCount += check.changeCount
      tipCount += check.tipCount
    }
    try count("_change", "SELECT count(*) FROM _change", changeCount, &found)
    try count("_tip", "SELECT count(*) FROM _tip", tipCount, &found)
    try count(
      "_thin",
      "SELECT count(*) FROM _thin t LEFT JOIN _replica r ON r.id = t.replica WHERE r.id IS NULL",
      0, &found)
  }

  /// How far the check of one replica's changes is.
  private struct LogCheck {
    let number: Int64
    let replica: ReplicaID
    let lastSeq: UInt64
    let tip: [UInt8]
    var changeCount = 0
    var tipCount = 0
    /// The number of the last change that was read.
    var seq: UInt64 = 0
    /// The tip there, as far as it can be known.
    var computed: [UInt8]? = Transaction.firstTip
    /// The number of the first change behind the last kept tip.
    var start: UInt64 = 1
    /// Whether a change from there on is damaged.
    var isDamaged = false
  }

  /// The runs of one replica without some of their values, the first one first.
  private struct ThinRun {
    let range: ClosedRange<UInt64>
    let heldTip: [UInt8]?
  }

  private func check(_ log: inout LogCheck, _ found: inout Verification) throws(StoreError) {
    // `_record` has no index by number, and SQLite makes none for a moment of a table without row identifiers.
    let changes = try transaction.prepare(
      """
      WITH r AS MATERIALIZED (SELECT id, uuid FROM _record)
      SELECT c.id, c.timestamp, c.body, r.uuid FROM _change c LEFT JOIN r ON r.id = c.record
      WHERE c.id > ?1 << 40 AND c.id <= ?1 << 40 | ?2 ORDER BY c.id
      """)
    changes.bind(log.number, at: 1)
    changes.bind(Int64(log.lastSeq), at: 2)
    let tips = try transaction.prepare("SELECT seq, tip FROM _tip WHERE replica = ? ORDER BY seq")
    tips.bind(log.number, at: 1)
    var nextTip = try tips.step() ? tips.seq(at: 0) : nil
    var thin = try thinRuns(of: log.number, &found)[...]
    while try changes.step() {
      log.changeCount += 1
      meter.advance()
      let dot = Dot(log.replica, UInt64(changes.integer(at: 0) & Int64(Limits.seq)))
      // Two records of one number give a change twice.
      guard dot.seq > log.seq else {
        log.changeCount -= 1
        found.damages.append(.unreadableChange(dot))
        log.isDamaged = true
        continue
      }
      note(missingUpTo: dot.seq - 1, &log, &found)
      log.seq = dot.seq
      try take(changes, dot, &log, &thin, &found)
      while let seq = nextTip, seq <= dot.seq {
        if seq == dot.seq {
          log.tipCount += 1
          compare(tips.bytes(at: 1), &log, &found)
        }
        nextTip = try tips.step() ? tips.seq(at: 0) : nil
      }
      if dot.seq == log.lastSeq { compare(log.tip, &log, &found) }
    }
    if log.seq < log.lastSeq {
      note(missingUpTo: log.lastSeq, &log, &found)
      compare(log.tip, &log, &found)
    }
    if log.lastSeq == 0 { compare(log.tip, &log, &found) }
    if !thin.isEmpty { found.damages.append(.strayRows(table: "_thin")) }
  }

  /// Reads one change, and goes on with the tip.
  private func take(
    _ row: Statement, _ dot: Dot, _ log: inout LogCheck, _ thin: inout ArraySlice<ThinRun>,
    _ found: inout Verification
  ) throws(StoreError) {
    if let run = thin.first, run.range.contains(dot.seq), run.heldTip == nil { log.computed = nil }
    if let change = try change(in: row, dot) {
      log.computed = log.computed.map { transaction.tip(after: $0, change) }
      found.changeCount += 1
    } else {
      found.damages.append(.unreadableChange(dot))
      log.computed = nil
      log.isDamaged = true
    }
    guard let run = thin.first, run.range.upperBound == dot.seq else { return }
    thin = thin.dropFirst()
    if let computed = log.computed, let held = run.heldTip, computed != held {
      found.damages.append(.alteredChanges(of: log.replica, log.start...dot.seq))
      log.isDamaged = true
    }
    // What its tip is was said by whoever left the values out, and is kept.
    log.computed = nil
    if try transaction.keptTip(of: log.replica, at: dot.seq) == nil {
      found.damages.append(.alteredChanges(of: log.replica, log.start...dot.seq))
    }
  }

  private func compare(_ tip: [UInt8], _ log: inout LogCheck, _ found: inout Verification) {
    if let computed = log.computed, computed != tip {
      found.damages.append(.alteredChanges(of: log.replica, min(log.start, log.seq)...log.seq))
      log.isDamaged = true
    }
    if log.isDamaged, log.start <= log.seq {
      found.damagedRuns.append(DamagedRun(origin: log.replica, range: log.start...log.seq))
    }
    log.computed = tip
    log.isDamaged = false
    log.start = log.seq + 1
  }

  private func note(
    missingUpTo last: UInt64, _ log: inout LogCheck, _ found: inout Verification
  ) {
    guard last > log.seq else { return }
    found.damages.append(.missingChanges(of: log.replica, log.seq + 1...last))
    log.seq = last
    log.computed = nil
    log.isDamaged = true
  }

  private func thinRuns(
    of number: Int64, _ found: inout Verification
  ) throws(StoreError) -> [ThinRun] {
    guard try hasTable("_thin") else { return [] }
    let version = try transaction.prepare("PRAGMA user_version")
    _ = try version.step()
    let column = version.integer(at: 0) >= 4 ? "held_tip" : "NULL"
    let statement = try transaction.prepare(
      "SELECT first, last, \(column) FROM _thin WHERE replica = ? ORDER BY first")
    statement.bind(number, at: 1)
    var runs: [ThinRun] = []
    var end: UInt64 = 0
    while try statement.step() {
      let (first, last) = (statement.seq(at: 0), statement.seq(at: 1))
      guard first > end, first <= last else {
        found.damages.append(.strayRows(table: "_thin"))
        continue
      }
      runs.append(
        ThinRun(
          range: first...last, heldTip: statement.isNull(at: 2) ? nil : statement.bytes(at: 2)))
      end = last
    }
    return runs
  }
}
