import Foundation
import GlossCommandTesting
import GlossTesting
import Testing

extension CrashTests {
  /// A hub whose disk fails while machines push, and its backup.
  @Suite struct Hub {
    @Test func `a hub with a failing disk acknowledges nothing that it does not keep`() {
      guard Settings.points != 0, Settings.only == nil || Settings.only == "hub" else {
        return print("hub: skipped, \(Settings.only == nil ? "POINTS=0" : "ONLY is set")")
      }
      do {
        var loop = try HubLoop(seed: Settings.seed)
        // A fault costs a hub's start and end.
        try loop.run(points: Settings.points.map { max(4, $0 / 10) })
        for fault in loop.faults {
          Issue.record("\(fault)\nreplay: make crash ONLY=hub \(Settings.replay)")
        }
        print(
          "hub: \(loop.points) faults of \(loop.places) possible in pushes and backups, "
            + "\(loop.acknowledged) done all the same, \(loop.missed) calls did not come about; "
            + "seed \(Settings.seed); \(loop.faults.count) failed")
      } catch {
        Issue.record("hub: \(error)\nreplay: make crash ONLY=hub \(Settings.replay)")
      }
    }
  }
}

/// A hub and two machines: pushes, and backups, with calls of the hub failing.
private struct HubLoop {
  private let hub: HubProcess
  private let desk: Machine
  private let lap: Machine
  private var generator: SeededGenerator
  private var number = 0
  private(set) var points = 0
  private(set) var places = 0
  private(set) var missed = 0
  private(set) var acknowledged = 0
  private(set) var faults: [String] = []

  init(seed: Int) throws {
    generator = SeededGenerator(seed: UInt64(seed))
    desk = try Subject.pair()
    guard let lap = desk.companion as? Machine, let hub = lap.companion as? HubProcess else {
      throw Unmet("no hub")
    }
    self.lap = lap
    self.hub = hub
  }

  mutating func run(points: Int?) throws {
    let served = try places(ofPush: true)
    let copied = try places(ofPush: false)
    let all =
      served.map { (fault: $0, isPush: true) } + copied.map { (fault: $0, isPush: false) }
    places = all.count
    for (fault, isPush) in points.map({ Array(all.shuffled(using: &generator).prefix($0)) }) ?? all
    {
      let start = ContinuousClock.now
      defer { Settings.tell("hub \(isPush ? "push" : "backup") \(fault)", since: start) }
      do {
        if isPush { try push(fault) } else { try backup(fault) }
      } catch {
        faults.append("hub \(isPush ? "push" : "backup") with \(fault): \(error)")
        if faults.count >= 3 { return }
      }
    }
  }

  private var trace: String { desk.folder + "/hub-trace" }

  private func traced() -> String {
    String(decoding: FileManager.default.contents(atPath: trace) ?? Data(), as: UTF8.self)
  }

  /// The calls on the hub's files in a push or a backup, each with every way to fail.
  private mutating func places(ofPush isPush: Bool) throws -> [Fault] {
    if isPush {
      hub.kill()
      try hub.revive(under: Strace.prefix(to: trace, calls: Strace.calls))
      try edit()
      try desk.must("sync")
      hub.killTraced()
      try hub.revive()
    } else {
      let outcome = try copy(under: Strace.prefix(to: trace, calls: Strace.calls))
      guard outcome.status == 0 else { throw Unmet("backup: \(outcome)") }
    }
    let folder = isPush ? hub.folder : desk.folder
    return Strace.places(in: traced(), folder: folder)
      .filter { !["connect", "socket", "recvfrom"].contains($0.call) }
      .flatMap { call, number in
        Fault.effects(of: call).map { Fault(call: call, number: number, effect: $0) }
      }
  }

  private mutating func edit() throws {
    number += 1
    try desk.must("edit", Subject.article, "--title", "Title \(number)")
  }

  private func copy(under prefix: [String] = []) throws -> Outcome {
    let path = desk.folder + "/backup.sqlite"
    try? FileManager.default.removeItem(atPath: path)
    let command =
      prefix + [try Machine.executable("gloss-hub"), "backup", "--data", hub.folder, path]
    return try desk.run(command[0], Array(command.dropFirst()))
  }

  private mutating func count(_ status: Int32) {
    let said = traced()
    if said.contains("(INJECTED)") || said.contains("killed by SIGKILL") {
      points += 1
    } else {
      missed += 1
    }
    if status == 0 { acknowledged += 1 }
  }

  private mutating func push(_ fault: Fault) throws {
    try edit()
    let log = try LogCopy(of: desk.libraryPath)
    hub.kill()
    var outcome = Outcome(status: 69, output: "", messages: "gloss: the hub did not start")
    do {
      try hub.revive(under: Strace.prefix(to: trace, calls: [fault.call], inject: fault))
      outcome = try desk.run(
        Machine.executable("gloss"), ["sync"], environment: ["GLOSS_LIBRARY": desk.libraryPath])
      if let wrong = Judgement.fault(in: outcome, killed: false) {
        throw Unmet("\(wrong): \(outcome)")
      }
    } catch is Unmet where outcome.status == 69 {
      guard fault.isKill || hub.messages.contains("gloss-hub: ") else {
        throw Unmet("the hub did not start and did not say why: \(hub.messages)")
      }
    }
    let messages = hub.messages
    hub.killTraced()
    count(outcome.status)
    for words in ["Fatal error", "Illegal instruction", "Crash:"] where messages.contains(words) {
      throw Unmet("the hub crashed: \(messages)")
    }
    try hub.revive()
    let verified = try desk.run(
      Machine.executable("gloss-hub"), ["verify", "--data", hub.folder])
    guard verified.status == 0 else { throw Unmet("gloss-hub verify: \(verified)") }
    // What the hub said it took is there, before the machine that sent it is heard again.
    try lap.must("sync")
    if outcome.status == 0, try !log.isHeld(by: lap.libraryPath) {
      throw Unmet("the hub acknowledged a push and has it no more: \(outcome) \(messages)")
    }
    try desk.must("sync")
    try lap.must("sync")
    guard try log.isHeld(by: lap.libraryPath) else { throw Unmet("the push did not arrive") }
  }

  private mutating func backup(_ fault: Fault) throws {
    let outcome = try copy(
      under: Strace.prefix(to: trace, calls: [fault.call], inject: fault))
    count(outcome.status)
    if let wrong = Judgement.fault(
      in: outcome, killed: fault.isKill, program: "gloss-hub", codes: Judgement.hub)
    {
      throw Unmet("\(wrong): \(outcome)")
    }
    let path = desk.folder + "/backup.sqlite"
    if FileManager.default.fileExists(atPath: path) {
      let verified = try desk.run(Machine.executable("gloss-hub"), ["verify", "--data", path])
      guard verified.status == 0 else {
        throw Unmet("the copy has its name and is not sound: \(verified) \(outcome)")
      }
    } else if outcome.status == 0 {
      throw Unmet("it said it was done, and there is no copy")
    }
    try lap.must("sync")
    let again = try copy()
    guard again.status == 0 else { throw Unmet("backup again: \(again)") }
  }
}
