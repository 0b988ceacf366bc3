import Foundation
import GlossCommandTesting
import Testing

/// The parts of `make crash`, one after the other: each of them uses the machine's cores by itself.
@Suite(.serialized) enum CrashTests {}

extension CrashTests {
  /// Every command with failing calls of the system: no space, I/O errors, a kill; once and for good.
  @Suite struct Commands {
    @Test func `a command with a failing call leaves its edit whole or not at all`() throws {
      guard Settings.points != 0 else {
        return print("commands: skipped, POINTS=0")
      }
      let subjects = Subject.all.filter { Settings.only == nil || $0.name == Settings.only }
      let share = subjects.map(\.share).reduce(0, +)
      let results = Results()
      InParallel.run(subjects) { subject in
        let points = Settings.points.map { max(1, ($0 * subject.share + share - 1) / share) }
        do {
          var loop = try CommandLoop(subject, seed: Settings.seed)
          try loop.run(points: points)
          try loop.checkConverged()
          results.add(loop.tally, of: subject.name)
        } catch {
          results.add(
            CommandLoop.Tally(faults: ["\(subject.name): \(error)"]), of: subject.name)
        }
      }
      results.report()
    }
  }
}

/// What the loops found.
private final class Results: @unchecked Sendable {
  private let lock = NSLock()
  private var tallies: [(name: String, tally: CommandLoop.Tally)] = []

  func add(_ tally: CommandLoop.Tally, of name: String) {
    lock.withLock { tallies.append((name, tally)) }
  }

  func report() {
    let tallies = lock.withLock { self.tallies }.sorted { $0.name < $1.name }
    var sum = CommandLoop.Tally()
    var parts: [String] = []
    for (name, tally) in tallies {
      sum.points += tally.points
      sum.places += tally.places
      sum.missed += tally.missed
      sum.acknowledged += tally.acknowledged
      sum.faults += tally.faults
      parts.append("\(name) \(tally.points)")
      for fault in tally.faults {
        Issue.record(
          "\(fault)\nreplay: make crash ONLY=\(name) \(Settings.replay) SESSIONS=0 CROWDS=0")
      }
    }
    print(
      "commands: \(sum.points) faults of \(sum.places) possible in \(tallies.count) commands",
      "(" + parts.joined(separator: ", ") + "),",
      "\(sum.acknowledged) done all the same, \(sum.missed) calls did not come about;",
      "seed \(Settings.seed); \(sum.faults.count) failed")
  }
}

/// Work on as many threads as there are cores.
enum InParallel {
  static func run<T: Sendable>(
    _ items: [T], threads: Int = 2, _ body: @escaping @Sendable (T) -> Void
  ) {
    let queue = Queue(items)
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while let item = queue.next() { body(item) }
    }
  }

  private final class Queue<T: Sendable>: @unchecked Sendable {
    private let lock = NSLock()
    private var rest: ArraySlice<T>

    init(_ items: [T]) { rest = items[...] }

    func next() -> T? { lock.withLock { rest.popFirst() } }
  }
}
