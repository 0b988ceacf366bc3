internal import GlossTesting

/// What came of several runs.
struct Totals {
  private var seedCount = 0
  private var stepCount = 0
  private var acknowledgedCount = 0
  private var destroyedCount = 0
  private var unreachableCount = 0
  private var countByEvent: [SimulatorEvent: Int] = [:]

  mutating func add(_ report: SimulationReport) {
    seedCount += 1
    stepCount += report.stepCount
    acknowledgedCount += report.acknowledgedCount
    destroyedCount += report.destroyedCount
    unreachableCount += report.unreachableCount
    countByEvent.merge(report.countByEvent) { $0 + $1 }
  }

  /// All of it in one line.
  var line: String {
    let faults = countByEvent.filter { $0.key.isFault }
    let names = faults.sorted { $0.key.rawValue < $1.key.rawValue }
      .map { "\($0.key.rawValue) \($0.value)" }
    return "seeds \(seedCount), steps \(stepCount), faults \(faults.values.reduce(0, +)) "
      + "(\(names.joined(separator: ", "))), edits acknowledged \(acknowledgedCount), "
      + "destroyed with all copies \(destroyedCount), edits unreachable \(unreachableCount)"
  }
}
