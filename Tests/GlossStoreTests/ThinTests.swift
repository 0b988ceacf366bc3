import GlossCore
import GlossTesting
import GlossWire
import Testing

@testable import GlossStore

/// Changes that come without the values that were replaced.
@Suite struct ThinTests {
  private static let generated = Schema([ChangeGenerator.kind])

  @Test func `what was replaced does not travel, and what is shown is the same`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("draft"), "progress": .integer(1)])
    try world["desk"].edit(page(1), ["title": .text("better"), "progress": .integer(2)])
    try world.sendThin(from: "desk", to: "lap")
    #expect(try world["lap"].shown() == world["desk"].shown())
    #expect(try world["lap"].values(of: "title", in: page(1)) == [.leftOut, .text("better")])
    #expect(try world["lap"].values(of: "progress", in: page(1)) == [.integer(1), .integer(2)])
    try world["lap"].rebuildTables()
    #expect(try world["lap"].shown() == world["desk"].shown())
  }

  @Test func `both sides of a conflict, and what a delete covers, keep their values`() throws {
    let world = try World("desk", "lap", "new")
    try world["desk"].add(page(1), ["title": .text("A")])
    try world["desk"].add(page(2), ["title": .text("gone")])
    try world.send(from: "desk", to: "lap")
    try world["desk"].edit(page(1), ["title": .text("B")])
    try world["lap"].edit(page(1), ["title": .text("C")])
    try world["lap"].delete(page(2))
    try world.send(from: "lap", to: "desk")
    try world.sendThin(from: "desk", to: "new")
    #expect(try world["new"].shown() == world["desk"].shown())
    #expect(try world["new"].read { try $0.conflicts().count } == 1)
    let values = try world["new"].values(of: "title", in: page(1))
    #expect(values == [.leftOut, .text("B"), .text("C")])
    #expect(try world["new"].values(of: "title", in: page(2)) == [.text("gone")])
  }

  /// Hostile changes among them, in any order; a replica that was away with edits of its own; what comes afterwards.
  @Test(arguments: 1...60)
  func `a thin replica comes to what all others come to`(seed: UInt64) throws {
    var generator = ChangeGenerator(seed: seed, replicaCount: 3, hostilePercent: 20)
    let changes = generator.history(60).map(\.change)
    var random = SeededGenerator(seed: seed)
    let world = try World("full", "thin", "away", schema: Self.generated)
    let early = changes.cut(percent: 60, using: &random)
    try world["full"].deliver(early, using: &random)
    try world["away"].deliver(early.cut(percent: 40, using: &random), using: &random)
    try world.editSomething(on: "away", changes[0].record)
    for name in ["thin", "away"] { try world.sendThin(from: "full", to: name, byteLimit: 300) }
    #expect(try world["thin"].shown() == world["full"].shown())
    try world.send(from: "away", to: "full")
    try world.send(from: "away", to: "thin")
    try world["full"].deliver(changes.filter { !early.contains($0) }, using: &random)
    for name in ["thin", "away"] { try world.send(from: "full", to: name) }
    let shown = try world["full"].shown()
    for name in ["thin", "away"] {
      #expect(try world[name].shown() == shown)
      try world[name].rebuildTables()
      #expect(try world[name].shown() == shown)
    }
    let vectors = try world.replicas.values.map { try $0.read { try $0.vector() } }
    #expect(Set(vectors).count == 1)
  }

  /// What replaced it named a change that had not come, and then turns out to be none that counts.
  @Test func `a value that may be shown again is not left out`() throws {
    func change(_ replica: UInt128, at time: UInt64, _ title: String, _ parents: [Dot]) -> Change {
      Change(
        dot: Dot(ReplicaID(replica), 1), timestamp: Timestamp(milliseconds: time),
        record: RecordID(1), kind: "page",
        writes: [Write("title", .text(title), parents: parents)])
    }
    let replaced = change(11, at: 10, "replaced", [])
    let late = change(12, at: 30, "late", [])
    let hostile = change(13, at: 20, "hostile", [replaced.dot, late.dot])
    let world = try World("desk", "lap")
    var random = SeededGenerator(seed: 1)
    try world["desk"].deliver([replaced, hostile], using: &random)
    #expect(try world["desk"].record(page(1))?.values["title"] == .text("hostile"))
    try world.sendThin(from: "desk", to: "lap")
    for name in ["desk", "lap"] {
      try world[name].deliver([late], using: &random)
      let versions = try world[name].read { try $0.versions(of: "title", in: page(1)) }
      #expect(versions.map(\.value) == [.text("late"), .text("replaced")])
    }
  }

  @Test func `a thin run is passed on whole, with what its tip is said to be`() throws {
    let world = try World("desk", "lap", "new")
    for title in ["A", "B", "C"] {
      if title == "A" {
        try world["desk"].add(page(1), ["title": .text(title)])
      } else {
        try world["desk"].edit(page(1), ["title": .text(title)])
      }
    }
    let desk = world["desk"].id
    try world.sendThin(from: "desk", to: "lap")
    let passedOn = try #require(try world["lap"].run(of: desk, from: 1, byteLimit: 1))
    #expect(passedOn.last == 3 && passedOn.content.statedTip == passedOn.tip)
    #expect(try world["lap"].run(of: desk, from: 2, byteLimit: 1) == nil, "not in pieces")
    #expect(try world["lap"].tip(of: desk, at: 2) == nil)
    #expect(try world["lap"].tip(of: desk, at: 3) == world["desk"].tip(of: desk, at: 3))
    try world["desk"].edit(page(1), ["title": .text("D")])
    try world.send(from: "desk", to: "lap")
    let rest = try #require(try world["lap"].run(of: desk, from: 4, byteLimit: 1 << 20))
    #expect(rest.content.changes.count == 1)
    try world.send(from: "lap", to: "new")
    #expect(try world["new"].shown() == world["desk"].shown())
    #expect(try world["new"].values(of: "title", in: page(1)).filter(\.isLeftOut).count == 2)
  }

  @Test func `a thin run that contradicts what is held is a fork`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("A")])
    try world.send(from: "desk", to: "lap")
    try world["desk"].edit(page(1), ["title": .text("B")])
    var plan = try world["desk"].thinPlan()
    var run = try #require(
      try world["desk"].nextPiece(of: &plan, byteLimit: 1 << 20)?.runs.first)
    let first = run.content.changes[0]
    run.content.changes[0] = Change(
      dot: first.dot, timestamp: first.timestamp, record: first.record, kind: first.kind,
      writes: [Write("score", .real(1))])
    let contradicting = run.openedThin(world.library)
    #expect(throws: StoreError.contradicted(world["desk"].id, agreedSeq: 0)) {
      try world["lap"].merge([contradicting], upTo: nil) { $0 }
    }
    #expect(try world["lap"].record(page(1))?.values["title"] == .text("A"))
  }
}

