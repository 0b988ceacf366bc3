import Foundation
import GlossCommandTesting
import Testing

/// When commands ask, whom they ask, and what they do where nobody is there.
@Suite(.timeLimit(.minutes(10))) struct AskingTests {
  /// A library with an article that has three highlights, and four articles of its own.
  private func machine() throws -> (Machine, essay: String, others: [String]) {
    let machine = try Machine.ready()
    let text = try machine.file("essay.md", "# Essay\n\nOne. Two. Three.\n")
    let essay = try machine.name("add", text, "--url", "https://example.org/essay")
    for quote in ["One", "Two", "Three"] { _ = try machine.name("highlight", essay, quote) }
    let others = try (1...4).map {
      try machine.name("add", "https://example.org/\($0)", "--title", "Other \($0)")
    }
    return (machine, essay, others)
  }

  private func run(_ machine: Machine, _ arguments: [String], input: String = "y\n") throws
    -> Outcome
  {
    try machine.run(
      Machine.executable("gloss"), arguments, input: input,
      environment: ["GLOSS_LIBRARY": machine.libraryPath])
  }

  @Test
  func
    `three records are changed without a question, and a fourth takes --yes where nobody can be asked`()
    throws
  {
    let (machine, _, others) = try machine()
    let before = try machine.gloss("list", "--json").output
    for (words, verb) in [
      (["delete"] + others, "deletes 4 articles"), (["tag"] + others + ["+x"], "tags 4 records"),
      (["edit"] + others + ["--state", "read"], "changes 4 records"),
    ] {
      #expect(try run(machine, words).refusal == "this \(verb)")
      #expect(try machine.gloss("list", "--json").output == before)
    }
    #expect(try run(machine, ["tag"] + others.dropLast() + ["+x"]).messages == "changed 3 of 3\n")
    #expect(try run(machine, ["tag", "--yes"] + others + ["+x"]).messages == "changed 1 of 4\n")
    #expect(
      try run(machine, ["edit"] + others + ["--state", "read", "--yes"]).messages
        == "changed 4 of 4\n")
    #expect(try run(machine, ["delete", "--yes"] + others).status == 0)
    #expect(try machine.gloss("list").output.split(separator: "\n").count == 1)
    #expect(try run(machine, ["undelete"] + others).refusal == "this brings back 4 articles")
    #expect(try machine.gloss("list").output.split(separator: "\n").count == 1)
    #expect(try run(machine, ["undelete", "--yes"] + others).status == 0)
    #expect(try machine.gloss("list").output.split(separator: "\n").count == 5)
  }

  @Test func `what goes with an article counts`() throws {
    let (machine, essay, _) = try machine()
    let refused = try machine.gloss("delete", essay, input: "y\n")
    #expect(refused.status == 3)
    #expect(
      refused.messages.hasPrefix("gloss: this deletes 1 article, 3 highlights; nothing was done\n"))
    // Named twice, or with what belongs to it, it counts once.
    let twice = try machine.gloss("delete", essay, essay)
    #expect(twice.messages.hasPrefix("gloss: this deletes 1 article, 3 highlights; "))
  }

  @Test func `what comes back with an article counts, and what goes with it by a revert`() throws {
    let (machine, essay, others) = try machine()
    _ = try machine.gloss("note", essay, "A thought.")
    let all = "1 article, 3 highlights, 1 note"
    _ = try machine.gloss("delete", "--yes", essay)
    let highlights = ["list", "--kind", "highlight"]
    for words in [
      ["undelete", essay], ["undelete", essay, others[0], essay],
      ["revert", essay, "--to", "desk.2"],
    ] {
      #expect(try run(machine, words).refusal == "this brings back \(all)", "\(words)")
      #expect(try run(machine, highlights).output == "")
    }
    #expect(
      try run(machine, ["undelete", "--yes", essay]).messages
        == "brought back Essay with 3 highlights, 1 note\n")
    // Live records are none that come back.
    #expect(try run(machine, ["undelete", essay] + others).status == 0)
    // The article's delete was desk's eleventh change.
    let words = ["revert", essay, "--to", "desk.11"]
    #expect(try run(machine, words).refusal == "this deletes \(all)")
    #expect(try run(machine, highlights).output.split(separator: "\n").count == 3)
    #expect(try run(machine, words + ["--field", "title"]).messages == "nothing to change\n")
    #expect(
      try run(machine, words + ["--yes"]).messages.hasPrefix(
        "changed Essay with 3 highlights, 1 note\n"))
    #expect(try run(machine, highlights).output == "")
  }

  @Test func `a terminal is asked, and everything but yes is no`() throws {
    let (machine, essay, _) = try machine()
    let question = "this deletes 1 article, 3 highlights. Go on? [y/N] "
    for answer in ["n", "", "yess", "N"] {
      let outcome = try Screen().gloss(
        "delete", essay, on: machine, typing: [.init(to: question, answer + "\n")])
      #expect(outcome.status == 2)
      #expect(outcome.plain.contains("gloss: nothing was changed\n"))
    }
    #expect(
      try machine.gloss("list", "--kind", "highlight").output.split(separator: "\n").count == 3)
    let agreed = try Screen().gloss(
      "delete", essay, on: machine, typing: [.init(to: question, "y\n")])
    #expect(agreed.status == 0)
    #expect(agreed.plain.contains("deleted Essay with 3 highlights\n"))
  }

  @Test func `a mistake in one name leaves all as they are`() throws {
    let (machine, essay, others) = try machine()
    for words in [
      ["delete", others[0], "ffff"], ["tag", others[0], "ffff", "+x"],
      ["edit", others[0], "ffff", "--state", "read"],
      ["edit", others[0], essay, "--colour", "red"],
    ] {
      let before = try machine.gloss("list", "--json").output
      #expect(try run(machine, words).status != 0)
      #expect(try machine.gloss("list", "--json").output == before)
    }
  }

  /// Every command that can ask, with what makes it ask, and with what standard input it goes on without.
  @Test func `no command asks where standard input is no terminal`() throws {
    let (machine, essay, others) = try machine()
    _ = try machine.gloss("edit", others[0], "--title", "Changed")
    let gone = try (5...8).map {
      try machine.name("add", "https://example.org/\($0)", "--title", "Gone \($0)")
    }
    _ = try run(machine, ["delete", "--yes"] + gone)
    let asking: [[String]] = [
      ["delete", essay], ["undelete"] + gone, ["tag"] + others + ["+x"],
      ["edit"] + others + ["--state", "read"], ["compact", "--keep-history", "none"], ["join"],
      ["passphrase", "set"], ["passphrase", "change"], ["passphrase", "remove"], ["note", essay],
      ["edit", essay], ["resolve", essay],
    ]
    for words in asking {
      let outcome = try run(machine, words, input: "")
      #expect(outcome.status != 0, "\(words)")
      #expect(!outcome.messages.contains("[y/N]"), "\(words): \(outcome)")
      #expect(!outcome.messages.contains("not shown"), "\(words): \(outcome)")
      #expect(outcome.messages.hasPrefix("gloss: "), "\(words): \(outcome)")
      #expect(outcome.output == "", "\(words): \(outcome)")
    }
  }

  @Test func `--quiet leaves out notes and hints, and keeps data and errors`() throws {
    let (machine, essay, others) = try machine()
    let added = try machine.gloss("add", "https://example.org/quiet", "--quiet")
    #expect(added.output.count == 5)
    #expect(added.messages == "")
    #expect(try machine.gloss("-q", "tag", essay, "+x").messages == "")
    #expect(try machine.gloss("delete", others[0], "-q").messages == "")
    #expect(try machine.gloss("conflicts", "--quiet").messages == "")
    let failed = try machine.gloss("show", "ffff", "--quiet")
    #expect(failed.status == 1)
    #expect(failed.messages.hasPrefix("gloss: no record's name begins with ffff\n"))
  }

  @Test func `a tag that begins as a flag does is removed all the same`() throws {
    let (machine, _, others) = try machine()
    _ = try machine.gloss("tag", others[0], "+quick", "+history", "+q", "+stays")
    #expect(try machine.gloss("tag", others[0], "-quick", "-history").messages == "changed\n")
    #expect(
      try machine.gloss("--color", "never", "tag", others[0], "--remove", "q").messages
        == "changed\n")
    #expect(try machine.gloss("list", "--tag", "stays").output.hasSuffix("#stays\n"))
    #expect(try machine.gloss("tag", others[0], "-q", "-stays").messages == "")
    #expect(try machine.gloss("list", "--tag", "stays").output == "")
  }

  @Test func `VISUAL comes before EDITOR`() throws {
    let (machine, _, others) = try machine()
    func edit(_ environment: [String: String]) throws -> String {
      #expect(try machine.gloss("edit", others[0], environment: environment).status == 0)
      return try machine.gloss("show", others[0]).output
    }
    func editor(_ title: String) -> String { "sed -i 's/^title: .*/title: \(title)/'" }
    #expect(
      try edit(["VISUAL": editor("By visual"), "EDITOR": editor("By editor")])
        .contains("By visual"))
    #expect(try edit(["EDITOR": editor("By editor")]).contains("By editor"))
  }

  @Test func `NO_COLOR, --color and TERM decide whether there is colour`() throws {
    let (machine, _, _) = try machine()
    func isColoured(_ words: [String], _ environment: [String: String] = [:]) throws -> Bool {
      let outcome = try Screen().run(["list"] + words, on: machine, environment: environment)
      #expect(outcome.plain.contains("Essay"))
      return outcome.output.contains("\u{1B}[")
    }
    #expect(try !isColoured([], ["NO_COLOR": "1"]))
    #expect(try !isColoured(["--color", "never"]))
    #expect(try !isColoured([], ["TERM": "dumb"]))
    #expect(try !machine.gloss("list").output.contains("\u{1B}["))
  }
}

extension Outcome {
  /// What a command would have done that did nothing because nobody could be asked.
  fileprivate var refusal: String? {
    let end = "; nothing was done\nhint: give --yes where that is meant\n"
    guard status == 3, messages.hasPrefix("gloss: "), messages.hasSuffix(end) else { return nil }
    return String(messages.dropFirst("gloss: ".count).dropLast(end.count))
  }
}
