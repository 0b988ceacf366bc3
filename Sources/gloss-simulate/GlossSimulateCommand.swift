internal import ArgumentParser
internal import Foundation
internal import GlossTesting

@main
struct GlossSimulateCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gloss-simulate",
    abstract: "Plays worlds in which everything goes wrong, and looks whether anything is lost.")

  @Option(help: "The seed of the world, or the first of several.")
  var seed: UInt64 = 1

  @Option(help: "How many seeds are played.")
  var seeds: UInt64 = 1

  @Option(help: "How much happens in a world.")
  var steps = 200

  @Option(help: "How many machines there are at the beginning.")
  var replicas = 3

  @Option(help: "The only faults that there are; may be repeated.")
  var only: [String] = []

  @Option(help: "A fault that there is not; may be repeated.")
  var without: [String] = []

  @Option(help: "Where the files go; by default under /dev/shm, or the temporary folder.")
  var folder: String?

  @Flag(help: "Print what happens.")
  var trace = false

  func run() async throws {
    var total = Totals()
    for seed in seed..<seed + seeds {
      let plan = SimulationPlan(
        seed: seed, stepCount: steps, replicaCount: replicas,
        only: only.isEmpty ? nil : try events(only), without: try events(without))
      let report = try await play(plan)
      if trace { print(report.trace.joined(separator: "\n")) }
      total.add(report)
      guard report.breaches.isEmpty else {
        fail(seed, report)
        throw ExitCode.failure
      }
      if seeds == 1 { print("trace \(report.traceHash)") }
    }
    print(total.line)
  }

  /// Plays a plan in a folder that is gone afterwards.
  private func play(_ plan: SimulationPlan) async throws -> SimulationReport {
    let parent =
      folder
      ?? (FileManager.default.isWritableFile(atPath: "/dev/shm")
        ? "/dev/shm" : FileManager.default.temporaryDirectory.path)
    let path = parent + "/gloss-simulate-\(UUID())"
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try await Simulation(plan, in: path).run()
  }

  private func fail(_ seed: UInt64, _ report: SimulationReport) {
    let switches =
      only.map { " --only \($0)" }.joined() + without.map { " --without \($0)" }.joined()
    print("seed \(seed) fails:")
    for breach in report.breaches.prefix(5) { print("  \(breach)") }
    print(
      "again: gloss-simulate --seed \(seed) --steps \(steps) --replicas \(replicas)\(switches) "
        + "--trace")
  }

  private func events(_ names: [String]) throws -> Set<SimulatorEvent> {
    Set(
      try names.map { name in
        guard let event = SimulatorEvent(rawValue: name), event.isFault else {
          let names = SimulatorEvent.allCases.filter(\.isFault).map(\.rawValue)
          throw ValidationError(
            "no such fault: \(name); there are \(names.joined(separator: ", "))")
        }
        return event
      })
  }
}
