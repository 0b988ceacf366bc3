import Foundation
import Gloss
import GlossCommandTesting
import GlossStore
import GlossTesting

/// One command, over and over, with another of its calls failing each time.
struct CommandLoop {
  let subject: Subject
  let machine: Machine
  private(set) var tally = Tally()
  private var turnNumber = 0
  private var generator: SeededGenerator

  /// What a loop has done.
  struct Tally {
    /// The faults that took place.
    var points = 0
    /// The faults whose call did not come about.
    var missed = 0
    /// The commands that said that they were done.
    var acknowledged = 0
    /// How many kinds of calls and places there are to choose from.
    var places = 0
    var faults: [String] = []
  }

  init(_ subject: Subject, seed: Int) throws {
    self.subject = subject
    generator = SeededGenerator(
      seed: UInt64(seed) &* 1_000 &+ subject.name.utf8.reduce(0) { $0 &* 31 &+ UInt64($1) })
    machine = try subject.machine()
  }

  /// Makes so many faults, or every one there is.
  mutating func run(points: Int?) throws {
    let (places, effect) = try clean()
    var faults = places.map { call, number in
      Fault.effects(of: call).map { Fault(call: call, number: number, effect: $0) }
    }.flatMap { $0 }
    tally.places = faults.count
    if let points { faults = choose(points, of: faults) }
    for fault in faults {
      let start = ContinuousClock.now
      defer { Settings.tell("\(subject.name) \(fault)", since: start) }
      do {
        try make(fault, effect: effect)
      } catch {
        tally.faults.append("\(subject.name) with \(fault): \(error)")
        // What is broken would be found again and again.
        if tally.faults.count >= 3 { return }
      }
    }
  }

  /// Chooses faults so that no kind of call is left out because another one is made more often.
  private mutating func choose(_ count: Int, of faults: [Fault]) -> [Fault] {
    var byCall = Dictionary(grouping: faults, by: \.call).sorted { $0.key < $1.key }.map {
      $0.value.shuffled(using: &generator)
    }
    var chosen: [Fault] = []
    while chosen.count < count, byCall.contains(where: { !$0.isEmpty }) {
      for index in byCall.indices where chosen.count < count {
        if let fault = byCall[index].popLast() { chosen.append(fault) }
      }
    }
    return chosen
  }

  /// The next turn of the command.
  private mutating func next() throws -> Subject.Turn {
    turnNumber += 1
    return try subject.turn(machine, turnNumber)
  }

  private func run(_ turn: Subject.Turn, under prefix: [String] = []) throws -> Outcome {
    let command = prefix + [try Machine.executable("gloss")] + turn.arguments
    return try machine.run(
      command[0], Array(command.dropFirst()), input: turn.input,
      environment: turn.environment.merging(["GLOSS_LIBRARY": machine.libraryPath]) { $1 })
  }

  /// Runs the command twice with nothing failing: what calls it makes, and how many changes.
  private mutating func clean() throws -> (places: [(call: String, number: Int)], effect: UInt64) {
    _ = try run(try next())
    let turn = try next()
    let before = try log(of: turn)
    let trace = machine.folder + "/trace"
    let outcome = try run(turn, under: Strace.prefix(to: trace, calls: Strace.calls))
    guard outcome.status == 0 else { throw Unmet("\(subject.name), undisturbed: \(outcome)") }
    let after = try log(of: turn)
    let text = String(
      decoding: FileManager.default.contents(atPath: trace) ?? Data(), as: UTF8.self)
    let places = Strace.places(in: text, folder: machine.folder)
    guard !places.isEmpty else { throw Unmet("strace shows no calls of \(subject.name)") }
    return (places, (after?.ownCount ?? 0) - (before?.ownCount ?? 0))
  }

  /// The library that a turn is about.
  private func path(of turn: Subject.Turn) -> String {
    turn.arguments.first == "--library" ? turn.arguments[1] : machine.libraryPath
  }

  private func log(of turn: Subject.Turn) throws -> LogCopy? {
    let path = path(of: turn)
    return FileManager.default.fileExists(atPath: path) ? try LogCopy(of: path) : nil
  }

  /// One turn of the command with one fault, and what has to be true afterwards.
  private mutating func make(_ fault: Fault, effect: UInt64) throws {
    let turn = try next()
    let before = try log(of: turn)
    let trace = machine.folder + "/trace"
    let outcome = try run(turn, under: Strace.prefix(to: trace, calls: [fault.call], inject: fault))
    let said = String(
      decoding: FileManager.default.contents(atPath: trace) ?? Data(), as: UTF8.self)
    let wasHit = said.contains("(INJECTED)") || said.contains("killed by SIGKILL")
    if wasHit { tally.points += 1 } else { tally.missed += 1 }
    if outcome.status == 0 { tally.acknowledged += 1 }
    let wrong = Judgement.fault(
      in: outcome, killed: fault.isKill, canSpeak: !fault.silences)
    if let wrong {
      throw Unmet("\(wrong): \(outcome)")
    }
    guard let before else { return try checkNew(turn, outcome) }

    try checkVerified(path(of: turn), after: outcome)
    guard try before.isHeld(by: path(of: turn)) else {
      throw Unmet("a change that was there is not there any more: \(outcome)")
    }
    let after = try LogCopy(of: path(of: turn))
    guard after.own == before.own else { throw Unmet("it took itself for a copy: \(outcome)") }
    let made = after.ownCount - before.ownCount
    let isThere = made == effect
    guard isThere || made == 0 else {
      throw Unmet("\(made) of \(effect) changes are there: \(outcome)")
    }
    guard isThere || outcome.status != 0 else {
      throw Unmet("it said it was done, and its edit is not there: \(outcome)")
    }
    // Where nothing is to be seen of the command in the log, and where it left nothing, it has to work now.
    guard effect == 0 || !isThere else { return }
    try checkWorks(turn, instead: outcome)
  }

  /// After a command that makes a library: it is there in full, or making it anew works.
  private mutating func checkNew(_ turn: Subject.Turn, _ outcome: Outcome) throws {
    let path = path(of: turn)
    let again = try run(turn)
    let isThere = again.status == 73
    guard again.status == 0 || isThere else { throw Unmet("init again: \(again); was \(outcome)") }
    guard outcome.status != 0 || isThere else {
      throw Unmet("it said it was done, and the library is not there")
    }
    try checkVerified(path, after: outcome)
  }

  private func checkVerified(_ path: String, after outcome: Outcome) throws {
    let verified = try machine.gloss("--library", path, "verify")
    guard verified.status == 0 else { throw Unmet("verify: \(verified)\nafter \(outcome)") }
  }

  private func checkWorks(_ turn: Subject.Turn, instead outcome: Outcome) throws {
    let turn = turn.arguments.first == "passphrase" ? try subject.turn(machine, 0) : turn
    let again = try run(turn)
    guard again.status == 0 else { throw Unmet("again: \(again)\nafter \(outcome)") }
  }

  /// At the end of a loop with other machines: all hold the same.
  func checkConverged() throws {
    guard let other = machine.companion as? Machine else { return }
    for each in [machine, other, machine] { try each.must("sync") }
    guard
      try LogCopy(of: machine.libraryPath).holdsTheSame(as: LogCopy(of: other.libraryPath))
    else { throw Unmet("the machines do not hold the same changes") }
  }
}
