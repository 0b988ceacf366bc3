import Foundation
import Gloss
import GlossCommandTesting
import GlossCore
import GlossStore
import GlossTesting

/// Three machines, a hub, and a proxy between them that lets little through: what they write, and what has to be there at the end.
final class Session {
  private let hub: HubProcess
  private let proxy: FaultyProxy
  private let machines: [Machine]
  private var generator: SeededGenerator
  private var articles: [String] = []
  private var markers: Set<String> = []
  private var logs: [LogCopy] = []
  private(set) var tally = Tally()

  /// What took place.
  struct Tally {
    var acknowledged = 0
    var interruptedEdits = 0
    var syncs = 0
    var interruptedSyncs = 0
    var faults: [String: Int] = [:]
    var offsets: Set<Int> = []
  }

  init(seed: Int) throws {
    generator = SeededGenerator(seed: UInt64(seed))
    hub = try HubProcess()
    proxy = try FaultyProxy(toPort: hub.port)
    machines = try ["desk", "lap", "phone"].map { try Machine($0) }
    let first = machines[0]
    try first.must("init", "--name", "desk")
    let text = try first.file("a.md", "# Essay\n\nEvery reader writes in the margin.")
    articles = [try first.name("add", text, "--url", "https://example.org/essay")]
    try first.must("hub", "connect", proxy.address)
    try first.must("sync")
    for machine in machines.dropFirst() {
      let code = try first.gloss("pair").output
      let joined = try machine.gloss("join", "--name", machine.name, input: code)
      guard joined.status == 0 else { throw Unmet("join: \(joined)") }
      try machine.must("sync")
    }
  }

  /// Writes and syncs amid faults, then syncs without, and checks.
  func run(steps: Int = 8) throws {
    for number in 1...steps {
      for _ in 0..<Int.random(in: 1...2, using: &generator) {
        try edit(number, on: any())
      }
      try sync(any())
    }
    proxy.plan([])
    for machine in machines + machines { try machine.must("sync") }
    (tally.faults, tally.offsets) = proxy.tally
    try check()
  }

  private func any() -> Machine { machines[Int.random(in: 0..<3, using: &generator)] }

  /// One edit, which is killed at one of its writes every fifth time.
  private func edit(_ number: Int, on machine: Machine) throws {
    let marker = "marker-\(number)-\(Int.random(in: 0..<1_000_000, using: &generator))"
    let article = articles[Int.random(in: 0..<articles.count, using: &generator)]
    let known = try machine.gloss("show", article).status == 0
    let arguments: [String] =
      switch Int.random(in: 0..<6, using: &generator) {
      case 0, 1: ["add", "https://example.org/\(marker)", "--title", marker]
      case 2 where known: ["edit", article, "--title", marker]
      case 3 where known: ["edit", article, "--author", marker]
      case 4 where known: ["tag", article, "+\(marker)"]
      default:
        known
          ? ["note", article, marker]
          : ["add", try machine.file("a.md", marker), "--title", marker]
      }
    var command = [try Machine.executable("gloss")] + arguments
    let isKilled = generator.happens(percent: 20)
    if isKilled {
      let fault = Fault(
        call: "pwrite64", number: Int.random(in: 1...32, using: &generator), effect: .kill)
      command =
        Strace.prefix(to: machine.folder + "/trace", calls: ["pwrite64"], inject: fault) + command
    }
    let outcome = try machine.run(
      command[0], Array(command.dropFirst()), environment: ["GLOSS_LIBRARY": machine.libraryPath])
    if let wrong = Judgement.fault(in: outcome, killed: isKilled) {
      throw Unmet("gloss \(arguments): \(wrong): \(outcome)")
    }
    guard outcome.status == 0 else {
      guard isKilled else { throw Unmet("gloss \(arguments): \(outcome)") }
      tally.interruptedEdits += 1
      return
    }
    tally.acknowledged += 1
    markers.insert(marker)
    logs.append(try LogCopy(of: machine.libraryPath))
    if arguments[0] == "add", let name = outcome.output.split(whereSeparator: \.isWhitespace).first
    {
      articles.append(String(name))
    }
  }

