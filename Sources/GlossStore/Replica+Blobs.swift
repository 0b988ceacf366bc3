package import GlossCore
internal import GlossCrypto

// Large values
// ============
//
// A change names a large value by the SHA-256 of its content; the value itself goes to the hub and comes from it apart from
// the changes. Two tables say what is still to be done about that, so that nothing has to be looked for:
//
// - `_unsent` has what is here and what the hub is not known to have: what was made here, and everything where a hub is met
//   that may lack it. What the hub says that it has is taken out.
// - `_wanted` has what a change names and what is not here. It is filled by the one place that every change passes on its way
//   into the log, and what comes is taken out in the transaction that keeps it.
//
// A sealed value may be too large for one reply. What has come of it is kept in `_blob_part`, so that the next sync goes on
// there. It is known by the SHA-256 of the whole sealed value: a hub that was lost and filled again may have another seal of
// it, and then what is here is of no use.

/// A large value that is named here and not held.
package struct WantedBlob: Equatable, Sendable {
  package var id: BlobID
  /// What has come of it so far: how many bytes of the sealed value that has this SHA-256.
  package var part: (digest: [UInt8], byteCount: Int)?

  package static func == (left: Self, right: Self) -> Bool {
    left.id == right.id && left.part?.digest == right.part?.digest
      && left.part?.byteCount == right.part?.byteCount
  }
}

/// What a fetch of large values came to, one after another.
package enum BlobArrival: Equatable, Sendable {
  /// All of a value.
  case whole([UInt8])
  /// More bytes of a sealed value: those behind what is held of it.
  case piece(BlobID, digest: [UInt8], start: Int, bytes: [UInt8])
  /// What is held of a sealed value is of no use.
  case restart(BlobID)
}

extension Replica {
  /// Returns the large values that are named and not held, in the order of their names.
  ///
  /// - Parameter id: Only those behind it.
  package func wantedBlobs(after id: BlobID?, limit: Int) throws -> [WantedBlob] {
    try read { try $0.transaction.wantedBlobs("digest > ?", id?.digest ?? [], limit: limit) }
  }

  /// Returns a large value that is wanted, or `nil` where it is held or nothing names it.
  package func wantedBlob(_ id: BlobID) throws -> WantedBlob? {
    try read { try $0.transaction.wantedBlobs("digest = ?", id.digest, limit: 1).first }
  }

  /// The number of large values that are named and not held.
  package func wantedBlobCount() throws -> Int {
    try read { snapshot in
      let transaction = snapshot.transaction
      // A file of an earlier version that may only be read has no such table.
      let table = try transaction.prepare("SELECT 1 FROM sqlite_schema WHERE name = '_wanted'")
      guard try table.step() else { return 0 }
      let statement = try transaction.prepare("SELECT count(*) FROM _wanted")
      return try statement.step() ? Int(statement.integer(at: 0)) : 0
    }
  }

  /// Returns the bytes that have come so far of a sealed value.
  package func blobPart(_ id: BlobID) throws -> [UInt8] {
    try read { snapshot in
      let statement = try snapshot.transaction.prepare(
        "SELECT bytes FROM _blob_part WHERE digest = ? ORDER BY start")
      statement.bind(id.digest, at: 1)
      var bytes: [UInt8] = []
      while try statement.step() { bytes += statement.bytes(at: 0) }
      return bytes
    }
  }

  /// Keeps what was fetched, in one transaction.
  package func keep(_ arrivals: [BlobArrival]) throws {
    guard !arrivals.isEmpty else { return }
    try transact { transaction in
      for arrival in arrivals {
        switch arrival {
        case .whole(let content): try transaction.keepBlob(content)
        case .piece(let id, let digest, let start, let bytes):
          try transaction.keepPart(of: id, digest, start, bytes)
        case .restart(let id): try transaction.removeParts(of: id)
        }
      }
    }
  }

  /// Returns some of the large values that the hub is not known to have, with their numbers of bytes.
  package func unsentBlobs(limit: Int) throws -> [(id: BlobID, byteCount: Int)] {
    try read { snapshot in
      let statement = try snapshot.transaction.prepare(
        """
        SELECT u.digest, length(b.content) FROM _unsent u JOIN _blob b ON b.digest = u.digest
        ORDER BY u.digest LIMIT ?
        """)
      statement.bind(Int64(limit), at: 1)
      var unsent: [(id: BlobID, byteCount: Int)] = []
      while try statement.step() {
        guard let id = BlobID(digest: statement.bytes(at: 0)) else { continue }
        unsent.append((id, Int(statement.integer(at: 1))))
      }
      return unsent
    }
  }

  /// Notes that the hub has these large values, until that is confirmed or looked at again.
  package func noteSent(_ ids: [BlobID]) throws {
    guard !ids.isEmpty else { return }
    try transact { transaction in
      if try transaction.meta(Transaction.unconfirmedBlobsKey) == nil {
        try transaction.setMeta(Transaction.unconfirmedBlobsKey, to: [1])
      }
      let statement = try transaction.prepare("DELETE FROM _unsent WHERE digest = ?")
      for id in ids {
        statement.bind(id.digest, at: 1)
        try statement.run()
      }
    }
  }

  /// Whether large values were sent, and the hub was not asked since whether it has them still.
  package func hasUnconfirmedBlobs() throws -> Bool {
    try setting(Transaction.unconfirmedBlobsKey) != nil
  }

  /// Notes that the hub has what was sent, but for these large values.
  package func confirmBlobs(lacking ids: [BlobID]) throws {
    try transact { transaction in
      try transaction.setMeta(Transaction.unconfirmedBlobsKey, to: nil)
      let statement = try transaction.prepare("INSERT OR IGNORE INTO _unsent(digest) VALUES (?)")
      for id in ids {
        statement.bind(id.digest, at: 1)
        try statement.run()
      }
    }
  }

