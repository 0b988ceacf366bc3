import Foundation
import GlossCommandTesting
import Testing

/// `gloss passphrase`, and what asks for one.
@Suite struct PassphraseTests {
  /// A machine whose library has the passphrase `horse`, and a hub.
  private func locked() throws -> (HubProcess, Machine) {
    let hub = try HubProcess()
    let desk = try Machine.ready()
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    #expect(try desk.gloss("passphrase", "set", input: "horse\n").status == 0)
    return (hub, desk)
  }

  private let wrong = """
    gloss: that is not the library's passphrase
    hint: try again; a machine that has the library's key can still pair another one

    """

  @Test func `without a terminal, passphrases are lines of standard input`() throws {
    let desk = try Machine.ready()
    let none = try desk.gloss("passphrase", "remove", input: "horse\n")
    #expect(none.status == 1)
    #expect(
      none.messages == "gloss: the library has no passphrase\n"
        + "hint: gloss passphrase set gives it one\n")
    let empty = try desk.gloss("passphrase", "set")
    #expect(empty.status == 65)
    #expect(empty.messages.hasPrefix("gloss: the passphrase is empty\n"))
    let set = try desk.gloss("passphrase", "set", input: "horse")
    #expect(set.status == 0)
    #expect(
      set.messages == "set; gloss sync and gloss pair ask for it\n"
        + "hint: copies of the file that were made before still have the key as it was\n")
    let again = try desk.gloss("passphrase", "set", input: "staple\n")
    #expect(again.status == 73)
    let refused = try desk.gloss("passphrase", "change", input: "staple\nother\n")
    #expect(refused.status == 77)
    #expect(refused.messages == wrong)
    let changed = try desk.gloss("passphrase", "change", input: "horse\nstaple\n")
    #expect(changed.status == 0)
    #expect(changed.messages == "changed\n")
    #expect(try desk.gloss("passphrase", "remove", input: "horse\n").status == 77)
    #expect(try desk.gloss("passphrase", "remove", input: "staple\n").status == 0)
  }

  @Test func `a service takes the passphrase from a file, and is never asked`() throws {
    let (hub, desk) = try locked()
    try withExtendedLifetime(hub) {
      let article = try desk.name("add", "https://example.org/1", "--title", "One")
      #expect(try desk.gloss("list").output.contains(article))
      for command in [["sync"], ["sync", "--watch"], ["pair"]] {
        let locked = try desk.run(
          Machine.executable("gloss"), command, input: "horse\n",
          environment: ["GLOSS_LIBRARY": desk.libraryPath])
        #expect(locked.status == 77)
        #expect(locked.output.isEmpty)
        #expect(
          locked.messages == """
            gloss: the library's key is under a passphrase, and nobody can be asked for it
            hint: run this at a terminal, or let GLOSS_PASSPHRASE_FILE name a file that has it

            """)
      }
      let file = try desk.file("passphrase", "horse\r\nwhat follows is no part of it\n")
      let variable = ["GLOSS_PASSPHRASE_FILE": file]
      #expect(try desk.gloss("sync", environment: variable).status == 0)
      let code = try desk.gloss("pair", environment: variable)
      #expect(code.output.hasPrefix("gloss1-"))
      let lap = try Machine("lap")
      #expect(try lap.gloss("join", input: code.output).status == 0)
      #expect(try lap.gloss("sync").status == 0)
      #expect(try lap.gloss("list").output.contains(article))

      let other = try desk.file("other", "staple")
      let refused = try desk.gloss("sync", environment: ["GLOSS_PASSPHRASE_FILE": other])
      #expect(refused.status == 77)
      #expect(refused.messages == wrong)
      let missing = try desk.gloss("sync", environment: ["GLOSS_PASSPHRASE_FILE": "/nowhere"])
      #expect(missing.status == 66)
      #expect(
        try desk.gloss("passphrase", "change", input: "staple\n", environment: variable).status == 0
      )
      #expect(
        try desk.gloss("sync", environment: ["GLOSS_PASSPHRASE_FILE": other]).status == 0)
    }
  }

  @Test func `a machine that was shut out joins again without its passphrase, and keeps it`() throws
  {
    let (hub, desk) = try locked()
    try withExtendedLifetime(hub) {
      let file = try desk.file("passphrase", "horse")
      let variable = ["GLOSS_PASSPHRASE_FILE": file]
      let code = try desk.gloss("pair", environment: variable).output
      #expect(try desk.gloss("join", input: code).status == 0)
      #expect(try desk.gloss("sync").status == 77)
      #expect(try desk.gloss("sync", environment: variable).status == 0)
    }
  }

  @Test func `at a terminal a passphrase is asked for and not shown`() throws {
    let (hub, desk) = try locked()
    try withExtendedLifetime(hub) {
      let synced = try Terminal.gloss("sync", on: desk, typing: ["horse"])
      #expect(synced.status == 0)
      #expect(synced.messages == "passphrase (not shown): \n")
      #expect(synced.output.isEmpty)
      let wrong = try Terminal.gloss("pair", on: desk, typing: ["staple"])
      #expect(wrong.status == 77)
      #expect(wrong.messages == "passphrase (not shown): \n" + self.wrong)
      let unequal = try Terminal.gloss(
        "passphrase", "change", on: desk, typing: ["horse", "staple", "stable"])
      #expect(unequal.status == 65)
      #expect(
        unequal.messages == """
          passphrase (not shown):\u{20}
          new passphrase (not shown):\u{20}
          the same again (not shown):\u{20}
          gloss: the two are not the same
          hint: nothing was changed; try again

          """)
      let changed = try Terminal.gloss(
        "passphrase", "change", on: desk, typing: ["horse", "staple", "staple"])
      #expect(changed.status == 0)
      #expect(changed.messages.hasSuffix("changed\n"))
      for outcome in [wrong, unequal, changed] { #expect(outcome.output.isEmpty) }
      #expect(try Terminal.gloss("passphrase", "remove", on: desk, typing: ["staple"]).status == 0)
      #expect(try desk.gloss("sync").status == 0)
    }
  }

  // The terminal stayed silent where the program was ended while it asked: what was typed at the shell afterwards did not show.
  @Test func `whatever ends a question leaves a terminal that shows what is typed`() throws {
    let (hub, desk) = try locked()
    try withExtendedLifetime(hub) {
      let ends: [(action: ShellAtTerminal.Action, signal: Int32)] = [
        (.type("\u{3}"), SIGINT), (.type("\u{1C}"), SIGQUIT), (.signal(SIGTERM), SIGTERM),
        (.signal(SIGHUP), SIGHUP),
      ]
      // One asks where it began, the other one on a thread that a signal does not come to.
      for command in ["passphrase remove", "sync"] {
        let shown = try ShellAtTerminal.run(
          Array(repeating: "$GLOSS \(command); tell", count: ends.count).joined(separator: "\n"),
          on: desk, ends.map { .init(text: "passphrase (not shown): ", action: $0.action) })
        let told = shown.split(separator: "\n").filter { $0.hasPrefix("status") }
        #expect(told == ends.map { "status \(128 + $0.signal), echo" }, "\(shown)")
      }
      let removed = try desk.gloss("passphrase", "remove", input: "horse\n")
      #expect(removed.status == 0, "nothing of what was asked for has happened")
    }
  }

  @Test func `a question that is stopped gives the terminal back, and is asked again`() throws {
    let (hub, desk) = try locked()
    try withExtendedLifetime(hub) {
      for command in ["sync", "passphrase remove"] {
        let shown = try ShellAtTerminal.run(
          "$GLOSS \(command); tell; fg; tell", on: desk,
          [
            .init(text: "passphrase (not shown): ", action: .type("hor\u{1A}")),
            .init(text: "passphrase (not shown): ", action: .type("horse\n")),
          ])
        let told = shown.split(separator: "\n").filter { $0.hasPrefix("status") }
        #expect(told == ["status \(128 + SIGTSTP), echo", "status 0, echo"], "\(shown)")
        #expect(!shown.contains("hor"), "\(shown)")
      }
    }
  }
}
