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

  @Option(help: "The only steps that are done, as a failure prints them: 3,17,40.")
  var keep: String?

  @Option(help: "A file with a plan, which is played instead of those of seeds.")
  var plan: String?

  @Option(help: "How many shorter plans are tried where one fails.")
  var shrinkBudget = 300

  @Flag(help: "Print the plan, to be kept in a file.")
  var printPlan = false

  @Flag(help: "Go on after a seed that fails.")
  var keepGoing = false

  func run() async throws {
    var total = Totals()
    var failed = false
    for seed in seed..<seed + seeds {
      let plan = try plan(of: seed)
      if printPlan { print(plan.text, terminator: "") }
      let report = try await play(plan)
      if trace { print(report.trace.joined(separator: "\n")) }
      total.add(report)
      if seeds == 1 { print("trace \(report.traceHash)") }
      guard let breach = report.breaches.first else { continue }
      failed = true
      print("seed \(seed) fails:")
      for breach in report.breaches.prefix(5) { print("  \(breach)") }
      try await shrink(plan, seed: seed, failingAt: breach.invariant)
      if !keepGoing { break }
    }
    print(total.line)
    if failed { throw ExitCode.failure }
  }

  private func plan(of seed: UInt64) throws -> SimulationPlan {
    let plan = SimulationPlan(
      seed: seed, stepCount: steps, replicaCount: replicas,
      only: only.isEmpty ? nil : try events(only), without: try events(without))
    if let path = self.plan {
      let text = try? String(contentsOfFile: path, encoding: .utf8)
      guard let plan = text.flatMap(SimulationPlan.init(text:)) else {
        throw ValidationError("\(path) is no plan, or cannot be read")
      }
      return plan
    }
    guard let keep else { return plan }
    return plan.keeping(Set(keep.split(separator: ",").compactMap { Int($0) }))
  }

  /// Prints the shortest plan that fails as this one does, and how to play it again.
  private func shrink(
    _ plan: SimulationPlan, seed: UInt64, failingAt invariant: String
  ) async throws {
    var shrinking = Shrinking(plan, budget: shrinkBudget)
    try await shrinking.run { candidate in
      try await play(candidate).breaches.contains { $0.invariant == invariant }
    }
    let report = try await play(shrinking.plan)
    print("shrunk from \(plan.steps.count) to \(shrinking.plan.steps.count) steps:")
    for line in report.trace { print("  \(line)") }
    for breach in report.breaches.prefix(5) { print("  \(breach)") }
    print("its plan:\n\(shrinking.plan.text)", terminator: "")
    let switches =
      only.map { " --only \($0)" }.joined() + without.map { " --without \($0)" }.joined()
    let kept = shrinking.plan.steps.map { String($0.number) }.joined(separator: ",")
    print(
      "again: gloss-simulate --seed \(seed) --steps \(steps) --replicas \(replicas)\(switches) "
        + "--keep \(kept) --trace")
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
