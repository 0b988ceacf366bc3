import Foundation
import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Files that were copied, put back from a backup, or taken along in the image of a machine.
@Suite struct CopyTests {
  /// A desk and a lap that hold the same, and a change of the desk that nobody else has.
  private func world() async throws -> World {
    let world = try await World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.syncAll()
    try world["desk"].add(page(2), ["title": .text("unsent")])
    return world
  }

  /// Everybody has synced, holds the same, and has nothing left to say.
  private func expectAgreement(_ world: World) async throws {
    for _ in 0..<3 {
      for name in world.names { try await world.sync(name) }
    }
    let shown = try world["desk"].shown()
    for name in world.names {
      #expect(try world[name].shown() == shown)
      #expect(try world[name].read { try $0.statistics() }.unsentCount == 0)
      #expect(try await world.sync(name).requests == 1)
    }
    // A copied machine on which nothing was written has nothing that would tell it from the original.
    let ids = Dictionary(
      grouping: try world.names.map { (world[$0].id, try world[$0].remote()!.credential) }, by: \.1
    ).mapValues { Set($0.map(\.0)) }
    #expect(ids.values.allSatisfy { $0.count == 1 }, "each device has a token of its own")
  }

  @Test func `a copied file goes on as a replica of its own, with what was unsent`() async throws {
    let world = try await world()
    let desk = world["desk"].id
    try world.copy("desk", as: "copy", .file)
    let copy = world["copy"]
    #expect(copy.id != desk)
    #expect(copy.renewal == Renewal(former: desk, id: copy.id, remadeCount: 0))
    #expect(try copy.read { try $0.statistics() }.unsentCount == 1)
    // The original never comes back; the copy is all there is of its last change.
    try await world.sync("copy")
    try await world.sync("lap")
    #expect(try world["lap"].title(2) == .text("unsent"))
    #expect(world["desk"].id == desk, "the original is what it was")
    try await expectAgreement(world)
  }

  @Test func `the original and a copied file both send what both have`() async throws {
    let world = try await world()
    try world.copy("desk", as: "copy", .file)
    try world["desk"].add(page(3), ["title": .text("of the desk")])
    try world["copy"].add(page(4), ["title": .text("of the copy")])
    try await world.sync("desk")
    try await world.sync("copy")
    try await expectAgreement(world)
    for number in UInt128(1)...4 { #expect(try world["lap"].title(number) != nil) }
  }

  @Test(arguments: [["desk", "copy"], ["copy", "desk"]])
  func `a copied machine makes again what it did under the other's name`(
    order: [String]
  ) async throws {
    let world = try await world()
    let desk = world["desk"].id
    try world.copy("desk", as: "copy", .machine)
    #expect(world["copy"].id == desk)
    for name in ["desk", "copy"] {
      try world[name].edit(page(1), ["title": .text("by the \(name)")])
      try world[name].edit(page(1), ["progress": .integer(name == "desk" ? 1 : 2)])
      try world[name].add(note(name == "desk" ? 1 : 2), ["page": .record(RecordID(1))])
    }
    _ = try await world.sync(order[0])
    let report = try await world.sync(order[1])
    #expect(report.renewal == Renewal(former: desk, id: world[order[1]].id, remadeCount: 3))
    #expect(world[order[0]].id == desk && world[order[1]].id != desk)
    try await expectAgreement(world)
    // Neither saw the other's title, so both stay until somebody decides.
    let titles = try world["lap"].read { try $0.versions(of: "title", in: page(1)) }.map(\.value)
    #expect(Set(titles) == [.text("by the desk"), .text("by the copy")])
    #expect(try world["lap"].record(note(1)) != nil && world["lap"].record(note(2)) != nil)
    #expect(try world["lap"].title(2) == .text("unsent"))
    #expect(try world["lap"].read { try $0.quarantine() } == [])
  }

  @Test
  func
    `a copied machine that only reads becomes a replica of its own when it meets the other's changes`()
    async throws
  {
    let world = try await world()
    let desk = world["desk"].id
    try world.copy("desk", as: "copy", .machine)
    try world["desk"].add(page(3), ["title": .text("later")])
    try await world.sync("desk")
    let report = try await world.sync("copy")
    #expect(report.renewal?.former == desk && report.renewal?.remadeCount == 0)
    #expect(try world["copy"].title(3) == .text("later"))
    try await expectAgreement(world)
  }

  @Test func `a copied machine learns it also from what it had set aside`() async throws {
    let world = try await world()
    let desk = world["desk"].id
    try world.copy("desk", as: "copy", .machine)
    try await world.sync("desk")
    try world["desk"].add(page(3), ["title": .text("later")])
    try await world.sync("desk")
    try world["copy"].add(page(4), ["title": .text("of the copy")])
    var generator = SeededGenerator(seed: 99)
    let stranger = world.engine("copy", root: RootKey.random(using: &generator))
    _ = try? await stranger.sync()
    #expect(try world["copy"].setAside().contains { $0.origin == desk })
    let report = try await world.sync("copy")
    #expect(report.renewal?.former == desk)
    try await expectAgreement(world)
    for number in UInt128(1)...4 { #expect(try world["lap"].title(number) != nil) }
  }

  @Test(arguments: [World.Copying.file, .machine])
  func `a file put back from a backup keeps what it had, and gets back what it had sent`(
    copying: World.Copying
  ) async throws {
    let world = try await world()
    let desk = world["desk"].id
    let path = world["desk"].path
    try world["desk"].close()
    let backup = try Data(contentsOf: URL(filePath: path))
    world.adopt(try world.open(path), as: "later")
    try world["later"].add(page(3), ["title": .text("after the backup")])
    try await world.sync("later")
    try world["later"].close()
    // The same file, in place: only its generation tells, and in the image of a machine not even that.
    for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: path + suffix) }
    let file = try FileHandle(forWritingTo: URL(filePath: path))
    try file.truncate(atOffset: 0)
    try file.write(contentsOf: backup)
    try file.close()
    if copying == .machine {
      let said = try String(contentsOfFile: path + "-lock", encoding: .utf8)
      let words = said.split(separator: " ")
      let generation = String(repeating: "0", count: words[4].count)
      let earlier = (words[..<4] + [generation[...]] + words[5...]).joined(separator: " ")
      try earlier.write(toFile: path + "-lock", atomically: false, encoding: .utf8)
    }
    let restored = try world.open(path)
    #expect((restored.id == desk) == (copying == .machine))
    try restored.add(page(4), ["title": .text("after it was put back")])
    let engine = SyncEngine(
      replica: restored, root: world.root, transport: world.transport("desk"),
      using: SeededGenerator(seed: 5), sleep: { _ in })
    let report = try await engine.sync()
    #expect(restored.id != desk)
    #expect((report.renewal?.remadeCount ?? 0) == (copying == .machine ? 1 : 0))
    try await world.sync("lap")
    for number in UInt128(1)...4 {
      #expect(try restored.title(number) != nil)
      #expect(try world["lap"].title(number) == restored.title(number))
    }
    #expect(try world["lap"].shown() == restored.shown())
  }

