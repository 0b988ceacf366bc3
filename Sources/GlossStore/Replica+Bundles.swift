package import GlossCore
package import GlossWire

/// A contiguous run of one replica's changes, as it goes into a bundle.
package struct ChangeRun: Equatable, Sendable {
  /// The replica that made the changes.
  package var origin: ReplicaID

  /// The changes. The large values that they name travel by themselves.
  package var content: BundleContent

  /// The tip before the first change: 32 bytes.
  package var previousTip: [UInt8]

  /// The tip after the last change: 32 bytes.
  package var tip: [UInt8]

  /// The number of the first change.
  package var first: UInt64

  /// The number of the last change.
  package var last: UInt64
}

/// A bundle as it was received, read as far as it could be.
package struct ReceivedBundle: Equatable, Sendable {
  package var header: BundleHeader
  /// All of its bytes.
  package var bytes: [UInt8]
  /// What it holds, or why that cannot be taken in.
  package var content: Result<BundleContent, SetAside.Reason>

  package init(
    header: BundleHeader, bytes: [UInt8], content: Result<BundleContent, SetAside.Reason>
  ) {
    self.header = header
    self.bytes = bytes
    self.content = content
  }

  /// Why what it holds cannot be taken in.
  var unreadableReason: SetAside.Reason? {
    if case .failure(let reason) = content { reason } else { nil }
  }
}

/// What a merge of bundles has done.
package struct MergeReport: Equatable, Sendable {
  /// The number of changes that were new here.
  package var changeCount = 0

  /// The records of before the last complete sync that they deleted.
  package var hidden: Set<RecordKey> = []
}

/// When a merge stops because it would delete much of the library at once.
package enum MassDeletes: Equatable, Sendable {
  /// It deletes whatever it is told to.
  case accept
  /// It takes in nothing that would bring the deletes since some moment to half of the library, and to ``least`` records.
  ///
  /// - hiddenCount: The records deleted since that moment by earlier merges.
  case refuse(hiddenCount: Int)

  /// Fewer records are never too many.
  package static let least = 20
}

extension Replica {
  /// Returns the changes of a replica from a number on, as many as fit a bundle, or `nil` where none is held, or the first one
  /// lies within a thin run.
  ///
  /// - Parameter byteLimit: About how many bytes of values the run has at most; it has one change at least. A thin run is
  ///   returned whole.
  package func run(
    of origin: ReplicaID, from first: UInt64, byteLimit: Int
  ) throws -> ChangeRun? {
    try read { snapshot in
      try snapshot.transaction.run(of: origin, from: first, byteLimit: byteLimit)
    }
  }

  /// Takes in bundles and the place in the hub's log that they end at, in one transaction.
  ///
  /// Changes that are held already are passed over, so a repeat does nothing. A bundle that cannot be taken in is set aside
  /// with the ones of its origin behind it, and holds up nobody else's.
  ///
  /// - Parameters:
  ///   - bundles: In the hub's order.
  ///   - cursor: Where the page ends, or `nil` to leave the place alone.
  ///   - progress: How far the replica is then with the snapshot that the bundles come from; `nil` where they come from the
  ///     log. With a cursor there is none that is still being taken in.
  ///   - commitment: Returns the commitment to a tip.
  ///   - seal: Returns the bytes of a bundle that has none because it did not come as one.
  /// - Throws: `StoreError.bundleGap`, `.contradicted` and `.massDelete`; nothing is taken in then.
  package func merge(
    _ bundles: [ReceivedBundle], upTo cursor: Cursor?, progress: SnapshotProgress? = nil,
    massDeletes: MassDeletes = .accept, commitment: ([UInt8]) -> [UInt8],
    seal: (ReceivedBundle) -> [UInt8] = \.bytes
  ) throws -> MergeReport {
    var bundles = bundles
    while true {
      do {
        return try transact { transaction in
          transaction.baseline = try transaction.caughtUpRecord()
          var report = MergeReport()
          for index in bundles.indices {
            report.changeCount += try transaction.take(bundles[index], at: index, commitment)
          }
          if cursor != nil {
            try transaction.setSnapshotProgress(nil)
          } else if let progress {
            try transaction.setSnapshotProgress(progress)
          }
          if let cursor, var remote = try transaction.remote(), remote.cursor != cursor {
            remote.cursor = cursor
            try transaction.setRemote(remote)
          }
          report.hidden = transaction.hidden
          try transaction.check(massDeletes)
          return report
        }
      } catch let unsealed as UnsealedBundle {
        bundles[unsealed.index].bytes = seal(bundles[unsealed.index])
        precondition(!bundles[unsealed.index].bytes.isEmpty, "what is set aside has bytes")
      } catch let fork as ForkedBundle {
        // Its changes were merged before their tip could tell, so everything begins anew without them.
        let bundle = bundles[fork.index]
        if bundle.bytes.isEmpty { bundles[fork.index].bytes = seal(bundle) }
        bundles[fork.index].content = .failure(.fork)
      }
    }
  }

