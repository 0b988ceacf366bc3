internal import GRDB
internal import GlossCore
internal import GlossWire

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension Database {
  /// Appends what was pushed, up to the first bundle that cannot follow.
  ///
  /// - Throws: `cursorUnknown`.
  func append(_ push: Push, to library: LibraryRow) throws -> Written {
    let bundles = push.bundles
    let end = try self.end(of: library)
    try check(push.cursor, in: library, end: end)
    var log = LogState(index: end.index, hash: end.hash, byteCount: library.byteCount)
    var ids: [ReplicaID: Int64] = [:]
    for origin in Set(bundles.map(\.header.origin)) {
      guard let row = try self.origin(origin, of: library) else { continue }
      log.hold(origin, row.end)
      ids[origin] = row.id
    }
    for header in bundles.map(\.header) where log.mayRepeat(header) {
      guard let id = ids[header.origin], let tip = try tip(of: id, endingIn: header.last) else {
        continue
      }
      log.hold(tip: tip, of: header.origin, endingIn: header.last)
    }
    let written = log.take(push, log: library.log, epoch: library.epoch)
    for (origin, end) in log.advanced {
      ids[origin] = try advance(origin, ids[origin], of: library, to: end)
    }
    for entry in log.entries {
      guard let origin = ids[entry.bundle.header.origin] else { continue }
      try insert(entry, of: library, origin: origin)
    }
    if !log.entries.isEmpty {
      try run(
        "UPDATE library SET byte_count = ? WHERE id = ?", .integer(Int64(log.byteCount)),
        .integer(library.id))
    }
    return written
  }

  /// - Parameter end: The log's end, where it is known.
  /// - Throws: `cursorUnknown` and `compacted`, as ``LogStart`` says.
  func check(
    _ cursor: GlossWire.Cursor?, in library: LibraryRow, end: LogEnd? = nil
  ) throws {
    let held = try cursor.flatMap { cursor in
      if let end, end.index == cursor.index { return end.hash }
      return try hash(after: Int64(clamping: cursor.index), in: library)
    }
    try library.start.check(cursor, inLog: library.log, hash: held)
  }

  /// Returns the entries after the cursor that fit a page.
  ///
  /// - Parameters:
  ///   - end: The number of entries that the log has for this reader, `nil` for all.
  ///   - runs: The bundles that the reader has.
  func page(
    of library: LibraryRow, after cursor: GlossWire.Cursor?, before end: UInt64? = nil,
    byteLimit: Int, leavingOut runs: Set<PushedBundle.Run> = []
  ) throws -> Page {
    try check(cursor, in: library)
    var assembly = PageAssembly(after: cursor, byteLimit: byteLimit, leavingOut: runs)
    var bundles: [[UInt8]] = []
    let rows = try Row.fetchCursor(
      try cachedStatement(
        sql: """
          SELECT entry.hash, origin.replica, entry.first, entry.last, entry.tip, length(entry.body),
            entry.body
          FROM entry JOIN origin ON origin.id = entry.origin
          WHERE entry.library = ? AND entry.idx >= ? AND entry.idx < ? ORDER BY entry.idx
          """),
      arguments: [
        library.id, Int64(clamping: assembly.index), Int64(clamping: end ?? .max),
      ])
    while !assembly.isFull, let row = try rows.next() {
      let run = PushedBundle.Run(
        origin: Array(row[1] as Data), first: UInt64(row[2] as Int64),
        last: UInt64(row[3] as Int64), tip: Array(row[4] as Data))
      let verdict = assembly.offer(run, byteCount: row[5], hash: Array(row[0] as Data))
      if verdict == .included { bundles.append(Array(row[6] as Data)) }
    }
    guard let page = assembly.page(of: bundles, log: library.log, epoch: library.epoch) else {
      throw Self.badPlace
    }
    return page
  }

  /// - Throws: `cursorUnknown` and `compacted`, as ``LogStart`` says.
  func vector(of library: LibraryRow, at index: UInt64?) throws -> HubVector {
    let end = try self.end(of: library)
    if let index, index != end.index { return try vector(of: library, before: index, end: end) }
    var origins: [ReplicaID: HubVector.Held] = [:]
    let rows = try Row.fetchCursor(
      self, sql: "SELECT replica, last_seq, tip FROM origin WHERE library = ?",
      arguments: [library.id])
    while let row = try rows.next() {
      guard let replica = ReplicaID(bytes: row[0] as Data) else { continue }
      origins[replica] = HubVector.Held(
        lastSeq: UInt64(row[1] as Int64), tip: Array(row[2] as Data))
    }
    guard let place = GlossWire.Cursor(log: library.log, index: end.index, hash: end.hash) else {
      throw Self.badPlace
    }
    return HubVector(origins: origins, end: place)
  }

  /// Returns what was held when the log had `index` entries, fewer than now.
  private func vector(
    of library: LibraryRow, before index: UInt64, end: LogEnd
  ) throws -> HubVector {
    try library.start.check(index, end: end.index)
    let hash =
      index == library.start.index
      ? library.start.hash : try hash(after: Int64(clamping: index), in: library)
    guard let hash, let place = GlossWire.Cursor(log: library.log, index: index, hash: hash) else {
      throw Self.badPlace
    }
    var past = PastVector(at: place)
    // An origin's entries are in the same order by number and by place.
    let rows = try Row.fetchCursor(
      self,
      sql: """
        SELECT origin.replica, origin.last_seq, origin.tip, before.last, before.tip,
          after.first, substr(after.body, \(BundleHeader.previousTipOffset + 1), 32)
        FROM origin
        LEFT JOIN entry before ON before.id =
          (SELECT id FROM entry WHERE origin = origin.id AND idx < ?2 ORDER BY last DESC LIMIT 1)
        LEFT JOIN entry after ON after.id =
          (SELECT id FROM entry WHERE origin = origin.id AND idx >= ?2 ORDER BY last LIMIT 1)
        WHERE origin.library = ?1
        """,
      arguments: [library.id, Int64(index)])
    while let row = try rows.next() {
      guard let replica = ReplicaID(bytes: row[0] as Data) else { continue }
      past.add(
        replica, now: row.held(at: 1), before: row[3] == nil ? nil : row.held(at: 3),
        after: (row[5] as Int64?).map {
          PastVector.Run(first: UInt64($0), previousTip: Array(row[6] as Data))
        })
    }
    return past.vector
  }

  static let badPlace = DatabaseError(message: "a log or a hash has not 16 bytes")

  typealias LogEnd = (index: UInt64, hash: [UInt8])

  private func end(of library: LibraryRow) throws -> LogEnd {
    try first(
      "SELECT idx, hash FROM entry WHERE library = ? ORDER BY idx DESC LIMIT 1",
      [.integer(library.id)]
    ) { (UInt64($0.integer(0)) + 1, $0.bytes(1)) } ?? (library.start.index, library.start.hash)
  }

  /// Returns the running hash after so many entries, `nil` where the last of them is not here.
  func hash(after index: Int64, in library: LibraryRow) throws -> [UInt8]? {
    try first(
      "SELECT hash FROM entry WHERE library = ? AND idx = ?",
      [.integer(library.id), .integer(index - 1)]
    ) { $0.bytes(0) }
  }

  private func origin(
    _ replica: ReplicaID, of library: LibraryRow
  ) throws -> (id: Int64, end: HubVector.Held)? {
    try first(
      "SELECT id, last_seq, tip FROM origin WHERE library = ? AND replica = ?",
      [.integer(library.id), .bytes(replica.bytes)]
    ) { ($0.integer(0), HubVector.Held(lastSeq: UInt64($0.integer(1)), tip: $0.bytes(2))) }
  }

  private func tip(of origin: Int64, endingIn last: UInt64) throws -> [UInt8]? {
    try first(
      "SELECT tip FROM entry WHERE origin = ? AND last = ?",
      [.integer(origin), .integer(Int64(last))]
    ) { $0.bytes(0) }
  }

  /// Sets the end of an origin's run and returns the number of the origin's row.
  private func advance(
    _ replica: ReplicaID, _ id: Int64?, of library: LibraryRow, to end: HubVector.Held
  ) throws -> Int64 {
    if let id {
      try run(
        "UPDATE origin SET last_seq = ?, tip = ? WHERE id = ?", .integer(Int64(end.lastSeq)),
        .bytes(end.tip), .integer(id))
      return id
    }
    try run(
      "INSERT INTO origin (library, replica, last_seq, tip) VALUES (?, ?, ?, ?)",
      .integer(library.id), .bytes(replica.bytes), .integer(Int64(end.lastSeq)), .bytes(end.tip))
    return lastInsertedRowID
  }

  private func insert(_ entry: LogState.Entry, of library: LibraryRow, origin: Int64) throws {
    let header = entry.bundle.header
    try run(
      """
      INSERT INTO entry (library, idx, origin, first, last, tip, hash, body)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)
      """, .integer(library.id), .integer(Int64(entry.index)), .integer(origin),
      .integer(Int64(header.first)), .integer(Int64(header.last)), .bytes(header.tip),
      .bytes(entry.hash), .bytes(entry.bundle.bytes))
  }
}

extension Row {
  /// Returns the number and the tip in two columns.
  fileprivate func held(at column: Int) -> HubVector.Held {
    HubVector.Held(
      lastSeq: UInt64(self[column] as Int64), tip: Array(self[column + 1] as Data))
  }
}
