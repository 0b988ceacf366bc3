internal import GlossCore

// What a compaction asks of the tables.

extension Transaction {
  /// The setting that says when values were dropped last.
  static let compactedKey = "compacted"

  /// The setting that says that the file has room in it that nothing uses.
  static let rewriteDueKey = "rewrite-due"

  /// The setting that says how many snapshots in a row were left to others.
  static let leftSnapshotsKey = "left-snapshots"

  func noteCompacted(at now: UInt64) throws(StoreError) {
    let bytes = withUnsafeBytes(of: now.bigEndian) { Array($0) }
    if try meta(Self.compactedKey) == bytes, try meta(Self.rewriteDueKey) != nil { return }
    try setMeta(Self.compactedKey, to: bytes)
    try setMeta(Self.rewriteDueKey, to: [1])
  }

  /// Forgets the thin runs of a replica's that lie within these numbers: one takes their place.
  func forgetThin(_ replica: ReplicaID, within run: ClosedRange<UInt64>) throws(StoreError) {
    try willChange(.thin)
    let statement = try prepare(
      "DELETE FROM _thin WHERE replica = ? AND first >= ? AND last <= ?")
    statement.bind(try number(of: replica), at: 1)
    statement.bind(Int64(run.lowerBound), at: 2)
    statement.bind(Int64(run.upperBound), at: 3)
    try statement.run()
  }

  /// Returns the first number, from `first` on, at which a tip of the replica's is kept beside the one at its end.
  func nextKeptTip(of replica: ReplicaID, from first: UInt64) throws(StoreError) -> UInt64? {
    let statement = try prepare(
      "SELECT seq FROM _tip WHERE replica = ? AND seq >= ? ORDER BY seq LIMIT 1")
    statement.bind(try number(of: replica), at: 1)
    statement.bind(Int64(first), at: 2)
    return try statement.step() ? statement.seq(at: 0) : nil
  }

  /// Notes the large values that changes behind a vector name, as `body` leaves them.
  func noteNamedBlobs(
    behind vector: Vector, _ body: (Change) throws(StoreError) -> Change
  ) throws(StoreError) {
    let note = try prepare("INSERT OR IGNORE INTO temp._named(digest) VALUES (?)")
    let replicas = try prepare("SELECT uuid FROM _replica WHERE last_seq > 0")
    while try replicas.step() {
      let replica = try replicas.identifier(as: ReplicaID.self, at: 0)
      try eachChange(of: replica, from: vector[replica] + 1) { change, _ throws(StoreError) in
        guard change.writes.contains(where: \.value.isBlob) else { return true }
        for case .blob(let id) in try body(change).writes.map(\.value) {
          note.bind(id.digest, at: 1)
          try note.run()
        }
        return true
      }
    }
  }

  /// Returns how many large values no change names, and their bytes.
  func unnamedBlobs() throws(StoreError) -> (count: Int, byteCount: Int) {
    let statement = try prepare(
      """
      SELECT count(*), coalesce(sum(length(content)), 0) FROM _blob
      WHERE digest NOT IN (SELECT digest FROM temp._named)
      """)
    guard try statement.step() else { return (0, 0) }
    return (Int(statement.integer(at: 0)), Int(statement.integer(at: 1)))
  }

  /// Removes some of the large values that no change names, and all that is still to be done about such.
  ///
  /// - Returns: How many values were removed, and their bytes.
  func removeUnnamedBlobs(
    limit: Int, at now: UInt64
  ) throws(StoreError) -> (count: Int, byteCount: Int) {
    for table in ["_wanted", "_unsent", "_blob_part"] {
      try prepare(
        "DELETE FROM \(table) WHERE digest NOT IN (SELECT digest FROM temp._named)"
      ).run()
    }
    let select = try prepare(
      """
      SELECT digest, length(content) FROM _blob
      WHERE digest NOT IN (SELECT digest FROM temp._named) LIMIT ?
      """)
    select.bind(Int64(limit), at: 1)
    var removed: [(digest: [UInt8], byteCount: Int)] = []
    while try select.step() {
      removed.append((select.bytes(at: 0), Int(select.integer(at: 1))))
    }
    select.reset()
    let delete = try prepare("DELETE FROM _blob WHERE digest = ?")
    for (digest, _) in removed {
      delete.bind(digest, at: 1)
      try delete.run()
    }
    if !removed.isEmpty { try noteCompacted(at: now) }
    return (removed.count, removed.reduce(0) { $0 + $1.byteCount })
  }
}

extension Value {
  fileprivate var isBlob: Bool {
    if case .blob = self { true } else { false }
  }
}