  /// Notes that the hub holds this replica's changes up to a number, which a bundle ends at, and up to where its log was read.
  package func acknowledge(_ seq: UInt64, tip: [UInt8]) throws {
    try transact { transaction in
      guard var remote = try transaction.remote() else { return }
      remote.pushedSeq = seq
      try transaction.setRemote(remote)
      try transaction.keepTip(tip, of: try transaction.ownID(), at: seq)
      try transaction.advanceGeneration()
    }
  }

  /// Keeps the tip of another replica's run at a number that a bundle which the hub holds ends at.
  package func noteTip(_ tip: [UInt8], of origin: ReplicaID, at seq: UInt64) throws {
    guard try read({ try $0.transaction.keptTip(of: origin, at: seq) }) == nil else { return }
    try transact { try $0.keepTip(tip, of: origin, at: seq) }
  }

  /// Returns the tip of a replica's run at a number, or `nil` where less is held, or values before it were left out.
  package func tip(of origin: ReplicaID, at seq: UInt64) throws -> [UInt8]? {
    try read { snapshot in
      let known = try snapshot.vector()[origin]
      return seq <= known ? try snapshot.transaction.tip(of: origin, at: seq) : nil
    }
  }
}

/// The bundle of a page whose changes did not come to the tip that its header says.
private struct ForkedBundle: Error {
  let index: Int
}

/// The bundle that has to be set aside, and has no bytes that could be.
private struct UnsealedBundle: Error {
  let index: Int
}

extension Transaction {
  /// Takes in one bundle of a page, or sets it aside, and returns the number of its changes that were new.
  fileprivate func take(
    _ bundle: ReceivedBundle, at index: Int, _ commitment: ([UInt8]) -> [UInt8]
  ) throws -> Int {
    let header = bundle.header
    let held = try known(header.origin)
    if try pushedSeqs().contains(where: { $0.replica == header.origin }) {
      try checkOwn(bundle, held: held.lastSeq, commitment)
    }
    guard header.last > held.lastSeq else {
      if try isRepeat(bundle, held: held.lastSeq, commitment) {
        try learnTip(of: header.origin, at: header.last, from: [bundle])
        try removeSetAside(bundle)
      } else {
        try checkHeld(bundle, held: held.lastSeq, commitment)
        // With another key than the library's no tip fits.
        try setAside(bundle, at: index, bundle.unreadableReason ?? .fork)
      }
      return 0
    }
    guard case .success(let content) = bundle.content else {
      try setAside(bundle, at: index, bundle.unreadableReason ?? .malformed)
      return 0
    }
    guard header.first <= held.lastSeq + 1 else {
      guard try hasSetAside(of: header.origin) else {
        throw StoreError.bundleGap(
          replica: header.origin, held: held.lastSeq, first: header.first)
      }
      try setAside(bundle, at: index, .behind)
      return 0
    }
    if header.first == held.lastSeq + 1, commitment(held.tip) != header.previousTip {
      try setAside(bundle, at: index, .fork)
      return 0
    }
    try checkHeld(bundle, held: held.lastSeq, commitment)
    let new = content.changes.drop { $0.dot.seq <= held.lastSeq }
    if content.statedTip != nil, new.count < content.changes.count {
      // Its tip is no proof that what is held agrees with it.
      let own = try changes(of: header.origin, from: header.first)
      guard zip(own, content.changes).allSatisfy({ $0.isSame(as: $1) }) else {
        try setAside(bundle, at: index, .fork)
        return 0
      }
    }
    // Earlier versions put large values here; the hub has these nowhere else.
    for blob in content.blobs {
      _ = try insertBlob(blob)
    }
    for change in new {
      try merge(change)
    }
    if let tip = content.statedTip, new.contains(where: \.lacksValues) {
      try noteThin(
        header.origin, header.last - UInt64(new.count) + 1...header.last, heldTip: held.tip)
      held.advance(to: header.last, tip: tip)
    }
    guard commitment(held.tip) == header.tip else { throw ForkedBundle(index: index) }
    try keepTip(held.tip, of: header.origin, at: header.last)
    try removeSetAside(of: header.origin, upTo: header.last)
    return new.count
  }

  private func setAside(
    _ bundle: ReceivedBundle, at index: Int, _ reason: SetAside.Reason
  ) throws {
    guard !bundle.bytes.isEmpty else { throw UnsealedBundle(index: index) }
    try setAside(bundle, reason)
  }

