import Foundation
import GlossTesting
import Testing

/// Plans that failed once. Each file says what it found; what was drawn is in it, so it does not depend on what a seed means.
@Suite struct KeptPlansTests {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "Plans")

  private static let names =
    ((try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []).sorted()

  @Test func `plans are kept`() {
    #expect(!Self.names.isEmpty)
  }

  @Test(arguments: names)
  func `a plan that failed once fails no more`(name: String) async throws {
    let text = try String(contentsOf: Self.folder.appending(path: name), encoding: .utf8)
    let plan = try #require(SimulationPlan(text: text))
    let report = try await play(plan)
    #expect(report.breaches == [])
  }

  @Test func `a plan is the same after it was written down`() {
    let plan = SimulationPlan(seed: 3, stepCount: 300, replicaCount: 4)
    #expect(SimulationPlan(text: "# a comment\n" + plan.text) == plan)
    #expect(SimulationPlan(text: "world 1 replicas 2\n1 no-such-event 3\n") == nil)
    #expect(SimulationPlan(text: "") == nil)
  }
}
