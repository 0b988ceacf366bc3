import Foundation
import GlossCore
import GlossStore
import GlossTesting
import Testing

// Each checker shown to bite. A small world is played in which nothing goes wrong, and what was seen of it is changed into what would
// have been seen had the merge, the store, the session or the hub been broken in one way. The checker of that invariant has to
// say so; before, all of them are content. One hub is broken while the world is played.

@Suite struct BiteTests {
  /// What is seen of a world of three machines that edit the same records and sync, without anything that goes wrong.
  private static func seen() async throws -> History {
    let path = FileManager.default.temporaryDirectory.appending(path: "gloss-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    let plan = SimulationPlan(seed: 6, stepCount: 250, replicaCount: 3, only: [])
    let simulation = try Simulation(plan, in: path)
    let report = try await simulation.run()
    #expect(report.breaches == [])
    return await simulation.history
  }

  /// Expects that a checker is content with what was seen, and no more once that is broken.
  private func expect(
    _ invariant: String, finds broken: (inout History) throws -> Void
  ) async throws {
    var history = try await Self.seen()
    try broken(&history)
    let found = Set(Checkers.check(history).map(\.invariant))
    #expect(found.contains(invariant), "found \(found.sorted())")
  }

  @Test func `I1: a merge that keeps the newest head only`() async throws {
    try await expect("I1") { history in
      let index = try #require(history.end.indices.first)
      let (key, field) = try #require(conflicted(history.end[index]))
      let heads = history.end[index].records[key]?.heads[field] ?? []
      history.end[index].records[key]?.heads[field] = Array(heads.prefix(1))
    }
  }

  @Test func `I2: a store that shows what it took in last`() async throws {
    try await expect("I2") { $0.end[1].export += "\nnote/1 taken in last" }
  }

  @Test func `I3: a store that drops a change that was confirmed`() async throws {
    try await expect("I3") { history in
      let lost = try #require(history.acknowledged.last?.change)
      for index in history.end.indices { history.end[index].changes.removeAll { $0 == lost } }
    }
  }

  @Test func `I4: an edit that names whatever is current`() async throws {
    try await expect("I4") { history in
      let others = history.acknowledged.map(\.change.dot)
      let index = try #require(
        history.acknowledged.indices.last { !history.acknowledged[$0].change.writes.isEmpty })
      let edit = history.acknowledged[index]
      let unseen = try #require(others.first { !edit.basis.dots.contains($0) })
      let write = edit.change.writes[0]
      history.acknowledged[index].change = edit.change.with(
        Write(write.field, write.value, parents: write.parents + [unseen]))
    }
  }

  @Test func `I5: a store that forgets a conflict, and one that invents one`() async throws {
    try await expect("I5") { history in
      let index = try #require(history.end.indices.first { !history.end[$0].conflicts.isEmpty })
      history.end[index].conflicts.removeLast()
    }
    try await expect("I5") { history in
      let key = try #require(history.end[0].records.keys.min())
      history.end[0].conflicts.append(
        OpenConflict(key: key, field: "nothing", reason: .values))
    }
  }

  @Test func `I6: a sync that settles conflicts by itself`() async throws {
    try await expect("I6") { history in
      let change = try #require(history.end[0].changes.first)
      history.writesInTheEnd.insert(
        WriteSignature(change, Write("title", .text("settled by the machine"))))
    }
  }

  @Test func `I7: edits that never fold in the oldest heads`() async throws {
    try await expect("I7") { history in
      let (key, field) = try #require(conflicted(history.end[0]))
      history.end[0].records[key]?.heads[field] = (1...60).map { Dot(ReplicaID(9), $0) }
    }
  }

