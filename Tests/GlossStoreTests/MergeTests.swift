import GlossCore
import GlossTesting
import GlossWire
import Testing

@testable import GlossStore

@Suite struct MergeTests {
  /// The kinds of ``ChangeGenerator``.
  static let generated = Schema([ChangeGenerator.kind])

  @Test(arguments: 1...60)
  func `whatever the order of delivery, a file shows what the rules say`(seed: UInt64) throws {
    var generator = ChangeGenerator(seed: seed, replicaCount: 3, hostilePercent: 15)
    let changes = generator.history(40).map(\.change)
    // A hostile change may name another kind, which makes it one of another record.
    let models = Dictionary(grouping: changes, by: \.kind).mapValues { NaiveModel($0) }
    var random = SeededGenerator(seed: seed)
    var first: String?
    for _ in 0..<3 {
      let world = try World("desk", schema: Self.generated)
      try world["desk"].deliver(changes, using: &random)
      let shown = try world["desk"].shown()
      first = first ?? shown
      #expect(shown == first)
      try world["desk"].check(
        models[ChangeGenerator.kind.name] ?? NaiveModel(), changes[0].record)
      #expect(
        try world["desk"].read { Set(try $0.quarantine().map(\.dot)) }
          == models.values.reduce(into: []) { $0.formUnion($1.invalid) })
      try world["desk"].rebuildTables()
      #expect(try world["desk"].shown() == shown, "what is computed anew is what was there")
    }
  }

  /// The row of a record that is referred to before it came is made by the statement that the referring row is bound to.
  @Test func `a record that refers to one of its own kind that has not come keeps its values`()
    throws
  {
    let schema = Schema([
      Kind(
        "page",
        fields: [Field("title", .text, .keep), Field("parent", .reference("page"), .keep)])
    ])
    let world = try World("desk", schema: schema)
    try world["desk"].add(
      page(1), ["title": .text("child"), "parent": .record(RecordID(2))])
    let child = try #require(try world["desk"].record(page(1)))
    #expect(child.values == ["title": .text("child"), "parent": .record(RecordID(2))])
    try world["desk"].add(page(2), ["title": .text("parent")])
    #expect(try world["desk"].record(page(2))?.values == ["title": .text("parent")])
  }

  @Test func `bundles of any size carry a library over`() throws {
    for byteLimit in [1, 100, 1 << 20] {
      let world = try World("desk", "lap")
      for number in 1...30 {
        try world["desk"].add(page(UInt128(number)), ["title": .text("t\(number)")])
      }
      try world["desk"].delete(page(7))
      try world.send(from: "desk", to: "lap", byteLimit: byteLimit)
      #expect(try world["lap"].shown() == world["desk"].shown())
      try world.send(from: "lap", to: "desk")
      #expect(try world["lap"].read { try $0.vector() } == world["desk"].read { try $0.vector() })
    }
  }

  @Test func `a bundle that is held already changes nothing`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("A")])
    let run = try #require(try world["desk"].run(of: world["desk"].id, from: 1, byteLimit: 1))
    for expected in [1, 0] {
      let report = try world["lap"].merge([run.opened(world.library)], upTo: nil) { $0 }
      #expect(report.changeCount == expected)
    }
  }

  @Test func `a gap is refused, and a fork at either end of a bundle is set aside`() throws {
    let world = try World("desk", "lap")
    for number in 1...4 { try world["desk"].add(page(UInt128(number)), ["title": .text("A")]) }
    let desk = world["desk"].id
    let run = try #require(try world["desk"].run(of: desk, from: 3, byteLimit: 1 << 20))
    let before = try world["lap"].shown()
    func isSetAside(_ first: UInt64, _ last: UInt64) throws -> Bool {
      try world["lap"].setAside() == [
        SetAside(origin: desk, first: first, last: last, reason: .fork)
      ]
    }
    #expect(throws: StoreError.bundleGap(replica: desk, held: 0, first: 3)) {
      try world["lap"].merge([run.opened(world.library)], upTo: nil) { $0 }
    }
    var whole = try #require(try world["desk"].run(of: desk, from: 1, byteLimit: 1 << 20))
    whole.tip[0] ^= 1
    _ = try world["lap"].merge([whole.opened(world.library)], upTo: nil) { $0 }
    #expect(try isSetAside(1, 4))
    #expect(try world["lap"].shown() == before)
    try world.send(from: "desk", to: "lap")
    #expect(try world["lap"].setAside() == [], "what is held needs no second try")
    try world["desk"].add(page(5), ["title": .text("A")])
    var next = try #require(try world["desk"].run(of: desk, from: 5, byteLimit: 1 << 20))
    next.previousTip[0] ^= 1
    _ = try world["lap"].merge([next.opened(world.library)], upTo: nil) { $0 }
    #expect(try isSetAside(5, 5))
    #expect(try world["lap"].record(page(5)) == nil)
  }

  /// Bundles of one run may be cut differently each time, so a fork may end where no tip is kept.
  @Test func `a fork that ends inside what is held is set aside`() throws {
    let world = try World("desk", "lap")
    for number in 1...4 { try world["desk"].add(page(UInt128(number)), ["title": .text("A")]) }
    let desk = world["desk"].id
    try world.send(from: "desk", to: "lap")
    var part = try #require(try world["desk"].run(of: desk, from: 1, byteLimit: 1))
    #expect(part.last < 4)
    _ = try world["lap"].merge([part.opened(world.library)], upTo: nil) { $0 }
    #expect(try world["lap"].setAside() == [], "it is a repeat")
    part.tip[0] ^= 1
    _ = try world["lap"].merge([part.opened(world.library)], upTo: nil) { $0 }
    #expect(
      try world["lap"].setAside() == [
        SetAside(origin: desk, first: 1, last: part.last, reason: .fork)
      ])
  }

  @Test func `a change that breaks a rule is kept, listed, and stops nothing behind it`() throws {
    let world = try World("desk", "lap")
    let desk = world["desk"]
    try desk.transact { transaction in
      let record = RecordID(1)
      func merge(_ seq: UInt64, _ writes: [Write]) throws {
        try transaction.merge(
          Change(
            dot: Dot(desk.id, seq), timestamp: Timestamp(milliseconds: seq), record: record,
            kind: "page", writes: writes))
      }
      try merge(1, [Write("title", .text("nul\0"))])
      try merge(2, [Write("title", .unknown(tag: 4, bytes: [0xFF]))])
      try merge(3, [Write("title", .text("good"))])
    }
    try world.send(from: "desk", to: "lap")
    for name in ["desk", "lap"] {
      #expect(try world[name].record(page(1))?.values == ["title": .text("good")])
      #expect(
        try world[name].read { try $0.quarantine() }.map(\.dot) == [
          Dot(desk.id, 1), Dot(desk.id, 2),
        ])
      #expect(try world[name].read { try $0.history(of: page(1)) }.count == 3)
    }
  }

  @Test func `what only a newer version knows is passed on byte for byte, and appears in it`()
    throws
  {
    let newer = Schema([
      Kind("page", fields: schema.kinds[0].fields + [Field("mood", .text, .keep)]),
      Kind("sketch", fields: [Field("page", .reference("page"), .keep)]),
    ])
    let world = try World("old", "older")
    let path = world.folder.file("new")
    let new = try Replica.create(
      at: path, library: world.library, id: ReplicaID(9), schema: newer)
    try new.add(page(1), ["title": .text("A"), "mood": .text("calm")])
    try new.add(RecordKey("sketch", RecordID(2)), ["page": .record(RecordID(1))])
    try new.transact { transaction in
      try transaction.merge(
        Change(
          dot: Dot(new.id, 3), timestamp: Timestamp(milliseconds: 3), record: RecordID(1),
          kind: "page", writes: [Write("future", .unknown(tag: 99, bytes: [1, 2]))]))
    }
    var relay = world
    relay.replicas["new"] = new
    try relay.send(from: "new", to: "old")
    try relay.send(from: "old", to: "older")
    #expect(try relay["older"].record(page(1))?.values == ["title": .text("A")])
    #expect(
      try relay["older"].run(of: new.id, from: 1, byteLimit: 1 << 20)
        == new.run(of: new.id, from: 1, byteLimit: 1 << 20))
    try relay["older"].close()
    let upgraded = try open(world.folder.file("older"), schema: newer)
    #expect(try upgraded.shown() == new.shown())
  }
}

