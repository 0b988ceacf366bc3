import Foundation
import GlossCore
import GlossStore
import GlossTesting
import GlossWire
import Testing

// Each invariant shown to bite in play: a real part is broken from the test's side while a world is played, and the checker of
// the invariant has to report it. Stores and merges are broken by triggers in the file of a replica, which do to its rows what
// a broken program would; hubs and sessions by what stands between them; editors by what they say that they were shown. The product
// is as it is. The first test plays the same worlds with nothing broken, in which no checker reports anything.

@Suite struct BrokenPartsTests {
  private static let plan = SimulationPlan(seed: 5, stepCount: 250, replicaCount: 3, only: [])

  /// A world in which conflicts come up when people have stopped to edit.
  private static let busyPlan = SimulationPlan(seed: 9, stepCount: 250, replicaCount: 3, only: [])

  /// Three machines that do little else than to edit titles, and one that joins in the end.
  private static let crowdedPlan: SimulationPlan? = {
    let events: Set<SimulatorEvent> = [.add, .edit, .sync, .deliver, .finish]
    let drawn = SimulationPlan(seed: 7, stepCount: 1_500, replicaCount: 3, only: [])
    let plan = drawn.keeping(
      Set(drawn.steps.filter { events.contains($0.event) }.map(\.number)))
    return SimulationPlan(text: plan.text + "1501 join 1\n")
  }()

  /// Returns the invariants that are not as promised in a world.
  private func found(
    _ plan: SimulationPlan = plan, _ breakPart: (inout Simulation.Hooks) -> Void
  ) async throws -> Set<String> {
    var hooks = Simulation.Hooks()
    hooks.endsAtFirstBreach = false
    breakPart(&hooks)
    let report = try await play(plan, hooks: hooks)
    return Set(report.breaches.map(\.invariant))
  }

  /// Returns the invariants that are not as promised where a trigger breaks the store of one machine, or of all.
  private func found(
    _ plan: SimulationPlan = plan, on machine: String?, trigger: String
  ) async throws -> Set<String> {
    try await found(plan) { hooks in
      hooks.created = { name, path in
        guard machine == nil || machine == name else { return }
        try execute("CREATE TRIGGER broken \(trigger)", at: path)
      }
    }
  }

  @Test func `nothing is found where nothing is broken`() async throws {
    #expect(try await found { _ in } == [])
    #expect(try await found(Self.busyPlan) { _ in } == [])
    #expect(try await found(#require(Self.crowdedPlan)) { _ in } == [])
    // A trigger alone breaks nothing.
    let idle = try await found(
      on: nil, trigger: "AFTER INSERT ON _change BEGIN SELECT 1; END")
    #expect(idle == [])
  }

  @Test func `I1: a merge that leaves out the heads of concurrent writes`() async throws {
    let found = try await found(
      on: "m1",
      trigger: """
        AFTER UPDATE OF heads ON page
        WHEN hex(substr(NEW.heads, 1, 1)) IN ('01', '03') AND length(OLD.heads) > 0
        BEGIN UPDATE page SET heads = OLD.heads WHERE id = NEW.id; END
        """)
    #expect(found.contains("I1"), "found \(found.sorted())")
  }

  @Test func `I2: a store that goes on to show the first title`() async throws {
    let found = try await found(
      on: "m1",
      trigger: """
        AFTER UPDATE OF title ON page WHEN OLD.title IS NOT NULL
        BEGIN UPDATE page SET title = OLD.title WHERE id = NEW.id; END
        """)
    #expect(found.contains("I2"), "found \(found.sorted())")
  }

  @Test func `I3: a store that writes over the change before`() async throws {
    let found = try await found(
      on: "m1",
      trigger: """
        AFTER INSERT ON _change
        BEGIN UPDATE _change SET body = NEW.body WHERE id = NEW.id - 1 AND record = NEW.record; END
        """)
    #expect(found.contains("I3"), "found \(found.sorted())")
  }

  @Test func `I3: a hub that confirms what it does not keep`() async throws {
    let found = try await found { hooks in
      hooks.transport = { name, base in name == "m1" ? Swallowing(base: base) : base }
    }
    #expect(found.contains("I3"), "found \(found.sorted())")
  }

  @Test func `I4: an editor that names whatever is current`() async throws {
    let found = try await found { hooks in hooks.basis = { _, current in current } }
    #expect(found.contains("I4"), "found \(found.sorted())")
  }