  @Test func `I8: timestamps of a clock, whatever they replace`() async throws {
    try await expect("I8") { history in
      let index = try #require(
        history.end[0].changes.firstIndex { $0.writes.contains { !$0.parents.isEmpty } })
      let change = history.end[0].changes[index]
      history.end[0].changes[index] = Change(
        dot: change.dot, timestamp: Timestamp(rawValue: 0), record: change.record,
        kind: change.kind, writes: change.writes, covers: change.covers)
    }
  }

  @Test func `I9: a hub that takes in what has a gap before it, and one that reorders`()
    async throws
  {
    try await expect("I9") { history in
      let log = try #require(history.logs.indices.first { history.logs[$0].entries.count > 3 })
      history.logs[log].entries.remove(at: 0)
    }
    try await expect("I9") { history in
      let log = try #require(history.logs.indices.first { history.logs[$0].entries.count > 3 })
      history.logs[log].entries.reverse()
    }
  }

  @Test func `I9: a hub that passes a change on before what it names`() async throws {
    try await expect("I9") { history in
      let log = try #require(history.logs.indices.first { history.logs[$0].entries.count > 3 })
      let (later, earlier) = try #require(causalPair(history.logs[log].entries))
      let entry = history.logs[log].entries.remove(at: later)
      history.logs[log].entries.insert(entry, at: earlier)
    }
  }

  @Test func `I10: a session that thinks that it has everything`() async throws {
    try await expect("I10") { $0.end[1].changes.removeLast() }
  }

  @Test
  func `I11: a sync that takes absence for a delete, and a store that hides what nobody deleted`()
    async throws
  {
    try await expect("I11") { history in
      let index = try #require(history.syncs.indices.first { !history.syncs[$0].after.isEmpty })
      let gone = try #require(history.syncs[index].before.min() ?? history.syncs[index].after.min())
      history.syncs[index].before.insert(gone)
      history.syncs[index].after.remove(gone)
    }
    try await expect("I11") { history in
      let key = try #require(history.end[0].records.filter { !$0.value.isHidden }.keys.min())
      history.end[0].records[key]?.isHidden = true
    }
  }

  @Test func `I12: a cursor that is saved before its page is taken in`() async throws {
    try await expect("I12") { history in
      let index = try #require(
        history.standings.indices.last { !history.standings[$0].passed.isEmpty })
      let entry = try #require(history.standings[index].passed.last)
      history.standings[index].vector[entry.origin] = entry.last - 1
      history.standings[index].setAside[entry.origin] = 0
    }
  }

  /// A hub that confirms pushes and keeps none of one machine's.
  @Test func `a hub that confirms what it does not keep is found out`() async throws {
    var hooks = Simulation.Hooks()
    hooks.transport = { name, base in name == "m1" ? Swallowing(base: base) : base }
    let plan = SimulationPlan(seed: 5, stepCount: 250, replicaCount: 3, only: [])
    let report = try await play(plan, hooks: hooks)
    #expect(!report.breaches.isEmpty)
  }

  /// A hub whose disk says that it has written what it has not.
  @Test func `a hub that loses what it confirmed with its power is found out`() async throws {
    var hooks = Simulation.Hooks()
    hooks.hubDisk = { $0.ignoreSyncs() }
    let plan = SimulationPlan(seed: 5, stepCount: 250, replicaCount: 3, only: [.hubPowerLoss])
    #expect(try await play(plan).breaches.isEmpty)
    let report = try await play(plan, hooks: hooks)
    #expect(report.breaches.first?.invariant == "hub's storage")
  }

  /// Two places in a log, of which the first names what is at the second, and nothing of its origin is between them.
  private func causalPair(_ entries: [History.LogEntry]) -> (later: Int, earlier: Int)? {
    for (later, entry) in entries.enumerated() {
      let named = Set(entry.changes.flatMap(\.writes).flatMap(\.parents))
      let earlier = entries[..<later].firstIndex { other in
        other.origin != entry.origin && other.changes.contains { named.contains($0.dot) }
      }
      guard let earlier else { continue }
      let isAlone = !entries[earlier..<later].contains { $0.origin == entry.origin }
      if isAlone { return (later, earlier) }
    }
    return nil
  }

  /// A field of a record that has several heads.
  private func conflicted(_ replica: ObservedReplica) -> (RecordKey, Name)? {
    for (key, shown) in replica.records.sorted(by: { $0.key < $1.key }) {
      for (field, heads) in shown.heads.sorted(by: { $0.key < $1.key }) where heads.count > 1 {
        return (key, field)
      }
    }
    return nil
  }
}

extension Change {
  /// The change with another first write.
  fileprivate func with(_ write: Write) -> Change {
    Change(
      dot: dot, timestamp: timestamp, record: record, kind: kind,
      writes: [write] + writes.dropFirst(), covers: covers)
  }
}
