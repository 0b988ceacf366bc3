import Foundation
import GlossCore
import GlossTesting
import GlossWire
import Testing

@testable import GlossStore

/// Dropping values that were replaced.
@Suite struct CompactTests {
  private static let generated = Schema([ChangeGenerator.kind])

  @Test func `what was replaced goes, and what is shown, the changes and their order stay`() throws
  {
    let world = try World("desk")
    let desk = world["desk"]
    try desk.add(page(1), ["title": .text("a secret of long ago"), "progress": .integer(1)])
    try desk.edit(page(1), ["title": .text("better"), "progress": .integer(2)], at: 2_000)
    try desk.edit(page(1), ["title": .text("best")], at: 3_000)
    #expect(try desk.hasInFile("a secret of long ago"))
    let before = try desk.essence()
    let preview = try desk.compactionPreview(try desk.allOld())
    #expect(preview.valueCount == 2 && preview.changeCount == 2)
    #expect(
      try desk.essence() == before && desk.titles() == ["a secret of long ago", "better", "best"])
    let report = try desk.compact(try desk.allOld(), at: 9_000)
    #expect(report.valueCount == 2 && report.changeCount == 2 && report.heldBackCount == 0)
    #expect(report.byteCount == "a secret of long agobetter".utf8.count)
    #expect(try desk.essence() == before)
    #expect(try desk.titles() == [nil, nil, "best"])
    #expect(try desk.verify().damages.isEmpty)
    #expect(try desk.compactionTime() == 9_000)
    let again = try desk.compact(try desk.allOld(), at: 9_500)
    #expect(again.valueCount == 0 && again.changeCount == 0 && again.blobCount == 0)
    #expect(try desk.compactionTime() == 9_000, "nothing was dropped then")
    #expect(try !desk.hasInFile("a secret of long ago"))
    try desk.rebuildTables()
    #expect(try desk.essence() == before)
  }

  @Test func `what was replaced a short time ago, or in the future, stays`() throws {
    let world = try World("desk")
    try world["desk"].add(page(1), ["title": .text("A")], at: 1_000)
    try world["desk"].edit(page(1), ["title": .text("B")], at: 2_000)
    try world["desk"].edit(page(1), ["title": .text("C")], at: 5_000)
    try world["desk"].edit(page(1), ["title": .text("D")], at: 90_000)
    var terms = try world["desk"].allOld()
    terms.replacedUpTo = 4_999
    #expect(try world["desk"].compact(terms, at: 9_000).valueCount == 1)
    #expect(try world["desk"].titles() == [nil, "B", "C", "D"])
    terms.replacedUpTo = 9_000
    #expect(try world["desk"].compact(terms, at: 9_000).valueCount == 1)
    #expect(try world["desk"].titles() == [nil, nil, "C", "D"])
  }

  @Test func `what not everybody has applied stays, and so does what only such a change replaced`()
    throws
  {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("A")])
    try world["desk"].edit(page(1), ["title": .text("B")], at: 2_000)
    try world.send(from: "desk", to: "lap")
    try world["lap"].edit(page(1), ["title": .text("C")], at: 3_000)
    try world.send(from: "lap", to: "desk")
    try world["desk"].edit(page(1), ["title": .text("D")], at: 4_000)
    var terms = try world["desk"].allOld()
    terms.acknowledged = Vector([world["desk"].id: 2])
    let report = try world["desk"].compact(terms, at: 9_000)
    #expect(report.valueCount == 1 && report.heldBackCount == 2)
    #expect(try world["desk"].titles() == [nil, "B", "C", "D"])
    #expect(try world["desk"].verify().damages.isEmpty)
  }

  @Test func `an open conflict keeps all that its record has`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("A")])
    try world["desk"].add(page(2), ["title": .text("other")])
    try world["desk"].edit(page(2), ["title": .text("another")], at: 1_500)
    try world.syncAll()
    try world["desk"].edit(page(1), ["title": .text("B")], at: 2_000)
    try world["lap"].edit(page(1), ["title": .text("C")], at: 2_000)
    try world.syncAll()
    let before = try world["desk"].essence()
    #expect(try world["desk"].compact(try world["desk"].allOld(), at: 9_000).valueCount == 1)
    #expect(try world["desk"].essence() == before)
    #expect(try world["desk"].titles() == ["A", "B", "C"])
    let record = try #require(try world["desk"].record(page(1)))
    try world["desk"].write(at: 10_000) {
      _ = try $0.resolve("title", of: page(1), to: .text("D"), basedOn: record.basis)
    }
    #expect(try world["desk"].compact(try world["desk"].allOld(), at: 20_000).valueCount == 3)
    #expect(try world["desk"].titles() == [nil, nil, nil, "D"])
  }

  @Test func `large values that nothing names any more go, and the others stay`() throws {
    let world = try World("desk")
    let contents = (0..<3).map { [UInt8](repeating: $0, count: 200_000) }
    let ids = try world["desk"].write(at: 1_000) { edits in
      try contents.map { try edits.addBlob($0) }
    }
    // The first is named by another record too.
    try world["desk"].add(page(1), ["body": .blob(ids[0])])
    try world["desk"].add(page(2), ["body": .blob(ids[0])])
    try world["desk"].edit(page(1), ["body": .blob(ids[1])], at: 2_000)
    try world["desk"].edit(page(1), ["body": .blob(ids[2])], at: 3_000)
    let preview = try world["desk"].compactionPreview(try world["desk"].allOld())
    #expect(preview.blobCount == 1 && preview.blobByteCount == 200_000)
    let report = try world["desk"].compact(try world["desk"].allOld(), at: 9_000)
    #expect(report.valueCount == 2 && report.blobCount == 1 && report.blobByteCount == 200_000)
    #expect(report.fileByteCountAfter < report.fileByteCountBefore - 190_000)
    let held = try world["desk"].read { snapshot in try ids.map { try snapshot.blob($0) != nil } }
    #expect(held == [true, false, true])
    #expect(try world["desk"].unsentBlobs(limit: 9).count == 2)
    #expect(try world["desk"].verify().damages.isEmpty)
    #expect(try open(world["desk"].path).id == world["desk"].id, "the file is not taken for a copy")
  }

  @Test func `a run is cut where bundles ended, and a push can begin at each of them`() throws {
    let world = try World("desk", "lap", "new")
    for number in 1...6 {
      let title: [Name: Value] = ["title": .text("title \(number)")]
      if number == 1 {
        try world["desk"].add(page(1), title)
      } else {
        try world["desk"].edit(page(1), title, at: UInt64(number) * 1_000)
      }
      if number % 2 == 0 { try world.send(from: "desk", to: "lap") }
    }
    let (desk, lap) = (world["desk"].id, world["lap"])
    let tips = try [2, 4, 6].map { try lap.tip(of: desk, at: $0) }
    _ = try lap.compact(try lap.allOld(), at: 9_000)
    #expect(try [2, 4, 6].map { try lap.tip(of: desk, at: $0) } == tips)
    for held in [0, 2, 4] as [UInt64] {
      let run = try #require(try lap.run(of: desk, from: held + 1, byteLimit: 1 << 20))
      #expect(run.last == held + 2 && run.tip == tips[Int(held) / 2])
    }
    try world.send(from: "lap", to: "new")
    #expect(try world["new"].shown() == world["desk"].shown())
    #expect(try world["new"].verify().damages.isEmpty)
  }

  /// Its tips are its own to compute no more, and yet nobody is taken for a copy.
  @Test func `own changes that come back in other pieces than they went are own still`() throws {
    let world = try World("desk", "lap")
    try world["desk"].add(page(1), ["title": .text("title 1")])
    for number in 2...6 {
      try world["desk"].edit(
        page(1), ["title": .text("title \(number)")], at: UInt64(number) * 1_000)
    }
    try world.send(from: "desk", to: "lap")
    _ = try world["desk"].compact(try world["desk"].allOld(), at: 9_000)
    let desk = world["desk"]
    for (first, last) in [(1, 4), (3, 6), (2, 5), (5, 6), (1, 6)] as [(UInt64, UInt64)] {
      let content = try world["lap"].read { try $0.transaction.changes(of: desk.id, from: first) }
      let run = ChangeRun(
        origin: desk.id,
        content: BundleContent(changes: Array(content.prefix(Int(last - first) + 1))),
        previousTip: try #require(try world["lap"].tip(of: desk.id, at: first - 1)),
        tip: try #require(try world["lap"].tip(of: desk.id, at: last)), first: first, last: last)
      #expect(try desk.merge([run.opened(world.library)], upTo: nil) { $0 }.changeCount == 0)
      #expect(try desk.setAside().isEmpty)
    }
    // What is not the same is a fork still; no bundle tells where to cut, so it waits.
    let other = Change(
      dot: Dot(desk.id, 3), timestamp: Timestamp(milliseconds: 3_000), record: RecordID(1),
      kind: "page", writes: [Write("score", .real(1))])
    let run = ChangeRun(
      origin: desk.id, content: BundleContent(changes: [other]),
      previousTip: try #require(try world["lap"].tip(of: desk.id, at: 2)),
      tip: [UInt8](repeating: 7, count: 32), first: 3, last: 3)
    _ = try desk.merge([run.opened(world.library)], upTo: nil) { $0 }
    #expect(try desk.setAside().map(\.reason) == [.fork])
  }

  @Test func `each step leaves a file that is in order, and the rest is done the next time`() throws
  {
    let world = try World("desk")
    let text = String(repeating: "x", count: 60_000)
    try world["desk"].add(page(1), ["title": .text(text)])
    for number in UInt64(2)...200 {
      try world["desk"].edit(page(1), ["title": .text("\(number) " + text)], at: number * 10)
    }
    let desk = world["desk"]
    let shown = try desk.essence()
    let terms = try desk.allOld()
    var compaction = Compaction(terms, held: try desk.read { try $0.vector() })
    try desk.read { try $0.transaction.execute(Compaction.replacedTable) }
    while try desk.read({ try compaction.noteReplaced($0.transaction) }) {}
    #expect(
      try desk.transact { try compaction.step($0, isKept: true, at: 9_000) }, "not all at once")
    #expect((1..<199).contains(compaction.changeCount))
    try desk.close()
    let reopened = try open(desk.path)
    #expect(try reopened.verify().damages.isEmpty)
    #expect(try reopened.essence() == shown)
    let report = try reopened.compact(terms, at: 9_500)
    #expect(report.changeCount == 199 - compaction.changeCount)
    #expect(report.fileByteCountAfter < report.fileByteCountBefore / 10)
    #expect(try reopened.verify().damages.isEmpty)
    #expect(try reopened.essence() == shown)
    let runs = try reopened.read { snapshot in
      var runs: [ClosedRange<UInt64>] = []
      while let run = try snapshot.transaction.thinRange(
        of: reopened.id, from: (runs.last?.upperBound ?? 0) + 1)
      {
        runs.append(run)
      }
      return runs
    }
    #expect(runs.count > 10 && runs.allSatisfy { $0.count < 20 }, "each fits a bundle")
  }

  @Test func `a file that has to be written anew still is, where the first try was interrupted`()
    throws
  {
    let world = try World("desk")
    try world["desk"].add(page(1), ["title": .text(String(repeating: "x", count: 50_000))])
    try world["desk"].edit(page(1), ["title": .text("short")], at: 2_000)
    try world["desk"].transact { try $0.noteCompacted(at: 1) }
    let terms = CompactionTerms(acknowledged: Vector(), replacedUpTo: 0)
    #expect(try world["desk"].compact(terms, at: 9_000).valueCount == 0)
    #expect(try world["desk"].setting(Transaction.rewriteDueKey) == nil)
  }

  /// Hostile changes among them, in any order; replicas that were away come back with edits of their own, based on what is
  /// gone; several compactions with other limits, one of them of a replica that began with a thin snapshot.
  @Test(arguments: 1...80)
  func `a compacted replica comes to what all others come to`(seed: UInt64) throws {
    var generator = ChangeGenerator(seed: seed, replicaCount: 3, hostilePercent: 20)
    let changes = generator.history(60).map(\.change)
    var random = SeededGenerator(seed: seed)
    let world = try World("full", "small", "late", "joined", schema: Self.generated)
    let early = changes.part(percent: 60, using: &random)
    try world["full"].deliver(early, using: &random)
    try world["late"].deliver(early.part(percent: 40, using: &random), using: &random)
    try world.editAway(on: "late", changes[0].record, "late")
    try world.send(from: "full", to: "small", byteLimit: Int.random(in: 1...400, using: &random))
    let least = try world["late"].read { try $0.vector() }
    for name in ["small", "joined"] {
      if name == "joined" { try world.sendThin(from: "full", to: name, byteLimit: 300) }
      let latest = UInt64.random(in: 0...3_000, using: &random)
      for terms in [
        CompactionTerms(acknowledged: least, replacedUpTo: latest),
        CompactionTerms(acknowledged: try world[name].read { try $0.vector() }, replacedUpTo: .max),
      ] {
        let before = try world[name].essence()
        let preview = try world[name].compactionPreview(terms)
        let report = try world[name].compact(terms, at: 5_000)
        #expect(preview.valueCount == report.valueCount)
        #expect(try world[name].essence() == before)
        #expect(try world[name].verify().damages.isEmpty)
      }
    }
    try world.editAway(on: "small", changes[0].record, "small")
    try world.send(from: "late", to: "small")
    try world.send(from: "small", to: "joined")
    try world["full"].deliver(changes.filter { !early.contains($0) }, using: &random)
    for _ in 0..<2 {
      for from in ["full", "late", "joined", "small"] {
        for to in ["small", "full", "joined", "late"] where to != from {
          try world.send(from: from, to: to)
        }
      }
    }
    let essence = try world["full"].essence()
    for name in ["small", "late", "joined"] {
      _ = try world[name].compact(try world[name].allOld(), at: 6_000)
      #expect(try world[name].essence() == essence)
      try world[name].rebuildTables()
      #expect(try world[name].essence() == essence)
      #expect(try world[name].setAside().isEmpty)
      #expect(try world[name].verify().damages.isEmpty)
    }
  }
}

