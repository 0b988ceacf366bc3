internal import GRDB
internal import GlossCore
internal import GlossWire

#if canImport(FoundationEssentials)
  internal import FoundationEssentials
#else
  internal import Foundation
#endif

extension Database {
  /// Keeps pieces of blobs, in order, up to the first that cannot be kept.
  ///
  /// - Returns: Why that one cannot.
  func keep(
    _ parts: [BlobPart], of library: LibraryRow, _ state: inout BlobState, now: Int64,
    expiry: Int64
  ) throws -> Problem? {
    let isQuestion = parts.allSatisfy(\.bytes.isEmpty)
    if !isQuestion { state.forget(byteCount: try forgetUploads(of: library, until: expiry)) }
    for name in Set(parts.map(\.name)) { try tell(&state, of: name, in: library) }
    if isQuestion { return nil }
    var problem: Problem?
    for part in parts where problem == nil {
      do {
        problem = try write(try state.offer(part), of: part, in: library, &state, now: now)
      } catch let refusal as Problem {
        problem = refusal
      }
    }
    try cachedStatement(sql: "UPDATE library SET byte_count = ? WHERE id = ?").execute(
      arguments: [state.byteCount, library.id])
    return problem
  }

  func blobs(
    _ wants: [BlobWant], of library: LibraryRow, byteLimit: Int
  ) throws -> [BlobPart] {
    var page = BlobPage(byteLimit: byteLimit)
    var parts: [BlobPart] = []
    let find = try cachedStatement(
      sql: "SELECT id, digest, length(body) FROM blob WHERE library = ? AND name = ?")
    let read = try cachedStatement(sql: "SELECT substr(body, ?, ?) FROM blob WHERE id = ?")
    for want in wants {
      guard let row = try Row.fetchOne(find, arguments: [library.id, Data(want.name)]) else {
        continue
      }
      let range = page.range(for: want, size: row[2])
      var part = BlobPart(
        name: want.name, digest: Array(row[1] as Data), size: row[2], offset: range.lowerBound,
        bytes: [])
      if !range.isEmpty {
        let bytes = try Data.fetchOne(
          read, arguments: [range.lowerBound + 1, range.count, row[0] as Int64])
        part.bytes = bytes.map { Array($0) } ?? []
      }
      parts.append(part)
    }
    return parts
  }

  /// Writes what a part comes to, and returns why its blob is none, where that shows.
  private func write(
    _ effect: BlobState.Effect, of part: BlobPart, in library: LibraryRow,
    _ state: inout BlobState, now: Int64
  ) throws -> Problem? {
    switch effect {
    case .none: return nil
    case .piece(let start, let bytes):
      let upload = try Int64.fetchOne(
        try cachedStatement(
          sql: """
            INSERT INTO upload (library, name, digest, size, held, touched)
            VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT DO UPDATE SET held = excluded.held, touched = excluded.touched
            RETURNING id
            """),
        arguments: [library.id, Data(part.name), Data(part.digest), part.size, part.end, now])
      try cachedStatement(sql: "INSERT INTO upload_piece (upload, start, bytes) VALUES (?, ?, ?)")
        .execute(arguments: [upload, start, Data(bytes)])
      return nil
    case .last(let start, let bytes):
      let body = start == 0 ? bytes : try pieces(of: part, in: library) + bytes
      let problem = state.complete(part, body: body)
      try cachedStatement(
        sql: "DELETE FROM upload WHERE library = ?1 AND name = ?2 AND (?3 IS NULL OR digest = ?3)"
      ).execute(
        arguments: [library.id, Data(part.name), problem == nil ? nil : Data(part.digest)])
      guard problem == nil else { return problem }
      try cachedStatement(
        sql: "INSERT INTO blob (library, name, digest, body) VALUES (?, ?, ?, ?)"
      ).execute(arguments: [library.id, Data(part.name), Data(part.digest), Data(body)])
      return nil
    }
  }

  private func pieces(of part: BlobPart, in library: LibraryRow) throws -> [UInt8] {
    var body: [UInt8] = []
    body.reserveCapacity(part.size)
    let rows = try Data.fetchCursor(
      try cachedStatement(
        sql: """
          SELECT bytes FROM upload_piece JOIN upload ON upload.id = upload
          WHERE library = ? AND name = ? AND digest = ? ORDER BY start
          """),
      arguments: [library.id, Data(part.name), Data(part.digest)])
    while let bytes = try rows.next() { body += bytes }
    return body
  }

  /// Lets `state` know what is held of a name.
  private func tell(_ state: inout BlobState, of name: [UInt8], in library: LibraryRow) throws {
    let size = try Int.fetchOne(
      try cachedStatement(sql: "SELECT length(body) FROM blob WHERE library = ? AND name = ?"),
      arguments: [library.id, Data(name)])
    if let size { state.hold(blob: name, byteCount: size) }
    let uploads = try Row.fetchCursor(
      try cachedStatement(
        sql: "SELECT digest, size, held FROM upload WHERE library = ? AND name = ?"),
      arguments: [library.id, Data(name)])
    while let row = try uploads.next() {
      let upload = BlobState.Upload(name: name, digest: Array(row[0] as Data))
      state.hold(upload, size: row[1], held: row[2])
    }
  }

  /// Forgets what was not added to since a time, and returns how many bytes that was.
  private func forgetUploads(of library: LibraryRow, until expiry: Int64) throws -> Int {
    let old = try Int.fetchOne(
      self, sql: "SELECT coalesce(sum(held), 0) FROM upload WHERE library = ? AND touched <= ?",
      arguments: [library.id, expiry])
    try execute(
      sql: "DELETE FROM upload WHERE library = ? AND touched <= ?", arguments: [library.id, expiry])
    return old ?? 0
  }
}
