import Foundation
import GlossCommandTesting

/// A command whose calls of the system are made to fail, on a machine of its own.
struct Subject {
  /// What its loop is called.
  var name: String
  /// Out of a hundred faults, about how many are for it.
  var share: Int
  /// Makes the machine.
  var machine: @Sendable () throws -> Machine
  /// What it does for the time with this number: its arguments and its input. Makes what it needs first.
  var turn: @Sendable (Machine, Int) throws -> Turn

  struct Turn {
    var arguments: [String]
    var input = ""
    var environment: [String: String] = [:]
  }

  /// A command that needs nothing but a library.
  init(
    _ name: String, share: Int, on machine: @escaping @Sendable () throws -> Machine = Subject.desk,
    _ turn: @escaping @Sendable (Machine, Int) throws -> Turn
  ) {
    self.name = name
    self.share = share
    self.machine = machine
    self.turn = turn
  }

  /// The article that all commands have to work on.
  static let article = "c60a"
  /// The first words of its text, by which highlights are told apart, and how many there are.
  static let words = (1...4_000).map { "word\($0)" }

  /// A machine without a library.
  @Sendable static func bare() throws -> Machine { try Machine("desk") }

  /// A machine with an article.
  @Sendable static func desk() throws -> Machine {
    let machine = try Machine.ready("desk")
    let path = try machine.file("a.md", words.joined(separator: " "))
    let name = try machine.name("add", path, "--url", "https://example.org/essay")
    guard name == article else { throw Unmet("the article is called \(name)") }
    return machine
  }

  /// A machine that syncs with a hub and another machine.
  @Sendable static func pair() throws -> Machine {
    let desk = try desk()
    let hub = try HubProcess()
    let lap = try Machine("lap")
    lap.companion = hub
    desk.companion = lap
    try desk.must("hub", "connect", hub.address)
    try desk.must("sync")
    let code = try desk.gloss("pair").output
    guard try lap.gloss("join", "--name", "lap", input: code).status == 0 else {
      throw Unmet("the second machine cannot join")
    }
    try lap.must("sync")
    try desk.must("sync")
    return desk
  }

  static let all: [Subject] = [
    Subject("init", share: 8, on: bare) { machine, number in
      Turn(arguments: ["--library", machine.folder + "/\(number).gloss", "init"])
    },
    Subject("add", share: 14) { machine, number in
      let path = try machine.file("\(number).md", "# Essay \(number)\n\nIt has a text.")
      return Turn(arguments: ["add", path, "--tag", "tag\(number)"])
    },
    Subject("highlight", share: 8) { _, number in
      Turn(arguments: ["highlight", article, words[number] + " ", "--note", "note \(number)"])
    },
    Subject("edit", share: 10) { _, number in
      Turn(arguments: ["edit", article, "--title", "Title \(number)"])
    },
    Subject("tag", share: 7) { _, number in
      Turn(arguments: ["tag", article, "+tag\(number)"])
    },
    Subject("delete", share: 8) { machine, number in
      let url = "https://example.org/delete/\(number)"
      return Turn(arguments: ["delete", try machine.name("add", url, "--title", "\(number)")])
    },
    Subject("resolve", share: 6, on: pair) { machine, number in
      guard let lap = machine.companion as? Machine else { throw Unmet("no second machine") }
      try machine.must("edit", article, "--title", "Desk \(number)")
      try lap.must("edit", article, "--title", "Lap \(number)")
      for each in [machine, lap, machine] { try each.must("sync") }
      return Turn(
        arguments: ["resolve", article, "--field", "title", "--value", "Both \(number)"])
    },
    Subject("sync", share: 15, on: pair) { machine, number in
      guard let lap = machine.companion as? Machine else { throw Unmet("no second machine") }
      let path = try machine.file(
        "\(number).md", "# Sync \(number)\n\n" + words[number...].joined())
      _ = try machine.name("add", path)
      try lap.must("edit", article, "--author", "Lap \(number)")
      try lap.must("sync")
      return Turn(arguments: ["sync"])
    },
    Subject("list", share: 4) { _, _ in Turn(arguments: ["list", "--json"]) },
    Subject("verify", share: 4) { _, _ in Turn(arguments: ["verify"]) },
    Subject("repair", share: 6) { _, _ in Turn(arguments: ["repair"]) },
    Subject("passphrase", share: 4) { machine, _ in
      let isSet = try machine.gloss("passphrase", "remove", input: "wrong\n").status == 77
      return isSet
        ? Turn(arguments: ["passphrase", "change"], input: "horse\nhorse\n")
        : Turn(arguments: ["passphrase", "set"], input: "horse\n")
    },
  ]
}

extension Machine {
  /// Runs a command that has to succeed.
  func must(_ arguments: String...) throws {
    let outcome = try run(
      Machine.executable("gloss"), arguments, environment: ["GLOSS_LIBRARY": libraryPath])
    guard outcome.status == 0 else {
      throw Unmet("\(name): gloss \(arguments.joined(separator: " ")): \(outcome)")
    }
  }
}
