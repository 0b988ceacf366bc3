import GlossTesting
import Testing

@Suite struct ShrinkingTests {
  @Test func `a plan is shrunk to the steps that it fails by`() async {
    let plan = SimulationPlan(
      seed: 1, stepCount: 300, replicaCount: 3, only: [.cut, .kill])
    let kill = plan.steps.last { $0.event == .kill }
    let cut = plan.steps.first { $0.event == .cut }
    var shrinking = Shrinking(plan)
    await shrinking.run { candidate in
      candidate.steps.contains { $0 == kill } && candidate.steps.contains { $0 == cut }
    }
    #expect(shrinking.plan.steps.count == 2)
    #expect(shrinking.plan == plan.keeping(Set(shrinking.plan.steps.map(\.number))))
  }

  @Test func `shrinking ends when its budget does`() async {
    let plan = SimulationPlan(seed: 1, stepCount: 300, replicaCount: 3)
    var tries = 0
    var shrinking = Shrinking(plan, budget: 20)
    await shrinking.run { _ in
      tries += 1
      return false
    }
    #expect(tries == 20)
    #expect(shrinking.plan == plan)
  }

  /// A hub that confirms what it never keeps: the edits of one machine reach nobody.
  @Test func `a device whose pushes are swallowed is found, and so is how`() async throws {
    var hooks = Simulation.Hooks()
    hooks.transport = { name, base in name == "m1" ? Swallowing(base: base) : base }
    let plan = SimulationPlan(seed: 3, stepCount: 100, replicaCount: 3, only: [])
    let breaches = try await play(plan, hooks: hooks).breaches
    let first = try #require(breaches.first)
    let lost = try #require(breaches.first { $0.invariant == "I3" })
    #expect(lost.detail.contains("which m1 confirmed"))
    var shrinking = Shrinking(plan, budget: 60)
    try await shrinking.run { candidate in
      try await play(candidate, hooks: hooks).breaches.first?.invariant == first.invariant
    }
    #expect(shrinking.plan.steps.count <= 3)
    #expect(try await play(shrinking.plan).breaches == [])
  }
}