  private func sync(_ machine: Machine) throws {
    let faults = (0..<Int.random(in: 1...2, using: &generator)).map { _ in
      NetworkFault.random(using: &generator)
    }
    let client = Client()
    let hubEnded = Client()
    let hub = hub
    proxy.plan(
      faults, killingClient: { client.kill() },
      killingHub: {
        hubEnded.isKilled = true
        hub.kill()
      })
    let outcome = try machine.run(
      Machine.executable("gloss"), ["sync"], environment: ["GLOSS_LIBRARY": machine.libraryPath],
      started: { client.process = $0 })
    tally.syncs += 1
    if outcome.status != 0 { tally.interruptedSyncs += 1 }
    if hubEnded.isKilled { try hub.revive() }
    if let wrong = Judgement.fault(in: outcome, killed: client.isKilled) {
      throw Unmet("sync amid \(faults): \(wrong): \(outcome)")
    }
  }

  /// All machines hold the same, to the byte, and every edit that a command said was done.
  private func check() throws {
    let own = try LogCopy(of: machines[0].libraryPath)
    let shown = try machines.map { try view($0) }
    for (machine, view) in zip(machines, shown) {
      try machine.must("verify")
      guard try LogCopy(of: machine.libraryPath).holdsTheSame(as: own) else {
        throw Unmet("\(machine.name) and desk do not hold the same changes")
      }
      guard view == shown[0] else {
        throw Unmet("\(machine.name) shows\n\(view)\nand desk\n\(shown[0])")
      }
      let missing = markers.subtracting(
        try LogCopy.texts(in: machine.libraryPath).map {
          $0.hasPrefix("tag/") ? String($0.dropFirst(4)) : $0
        })
      guard missing.isEmpty else { throw Unmet("\(machine.name) has lost \(missing)") }
      for log in logs where try !log.isHeld(by: machine.libraryPath) {
        throw Unmet("\(machine.name) has other changes than were acknowledged")
      }
    }
    let idle = try machines[0].gloss("sync").output
    guard idle.hasPrefix("received 0 changes, sent 0;") else { throw Unmet("not idle: \(idle)") }
    hub.terminate()
    guard hub.exitStatus() == 0 else { throw Unmet("the hub: \(hub.messages)") }
    let verified = try machines[0].run(
      Machine.executable("gloss-hub"), ["verify", "--data", hub.folder])
    guard verified.status == 0 else { throw Unmet("gloss-hub verify: \(verified)") }
  }

  /// What a machine shows of everything.
  private func view(_ machine: Machine) throws -> String {
    var texts: [String] = []
    for kind in ["article", "note", "highlight"] {
      texts += try lines(machine, "list", "--kind", kind, "--limit", "1000", "--json")
    }
    texts += try lines(machine, "conflicts", "--json")
    for article in articles.prefix(3) {
      texts += try lines(machine, "show", article, "--json")
      texts += try lines(machine, "history", article, "--json")
    }
    return texts.joined(separator: "\n")
  }

  private func lines(_ machine: Machine, _ arguments: String...) throws -> [String] {
    let outcome = try machine.run(
      Machine.executable("gloss"), arguments, environment: ["GLOSS_LIBRARY": machine.libraryPath])
    guard outcome.status == 0 else { throw Unmet("gloss \(arguments): \(outcome)") }
    return [outcome.output]
  }

  /// A process that the proxy may have to kill before this thread knows it.
  private final class Client: @unchecked Sendable {
    private let condition = NSCondition()
    private var number: Int32?
    private var killed = false

    var process: Int32? {
      get { condition.withLock { number } }
      set {
        condition.withLock {
          number = newValue
          condition.broadcast()
        }
      }
    }

    var isKilled: Bool {
      get { condition.withLock { killed } }
      set { condition.withLock { killed = newValue } }
    }

    func kill() {
      condition.withLock {
        while number == nil { condition.wait() }
        if let number {
          killed = true
          Foundation.kill(number, SIGKILL)
        }
      }
    }
  }
}
