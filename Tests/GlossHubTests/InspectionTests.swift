import Foundation
import GRDB
import GlossCore
import GlossHub
import GlossWire
import Testing

private func failure(_ body: () throws(SQLiteInspection.Failure) -> Void)
  -> SQLiteInspection.Failure?
{
  do throws(SQLiteInspection.Failure) {
    try body()
    return nil
  } catch {
    return error
  }
}

@Suite struct `Copies and checks` {
  /// A hub with two libraries, of which the first has two origins.
  private static func filled() async throws -> HubFixture {
    let fixture = try await HubFixture()
    for seq in UInt64(1)...5 {
      _ = try await fixture.push([fixture.bundle(1, seq, seq), fixture.bundle(2, seq, seq)])
    }
    let other = LibraryID(2)
    _ = try await fixture.ask(.createLibrary(other))
    let bundle = fixture.bundle(1, 1, 9, library: other)
    _ = try await fixture.page(.push(other, bundles: [bundle], after: nil))
    _ = try await fixture.upload(fixture.blob(1, size: 200), fixture.blob(2, size: 300))
    _ = try await fixture.upload([fixture.part(of: fixture.blob(3, size: 900), 0..<100)])
    _ = try await fixture.upload([fixture.part(of: fixture.blob(3, size: 900), 100..<150)])
    return fixture
  }

  private static func data(_ fixture: HubFixture) -> String { fixture.directory.path + "/data" }

  @Test func `a hub in use is checked, and all is well`() async throws {
    let fixture = try await Self.filled()
    let report = try SQLiteInspection(at: Self.data(fixture)).verify()
    #expect(report.findings.isEmpty)
    #expect(report.libraryCount == 2 && report.bundleCount == 11)
    #expect(report.blobCount == 2)
    #expect(report.byteCount == 11 * 150 + 200 + 300 + 150)
    _ = try await fixture.push([fixture.bundle(1, 6, 6)])
  }

  @Test(arguments: [
    (
      "DELETE FROM entry WHERE library = 1 AND idx = 4",
      ["missingEntries", "brokenRun", "wrongSize"]
    ),
    ("DELETE FROM entry WHERE library = 1 AND idx = 9", ["wrongEnd", "wrongSize"]),
    ("DELETE FROM entry WHERE library = 2", ["wrongEnd", "wrongSize"]),
    ("UPDATE entry SET hash = zeroblob(16) WHERE id = 3", ["wrongHash", "wrongHash"]),
    (
      "UPDATE entry SET body = CAST(substr(body, 1, 149) || x'7F' AS BLOB) WHERE id = 3",
      ["wrongHash"]
    ),
    (
      "UPDATE entry SET body = x'0102' WHERE id = 3", ["wrongHash", "alteredBundle", "wrongSize"]
    ),
    ("UPDATE entry SET tip = zeroblob(32) WHERE id = 3", ["alteredBundle", "brokenChain"]),
    (
      "UPDATE entry SET last = 99, origin = (SELECT max(id) FROM origin WHERE library = 1 "
        + "AND id <> entry.origin) WHERE id = 9", ["alteredBundle", "brokenRun", "wrongEnd"]
    ),
    ("UPDATE origin SET last_seq = 7 WHERE id = 2", ["wrongEnd"]),
    ("UPDATE library SET byte_count = 5 WHERE id = 1", ["wrongSize"]),
    (
      "UPDATE blob SET body = CAST(substr(body, 1, 199) || x'7F' AS BLOB) WHERE id = 1",
      ["alteredBlob"]
    ),
    ("UPDATE blob SET name = zeroblob(32) WHERE id = 2", ["alteredBlob"]),
    ("UPDATE blob SET library = 2 WHERE id = 2", ["wrongSize", "alteredBlob", "wrongSize"]),
    ("DELETE FROM blob WHERE id = 2", ["wrongSize"]),
    ("DELETE FROM upload_piece WHERE start = 0", ["brokenUpload"]),
    ("UPDATE upload SET held = 140", ["brokenUpload", "wrongSize"]),
    ("INSERT INTO keyring VALUES (1, 2, x'01'), (1, 4, x'01')", ["missingEpoch"]),
  ])
  func `what was altered is found`(sql: String, names: [String]) async throws {
    let fixture = try await Self.filled()
    try await fixture.store.close()
    let queue = try DatabaseQueue(path: Self.data(fixture) + "/hub.sqlite")
    try await queue.write { try $0.execute(sql: sql) }
    try queue.close()
    let report = try SQLiteInspection(at: Self.data(fixture)).verify()
    let found = report.findings.map { "\($0)".prefix { $0 != "(" } }
    #expect(found.map(String.init) == names, "\(report.findings)")
  }

