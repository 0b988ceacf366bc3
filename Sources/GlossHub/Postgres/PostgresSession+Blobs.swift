#if PostgreSQL
  internal import GlossCore
  internal import GlossWire

  // Blobs. Who keeps parts holds the library's row locked, as who appends does, so that what is counted stays right; parts
  // that are whole blobs, as most are, go in together.

  extension PostgresSession {
    /// Keeps pieces of blobs, in order, up to the first that cannot be kept.
    ///
    /// - Returns: Why that one cannot, and what is held of each then.
    func keep(
      _ parts: [BlobPart], of library: LibraryID, now: Int64, expiry: Int64, byteLimit: Int?
    ) throws -> (problem: Problem?, holdings: [BlobHolding]) {
      let head = try query(
        "SELECT byte_count FROM library WHERE library = $1 FOR UPDATE", .uuid(library.bytes))
      var state = BlobState(
        of: library, byteCount: Int(head.count == 1 ? head.int(0, 0) : 0), byteLimit: byteLimit)
      state.forget(byteCount: try forgetUploads(of: library, until: expiry))
      try tell(&state, of: parts, in: library)
      var whole: [(part: BlobPart, body: [UInt8])] = []
      var problem: Problem?
      for part in parts where problem == nil {
        do {
          switch try state.offer(part) {
          case .none: break
          case .piece(let start, let bytes):
            try insert(bytes, at: start, of: part, in: library, now: now)
          case .last(let start, let bytes):
            let body = start == 0 ? bytes : try pieces(of: part, in: library) + bytes
            problem = state.complete(part, body: body)
            if problem != nil {
              try removeUploads(of: [part.name], digest: part.digest, in: library)
            } else if start == 0 {
              whole.append((part, body))
            } else {
              try insert([(part, body)], in: library)
            }
          }
        } catch let refusal as Problem {
          problem = refusal
        }
      }
      try insert(whole, in: library)
      try query(
        "UPDATE library SET byte_count = $2 WHERE library = $1", .uuid(library.bytes),
        .int(Int64(state.byteCount)))
      return (problem, parts.map(state.holding(of:)))
    }

    /// Says what is held of each part's blob.
    func holdings(of parts: [BlobPart], in library: LibraryID) throws -> [BlobHolding] {
      var state = BlobState(of: library, byteCount: 0, byteLimit: nil)
      try tell(&state, of: parts, in: library)
      return parts.map(state.holding(of:))
    }

    func blobs(
      _ wants: [BlobWant], of library: LibraryID, byteLimit: Int
    ) throws -> [BlobPart] {
      let rows = try query(
        """
        SELECT name, digest, octet_length(body)::bigint FROM blob
        WHERE library = $1 AND name = ANY ($2)
        """, .uuid(library.bytes), .byteStrings(wants.map(\.name)))
      var found: [[UInt8]: (digest: [UInt8], size: Int)] = [:]
      for row in 0..<rows.count {
        found[rows.bytes(row, 0)] = (rows.bytes(row, 1), Int(rows.int(row, 2)))
      }
      var page = BlobPage(byteLimit: byteLimit)
      var parts: [BlobPart] = []
      var ranges: [Range<Int>] = []
      for want in wants {
        guard let blob = found[want.name] else { continue }
        let range = page.range(for: want, size: blob.size)
        ranges.append(range)
        parts.append(
          BlobPart(
            name: want.name, digest: blob.digest, size: blob.size, offset: range.lowerBound,
            bytes: []))
      }
      let read = try query(
        """
        SELECT p.number, substring(b.body FROM (p.start + 1)::int FOR p.count::int)
        FROM unnest($2::bytea[], $3::bigint[], $4::bigint[])
          WITH ORDINALITY AS p (name, start, count, number)
        JOIN blob b ON b.library = $1 AND b.name = p.name WHERE p.count > 0
        """, .uuid(library.bytes), .byteStrings(parts.map(\.name)),
        .ints(ranges.map { Int64($0.lowerBound) }), .ints(ranges.map { Int64($0.count) }))
      for row in 0..<read.count { parts[Int(read.int(row, 0)) - 1].bytes = read.bytes(row, 1) }
      return parts
    }

    private func insert(
      _ bytes: [UInt8], at start: Int, of part: BlobPart, in library: LibraryID, now: Int64
    ) throws {
      try query(
        """
        INSERT INTO upload (library, name, digest, size, held, touched)
        VALUES ($1, $2, $3, $4, $5, $6)
        ON CONFLICT (library, name, digest)
        DO UPDATE SET held = excluded.held, touched = excluded.touched
        """, .uuid(library.bytes), .bytes(part.name), .bytes(part.digest), .int(Int64(part.size)),
        .int(Int64(part.end)), .int(now))
      try query(
        "INSERT INTO upload_piece (library, name, digest, start, bytes) VALUES ($1, $2, $3, $4, $5)",
        .uuid(library.bytes), .bytes(part.name), .bytes(part.digest), .int(Int64(start)),
        .bytes(bytes))
    }

    /// Inserts whole blobs, and removes what came of others of their names.
    private func insert(
      _ blobs: [(part: BlobPart, body: [UInt8])], in library: LibraryID
    ) throws {
      guard !blobs.isEmpty else { return }
      try query(
        """
        INSERT INTO blob (library, name, digest, body)
        SELECT $1, * FROM unnest($2::bytea[], $3::bytea[], $4::bytea[])
        """, .uuid(library.bytes), .byteStrings(blobs.map(\.part.name)),
        .byteStrings(blobs.map(\.part.digest)), .byteStrings(blobs.map(\.body)))
      try removeUploads(of: blobs.map(\.part.name), digest: nil, in: library)
    }

    private func pieces(of part: BlobPart, in library: LibraryID) throws -> [UInt8] {
      let rows = try query(
        """
        SELECT bytes FROM upload_piece WHERE library = $1 AND name = $2 AND digest = $3
        ORDER BY start
        """, .uuid(library.bytes), .bytes(part.name), .bytes(part.digest))
      return (0..<rows.count).flatMap { rows.bytes($0, 0) }
    }

    /// Removes what came of blobs of these names, or what of it has one digest.
    private func removeUploads(
      of names: [[UInt8]], digest: [UInt8]?, in library: LibraryID
    ) throws {
      for table in ["upload_piece", "upload"] {
        try query(
          """
          DELETE FROM \(table) WHERE library = $1 AND name = ANY ($2)
            AND (octet_length($3) = 0 OR digest = $3)
          """, .uuid(library.bytes), .byteStrings(names), .bytes(digest ?? []))
      }
    }

    /// Lets `state` know what is held of the parts' names.
    private func tell(
      _ state: inout BlobState, of parts: [BlobPart], in library: LibraryID
    ) throws {
      let rows = try query(
        """
        SELECT name, NULL::bytea, octet_length(body)::bigint, 0::bigint FROM blob
        WHERE library = $1 AND name = ANY ($2)
        UNION ALL
        SELECT name, digest, size, held FROM upload WHERE library = $1 AND name = ANY ($2)
        """, .uuid(library.bytes), .byteStrings(Array(Set(parts.map(\.name)))))
      for row in 0..<rows.count {
        let (name, size) = (rows.bytes(row, 0), Int(rows.int(row, 2)))
        if rows.isNull(row, 1) {
          state.hold(blob: name, byteCount: size)
        } else {
          let upload = BlobState.Upload(name: name, digest: rows.bytes(row, 1))
          state.hold(upload, size: size, held: Int(rows.int(row, 3)))
        }
      }
    }

    /// Forgets what was not added to since a time, and returns how many bytes that was.
    private func forgetUploads(of library: LibraryID, until expiry: Int64) throws -> Int {
      try query(
        """
        DELETE FROM upload_piece p USING upload u
        WHERE u.library = $1 AND u.touched <= $2
          AND p.library = u.library AND p.name = u.name AND p.digest = u.digest
        """, .uuid(library.bytes), .int(expiry))
      let rows = try query(
        "DELETE FROM upload WHERE library = $1 AND touched <= $2 RETURNING held",
        .uuid(library.bytes), .int(expiry))
      return (0..<rows.count).reduce(0) { $0 + Int(rows.int($1, 0)) }
    }
  }
#endif
