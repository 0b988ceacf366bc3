import GlossCore
import Testing

@testable import GlossStore

@Suite struct EditTests {
  @Test func `a record is read as it was written`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    let blob = try desk.write(at: 5) { try $0.addBlob(Array("text".utf8)) }
    try desk.add(
      page(1),
      [
        "title": .text("A"), "body": .blob(blob), "progress": .integer(-3), "score": .real(0.5),
        "starred": .bool(true), "raw": .bytes([0, 255]), "tag/red": .bool(true),
        "tag/blue": .bool(true), "tag/gone": .bool(false),
      ])
    try desk.add(note(2), ["page": .record(page(1).id), "body": .text("")])
    let read = try #require(try desk.record(page(1)))
    #expect(
      read.values == [
        "title": .text("A"), "body": .blob(blob), "progress": .integer(-3), "score": .real(0.5),
        "starred": .bool(true), "raw": .bytes([0, 255]),
      ])
    #expect(read.members(of: "tag") == ["blue", "red"])
    #expect(
      try desk.record(note(2))?.values == ["page": .record(page(1).id), "body": .text("")])
    #expect(try desk.read { try $0.blob(blob) } == Array("text".utf8))
  }

  @Test func `an edit writes what differs from what its author saw, and nothing otherwise`() throws
  {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), ["title": .text("A"), "progress": .integer(1)])
    let basis = try desk.record(page(1))!.basis
    let same = try desk.write(at: 2_000) {
      try $0.edit(page(1), ["title": .text("A"), "progress": .integer(1)], basedOn: basis)
    }
    #expect(!same)
    try desk.edit(page(1), ["title": .text("B"), "progress": .integer(1)])
    let history = try desk.read { try $0.history(of: page(1)) }
    #expect(history.count == 2)
    #expect(history[1].change.writes.map(\.field) == ["title"])
    #expect(history[1].change.writes[0].parents == [Dot(desk.id, 1)])
  }

  @Test func `an edit by somebody who saw an older value stays beside the newer one`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), ["title": .text("A")])
    let old = try desk.record(page(1))!.basis
    try desk.edit(page(1), ["title": .text("B")])
    try desk.write(at: 3_000) { _ = try $0.edit(page(1), ["title": .text("C")], basedOn: old) }
    let versions = try desk.read { try $0.versions(of: "title", in: page(1)) }
    #expect(versions.map(\.value) == [.text("C"), .text("B")])
    #expect(
      try desk.read { try $0.conflicts() } == [
        OpenConflict(key: page(1), field: "title", reason: .values)
      ])
  }

  @Test func `resolving closes what its author was shown`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("A")])
    try world.syncAll()
    try world["desk"].edit(page(1), ["title": .text("B")], at: 2_000)
    try world["lap"].edit(page(1), ["title": .text("C")], at: 2_001)
    try world.syncAll()
    #expect(try world["desk"].shown() == world["lap"].shown())
    let basis = try world["lap"].record(page(1))!.basis
    try world["lap"].write(at: 3_000) {
      _ = try $0.resolve("title", of: page(1), to: .text("B and C"), basedOn: basis)
    }
    #expect(try world["lap"].read { try $0.conflicts() }.isEmpty)
    try world.syncAll()
    #expect(try world["desk"].read { try $0.conflicts() }.isEmpty)
    #expect(try world["desk"].record(page(1))?.values["title"] == .text("B and C"))
  }

  @Test func `a failed edit leaves nothing, not even the edits before it`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), ["title": .text("A")])
    let before = try desk.shown()
    let tooLong = String(repeating: "x", count: Limits.valueByteCount + 1)
    for bad in ["nul\0", tooLong] {
      #expect(throws: StoreError.self) {
        try desk.write(at: 2) { edits in
          try edits.add(page(2), ["title": .text("B")])
          try edits.add(page(3), ["title": .text(bad)])
        }
      }
    }
    #expect(try desk.shown() == before)
    try desk.add(page(4), ["title": .text("D")])
    #expect(try desk.read { try $0.vector() }[desk.id] == 2)
  }

  @Test func `history and former states are read back`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), ["title": .text("A")], at: 1_000)
    try desk.edit(page(1), ["title": .text("B")], at: 2_000)
    try desk.delete(page(1), at: 3_000)
    #expect(try desk.read { try $0.record(page(1), at: 999) } == nil)
    #expect(try desk.read { try $0.record(page(1), at: 1_500) }?.values["title"] == .text("A"))
    #expect(try desk.read { try $0.record(page(1), at: 2_000) }?.values["title"] == .text("B"))
    #expect(try desk.read { try $0.record(page(1), at: 3_000) }?.isHidden == true)
    #expect(try desk.read { try $0.history(of: page(1)) }.count == 3)
  }
}