extension Replica {
  /// Merges changes in a random order that keeps each replica's own.
  func deliver(
    _ changes: [Change], using random: inout SeededGenerator
  ) throws {
    var queues = Dictionary(grouping: changes, by: \.dot.replica)
      .mapValues { $0.sorted { $0.dot.seq < $1.dot.seq } }
    try transact { transaction in
      while let replica = queues.keys.sorted().randomElement(using: &random) {
        guard let change = queues[replica]?.first else { continue }
        try transaction.merge(change)
        queues[replica]?.removeFirst()
        if queues[replica]?.isEmpty == true { queues[replica] = nil }
      }
    }
  }

  /// Compares what is shown of a record with what a model says.
  func check(_ model: NaiveModel, _ id: RecordID) throws {
    let key = RecordKey(ChangeGenerator.kind.name, id)
    let view = model.view(of: ChangeGenerator.kind)
    let record = try record(key)
    let heads = model.heads.filter { !$0.value.isEmpty }
    #expect(record?.basis.heads ?? [:] == heads)
    for field in ChangeGenerator.kind.fields {
      let value = view.values[field.name] ?? .null
      #expect(record?.values[field.name] ?? .null == value)
    }
    let tags = ChangeGenerator.kind.families[0]
    let members = view.values.compactMap { $0.value == .bool(true) ? tags.member(of: $0.key) : nil }
    #expect(Set(record?.members(of: tags.name) ?? []) == Set(members))
    if let record { #expect(record.isHidden == view.isHidden) }
    #expect(
      try read { try $0.conflicts(of: key) }.map(\.field) == view.conflicts.map(\.field))
  }
}
