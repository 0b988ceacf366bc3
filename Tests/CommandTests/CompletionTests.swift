import Foundation
import GlossCommandTesting
import Testing

/// What shells offer, with the real shells at a terminal and the script that the program prints.
@Suite(.timeLimit(.minutes(10))) struct CompletionTests {
  private static let evilTag = "$(touch pwned)"

  /// A library with a record whose title is hostile, and a tag that a shell must not run.
  private func machine() throws -> (Machine, id: String) {
    let machine = try Machine.ready()
    let id = try machine.name(
      "add", "https://example.org/essay", "--title", "On \u{1B}[31mmarginalia: $(touch pwned)",
      "--tag", Self.evilTag, "--tag", "two words", "--tag", "it's")
    let folder = machine.folder + "/bin"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: folder + "/gloss", withDestinationPath: Machine.executable("gloss"))
    for shell in ["bash", "zsh", "fish"] {
      let script = try machine.gloss("--generate-completion-script", shell)
      #expect(script.status == 0)
      _ = try machine.file(shell == "zsh" ? "_gloss" : "completions." + shell, script.output)
    }
    return (machine, id)
  }

  private func isUntouched(_ machine: Machine) -> Bool {
    !FileManager.default.fileExists(atPath: machine.folder + "/pwned")
  }

  private let beginning =
    "cd \"$HOME\"; PATH=\"$HOME/bin:$PATH\"; export PATH; TERM=xterm; export TERM; "

  private func type(_ text: String, after prompt: String = "READY") -> ShellAtTerminal.Step {
    ShellAtTerminal.Step(text: prompt, action: .type(text))
  }

  @Test(.enabled(if: Programs.has("bash")))
  func `bash completes names and tags, and runs none of them`() throws {
    let (machine, id) = try machine()
    let shown = try ShellAtTerminal.run(
      beginning + "PS1='READY ' exec bash --norc --noprofile -i", on: machine,
      [
        type(". ./completions.bash\n"), type("gloss show \t\n"), type("gloss list --tag tw\t\n"),
        type("gloss list --tag '$\t\n"), type("gloss list --tag \\$\t\n"),
        type("gloss tag \(id) +\t\t"), type("\u{3}", after: "+two"), type("exit\n"),
      ])
    #expect(shown.contains("gloss show \(id)"))
    #expect(shown.contains("On \\u{1b}[31mmarginalia: $(touch pwned)"))
    #expect(shown.contains(#"--tag two\ words"#))
    #expect(!shown.contains("\u{1B}[31m"))
    #expect(isUntouched(machine))
  }

  @Test func `a tag to remove is completed as one to add is`() throws {
    let (machine, id) = try machine()
    for sign in ["+", "-"] {
      let words = [
        "---completion", "tag", "--", "positional@0", "3", "3", "gloss", "tag", id, sign + "tw",
      ]
      let offered = try machine.run(
        Machine.executable("gloss"), words,
        environment: ["GLOSS_LIBRARY": machine.libraryPath, "SAP_SHELL": "fish"])
      #expect(offered.output.contains(sign + "two words"), "\(offered)")
    }
  }

  @Test(.enabled(if: Programs.has("zsh")))
  func `zsh completes names with their titles`() throws {
    let (machine, id) = try machine()
    _ = try machine.name("add", "https://example.org/other", "--title", "Another essay")
    let shown = try ShellAtTerminal.run(
      beginning + "PS1='BEGIN ' exec zsh -f -i", on: machine,
      [
        type(
          "PROMPT=; unsetopt prompt_sp; fpath=($HOME $fpath); autoload -Uz compinit; compinit -u -D; "
            + "PROMPT='READ''Y '\n", after: "BEGIN"),
        type("gloss show \t"), type("\t", after: "gloss show"),
        type("\u{3}", after: "marginalia"), type("gloss list --tag tw\t\n"), type("exit\n"),
      ])
    #expect(shown.contains(id))
    // zsh takes the backslash of the escape for one of its own.
    #expect(shown.contains("article On u{1b}[31mmarginalia: $(touch pwned)"))
    #expect(!shown.contains("\u{1B}[31mmarg"))
    #expect(isUntouched(machine))
  }

  @Test(.enabled(if: Programs.has("fish")))
  func `fish completes names with their titles`() throws {
    let (machine, id) = try machine()
    let other = try machine.name("add", "https://example.org/other", "--title", "Another essay")
    let shown = try ShellAtTerminal.run(
      beginning
        + "exec fish --no-config -i -C 'function fish_prompt; echo -n READY; end; source completions.fish'",
      on: machine,
      [
        type("gloss show \t"), type("\u{3}", after: "Another essay"),
        type("gloss list --tag tw\t\n"), type("exit\n"),
      ])
    #expect(shown.contains(id))
    #expect(shown.contains(other))
    #expect(shown.contains("article Another essay"))
    #expect(!shown.contains("\u{1B}[31mmarg"))
    #expect(isUntouched(machine))
  }

  private func offered(
    _ path: [String], _ argument: String, _ words: [String], on machine: Machine,
    shell: String = "fish", library: String? = nil
  ) throws -> Outcome {
    let line = ["gloss"] + path + words
    return try machine.run(
      Machine.executable("gloss"),
      ["---completion"] + path + ["--", argument, "\(line.count - 1)", "0"] + line,
      environment: ["GLOSS_LIBRARY": library ?? machine.libraryPath, "SAP_SHELL": shell])
  }

  @Test func `each shell gets words in its own form`() throws {
    let (machine, id) = try machine()
    func offer(_ shell: String) throws -> [String] {
      try offered(["tag"], "positional@0", [id, "+"], on: machine, shell: shell).output
        .split(separator: "\n").map(String.init)
    }
    #expect(try offer("bash") == [#"'+it'\''s'"#, "'+two words'"])
    #expect(try offer("fish") == ["+$(touch pwned)", "+it's", "+two words"])
    let record = try offered(["show"], "positional@0", [""], on: machine, shell: "zsh")
    #expect(
      record.output.hasPrefix("\(id):article On \\u{1b}[31mmarginalia: $(touch pwned)\n"))
  }

  @Test func `only what fits is offered: articles, records in conflict, fields, devices`() throws {
    let (machine, id) = try machine()
    let note = try machine.name("note", id, "A thought")
    #expect(
      try offered(["highlight"], "positional@0", [""], on: machine).output.hasPrefix(id + "\t"))
    #expect(
      try !offered(["highlight"], "positional@0", [""], on: machine).output.contains(note))
    #expect(
      try offered(["show"], "positional@0", [String(note.prefix(2))], on: machine).output
        == note + "\tnote A thought\n")
    #expect(try offered(["resolve"], "positional@0", [""], on: machine).output == "\n")
    #expect(
      try offered(["devices", "rename"], "positional@0", [""], on: machine).output
        .hasPrefix("desk\t"))
    _ = try machine.gloss("delete", note)
    #expect(
      try offered(["undelete"], "positional@0", [String(note.prefix(2))], on: machine).output
        .hasPrefix(note))
  }

  @Test func `where the library cannot be read nothing is offered and nothing is said`() throws {
    let (machine, id) = try machine()
    let noLibrary = try machine.file("text", "no library")
    for path in [machine.folder + "/missing", noLibrary, machine.folder, "/dev/null"] {
      let outcome = try offered(["show"], "positional@0", [""], on: machine, library: path)
      #expect(outcome.status == 0)
      #expect(outcome.output == "\n")
      #expect(outcome.messages == "")
    }
    let strange = try machine.run(
      Machine.executable("gloss"), ["---completion", "nonsense", "--", "x", "y"])
    #expect(strange.status == 0)
    #expect(strange.output + strange.messages == "")
    // The library that the line names is the one that is asked.
    let line = ["--library", machine.libraryPath, ""]
    let named = try offered(
      ["show"], "positional@0", line, on: machine, library: machine.folder + "/missing")
    #expect(named.output.hasPrefix(id))
  }
}