  @Test func `I5: a store that forgets conflicts`() async throws {
    let found = try await found(
      on: "m1",
      trigger: """
        AFTER INSERT ON _conflict BEGIN
          DELETE FROM _conflict WHERE record = NEW.record AND field = NEW.field; END
        """)
    #expect(found.contains("I5"), "found \(found.sorted())")
  }

  @Test func `I5: a store that lists a conflict that is none`() async throws {
    let found = try await found(
      on: "m1",
      trigger: """
        AFTER UPDATE OF progress ON page BEGIN
          INSERT OR IGNORE INTO _conflict SELECT NEW.id, f.id, k.id, 0 FROM _name f, _name k
            WHERE f.text = CAST('progress' AS BLOB) AND k.text = CAST('page' AS BLOB); END
        """)
    #expect(found.contains("I5"), "found \(found.sorted())")
  }

  @Test func `I6: a sync that settles conflicts by itself`() async throws {
    let paths = Paths()
    let found = try await found(Self.busyPlan) { hooks in
      hooks.created = { paths[$0] = $1 }
      hooks.transport = { name, base in
        guard name == "m1", let path = paths[name] else { return base }
        return Settling(base: base, path: path)
      }
    }
    #expect(found.contains("I6"), "found \(found.sorted())")
  }

  @Test func `I7: stores that write down titles without what they replace`() async throws {
    let found = try await found(
      #require(Self.crowdedPlan), on: nil,
      // A body is kind, 1 write, field, tag, length, text, parents, covers; all numbers are of a byte here.
      trigger: """
        AFTER INSERT ON _change WHEN hex(substr(NEW.body, 2, 1)) = '01'
          AND length(NEW.body) > 7 + unicode(CAST(substr(NEW.body, 5, 1) AS TEXT))
        BEGIN UPDATE _change SET body = CAST(
          substr(body, 1, 5 + unicode(CAST(substr(body, 5, 1) AS TEXT))) || x'0000' AS BLOB)
          WHERE id = NEW.id; END
        """)
    #expect(found.contains("I7"), "found \(found.sorted())")
  }

  @Test func `I8: a store that writes down a time of its own`() async throws {
    let found = try await found(
      on: "m1",
      trigger: """
        AFTER INSERT ON _change
        BEGIN UPDATE _change SET timestamp = 1048576 WHERE id = NEW.id; END
        """)
    #expect(found.contains("I8"), "found \(found.sorted())")
  }

  @Test func `I9: a hub that serves changes before what they name`() async throws {
    let places = Reordering.Places()
    let found = try await found { hooks in
      hooks.transport = { Reordering(base: $1, places: places) }
    }
    #expect(found.contains("I9"), "found \(found.sorted())")
  }

  @Test func `I9: a hub that serves bundles twice`() async throws {
    let found = try await found { hooks in hooks.transport = { Doubling(base: $1) } }
    #expect(found.contains("I9"), "found \(found.sorted())")
  }

  @Test func `I10: a hub that tells one machine that there is nothing new`() async throws {
    let found = try await found { hooks in
      hooks.transport = { name, base in name == "m1" ? Withholding(base: base) : base }
    }
    #expect(found.contains("I10"), "found \(found.sorted())")
  }

  @Test func `I11: a store that hides a record when it has synced`() async throws {
    let found = try await found(
      on: "m1",
      trigger: """
        AFTER INSERT ON _remote BEGIN
          UPDATE page SET hidden = 1 WHERE id = (SELECT min(id) FROM page WHERE NOT hidden); END
        """)
    #expect(found.contains("I11"), "found \(found.sorted())")
  }

  @Test func `I12: a store that loses what a page brings and keeps the page's place`() async throws
  {
    let found = try await found(
      on: "m1",
      trigger: """
        AFTER UPDATE OF last_seq ON _replica
        WHEN NEW.uuid <> (SELECT value FROM _meta WHERE key = 'replica') BEGIN
          DELETE FROM _change WHERE id > (NEW.id << 40 | OLD.last_seq) AND id < (NEW.id + 1) << 40;
          UPDATE _replica SET last_seq = OLD.last_seq, tip = OLD.tip WHERE id = NEW.id; END
        """)
    #expect(found.contains("I12"), "found \(found.sorted())")
  }
}

/// Where the machines' files are.
private final class Paths: Sendable {
  private let byName = Locked<[String: String]>([:])

  subscript(name: String) -> String? {
    get { byName.withLock { $0[name] } }
    set { byName.withLock { $0[name] = newValue } }
  }
}
