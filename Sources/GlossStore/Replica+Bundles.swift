package import GlossCore
package import GlossWire

/// A contiguous run of one replica's changes, as it goes into a bundle.
package struct ChangeRun: Equatable, Sendable {
  /// The replica that made the changes.
  package var origin: ReplicaID

  /// The changes and the large values that they name.
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

/// A bundle whose seal was opened.
package struct OpenedBundle: Equatable, Sendable {
  package var header: BundleHeader
  package var content: BundleContent

  package init(header: BundleHeader, content: BundleContent) {
    self.header = header
    self.content = content
  }
}

/// What a merge of bundles has done.
package struct MergeReport: Equatable, Sendable {
  /// The number of changes that were new here.
  package var changeCount = 0

  /// The records that they changed, one after another, some of them more than once.
  package var touched: [RecordKey] = []
}

extension Replica {
  /// Returns the changes of a replica from a number on, as many as fit a bundle, or `nil` where none is held.
  ///
  /// - Parameter byteLimit: About how many bytes of values the run has at most; it has one change at least.
  package func run(
    of origin: ReplicaID, from first: UInt64, byteLimit: Int
  ) throws -> ChangeRun? {
    try read { snapshot in
      try snapshot.transaction.run(of: origin, from: first, byteLimit: byteLimit)
    }
  }

  /// Takes in bundles and the place in the hub's log that they end at, in one transaction.
  ///
  /// Changes that are held already are passed over, so a repeat does nothing.
  ///
  /// - Parameters:
  ///   - bundles: In the hub's order.
  ///   - cursor: Where the page ends, or `nil` to leave the place alone.
  ///   - commitment: Returns the commitment to a tip.
  /// - Throws: `StoreError.bundleGap` and `.bundleFork`; nothing is taken in then.
  package func merge(
    _ bundles: [OpenedBundle], upTo cursor: Cursor?, commitment: ([UInt8]) -> [UInt8]
  ) throws -> MergeReport {
    try transact { transaction in
      var report = MergeReport()
      for bundle in bundles {
        report.changeCount += try transaction.merge(bundle, commitment: commitment)
      }
      if let cursor, var remote = try transaction.remote(), remote.cursor != cursor {
        remote.cursor = cursor
        try transaction.setRemote(remote)
      }
      report.touched = transaction.touched
      return report
    }
  }

  /// Notes that the hub holds this replica's changes up to a number, which a bundle ends at, and up to where its log was read.
  package func acknowledge(_ seq: UInt64, tip: [UInt8]) throws {
    try transact { transaction in
      guard var remote = try transaction.remote() else { return }
      remote.pushedSeq = seq
      try transaction.setRemote(remote)
      try transaction.keepTip(tip, of: transaction.ownID, at: seq)
    }
  }

  /// Returns the tip of a replica's run at a number, or `nil` where less is held.
  package func tip(of origin: ReplicaID, at seq: UInt64) throws -> [UInt8]? {
    try read { snapshot in
      let known = try snapshot.vector()[origin]
      return seq <= known ? try snapshot.transaction.tip(of: origin, at: seq) : nil
    }
  }
}

extension Transaction {
  fileprivate func merge(
    _ bundle: OpenedBundle, commitment: ([UInt8]) -> [UInt8]
  ) throws(StoreError) -> Int {
    let header = bundle.header
    let held = try known(header.origin)
    guard header.last > held.lastSeq else {
      let tip = try keptTip(of: header.origin, at: header.last)
      guard tip.map({ commitment($0) == header.tip }) ?? true else {
        throw .bundleFork(replica: header.origin, seq: header.last)
      }
      return 0
    }
    guard header.first <= held.lastSeq + 1 else {
      throw .bundleGap(replica: header.origin, held: held.lastSeq, first: header.first)
    }
    if header.first == held.lastSeq + 1, commitment(held.tip) != header.previousTip {
      throw .bundleFork(replica: header.origin, seq: held.lastSeq)
    }
    for blob in bundle.content.blobs {
      _ = try insertBlob(blob)
    }
    let new = bundle.content.changes.drop { $0.dot.seq <= held.lastSeq }
    for change in new {
      try merge(change)
    }
    let tip = try known(header.origin).tip
    guard commitment(tip) == header.tip else {
      throw .bundleFork(replica: header.origin, seq: header.last)
    }
    try keepTip(tip, of: header.origin, at: header.last)
    return new.count
  }

  fileprivate func run(
    of origin: ReplicaID, from first: UInt64, byteLimit: Int
  ) throws(StoreError) -> ChangeRun? {
    let previousTip = try tip(of: origin, at: first - 1)
    let statement = try prepare(
      "SELECT id, timestamp, record, body FROM _change WHERE id BETWEEN ? AND ?")
    let start = try number(of: origin) << 40
    statement.bind(start | Int64(first), at: 1)
    statement.bind(start | Int64(Limits.seq), at: 2)
    var run = ChangeRun(
      origin: origin, content: BundleContent(changes: []), previousTip: previousTip,
      tip: previousTip, first: first, last: first - 1)
    var blobs: Set<BlobID> = []
    var byteCount = 0
    while byteCount < byteLimit, try statement.step() {
      let body = statement.bytes(at: 3)
      let change = try decode(
        body, dot: try dot(at: statement.integer(at: 0)),
        timestamp: Timestamp(rawValue: UInt64(bitPattern: statement.integer(at: 1))),
        record: try recordID(statement.integer(at: 2), body: body))
      byteCount += body.count
      for case .blob(let id) in change.writes.map(\.value) where blobs.insert(id).inserted {
        guard let content = try storedBlob(id) else { continue }
        byteCount += content.count
        run.content.blobs.append(content)
      }
      run.tip = tip(after: run.tip, change)
      run.last = change.dot.seq
      run.content.changes.append(change)
    }
    return run.content.changes.isEmpty ? nil : run
  }

  /// Returns the identifier of the record of this number, whose kind a change's body begins with.
  private func recordID(_ number: Int64, body: [UInt8]) throws(StoreError) -> RecordID {
    var reader = ByteReader(body)
    guard let kindNumber = try? reader.readVarint() else { throw corrupt("a change is empty") }
    let kind = try name(Int64(kindNumber))
    let statement = try table(of: kind).selectID()
    statement.bind(number, at: 1)
    defer { statement.reset() }
    guard try statement.step() else { throw corrupt("the record \(number) is missing") }
    return try statement.identifier(as: RecordID.self, at: 0)
  }

  /// Returns the tip of a replica's run at a number that is held, from the nearest one kept below it.
  fileprivate func tip(of origin: ReplicaID, at seq: UInt64) throws(StoreError) -> [UInt8] {
    let known = try known(origin)
    if seq == 0 { return Self.firstTip }
    if seq == known.lastSeq { return known.tip }
    let nearest = try prepare(
      "SELECT seq, tip FROM _tip WHERE replica = ? AND seq <= ? ORDER BY seq DESC LIMIT 1")
    nearest.bind(known.number, at: 1)
    nearest.bind(Int64(seq), at: 2)
    let isKept = try nearest.step()
    var tip = isKept ? nearest.bytes(at: 1) : Self.firstTip
    let first = isKept ? nearest.integer(at: 0) + 1 : 1
    nearest.reset()
    let statement = try prepare(
      """
      SELECT id, timestamp, record, body FROM _change WHERE id BETWEEN ? AND ?
      """)
    statement.bind(known.number << 40 | first, at: 1)
    statement.bind(known.number << 40 | Int64(seq), at: 2)
    while try statement.step() {
      let body = statement.bytes(at: 3)
      let change = try decode(
        body, dot: try dot(at: statement.integer(at: 0)),
        timestamp: Timestamp(rawValue: UInt64(bitPattern: statement.integer(at: 1))),
        record: try recordID(statement.integer(at: 2), body: body))
      tip = self.tip(after: tip, change)
    }
    return tip
  }

  private func keptTip(of origin: ReplicaID, at seq: UInt64) throws(StoreError) -> [UInt8]? {
    let known = try known(origin)
    if seq == known.lastSeq { return known.tip }
    let statement = try prepare("SELECT tip FROM _tip WHERE replica = ? AND seq = ?")
    statement.bind(known.number, at: 1)
    statement.bind(Int64(seq), at: 2)
    return try statement.step() ? statement.bytes(at: 0) : nil
  }

  fileprivate func keepTip(
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