  @Test func `a log whose start was dropped is in order, and a piece that is missing is found`()
    async throws
  {
    let fixture = try await HubFixture { $0.logRetention = 0 }
    var place: GlossWire.Cursor?
    for seq in UInt64(1)...5 {
      let pair = [fixture.bundle(1, seq, seq), fixture.bundle(2, seq, seq)]
      place = try await fixture.push(pair, after: place).cursor
    }
    _ = try await fixture.push([fixture.bundle(3, 1, 1)], after: place)
    try await fixture.sendSnapshot(7, upTo: try #require(place), pieceCount: 3)
    let report = try SQLiteInspection(at: Self.data(fixture)).verify()
    #expect(report.findings.isEmpty, "\(report.findings)")
    #expect(report.bundleCount == 1 && report.snapshotCount == 1)
    #expect(report.byteCount == 150 + 4 * HubFixture.pieceByteCount)

    try await fixture.store.close()
    let queue = try DatabaseQueue(path: Self.data(fixture) + "/hub.sqlite")
    for (sql, names) in [
      ("DELETE FROM snapshot_piece WHERE idx = 2", ["incompleteSnapshot", "wrongSize"]),
      ("UPDATE library SET start_hash = zeroblob(16)", ["wrongHash"]),
      ("UPDATE library SET log_start = 8", ["missingEntries"]),
    ] {
      try await queue.write { try $0.execute(sql: sql) }
      let found = try SQLiteInspection(at: Self.data(fixture)).verify().findings.map {
        String("\($0)".prefix { $0 != "(" })
      }
      #expect(Set(names).isSubset(of: found), "\(sql): \(found)")
    }
  }

  @Test func `a damaged page is found and does not trap`() async throws {
    let fixture = try await Self.filled()
    let path = fixture.directory.path + "/copy"
    _ = try SQLiteInspection(at: Self.data(fixture)).copy(to: path)
    // A page of the log: with one that says what tables there are the file could not be opened at all.
    let root = try await DatabaseQueue(path: path).read {
      try Int.fetchOne($0, sql: "SELECT rootpage FROM sqlite_schema WHERE name = 'entry'")
    }
    let end = 4_096 * (try #require(root))
    var file = try Data(contentsOf: URL(filePath: path))
    for place in stride(from: end - 4_096, to: end, by: 64) { file[place] ^= 0x55 }
    try file.write(to: URL(filePath: path))
    #expect(try !SQLiteInspection(at: path).verify().findings.isEmpty)
  }

  @Test func `a copy is what was there at one moment, and a hub of its own`() async throws {
    let fixture = try await Self.filled()
    let inspection = try SQLiteInspection(at: Self.data(fixture))
    let place = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: place.path + "/data", withIntermediateDirectories: true)
    let copy = place.path + "/data/hub.sqlite"
    let before = try await fixture.pull()
    #expect(try inspection.copy(to: copy).bundleCount == 11)
    let attributes = try FileManager.default.attributesOfItem(atPath: copy)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: place.path + "/data").count == 1)
    let after = try await fixture.push([fixture.bundle(1, 6, 6)])
    let restored = try await HubFixture(in: place)
    #expect(try await restored.pull() == before)
    #expect(try await restored.pull(after: before.cursor).bundles.isEmpty)
    let refused = await restored.problem(.pull(restored.library, after: after.cursor))
    #expect(refused?.type == .cursorUnknown)
  }

  @Test func `copies made while pushes go on are all sound`() async throws {
    let fixture = try await Self.filled()
    let place = try TemporaryDirectory()
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask {
        for seq in UInt64(6)...200 { _ = try await fixture.push([fixture.bundle(1, seq, seq)]) }
      }
      group.addTask {
        for number in 0..<5 {
          let inspection = try SQLiteInspection(at: Self.data(fixture))
          let report = try inspection.copy(to: place.path + "/\(number)")
          #expect(report.findings.isEmpty && report.bundleCount >= 11)
        }
      }
      try await group.waitForAll()
    }
    #expect(try SQLiteInspection(at: place.path + "/4").verify().findings.isEmpty)
  }

  @Test func `what cannot be read or written is said`() async throws {
    let fixture = try await Self.filled()
    let place = try TemporaryDirectory()
    let none = failure { () throws(SQLiteInspection.Failure) in
      _ = try SQLiteInspection(at: place.path)
    }
    #expect(
      none == .noDatabase(path: place.path + "/hub.sqlite", reason: "there is no such file"))
    try Data("not a database, but long enough to be looked at".utf8).write(
      to: URL(filePath: place.path + "/text"))
    let text = failure { () throws(SQLiteInspection.Failure) in
      _ = try SQLiteInspection(at: place.path + "/text")
    }
    #expect(text == .noDatabase(path: place.path + "/text", reason: "file is not a database"))
    let inspection = try SQLiteInspection(at: Self.data(fixture))
    let existing = failure { () throws(SQLiteInspection.Failure) in
      _ = try inspection.copy(to: place.path + "/text")
    }
    #expect(existing == .unwritable(path: place.path + "/text", reason: "it exists"))
    let nowhere = failure { () throws(SQLiteInspection.Failure) in
      _ = try inspection.copy(to: place.path + "/none/copy")
    }
    #expect(
      nowhere
        == .unwritable(path: place.path + "/none/copy", reason: "No such file or directory"))
  }
}