  /// Notes that the hub may lack every large value.
  package func offerAllBlobs() throws {
    try transact { transaction in
      try transaction.setMeta(Transaction.unconfirmedBlobsKey, to: nil)
      try transaction.offerAllBlobs()
    }
  }
}

extension Transaction {
  fileprivate func wantedBlobs(
    _ condition: String, _ digest: [UInt8], limit: Int
  ) throws(StoreError) -> [WantedBlob] {
    let statement = try prepare(
      """
      SELECT w.digest, p.sealed, sum(length(p.bytes)) FROM _wanted w
      LEFT JOIN _blob_part p ON p.digest = w.digest
      WHERE w.\(condition) GROUP BY w.digest ORDER BY w.digest LIMIT ?
      """)
    statement.bind(digest, at: 1)
    statement.bind(Int64(limit), at: 2)
    var wanted: [WantedBlob] = []
    while try statement.step() {
      guard let id = BlobID(digest: statement.bytes(at: 0)) else { continue }
      let part =
        statement.isNull(at: 1)
        ? nil : (digest: statement.bytes(at: 1), byteCount: Int(statement.integer(at: 2)))
      wanted.append(WantedBlob(id: id, part: part))
    }
    return wanted
  }

  /// Returns a large value, or `nil` where it is not held.
  func storedBlob(_ id: BlobID) throws(StoreError) -> [UInt8]? {
    let statement = try prepare("SELECT content FROM _blob WHERE digest = ?")
    statement.bind(id.digest, at: 1)
    return try statement.step() ? statement.bytes(at: 0) : nil
  }

  /// Stores a large value that the hub is not known to have, and returns its name.
  func insertBlob(_ content: [UInt8]) throws(StoreError) -> BlobID {
    let (id, isNew) = try store(content)
    guard isNew else { return id }
    let statement = try prepared(
      &statements.insertUnsent, "INSERT OR IGNORE INTO _unsent(digest) VALUES (?)")
    statement.bind(id.digest, at: 1)
    try statement.run()
    return id
  }

  /// Stores a large value that came from the hub.
  fileprivate func keepBlob(_ content: [UInt8]) throws(StoreError) {
    _ = try store(content)
  }

  private func store(_ content: [UInt8]) throws(StoreError) -> (id: BlobID, isNew: Bool) {
    guard let id = BlobID(digest: sha256(content)) else {
      preconditionFailure("SHA-256 has 32 bytes")
    }
    // One that is here and is not what its name says was damaged.
    let insert = try prepared(
      &statements.insertBlob,
      """
      INSERT INTO _blob(digest, content) VALUES (?, ?)
      ON CONFLICT DO UPDATE SET content = excluded.content WHERE content <> excluded.content
      """)
    insert.bind(id.digest, at: 1)
    insert.bind(content, at: 2)
    try insert.run()
    guard changedRowCount > 0 else { return (id, false) }
    let delete = try prepared(
      &statements.deleteWanted, "DELETE FROM _wanted WHERE digest = ?")
    delete.bind(id.digest, at: 1)
    try delete.run()
    if changedRowCount > 0 { try removeParts(of: id) }
    return (id, true)
  }

  /// Notes that a change names a large value.
  func want(_ id: BlobID) throws(StoreError) {
    let statement = try prepared(
      &statements.insertWanted,
      """
      INSERT OR IGNORE INTO _wanted(digest)
      SELECT ?1 WHERE NOT EXISTS (SELECT 1 FROM _blob WHERE digest = ?1)
      """)
    statement.bind(id.digest, at: 1)
    try statement.run()
  }

  /// Finds the large values that changes name and that are not here, in a file of a version that did not note them.
  func findWantedBlobs() throws(StoreError) {
    let log = try prepare("SELECT id, timestamp, body FROM _change")
    while try log.step() {
      let change = try decode(
        log.bytes(at: 2), dot: try dot(at: log.integer(at: 0)),
        timestamp: Timestamp(rawValue: UInt64(bitPattern: log.integer(at: 1))),
        record: RecordID(0))
      for case .blob(let id) in change.writes.map(\.value) { try want(id) }
    }
  }

  /// The setting that says so; see ``Replica/hasUnconfirmedBlobs()``.
  fileprivate static let unconfirmedBlobsKey = "unconfirmed-blobs"

  func offerAllBlobs() throws(StoreError) {
    try prepare("INSERT OR IGNORE INTO _unsent(digest) SELECT digest FROM _blob").run()
  }

  /// Keeps bytes of a sealed value, where they follow what is held of it and it is wanted still.
  fileprivate func keepPart(
    of id: BlobID, _ digest: [UInt8], _ start: Int, _ bytes: [UInt8]
  ) throws(StoreError) {
    let statement = try prepare(
      """
      INSERT OR IGNORE INTO _blob_part(digest, start, sealed, bytes) SELECT ?1, ?2, ?3, ?4
      WHERE EXISTS (SELECT 1 FROM _wanted WHERE digest = ?1) AND ?2 =
        (SELECT coalesce(sum(length(bytes)), 0) FROM _blob_part WHERE digest = ?1 AND sealed = ?3)
      """)
    statement.bind(id.digest, at: 1)
    statement.bind(Int64(start), at: 2)
    statement.bind(digest, at: 3)
    statement.bind(bytes, at: 4)
    try statement.run()
  }

  fileprivate func removeParts(of id: BlobID) throws(StoreError) {
    let statement = try prepare("DELETE FROM _blob_part WHERE digest = ?")
    statement.bind(id.digest, at: 1)
    try statement.run()
  }
}
