#if PostgreSQL
  internal import GlossCore
  internal import GlossWire

  extension PostgresSession {
    /// Returns the entries after the cursor that fit a page.
    ///
    /// - Parameters:
    ///   - end: The number of entries that the log has for this reader, `nil` for all.
    ///   - runs: The bundles that the reader has.
    func page(
      of library: LibraryID, token: [UInt8], after cursor: Cursor?, before end: UInt64? = nil,
      byteLimit: Int, leavingOut runs: Set<PushedBundle.Run> = []
    ) throws -> Page {
      let log = try log(of: library, token: token)
      try check(cursor, in: log, of: library)
      var assembly = PageAssembly(after: cursor, byteLimit: byteLimit, leavingOut: runs)
      var included: [Int64] = []
      // First what the entries are, then the bodies of those that fit: a body may be large.
      let step = 1_024
      var isOver = false
      while !isOver {
        let first = Int64(clamping: assembly.index)
        let rows = try query(
          """
          SELECT replica, first, last, tip, hash, octet_length(body), idx FROM entry
          WHERE library = $1 AND idx >= $2 AND idx < $3 ORDER BY idx
          """, .uuid(library.bytes), .int(first),
          .int(min(first + Int64(step), Int64(clamping: end ?? .max))))
        for row in 0..<rows.count where !assembly.isFull {
          let run = PushedBundle.Run(
            origin: rows.bytes(row, 0), first: UInt64(rows.int(row, 1)),
            last: UInt64(rows.int(row, 2)), tip: rows.bytes(row, 3))
          let index = Int64(assembly.index)
          // Entries may be dropped between two statements.
          guard rows.int(row, 6) == index else { throw Problem.compacted }
          let verdict = assembly.offer(
            run, byteCount: Int(rows.int(row, 5)), hash: rows.bytes(row, 4))
          if verdict == .included { included.append(index) }
        }
        isOver = assembly.isFull || rows.count < step
      }
      let bodies = try bodies(included, of: library)
      guard bodies.count == included.count else { throw Problem.compacted }
      let page = assembly.page(of: bodies, log: log.name, epoch: log.epoch)
      guard let page else { throw Self.badPlace }
      return page
    }

    /// - Throws: `cursorUnknown` and `compacted`, as ``LogStart`` says.
    func vector(of library: LibraryID, at index: UInt64?, token: [UInt8]) throws -> HubVector {
      try transaction("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY") {
        let log = try log(of: library, token: token)
        let head = try query(
          "SELECT next_index, hash FROM library WHERE library = $1", .uuid(library.bytes))
        if let index, head.count == 1, index != UInt64(head.int(0, 0)) {
          try log.start.check(index, end: UInt64(head.int(0, 0)))
          return try vector(of: library, before: index, in: log)
        }
        let rows = try query(
          "SELECT replica, last_seq, tip FROM origin WHERE library = $1", .uuid(library.bytes))
        var origins: [ReplicaID: HubVector.Held] = [:]
        for row in 0..<rows.count {
          guard let replica = ReplicaID(bytes: rows.bytes(row, 0)) else { continue }
          origins[replica] = HubVector.Held(
            lastSeq: UInt64(rows.int(row, 1)), tip: rows.bytes(row, 2))
        }
        guard head.count == 1,
          let end = Cursor(
            log: log.name, index: UInt64(head.int(0, 0)), hash: head.bytes(0, 1))
        else { throw Self.badPlace }
        return HubVector(origins: origins, end: end)
      }
    }

    /// Returns what was held when the log had `index` entries, fewer than now.
    private func vector(
      of library: LibraryID, before index: UInt64, in log: PostgresLog
    ) throws -> HubVector {
      let hash =
        index == log.start.index
        ? log.start.hash : try hash(after: Int64(clamping: index), of: library)
      guard let hash, let place = Cursor(log: log.name, index: index, hash: hash) else {
        throw Self.badPlace
      }
      var past = PastVector(at: place)
      // An origin's entries are in the same order by number and by place.
      let rows = try query(
        """
        SELECT o.replica, o.last_seq, o.tip, coalesce(b.last, 0), coalesce(b.tip, ''),
          coalesce(a.first, 0), coalesce(a.previous_tip, '')
        FROM origin o
        LEFT JOIN LATERAL (
          SELECT e.last, e.tip FROM entry e
          WHERE e.library = o.library AND e.replica = o.replica AND e.idx < $2
          ORDER BY e.last DESC LIMIT 1) b ON true
        LEFT JOIN LATERAL (
          SELECT e.first, substring(e.body FROM \(BundleHeader.previousTipOffset + 1) FOR 32) previous_tip
          FROM entry e
          WHERE e.library = o.library AND e.replica = o.replica AND e.idx >= $2
          ORDER BY e.last LIMIT 1) a ON true
        WHERE o.library = $1
        """, .uuid(library.bytes), .int(Int64(clamping: index)))
      for row in 0..<rows.count {
        guard let replica = ReplicaID(bytes: rows.bytes(row, 0)) else { continue }
        let (before, after) = (UInt64(rows.int(row, 3)), UInt64(rows.int(row, 5)))
        past.add(
          replica,
          now: HubVector.Held(lastSeq: UInt64(rows.int(row, 1)), tip: rows.bytes(row, 2)),
          before: before == 0 ? nil : HubVector.Held(lastSeq: before, tip: rows.bytes(row, 4)),
          after: after == 0
            ? nil : PastVector.Run(first: after, previousTip: rows.bytes(row, 6)))
      }
      return past.vector
    }

    /// Whether each log's head is where its entries end.
    func check() throws -> Bool {
      try query(
        """
        SELECT NOT EXISTS (
          SELECT 1 FROM library l LEFT JOIN LATERAL (
            SELECT e.idx + 1 AS next_index, e.hash FROM entry e WHERE e.library = l.library
            ORDER BY e.idx DESC LIMIT 1
          ) last ON true
          WHERE l.next_index <> coalesce(last.next_index, l.log_start)
            OR l.hash <> coalesce(last.hash, l.start_hash))
        """
      ).int(0, 0) == 1
    }

    /// - Throws: `cursorUnknown` and `compacted`, as ``LogStart`` says.
    func check(_ cursor: Cursor?, in log: PostgresLog, of library: LibraryID) throws {
      let held = try cursor.flatMap { try hash(after: Int64(clamping: $0.index), of: library) }
      try log.start.check(cursor, inLog: log.name, hash: held)
    }

    static let badPlace = PostgresError(code: "", message: "a log or a hash has not 16 bytes")

    /// Returns the running hash after so many entries, `nil` where the last of them is not here.
    func hash(after index: Int64, of library: LibraryID) throws -> [UInt8]? {
      let rows = try query(
        "SELECT hash FROM entry WHERE library = $1 AND idx = $2", .uuid(library.bytes),
        .int(index - 1))
      return rows.count == 1 ? rows.bytes(0, 0) : nil
    }

    private func bodies(_ indexes: [Int64], of library: LibraryID) throws -> [[UInt8]] {
      guard !indexes.isEmpty else { return [] }
      let rows = try query(
        "SELECT body FROM entry WHERE library = $1 AND idx = ANY ($2) ORDER BY idx",
        .uuid(library.bytes), .ints(indexes))
      return (0..<rows.count).map { rows.bytes($0, 0) }
    }
  }
#endif
