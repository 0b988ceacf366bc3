internal import GlossCore
internal import GlossCrypto

/// What came of one run.
package struct SimulationReport: Sendable {
  package var stepCount: Int
  /// How often each event did something.
  package var countByEvent: [SimulatorEvent: Int]
  package var acknowledgedCount: Int
  /// The writes of which somebody destroyed every copy.
  package var destroyedCount: Int
  package var unreachableCount: Int
  package var breaches: [InvariantBreach]
  package var trace: [String]

  /// How often something went wrong.
  package var faultCount: Int {
    countByEvent.reduce(0) { $0 + ($1.key.isFault ? $1.value : 0) }
  }

  /// Tells this trace from any other.
  package var traceHash: String {
    hexadecimal(sha256(Array(trace.joined(separator: "\n").utf8)))
  }
}
