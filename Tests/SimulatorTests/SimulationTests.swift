import GlossTesting
import Testing

@Suite struct SimulationTests {
  @Test(arguments: UInt64(1)...30)
  func `nothing is lost in the world of a seed`(seed: UInt64) async throws {
    let report = try await play(SimulationPlan(seed: seed, stepCount: 150, replicaCount: 3))
    #expect(report.breaches == [])
    #expect(report.unreachableCount == 0)
  }

  @Test(arguments: UInt64(1)...20)
  func `nothing is lost where disks fail`(seed: UInt64) async throws {
    let storage = SimulatorEvent.allCases.filter(\.isOfStorage)
    let plan = SimulationPlan(
      seed: seed, stepCount: 150, replicaCount: 3,
      only: Set(storage).union([.requestLost, .replyLost, .doubled, .kill, .clock, .join]))
    let report = try await play(plan)
    #expect(report.breaches == [])
    #expect(report.unreachableCount == 0)
    #expect(storage.contains { report.countByEvent[$0, default: 0] > 0 })
  }

  @Test(arguments: UInt64(1)...5)
  func `a seed is played the same way each time`(seed: UInt64) async throws {
    let plan = SimulationPlan(seed: seed, stepCount: 150, replicaCount: 3)
    let first = try await play(plan)
    let second = try await play(plan)
    #expect(first.trace == second.trace)
  }

  /// Other processes hash in another order, which a seed must not depend on.
  @Test(arguments: UInt64(40)...43)
  func `a seed is played the same way in every process`(seed: UInt64) async throws {
    let first = try simulate("--seed", "\(seed)", "--steps", "150")
    let second = try simulate("--seed", "\(seed)", "--steps", "150")
    #expect(first.status == 0 && first.output.contains("trace "))
    #expect(first.output == second.output)
  }

  @Test func `a world does only what it is asked to`() {
    let quiet = SimulationPlan(seed: 1, stepCount: 500, replicaCount: 2, only: [])
    #expect(quiet.steps.allSatisfy { !$0.event.isFault })
    let some = SimulationPlan(seed: 1, stepCount: 500, replicaCount: 2, only: [.cut, .kill])
    #expect(Set(some.steps.map(\.event).filter(\.isFault)) == [.cut, .kill])
    let without = SimulationPlan(
      seed: 1, stepCount: 500, replicaCount: 2, only: [.cut, .kill], without: [.kill])
    #expect(Set(without.steps.map(\.event).filter(\.isFault)) == [.cut])
  }

  @Test func `every event does something in some world`() async throws {
    var countByEvent: [SimulatorEvent: Int] = [:]
    for seed in UInt64(1)...24 {
      let report = try await play(SimulationPlan(seed: seed, stepCount: 300, replicaCount: 3))
      countByEvent.merge(report.countByEvent) { $0 + $1 }
    }
    let storage = SimulatorEvent.allCases.filter(\.isOfStorage)
    let disks = SimulationPlan(seed: 1, stepCount: 300, replicaCount: 3, only: Set(storage))
    countByEvent.merge(try await play(disks).countByEvent) { $0 + $1 }
    for event in SimulatorEvent.allCases {
      #expect(countByEvent[event, default: 0] > 0, "\(event) never happens")
    }
  }
}
