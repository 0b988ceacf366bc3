internal import GRDB
internal import GlossCore
internal import GlossCrypto
internal import GlossWire

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

// A library's log: entries numbered without gaps, each with the running hash of everything up to it.
//
// h(0) is 16 zero bytes, and h(n + 1) the first 16 bytes of SHA-256(h(n) || SHA-256(bundle n)). A cursor names a place by
// log, number and hash, so a log that was restored, rewound or rewritten has no place for a cursor of before.

extension Database {
  /// Appends the bundles, in order, up to the first that cannot follow.
  ///
  /// - Returns: Why that one cannot; `nil` where every bundle is held now.
  func append(_ bundles: [PushedBundle], to library: LibraryRow) throws -> Problem? {
    var end = try self.end(of: library)
    for bundle in bundles {
      let held = try origin(bundle.header.origin, of: library)
      if let held, bundle.header.last <= held.lastSeq {
        guard try isHeld(bundle.header, of: held) else { return fork(bundle.header, held) }
        continue
      }
      guard bundle.header.first == (held?.lastSeq ?? 0) + 1 else {
        return Self.problem(
          .bundleGap, "changes \(bundle.header.first) to \(bundle.header.last) do not follow",
          bundle.header, held)
      }
      if let held, bundle.header.previousTip != held.tip { return fork(bundle.header, held) }
      let hash = Array(sha256(end.hash, bundle.digest).prefix(16))
      let origin = try advance(bundle.header, of: library, to: held)
      try insert(bundle, of: library, index: end.index, origin: origin, hash: hash)
      end = (end.index + 1, hash)
    }
    return nil
  }

  /// Returns the number of entries before the cursor's place.
  ///
  /// - Throws: `cursorUnknown` where the log has no such place.
  func index(of cursor: GlossWire.Cursor?, in library: LibraryRow) throws -> Int64 {
    guard let cursor else { return 0 }
    let index = Int64(clamping: cursor.index)
    guard cursor.log == library.log, try hash(after: index, in: library) == cursor.hash else {
      throw Problem(.cursorUnknown, status: 409, detail: "the log has no such place")
    }
    return index
  }

  /// Returns the entries after the cursor that fit a page: at least one where there is one.
  ///
  /// - Parameter runs: Bundles that the reader has. The cursor passes them, and nothing else about the page counts them.
  func page(
    of library: LibraryRow, after cursor: GlossWire.Cursor?, byteLimit: Int,
    leavingOut runs: Set<PushedBundle.Run> = []
  ) throws -> Page {
    var index = try self.index(of: cursor, in: library)
    var hash = cursor?.hash ?? emptyHash
    var bundles: [[UInt8]] = []
    var byteCount = 0
    var hasMore = false
    let rows = try Row.fetchCursor(
      try cachedStatement(
        sql: """
          SELECT entry.hash, origin.replica, entry.first, entry.last, entry.tip, length(entry.body),
            entry.body
          FROM entry JOIN origin ON origin.id = entry.origin
          WHERE entry.library = ? AND entry.idx >= ? ORDER BY entry.idx
          """),
      arguments: [library.id, index])
    while let row = try rows.next() {
      let run = PushedBundle.Run(
        origin: Array(row[1] as Data), first: UInt64(row[2] as Int64),
        last: UInt64(row[3] as Int64),
        tip: Array(row[4] as Data))
      if !runs.contains(run) {
        byteCount += row[5] as Int
        hasMore = !bundles.isEmpty && byteCount > byteLimit
        if hasMore { break }
        bundles.append(Array(row[6] as Data))
      }
      index += 1
      hash = Array(row[0] as Data)
    }
    return Page(
      bundles: bundles, cursor: try place(index, hash, in: library), hasMore: hasMore)
  }

  /// Returns what is held of each origin, and the end of the log.
  func vector(of library: LibraryRow) throws -> HubVector {
    var origins: [ReplicaID: HubVector.Held] = [:]
    let rows = try Row.fetchCursor(
      self, sql: "SELECT replica, last_seq, tip FROM origin WHERE library = ?",
      arguments: [library.id])
    while let row = try rows.next() {
      guard let replica = ReplicaID(bytes: row[0] as Data) else { continue }
      origins[replica] = HubVector.Held(
        lastSeq: UInt64(row[1] as Int64), tip: Array(row[2] as Data))
    }
    let end = try self.end(of: library)
    return HubVector(origins: origins, end: try place(end.index, end.hash, in: library))
  }

