import GlossCore
import GlossWire
import Testing

@testable import GlossStore

/// Two files that were used as one replica, and those who hold what one of them made when what the other one made comes.
@Suite struct ForkTests {
  private let world: World
  private let desk = ReplicaID(1)

  /// A desk and a copy of it, the twin, which have gone apart after the first change; the lap and the tab have the twin's.
  init() throws {
    var world = try World("desk", "lap", "tab", "new")
    world.replicas["twin"] = try Replica.create(
      at: world.folder.file("twin"), library: world.library, id: desk, schema: schema)
    for name in ["desk", "twin"] {
      try world[name].add(page(1), ["title": .text("one")])
      try world[name].edit(page(1), ["title": .text(name)])
    }
    try world["twin"].add(page(2), ["title": .text("two")])
    try world.send(from: "twin", to: "lap")
    self.world = world
  }

  /// Brings all that `from` holds to `to`, from the first change on, and returns how `to` is renewed where that contradicts it.
  @discardableResult
  private func bring(from: String, to: String, as id: ReplicaID) throws -> Renewal? {
    let origins = try world[from].read { try $0.vector() }.replicas
    let bundles = try origins.compactMap { origin in
      try world[from].run(of: origin, from: 1, byteLimit: 1 << 20)?.opened(world.library)
    }
    do {
      _ = try world[to].merge(bundles, upTo: nil) { $0 }
      return nil
    } catch StoreError.contradicted(let origin, let agreedSeq) {
      let renewal = try world[to].renew(as: id, after: agreedSeq, of: origin, given: bundles)
      _ = try world[to].merge(bundles, upTo: nil) { $0 }
      return renewal
    }
  }

  /// The run of the desk as the desk has it.
  private func deskRun() throws -> ReceivedBundle {
    try #require(try world["desk"].run(of: desk, from: 1, byteLimit: 1 << 20))
      .opened(world.library)
  }

