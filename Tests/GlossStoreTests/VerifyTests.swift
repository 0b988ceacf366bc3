import GlossCore
import GlossTesting
import Testing

@testable import GlossStore

@Suite struct VerifyTests {
  @Test func `a library of everything is in order`() throws {
    let world = try Self.world()
    let found = try world["desk"].verify()
    #expect(found.damages == [])
    #expect(found.changeCount == 7)
    #expect(found.recordCount == 3)
    #expect(found.blobCount == 1)
    #expect(try world["lap"].verify().damages == [])
  }

  /// What random histories, hostile changes among them, leave behind is what is computed anew.
  @Test(arguments: 1...30)
  func `whatever was merged is in order`(seed: UInt64) throws {
    var generator = ChangeGenerator(seed: seed, replicaCount: 3, hostilePercent: 20)
    var random = SeededGenerator(seed: seed)
    let world = try World("desk", schema: Schema([ChangeGenerator.kind]))
    try world["desk"].deliver(generator.history(40).map(\.change), using: &random)
    #expect(try world["desk"].verify().damages == [])
  }

  /// Each damage, and what is found of it.
  private static let damages: [(sql: String, found: [Damage])] = [
    (
      "DELETE FROM _change WHERE id & 255 = 2 AND id >> 40 = 1",
      [.missingChanges(of: ReplicaID(1), 2...2)]
    ),
    (
      "UPDATE _change SET timestamp = timestamp + 65536 WHERE id & 255 = 1 AND id >> 40 = 1",
      [.alteredChanges(of: ReplicaID(1), 1...5)]
    ),
    (
      "UPDATE _change SET body = x'00ff' WHERE id & 255 = 1 AND id >> 40 = 1",
      [.unreadableChange(Dot(ReplicaID(1), 1))]
    ),
    ("UPDATE page SET title = 'other' WHERE id = 1", [.otherState(page(1))]),
    ("UPDATE page SET hidden = 1 - hidden WHERE id = 2", [.otherState(page(2))]),
    ("DELETE FROM page_tag", [.otherState(page(1))]),
    ("DELETE FROM _conflict", [.otherState(page(1)), .strayRows(table: "_conflict")]),
    ("UPDATE page SET heads = x'0000' WHERE id = 2", [.otherState(page(2))]),
    (
      "INSERT INTO page(id, uuid, hidden, heads) VALUES (99, zeroblob(16), 0, x'0000')",
      [.strayRows(table: "_record")]
    ),
    ("INSERT INTO _change VALUES (9 << 40 | 1, 1, 1, x'00')", [.strayRows(table: "_change")]),
    ("UPDATE _blob SET content = x'01'", [.alteredBlob(BlobID(digest: blobDigest)!)]),
  ]
  private static let blobDigest: [UInt8] = [
    0xBA, 0x78, 0x16, 0xBF, 0x8F, 0x01, 0xCF, 0xEA, 0x41, 0x41, 0x40, 0xDE, 0x5D, 0xAE, 0x22, 0x23,
    0xB0, 0x03, 0x61, 0xA3, 0x96, 0x17, 0x7A, 0x9C, 0xB4, 0x10, 0xFF, 0x61, 0xF2, 0x00, 0x15, 0xAD,
  ]

  @Test(arguments: damages.indices)
  func `what is altered is found, and what is computed is mended`(index: Int) throws {
    let (sql, expected) = Self.damages[index]
    let world = try Self.world()
    let desk = world["desk"]
    try desk.transact { try $0.execute(sql) }
    let found = try desk.verify().damages
    for damage in expected { #expect(found.contains(damage), "\(sql) gives \(found)") }
    guard expected.allSatisfy(\.isMendedByRepair), !sql.contains("_change") else { return }
    let shown = try world["lap"].shown()
    try desk.repair()
    #expect(try desk.verify().damages == [])
    #expect(try desk.shown() == shown)
  }

  /// Two replicas that hold a conflict, a delete, a tag, a reference and a large value.
  private static func world() throws -> World {
    let world = try World("desk", "lap")
    try world["desk"].write(at: 1_000) { edits in
      let body = try edits.addBlob(Array("abc".utf8))
      try edits.add(page(1), ["title": .text("A"), "body": .blob(body), "tag/x": .bool(true)])
    }
    try world["desk"].add(page(2), ["title": .text("gone")])
    try world["desk"].add(note(3), ["page": .record(RecordID(1)), "body": .text("n")])
    try world.syncAll()
    try world["desk"].edit(page(1), ["title": .text("B")])
    try world["lap"].edit(page(1), ["title": .text("C")])
    try world["desk"].delete(page(2))
    try world["lap"].edit(page(1), ["progress": .integer(3)])
    try world.syncAll()
    return world
  }
}