  @Test func `a file that was moved within its folder, or opened again, is the same replica`()
    throws
  {
    let folder = try Folder()
    var generator = SeededGenerator(seed: 1)
    let path = folder.file("a")
    let replica = try Replica.create(
      at: path, library: LibraryID(1), id: ReplicaID(2), schema: schema)
    try replica.add(page(1), ["title": .text("A")])
    try replica.close()
    for suffix in ["", "-lock"] {
      try FileManager.default.moveItem(atPath: path + suffix, toPath: folder.file("b") + suffix)
    }
    for _ in 0..<2 {
      let again = try Replica.open(at: folder.file("b"), schema: schema, using: &generator)
      #expect(again.id == ReplicaID(2) && again.renewal == nil)
      try again.close()
    }
  }

  /// Copies of copies, noticed and not, edit and sync at random; what anybody confirmed is in everybody's history.
  @Test(arguments: 0..<60)
  func `whatever is copied, nothing is lost and all agree`(seed: UInt64) async throws {
    var generator = SeededGenerator(seed: seed)
    let world = try await World("desk", "lap", seed: seed + 1_000)
    var written: Set<Value> = []
    for step in 1...40 {
      let name = world.names.randomElement(using: &generator)!
      switch Int.random(in: 0..<10, using: &generator) {
      case 0 where world.names.count < 6:
        let copying: World.Copying = generator.happens(percent: 60) ? .machine : .file
        try world.copy(name, as: "copy \(step)", copying)
      case 1...4: try await world.sync(name)
      default:
        let value = Value.text("\(name) \(step)")
        let key = page(UInt128.random(in: 1...4, using: &generator))
        let now = UInt64(1_000 * step)
        if try world[name].record(key) == nil {
          try world[name].add(key, ["title": value], at: now)
        } else {
          try world[name].edit(key, ["title": value], at: now)
        }
        written.insert(value)
      }
    }
    try await expectAgreement(world)
    for name in world.names {
      let history = try world[name].read { snapshot in
        try (1...4).flatMap { try snapshot.history(of: page($0)) }
      }
      let values = Set(history.flatMap { $0.change.writes.map(\.value) })
      #expect(written.isSubset(of: values), "\(name) lost \(written.subtracting(values))")
      #expect(history.allSatisfy { $0.violation == nil })
    }
  }
}
