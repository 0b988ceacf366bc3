import Foundation
import Gloss
import GlossCommandTesting
import GlossCore
import GlossStore
import Testing

/// A library whose every text is hostile, and every command over it.
@Suite(.timeLimit(.minutes(15))) struct HostileTests {
  /// What a terminal would act on, and what changes how text reads: controls of C0 and C1, escape sequences that clear, set titles and
  /// ask for answers, direction controls, line and paragraph separators, annotations, tags.
  static let evil =
    "e\u{1B}[2J\u{1B}]0;pwned\u{7}\u{1B}[6n\u{9B}31m\u{90}q\u{9C}\u{202E}live\u{2066}\u{2069}\u{200E}\u{200F}\u{061C}"
    + "\u{8}\u{C}\u{B}\r\u{7F}\u{85}\u{2028}\u{2029}\u{FFF9}\u{FFFB}\u{E0001}\u{E0041}$(id)`id`%s%n'\"\\e"

  /// What a hub, two machines and everything on them are called.
  fileprivate final class World {
    let hub: HubProcess
    let desk: Machine
    let lap: Machine
    let library: String
    var article = ""
    var highlight = ""
    var note = ""
    private var freshCount = 0

    init() throws {
      hub = try HubProcess()
      desk = try Machine("desk")
      lap = try Machine("lap")
      library = desk.folder + "/\u{1B}[31m\u{202E}library.gloss"
      try fill()
    }

    func run(
      _ words: [String], input: String = "", on machine: Machine? = nil
    ) throws -> Outcome {
      try (machine ?? desk).run(
        Machine.executable("gloss"), words, input: input,
        environment: [
          "GLOSS_LIBRARY": machine === lap ? lap.libraryPath : library, "EDITOR": "true",
        ])
    }

    func atTerminal(_ words: [String], input: String, columns: Int) throws -> Outcome {
      let answers = input.split(separator: "\n").map {
        Screen.Answer(to: ": ", $0 + "\n")
      }
      return try Screen(columns: columns).run(
        words, on: desk, environment: ["GLOSS_LIBRARY": library, "EDITOR": "true"],
        typing: answers)
    }

    private func done(
      _ words: [String], input: String = "", on machine: Machine? = nil
    ) throws -> String {
      let outcome = try run(words, input: input, on: machine)
      guard outcome.status == 0 else { throw Unmet("\(words): \(outcome)") }
      return String(outcome.output.prefix { !$0.isWhitespace })
    }

    private func fill() throws {
      let evil = HostileTests.evil
      _ = try done(["init", "--name", evil])
      let text = try desk.file("essay.txt", "Before \(evil) after.\nAnother line \(evil).\n")
      let fields = ["title", "author", "site", "language"].flatMap { ["--" + $0, evil] }
      article = try done(
        ["add", text, "--url", "https://example.org/essay", "--tag", "\u{202E}tag"] + fields)
      highlight = try done(["highlight", article, "Another line", "--colour", evil, "--note", evil])
      note = try done(["note", article, evil])
      // What another program could write: names of fields and tags, an address, a day.
      let open = try Library.open(
        at: library, clock: { 1_770_000_000_000 }, randomness: { SystemRandomNumberGenerator() })
      let item = try open.item(hexPrefix: article)
      _ = try open.replica.write(at: 1_770_000_000_000) { edits in
        try edits.edit(
          item.key,
          [
            ReadingField.url: .text(evil), ReadingField.published: .text(evil),
            ReadingField.tags.field(evil): .bool(true), Name(evil): .text(evil),
          ], basedOn: item.entry.basis)
      }
      try open.close()
      _ = try done(["hub", "connect", hub.address])
      _ = try done(["sync"])
      _ = try done(["join", "--name", evil], input: try code(), on: lap)
      _ = try done(["sync"], on: lap)
      _ = try done(["edit", article, "--title", evil + "1", "--author", evil + "1"], on: lap)
      _ = try done(["edit", article, "--title", evil + "2", "--author", evil + "2"])
      _ = try done(["edit", note, "--body", evil + "1"], on: lap)
      _ = try done(["delete", note])
      _ = try done(["sync"], on: lap)
      _ = try done(["sync"])
    }

    func code() throws -> String { try run(["pair"]).output }

    /// A path at which there is nothing yet.
    func free() -> String {
      freshCount += 1
      return desk.folder + "/\u{1B}[32mfresh\(freshCount).gloss"
    }

    /// A library of its own.
    func fresh(passphrase: String? = nil) throws -> String {
      let path = free()
      _ = try done(["init", "--library", path, "--name", HostileTests.evil])
      if let passphrase {
        _ = try done(["passphrase", "set", "--library", path], input: passphrase + "\n")
      }
      return path
    }
  }

  /// One run of a command.
  private struct Run {
    var words: [String]
    var input = ""

    init(_ words: String..., input: String = "") {
      self.words = words
      self.input = input
    }
  }

  /// How each command is run. Whoever adds a command adds a row; at least one run of it has to come to a good end.
  private static let rows: [String: @Sendable (World) throws -> [Run]] = [
    "init": { [Run("--library", $0.free(), "--name", evil)] },
    "hub connect": { [Run("--library", try $0.fresh(), $0.hub.address), Run($0.hub.address)] },
    "hub history": { _ in [Run(), Run("current"), Run(evil)] },
    "pair": { _ in [Run()] },
    "join": {
      [Run("--library", $0.free(), "--name", evil, input: try $0.code()), Run(input: evil + "\n")]
    },
    "add": { world in
      [
        Run("https://example.org/new", "--title", evil, "--author", evil), Run(evil),
        Run("https://" + evil),
      ]
    },
    "highlight": { world in
      [
        Run(world.article, "Before", "--note", evil, "--colour", evil, "--tag", "\u{202E}t"),
        Run(world.article, evil), Run(world.article, "line" + evil), Run(world.article, "e"),
        Run(evil, "x"), Run(world.article, "Before", "--tag", evil),
      ]
    },
    "note": { [Run($0.article, evil), Run($0.article), Run(evil, evil)] },
    "list": { _ in
      [
        Run(), Run("--kind", "highlight"), Run("--kind", "note"), Run("--tag", evil),
        Run("--kind", evil),
      ]
    },
    "show": {
      [
        Run($0.article), Run($0.article, "--text"), Run($0.highlight), Run($0.note),
        Run($0.article, "--at", evil), Run($0.article, "--at", "2999-01-01"), Run(evil),
      ]
    },
    "edit": { [Run($0.article, "--site", evil), Run($0.article), Run($0.note, "--" + evil)] },
    "tag": {
      [Run($0.article, "+\u{202E}other"), Run($0.article, "+" + evil), Run($0.article, evil)]
    },
    "delete": { [Run($0.highlight), Run(evil)] },
    "undelete": { [Run($0.highlight), Run(evil)] },
    "sync": { _ in [Run("--dry-run"), Run()] },
    "devices list": { _ in [Run()] },
    "devices rename": { [Run(evil, evil), Run(try $0.name(of: $0.lap), evil + "3")] },
    "devices revoke": { _ in [Run(evil + "none")] },
    "review": { _ in [Run(input: "s\n\nx\nq\n"), Run("--random", input: "q\n")] },
    "status": { _ in [Run()] },
    "conflicts list": { _ in [Run()] },
    "conflicts show": { [Run($0.article), Run($0.note), Run(evil)] },
    "search": { _ in [Run("before"), Run(evil), Run("kind:note")] },
    "query save": { _ in [Run("inbox", "is:unread"), Run(evil, evil)] },
    "query list": { _ in [Run()] },
    "query remove": { _ in [Run("inbox"), Run(evil)] },
    "export": { [Run($0.free()), Run("-")] },
    "import": { world in
      let path = world.free()
      _ = try world.run(["export", path])
      return [Run(path), Run(evil)]
    },
    "backup": { [Run($0.free())] },
    "restore": { world in
      let path = world.free()
      _ = try world.run(["backup", "--plain", path])
      return [Run("--library", world.free(), path), Run(evil)]
    },
    "resolve": {
      [
        Run($0.article, "--field", evil, "--keep", "other"),
        Run($0.article, "--field", "author", "--value", evil),
      ]
    },
    "history": { [Run($0.article), Run($0.article, "--field", evil), Run($0.note)] },
    "log": { _ in [Run(), Run("--by", evil), Run("--kind", evil), Run("--since", evil)] },
    "diff": {
      [
        Run($0.article, "--from", "2020-01-01"), Run($0.article, "--from", "2999-01-01"),
        Run($0.article, "--from", evil),
      ]
    },
    "revert": {
      [
        Run($0.article, "--to", "2999-01-01"), Run($0.article, "--to", evil),
        Run($0.article, "--to", "2999-01-01", "--field", evil),
      ]
    },
    "blame": { [Run($0.article), Run($0.note)] },
    "undo": { _ in [Run("--list"), Run(), Run(evil)] },
    "operations": { _ in [Run()] },
    "passphrase set": { [Run("--library", try $0.fresh(), input: "one\none\n")] },
    "passphrase change": {
      [Run("--library", try $0.fresh(passphrase: "one"), input: "one\ntwo\ntwo\n")]
    },
    "passphrase remove": {
      [Run("--library", try $0.fresh(passphrase: "one"), input: "one\n")]
    },
    "verify": { _ in [Run(), Run("--hub")] },
    "repair": { _ in [Run()] },
    "doctor": { _ in [Run("--hub"), Run()] },
    "compact": { _ in [Run("--keep-history", "none", "--dry-run"), Run("--keep-history", evil)] },
  ]

  /// Commands that somebody has to decide about, and so never end well here.
  private static let endings: [String: Set<Int32>] = [
    "devices revoke": [1], "doctor": [0, 3], "conflicts show": [0, 1],
  ]

  private static let statuses: Set<Int32> = [
    0, 1, 2, 3, 64, 65, 66, 69, 70, 73, 74, 75, 76, 77, 78,
  ]

  @Test func `no command prints what a terminal would act on, whatever the library holds`() throws {
    let world = try World()
    let commands = try CommandDescription.of("gloss", on: world.desk).leaves
    for command in commands {
      let path = Array(command.words.dropFirst())
      let name = path.joined(separator: " ")
      guard let row = Self.rows[name] else {
        Issue.record("gloss \(name) is new: add a row that says how to run it")
        continue
      }
      var ends: Set<Int32> = []
      for run in try row(world) {
        let outcome = try world.run(path + run.words, input: run.input)
        ends.insert(outcome.status)
        try check(outcome, path + run.words)
        #expect(outcome.plain == outcome.output, "colours in a pipe: \(path)")
      }
      #expect(
        !ends.isDisjoint(with: Self.endings[name] ?? [0]), "\(name) never ended well: \(ends)")
      if command.arguments?.contains(where: { $0.title == "--json" }) ?? false {
        for run in try row(world) {
          let outcome = try world.run(path + run.words + ["--json"], input: run.input)
          try check(outcome, path + run.words + ["--json"])
          guard !outcome.output.isEmpty else { continue }
          let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
          #expect((object as? [String: Any])?["version"] as? Int == 1, "\(name): \(outcome)")
        }
      }
      for run in try row(world) {
        let words = ["--color", "always"] + path + run.words
        try check(try world.atTerminal(words, input: run.input, columns: 60), words)
      }
    }
  }

  private func check(_ outcome: Outcome, _ words: [String]) throws {
    #expect(Self.statuses.contains(outcome.status), "\(words): \(outcome)")
    #expect(outcome.isSafe, "\(words): \(outcome.output.debugDescription)")
    let messages = Outcome(status: 0, output: outcome.messages, messages: "")
    #expect(messages.isSafe, "\(words): \(outcome.messages.debugDescription)")
  }
}

extension HostileTests.World {
  /// What the library calls a machine.
  fileprivate func name(of machine: Machine) throws -> String {
    String(
      try run(["status", "--json"], on: machine).output.firstMatch(of: /"device":"([0-9a-f]{8})/)?.1
        ?? "")
  }
}