extension Replica {
  /// Terms by which everything that was replaced goes.
  func allOld() throws -> CompactionTerms {
    CompactionTerms(acknowledged: try read { try $0.vector() }, replacedUpTo: 50_000)
  }

  /// What a replica shows, what it holds, and every change without its values.
  fileprivate func essence() throws -> String {
    let changes = try read { snapshot in
      try snapshot.vector().replicas.flatMap {
        try snapshot.transaction.changes(of: $0, from: 1).map { change in
          let writes = change.writes.map { "\($0.field) \($0.parents)" }
          return "\(change.dot) \(change.timestamp) \(change.record) \(writes) \(change.covers)"
        }
      }
    }
    return try shown() + changes.joined(separator: "\n")
  }

  /// The titles that the first page had, `nil` for those that are gone.
  fileprivate func titles() throws -> [String?] {
    try read { try $0.history(of: page(1)) }.compactMap { entry in
      entry.change.write(to: "title").map { write in
        if case .text(let text) = write.value { text } else { nil }
      }
    }
  }

  /// Whether the file or its write-ahead log has these bytes anywhere.
  fileprivate func hasInFile(_ text: String) throws -> Bool {
    ["", "-wal"].contains { suffix in
      FileManager.default.contents(atPath: path + suffix)?.range(of: Data(text.utf8)) != nil
    }
  }
}

extension World {
  fileprivate func editAway(on name: String, _ id: RecordID, _ title: String) throws {
    let key = RecordKey(ChangeGenerator.kind.name, id)
    guard let record = try self[name].record(key) else { return }
    try self[name].write(at: 5_000) {
      _ = try $0.edit(key, ["title": .text(title)], basedOn: record.basis)
    }
  }
}

extension [Change] {
  /// About so many of each replica's changes, from the first on: some of them without their parents.
  fileprivate func part(percent: Int, using random: inout SeededGenerator) -> [Change] {
    let counts = Dictionary(grouping: self, by: \.dot.replica).mapValues(\.count)
    var last: [ReplicaID: UInt64] = [:]
    for replica in counts.keys.sorted() {
      let share = percent + Int.random(in: -40...40, using: &random)
      last[replica] = UInt64((counts[replica] ?? 0) * share / 100)
    }
    return filter { $0.dot.seq <= last[$0.dot.replica] ?? 0 }
  }
}