  fileprivate func run(
    of origin: ReplicaID, from first: UInt64, byteLimit: Int
  ) throws(StoreError) -> ChangeRun? {
    guard let previousTip = try tip(of: origin, at: first - 1) else { return nil }
    let thin = try thinRange(of: origin, from: first)
    if let thin, thin.lowerBound == first {
      return try heldThinRun(of: origin, thin, previousTip: previousTip)
    }
    var run = ChangeRun(
      origin: origin, content: BundleContent(changes: []), previousTip: previousTip,
      tip: previousTip, first: first, last: first - 1)
    var byteCount = 0
    try eachChange(of: origin, from: first) { change, bodyByteCount throws(StoreError) in
      guard byteCount < byteLimit, change.dot.seq != thin?.lowerBound else {
        return false
      }
      byteCount += bodyByteCount
      run.tip = tip(after: run.tip, change)
      run.last = change.dot.seq
      run.content.changes.append(change)
      return true
    }
    return run.content.changes.isEmpty ? nil : run
  }

  /// Returns the changes of a replica from a number on.
  func changes(of origin: ReplicaID, from first: UInt64) throws(StoreError) -> [Change] {
    var changes: [Change] = []
    try eachChange(of: origin, from: first) { change, _ throws(StoreError) in
      changes.append(change)
      return true
    }
    return changes
  }

  /// Reads the changes of a replica from a number on, with the bytes that each takes in the log, until `body` returns `false`.
  func eachChange(
    of origin: ReplicaID, from first: UInt64,
    _ body: (Change, Int) throws(StoreError) -> Bool
  ) throws(StoreError) {
    let statement = try prepare(
      "SELECT id, timestamp, record, body FROM _change WHERE id BETWEEN ? AND ?")
    let start = try number(of: origin) << 40
    statement.bind(start | Int64(first), at: 1)
    statement.bind(start | Int64(Limits.seq), at: 2)
    while try statement.step() {
      let bytes = statement.bytes(at: 3)
      let change = try decode(
        bytes, dot: Dot(origin, UInt64(statement.integer(at: 0) & Int64(Limits.seq))),
        timestamp: Timestamp(rawValue: UInt64(bitPattern: statement.integer(at: 1))),
        record: try recordID(statement.integer(at: 2), body: bytes))
      guard try body(change, bytes.count) else { return }
    }
  }

  /// Returns the identifier of the record of this number, whose kind a change's body begins with.
  func recordID(_ number: Int64, body: [UInt8]) throws(StoreError) -> RecordID {
    var reader = ByteReader(body)
    guard let kindNumber = try? reader.readVarint() else { throw corrupt("a change is empty") }
    let kind = try name(Int64(bitPattern: kindNumber))
    let statement = try table(of: kind).selectID()
    statement.bind(number, at: 1)
    defer { statement.reset() }
    guard try statement.step() else { throw corrupt("the record \(number) is missing") }
    return try statement.identifier(as: RecordID.self, at: 0)
  }

  /// Returns the tip of a replica's run at a number that is held, from the nearest one kept below it.
  ///
  /// Within a run that came without some of its values it is not known: `nil`.
  func tip(of origin: ReplicaID, at seq: UInt64) throws(StoreError) -> [UInt8]? {
    let known = try known(origin)
    if seq == 0 { return Self.firstTip }
    if seq == known.lastSeq { return known.tip }
    let nearest = try prepare(
      "SELECT seq, tip FROM _tip WHERE replica = ? AND seq <= ? ORDER BY seq DESC LIMIT 1")
    nearest.bind(known.number, at: 1)
    nearest.bind(Int64(seq), at: 2)
    let isKept = try nearest.step()
    var tip = isKept ? nearest.bytes(at: 1) : Self.firstTip
    let kept = isKept ? nearest.seq(at: 0) : 0
    nearest.reset()
    if kept == seq { return tip }
    if let thin = try firstThin(of: origin, from: kept + 1), thin <= seq { return nil }
    try eachChange(of: origin, from: kept + 1) { change, _ throws(StoreError) in
      tip = self.tip(after: tip, change)
      return change.dot.seq < seq
    }
    return tip
  }

  func keptTip(of origin: ReplicaID, at seq: UInt64) throws(StoreError) -> [UInt8]? {
    let known = try known(origin)
    if seq == known.lastSeq { return known.tip }
    let statement = try prepare("SELECT tip FROM _tip WHERE replica = ? AND seq = ?")
    statement.bind(known.number, at: 1)
    statement.bind(Int64(seq), at: 2)
    return try statement.step() ? statement.bytes(at: 0) : nil
  }

  /// Keeps the tip of a replica's run at a number.
  func keepTip(
    _ tip: [UInt8], of origin: ReplicaID, at seq: UInt64
  ) throws(StoreError) {
    let statement = try prepared(
      &statements.insertTip, "INSERT OR REPLACE INTO _tip(replica, seq, tip) VALUES (?, ?, ?)")
    statement.bind(try number(of: origin), at: 1)
    statement.bind(Int64(seq), at: 2)
    statement.bind(tip, at: 3)
    try statement.run()
  }
}
