import Foundation
import GlossCommandTesting
import Testing

extension CrashTests {
  /// Three real machines and a real hub over a bad network.
  @Suite struct Sessions {
    @Test func `three machines agree in the end and hold every acknowledged edit`() {
      guard Settings.sessions > 0, Settings.only == nil else {
        return print("sessions: skipped, \(Settings.only == nil ? "SESSIONS=0" : "ONLY is set")")
      }
      let sum = Sum()
      InParallel.run(Array(0..<Settings.sessions)) { number in
        let seed = Settings.seed + number
        do {
          let session = try Session(seed: seed)
          try session.run()
          sum.add(session.tally)
        } catch {
          sum.fail()
          Issue.record(
            "\(error)\nreplay: make crash SEED=\(seed) SESSIONS=1 POINTS=0 CROWDS=0")
        }
      }
      print("sessions: " + sum.text)
    }
  }

  private final class Sum: @unchecked Sendable {
    private let lock = NSLock()
    private var total = Session.Tally()
    private var count = 0
    private var failed = 0

    func add(_ tally: Session.Tally) {
      lock.withLock {
        count += 1
        total.acknowledged += tally.acknowledged
        total.interruptedEdits += tally.interruptedEdits
        total.syncs += tally.syncs
        total.interruptedSyncs += tally.interruptedSyncs
        total.faults.merge(tally.faults, uniquingKeysWith: +)
        total.offsets.formUnion(tally.offsets)
      }
    }

    func fail() { lock.withLock { failed += 1 } }

    var text: String {
      lock.withLock {
        let faults = total.faults.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }
        return
          "\(count) of 3 machines, \(total.acknowledged) edits acknowledged and none unreachable, "
          + "\(total.interruptedEdits) edits killed, \(total.syncs) syncs amid faults "
          + "(\(faults.joined(separator: ", ")); \(total.offsets.count) offsets), "
          + "\(total.interruptedSyncs) of them interrupted; seeds \(Settings.seed) to "
          + "\(Settings.seed + Settings.sessions - 1); \(failed) failed"
      }
    }
  }
}