@Suite struct DeleteTests {
  @Test func `deleting a page deletes its notes, and undeleting brings back those and no others`()
    throws
  {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), ["title": .text("A")])
    for number in 2...4 {
      try desk.add(note(UInt128(number)), ["page": .record(page(1).id), "body": .text("n")])
    }
    try desk.delete(note(2))
    try desk.delete(page(1))
    #expect(try desk.read { try $0.count(Query("page")) + (try $0.count(Query("note"))) } == 0)
    let basis = try desk.record(page(1))!.basis
    let back = try desk.write(at: 9_000) { try $0.undelete(page(1), basedOn: basis) }
    #expect(back == [page(1), note(3), note(4)])
    #expect(try desk.read { try $0.count(Query("note")) } == 2)
    #expect(try desk.record(note(2))?.isHidden == true)
  }

  @Test func `an edit that a delete did not see keeps the record and is listed`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("A")])
    try world.syncAll()
    try world["desk"].delete(page(1), at: 5_000)
    try world["lap"].edit(page(1), ["title": .text("B")], at: 4_000)
    try world.syncAll()
    for name in ["desk", "lap"] {
      #expect(try world[name].record(page(1))?.isHidden == false)
      #expect(
        try world[name].read { try $0.conflicts() } == [
          OpenConflict(key: page(1), field: Field.deleted, reason: .editedAndDeleted)
        ])
    }
    try world["desk"].delete(page(1), at: 6_000)
    try world.syncAll()
    #expect(try world["lap"].record(page(1))?.isHidden == true)
    #expect(try world["lap"].read { try $0.conflicts() }.isEmpty)
  }

  @Test func `a note that a delete of its page did not see is listed, never hidden`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("A")])
    try world.syncAll()
    try world["desk"].delete(page(1))
    try world["lap"].add(note(2), ["page": .record(page(1).id), "body": .text("n")])
    #expect(try world["lap"].read { try $0.conflicts() }.isEmpty)
    try world.syncAll()
    for name in ["desk", "lap"] {
      #expect(
        try world[name].read { try $0.conflicts() } == [
          OpenConflict(key: note(2), field: "page", reason: .parentDeleted(page(1)))
        ])
    }
  }

  @Test func `a note may come before its page`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(note(2), ["page": .record(page(1).id), "body": .text("n")])
    #expect(try world["desk"].read { try $0.count(Query("page")) } == 0)
    #expect(try world["desk"].record(page(1)) == nil)
    #expect(try world["desk"].read { try $0.conflicts() }.isEmpty)
    try world["desk"].add(page(1), ["title": .text("A")])
    #expect(try world["desk"].record(page(1))?.values["title"] == .text("A"))
    #expect(
      try world["desk"].read {
        var query = Query("note")
        query.filters = [.equals("page", .record(page(1).id))]
        return try $0.records(query).map(\.key)
      } == [note(2)])
  }

  @Test func `adding a deleted record again shows it again`() throws {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), ["title": .text("A")])
    try desk.delete(page(1))
    try desk.add(page(1), ["title": .text("A")])
    #expect(try desk.record(page(1))?.isHidden == false)
  }
}