extension World {
  /// Brings everything that `from` holds to `to` without the values that were replaced.
  func sendThin(from: String, to: String, byteLimit: Int = 1 << 20) throws {
    var plan = try self[from].thinPlan()
    while let piece = try self[from].nextPiece(of: &plan, byteLimit: byteLimit) {
      _ = try self[to].merge(piece.runs.map { $0.openedThin(library) }, upTo: nil) { $0 }
    }
    #expect(try self[to].setAside().isEmpty)
  }

  fileprivate func editSomething(on name: String, _ id: RecordID) throws {
    let key = RecordKey(ChangeGenerator.kind.name, id)
    guard let record = try self[name].record(key) else { return }
    try self[name].write(at: 5_000) {
      _ = try $0.edit(key, ["title": .text("away")], basedOn: record.basis)
    }
  }
}

extension SnapshotPiece.Run {
  func openedThin(_ library: LibraryID) -> ReceivedBundle {
    var run = ChangeRun(
      origin: origin, content: content, previousTip: previousTip, tip: tip, first: first, last: last
    )
    run.content.statedTip = tip
    return run.opened(library)
  }
}

extension [Change] {
  /// About so many of each replica's changes, from the first on: some of them without their parents.
  fileprivate func cut(percent: Int, using random: inout SeededGenerator) -> [Change] {
    let limit = Dictionary(grouping: self, by: \.dot.replica).mapValues(\.count)
    let share = limit.keys.sorted().map { ($0, percent + Int.random(in: -40...40, using: &random)) }
    let last = Dictionary(uniqueKeysWithValues: share.map { ($0, (limit[$0] ?? 0) * $1 / 100) })
    return filter { $0.dot.seq <= UInt64(last[$0.dot.replica] ?? 0) }
  }
}

extension Replica {
  /// A plan to bring all that is held, without the values that were replaced.
  func thinPlan() throws -> SnapshotPlan {
    var ends: [ReplicaID: SnapshotHead.End] = [:]
    for (replica, seq) in try read({ try $0.vector() }).lastSeqByReplica {
      let tip = try #require(try tip(of: replica, at: seq))
      ends[replica] = SnapshotHead.End(lastSeq: seq, tip: tip)
    }
    return SnapshotPlan(ends: ends, isThin: true)
  }

  /// The values that a field was given, the oldest first.
  fileprivate func values(of field: Name, in key: RecordKey) throws -> [Value] {
    try read { try $0.history(of: key) }.compactMap { $0.change.write(to: field)?.value }
  }
}
