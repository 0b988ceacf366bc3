import Foundation
import GlossCommandTesting
import GlossTesting
import Testing

extension CrashTests {
  /// Eight processes on one library at once.
  @Suite struct Crowds {
    @Test func `eight processes on one library lose nothing that was acknowledged`() {
      guard Settings.crowds > 0, Settings.only == nil else {
        return print("crowds: skipped, \(Settings.only == nil ? "CROWDS=0" : "ONLY is set")")
      }
      var total = Crowd.Tally()
      var failed = 0
      for number in 0..<Settings.crowds {
        let seed = Settings.seed + number
        do {
          let crowd = try Crowd(seed: seed)
          try crowd.run()
          total.add(crowd.tally)
        } catch {
          failed += 1
          Issue.record("\(error)\nrun again: make crash SEED=\(seed) CROWDS=1 SESSIONS=0 POINTS=0")
        }
      }
      print(
        "crowds: \(Settings.crowds) of 8 processes at once, \(total.commands) commands, "
          + "\(total.edits) edits acknowledged and none lost, \(total.busy) told to try again; "
          + "seeds \(Settings.seed) to \(Settings.seed + Settings.crowds - 1); \(failed) failed")
    }
  }
}

/// Eight threads that each run commands on the same library, and what has to be true afterwards.
private final class Crowd: @unchecked Sendable {
  struct Tally {
    var commands = 0
    var edits = 0
    var busy = 0

    mutating func add(_ other: Tally) {
      commands += other.commands
      edits += other.edits
      busy += other.busy
    }
  }

  private let machine: Machine
  private let seed: Int
  private let lock = NSLock()
  private var counts = Tally()
  private var acknowledged: Set<String> = []
  private var wrong: [String] = []

  var tally: Tally { lock.withLock { counts } }

  init(seed: Int) throws {
    self.seed = seed
    machine = try Subject.pair()
  }

  func run(rounds: Int = 10) throws {
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      var generator = SeededGenerator(seed: UInt64(seed * 8 + worker))
      for round in 0..<rounds {
        let marker = "w\(worker)r\(round)-\(Int.random(in: 0..<1_000, using: &generator))"
        do {
          try turn(worker, marker)
        } catch {
          lock.withLock { self.wrong.append("\(error)") }
        }
      }
    }
    let wrong = lock.withLock { self.wrong }
    guard wrong.isEmpty else { throw Unmet(wrong.joined(separator: "\n")) }
    try machine.must("verify")
    let texts = try LogCopy.texts(in: machine.libraryPath)
    let missing = acknowledged.filter { !texts.contains($0) && !texts.contains("tag/" + $0) }
    guard missing.isEmpty else { throw Unmet("lost: \(missing)") }
    try machine.must("sync")
    guard let other = machine.companion as? Machine else { throw Unmet("no second machine") }
    try other.must("sync")
    try machine.must("sync")
    guard
      try LogCopy(of: machine.libraryPath).holdsTheSame(as: LogCopy(of: other.libraryPath))
    else { throw Unmet("the two machines do not hold the same changes") }
  }

  /// One command of a worker: three edit, the others list, show, sync and verify, and add.
  private func turn(_ worker: Int, _ marker: String) throws {
    var isEdit = true
    let arguments: [String]
    switch worker {
    case 0, 1: arguments = ["add", "https://example.org/\(marker)", "--title", marker]
    case 2: arguments = ["edit", Subject.article, "--title", marker]
    case 3: arguments = ["tag", Subject.article, "+\(marker)"]
    case 4: arguments = ["note", Subject.article, marker]
    case 5:
      isEdit = false
      arguments = ["list", "--json"]
    case 6:
      isEdit = false
      arguments = ["sync"]
    default:
      isEdit = false
      arguments = ["verify"]
    }
    let outcome = try machine.run(
      Machine.executable("gloss"), arguments, environment: ["GLOSS_LIBRARY": machine.libraryPath])
    lock.withLock {
      counts.commands += 1
      switch outcome.status {
      case 0 where isEdit:
        counts.edits += 1
        acknowledged.insert(marker)
      case 0: break
      case 75: counts.busy += 1
      default: wrong.append("gloss \(arguments.joined(separator: " ")): \(outcome)")
      }
    }
  }
}