  private func place(_ index: Int64, _ hash: [UInt8], in library: LibraryRow) throws
    -> GlossWire.Cursor
  {
    guard let cursor = GlossWire.Cursor(log: library.log, index: UInt64(index), hash: hash) else {
      throw DatabaseError(message: "a log or a hash has not 16 bytes")
    }
    return cursor
  }

  private func end(of library: LibraryRow) throws -> (index: Int64, hash: [UInt8]) {
    let statement = try cachedStatement(
      sql: "SELECT idx, hash FROM entry WHERE library = ? ORDER BY idx DESC LIMIT 1")
    guard let row = try Row.fetchOne(statement, arguments: [library.id]) else {
      return (0, emptyHash)
    }
    return (row[0] as Int64 + 1, Array(row[1] as Data))
  }

  private func hash(after index: Int64, in library: LibraryRow) throws -> [UInt8]? {
    guard index > 0 else { return emptyHash }
    let statement = try cachedStatement(sql: "SELECT hash FROM entry WHERE library = ? AND idx = ?")
    return try Data.fetchOne(statement, arguments: [library.id, index - 1]).map { Array($0) }
  }
}

/// What is held of an origin.
private struct OriginRow {
  let id: Int64
  let lastSeq: UInt64
  let tip: [UInt8]
}

extension Database {
  private func origin(_ replica: ReplicaID, of library: LibraryRow) throws -> OriginRow? {
    let statement = try cachedStatement(
      sql: "SELECT id, last_seq, tip FROM origin WHERE library = ? AND replica = ?")
    return try Row.fetchOne(statement, arguments: [library.id, Data(replica.bytes)]).map {
      OriginRow(id: $0[0], lastSeq: UInt64($0[1] as Int64), tip: Array($0[2] as Data))
    }
  }

  /// Whether nothing held contradicts a run that ends at or below what is held.
  private func isHeld(_ header: BundleHeader, of origin: OriginRow) throws -> Bool {
    let statement = try cachedStatement(sql: "SELECT tip FROM entry WHERE origin = ? AND last = ?")
    guard
      let tip = try Data.fetchOne(statement, arguments: [origin.id, Int64(header.last)])
    else { return true }
    return Array(tip) == header.tip
  }

  /// Sets the end of an origin's run and returns the origin's row.
  private func advance(
    _ header: BundleHeader, of library: LibraryRow, to held: OriginRow?
  ) throws -> Int64 {
    if let held {
      try cachedStatement(sql: "UPDATE origin SET last_seq = ?, tip = ? WHERE id = ?").execute(
        arguments: [Int64(header.last), Data(header.tip), held.id])
      return held.id
    }
    try cachedStatement(
      sql: "INSERT INTO origin (library, replica, last_seq, tip) VALUES (?, ?, ?, ?)"
    ).execute(
      arguments: [
        library.id, Data(header.origin.bytes), Int64(header.last), Data(header.tip),
      ])
    return lastInsertedRowID
  }

  private func insert(
    _ bundle: PushedBundle, of library: LibraryRow, index: Int64, origin: Int64, hash: [UInt8]
  ) throws {
    let header = bundle.header
    try cachedStatement(
      sql: """
        INSERT INTO entry (library, idx, origin, first, last, tip, hash, body)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(
      arguments: [
        library.id, index, origin, Int64(header.first), Int64(header.last), Data(header.tip),
        Data(hash), Data(bundle.bytes),
      ])
  }

  private func fork(_ header: BundleHeader, _ held: OriginRow) -> Problem {
    Self.problem(
      .bundleFork, "changes \(header.first) to \(header.last) contradict what is held", header, held
    )
  }

  private static func problem(
    _ type: Problem.Kind, _ detail: String, _ header: BundleHeader, _ held: OriginRow?
  ) -> Problem {
    Problem(
      type, status: 409, detail: detail,
      held: Problem.Held(
        origin: header.origin.bytes, lastSeq: held?.lastSeq ?? 0, tip: held?.tip ?? []))
  }
}

private let emptyHash = [UInt8](repeating: 0, count: 16)