  @Test func `who holds one branch keeps it and takes the other one in`() throws {
    #expect(throws: StoreError.contradicted(desk, agreedSeq: 1)) {
      try world["lap"].merge([deskRun()], upTo: nil) { $0 }
    }
    #expect(try world["lap"].record(page(1))?.values["title"] == .text("twin"), "not yet")
    let renewal = try world["lap"].renew(as: ReplicaID(50), after: 1, of: desk)
    #expect(renewal == nil, "the lap made none of it")
    _ = try world["lap"].merge([deskRun()], upTo: nil) { $0 }
    let titles = try world["lap"].read { try $0.versions(of: "title", in: page(1)) }.map(\.value)
    #expect(Set(titles) == [.text("desk"), .text("twin")])
    #expect(try world["lap"].record(page(2))?.values["title"] == .text("two"))
    #expect(try world["lap"].setAside() == [])
    #expect(try world["lap"].verify().damages == [])
    #expect(try world["lap"].hasUnsent(), "nobody else may come to send the twin's branch")
  }

  @Test func `everybody makes the same changes of a branch, whoever made it`() throws {
    try world.send(from: "lap", to: "tab")
    try world["twin"].edit(page(2), ["title": .text("two and more")])
    try bring(from: "desk", to: "lap", as: ReplicaID(50))
    try bring(from: "desk", to: "tab", as: ReplicaID(51))
    #expect(try world["lap"].shown() == world["tab"].shown())
    // The twin has one more of it.
    let bundle = try deskRun()
    #expect(throws: StoreError.contradicted(desk, agreedSeq: 1)) {
      try world["twin"].merge([bundle], upTo: nil) { $0 }
    }
    let renewal = try world["twin"].renew(as: ReplicaID(52), after: 1, of: desk)
    #expect(renewal == Renewal(former: desk, id: ReplicaID(52), remadeCount: 3))
    _ = try world["twin"].merge([bundle], upTo: nil) { $0 }
    try world.send(from: "twin", to: "lap")
    #expect(try world["lap"].shown() == world["twin"].shown())
    try world.send(from: "twin", to: "new")
    #expect(try world["new"].shown() == world["twin"].shown(), "it is the same from the start")
    #expect(try world["new"].read { try $0.quarantine() } == [])
  }

  @Test func `what names a branch is made again with it, by its author and by others`() throws {
    try world["lap"].edit(page(2), ["title": .text("of the lap")])
    try world["lap"].edit(page(1), ["progress": .integer(7)])
    try world.send(from: "lap", to: "tab")
    let lap = world["lap"].id
    let renewal = try bring(from: "desk", to: "lap", as: ReplicaID(50))
    #expect(renewal == Renewal(former: lap, id: ReplicaID(50), remadeCount: 4))
    #expect(try bring(from: "desk", to: "tab", as: ReplicaID(51)) == nil)
    #expect(try world["lap"].shown() == world["tab"].shown())
    let page2 = try #require(try world["tab"].record(page(2)))
    #expect(page2.values["title"] == .text("of the lap"))
    #expect(page2.basis.heads["title"]?.count == 1, "it replaces what its author saw, still")
    #expect(try world["tab"].read { try $0.vector() }[lap] == 0)
    #expect(try world["tab"].record(page(1))?.values["progress"] == .integer(7))
  }

  @Test func `what does not name a branch stays as it is`() throws {
    try world["lap"].add(page(3), ["title": .text("three")])
    let lap = world["lap"].id
    #expect(try bring(from: "desk", to: "lap", as: ReplicaID(50)) == nil)
    #expect(world["lap"].id == lap)
    #expect(try world["lap"].read { try $0.vector() }[lap] == 1)
  }

  @Test func `the branches change places, and nothing is made twice`() throws {
    // The hub had the twin's branch, then the desk's, and has the twin's again.
    try world.send(from: "desk", to: "new")
    try bring(from: "desk", to: "lap", as: ReplicaID(50))
    let after = try world["lap"].read { try $0.statistics() }.changeCount
    try bring(from: "twin", to: "lap", as: ReplicaID(51))
    let twice = try world["lap"].read { try $0.statistics() }.changeCount
    #expect(twice == after + 2, "the twin's branch came under both names")
    try bring(from: "desk", to: "lap", as: ReplicaID(52))
    let thrice = try world["lap"].read { try $0.statistics() }.changeCount
    #expect(thrice == twice - 1, "the desk has one, under the desk's name and another one")
    let titles = try world["lap"].read { try $0.versions(of: "title", in: page(1)) }.map(\.value)
    #expect(Set(titles) == [.text("desk"), .text("twin")])
    #expect(try world["lap"].verify().damages == [])
  }

  @Test func `an edit of what was read before names what its author saw`() throws {
    let seen = try #require(try world["lap"].record(page(1)))
    try bring(from: "desk", to: "lap", as: ReplicaID(50))
    try world["lap"].write(at: 2_000) {
      _ = try $0.edit(page(1), ["title": .text("of the lap")], basedOn: seen.basis)
    }
    let titles = try world["lap"].read { try $0.versions(of: "title", in: page(1)) }.map(\.value)
    #expect(Set(titles) == [.text("desk"), .text("of the lap")], "only the twin's was seen")
    let now = try #require(try world["lap"].record(page(1)))
    #expect(now.basis.renamingCount == 1)
  }

  @Test func `a resolution and a delete of what was read before close what was seen`() throws {
    let seen = try ["lap", "tab"].map { name in
      try world.send(from: "twin", to: name)
      return try #require(try world[name].record(page(1))).basis
    }
    for (name, id) in [("lap", ReplicaID(50)), ("tab", ReplicaID(51))] {
      try bring(from: "desk", to: name, as: id)
    }
    try world["lap"].write(at: 2_000) {
      _ = try $0.resolve("title", of: page(1), to: .text("settled"), basedOn: seen[0])
    }
    let titles = try world["lap"].read { try $0.versions(of: "title", in: page(1)) }.map(\.value)
    #expect(Set(titles) == [.text("desk"), .text("settled")])
    try world["tab"].write(at: 2_000) { _ = try $0.delete(page(1), basedOn: seen[1]) }
    let record = try #require(try world["tab"].record(page(1)))
    #expect(!record.isHidden, "the desk's title was not seen")
    let conflicts = try world["tab"].read { try $0.conflicts() }
    #expect(conflicts.contains { $0.reason == .editedAndDeleted })
  }

  @Test func `a branch that came without values is cut off where the other one's bundle says`()
    throws
  {
    // The tab has the twin's run without the values that were replaced, from the first change on.
    try world["twin"].edit(page(2), ["title": .text("two and more")])
    try world.sendThin(from: "twin", to: "tab")
    #expect(try world["tab"].tip(of: desk, at: 1) == nil)
    #expect(try bring(from: "desk", to: "tab", as: ReplicaID(50)) == nil)
    try expectBothSides("tab", secondTitle: "two and more")
  }

  // MARK: - Where values were dropped

  /// Drops what the twin replaced, the first change's title: the tip there is not known to it any more.
  private func compactTwin() throws {
    #expect(try world["twin"].compact(try world["twin"].allOld(), at: 9_000).valueCount == 1)
    #expect(try world["twin"].tip(of: desk, at: 1) == nil)
  }

  /// What both have made goes on, with one head for each that somebody wrote.
  private func expectBothSides(_ name: String, secondTitle: String = "two") throws {
    let titles = try world[name].read { try $0.versions(of: "title", in: page(1)) }.map(\.value)
    #expect(Set(titles) == [.text("desk"), .text("twin")])
    #expect(titles.count == 2)
    #expect(try world[name].record(page(2))?.values["title"] == .text(secondTitle))
    #expect(try world[name].setAside() == [])
    #expect(try world[name].verify().damages == [])
  }

  @Test func `where values were dropped it is cut where the other one's bundle says`() throws {
    try compactTwin()
    let renewal = try bring(from: "desk", to: "twin", as: ReplicaID(50))
    #expect(renewal == Renewal(former: desk, id: ReplicaID(50), remadeCount: 2))
    try expectBothSides("twin")
    try world.send(from: "twin", to: "new")
    try expectBothSides("new")
    try world["twin"].rebuildTables()
    try expectBothSides("twin")
  }

  @Test func `who took in what lacks values is cut there, too`() throws {
    try compactTwin()
    try world.send(from: "twin", to: "tab")
    #expect(try world["tab"].tip(of: desk, at: 1) == nil)
    #expect(try bring(from: "desk", to: "tab", as: ReplicaID(50)) == nil)
    try expectBothSides("tab")
    // The lap has all values, and the same changes of the branch.
    #expect(try bring(from: "desk", to: "lap", as: ReplicaID(51)) == nil)
    #expect(try world["lap"].shown() == world["tab"].shown())
  }

  @Test func `a bundle that ends within what lacks values tells the tip at its end`() throws {
    try compactTwin()
    let run = try #require(try world["desk"].run(of: desk, from: 1, byteLimit: 1))
    #expect(run.last == 1)
    let first = run.opened(world.library)
    let second = try #require(try world["desk"].run(of: desk, from: 2, byteLimit: 1 << 20))
      .opened(world.library)
    #expect(try world["twin"].merge([first], upTo: nil) { $0 }.changeCount == 0)
    #expect(try world["twin"].tip(of: desk, at: 1) != nil)
    #expect(try world["twin"].verify().damages == [])
    #expect(throws: StoreError.contradicted(desk, agreedSeq: 1)) {
      try world["twin"].merge([second], upTo: nil) { $0 }
    }
    try world["twin"].renew(as: ReplicaID(50), after: 1, of: desk, given: [second])
    _ = try world["twin"].merge([second], upTo: nil) { $0 }
    try expectBothSides("twin")
  }

  @Test func `where nothing tells it the bundle is set aside, and nothing is lost`() throws {
    try compactTwin()
    let second = try #require(try world["desk"].run(of: desk, from: 2, byteLimit: 1 << 20))
      .opened(world.library)
    _ = try world["twin"].merge([second], upTo: nil) { $0 }
    #expect(try world["twin"].setAside().map(\.reason) == [.fork])
    #expect(try world["twin"].record(page(1))?.values["title"] == .text("twin"))
  }

  @Test func `the bundles of a page tell it together`() throws {
    try compactTwin()
    let first = try #require(try world["desk"].run(of: desk, from: 1, byteLimit: 1))
      .opened(world.library)
    let second = try #require(try world["desk"].run(of: desk, from: 2, byteLimit: 1 << 20))
      .opened(world.library)
    let page = [first, second]
    #expect(throws: StoreError.contradicted(desk, agreedSeq: 1)) {
      try world["twin"].merge(page, upTo: nil) { $0 }
    }
    #expect(try world["twin"].tip(of: desk, at: 1) == nil, "nothing of the page was taken in")
    try world["twin"].renew(as: ReplicaID(50), after: 1, of: desk, given: page)
    _ = try world["twin"].merge(page, upTo: nil) { $0 }
    try expectBothSides("twin")
  }
}
