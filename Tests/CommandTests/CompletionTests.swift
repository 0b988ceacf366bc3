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

  /// Keys, of which Ctrl-U takes back what was typed of a line.
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
        type("gloss list --tag '$\t'\n"), type("gloss list --tag \\$\t\n"),
        type("gloss tag \(id) +\t\t"), type("\u{15}exit\n", after: "+two"),
      ])
    #expect(shown.contains("gloss show \(id)"))
    #expect(shown.contains("On \\u{1b}[31mmarginalia: $(touch pwned)"))
    #expect(shown.contains(#"--tag two\ words"#))
    #expect(!shown.contains("\u{1B}[31m"))
    #expect(isUntouched(machine))
  }

  /// bash takes a line apart at quotation marks, colons and at signs. Before that was thought of, `it'` became `it'it'\''s`, and
  /// `tag:tw` was taken for a text of its own.
  @Test(.enabled(if: Programs.has("bash")))
  func `bash completes what has quotation marks, colons and at signs in it`() throws {
    let (machine, _) = try machine()
    _ = try machine.gloss("query", "save", "inbox", "is:unread")
    _ = try machine.gloss("add", "https://example.org/2", "--tag", "a:b", "--author", "Le Guin")
    let shown = try ShellAtTerminal.run(
      beginning + "PS1='READY ' exec bash --norc --noprofile -i", on: machine,
      [
        type(". ./completions.bash\n"), type("gloss list --tag it\t\n"),
        type("gloss list --tag it'\t\n"), type("gloss list --tag \"it'\t\n"),
        type("gloss search --tag it\\'\t\n"), type("gloss list --tag a:\t\n"),
        type("gloss list ta\ttw\t\n"), type("gloss list -tag:it\t\n"), type("gloss list @in\t\n"),
        type("gloss list is:unr\t\n"), type("gloss list au\t\n"),
        type("gloss list 'has:te\t\n"), type("gloss list \"is:read ta\ta\t\n"),
        type("gloss edit --matching kind:hi\t--colour red\n"),
        type("gloss delete --matching=kind:no\t--yes\n"), type("gloss search --tag='two\t\n"),
        type("gloss list --limit=1 --tag=it\t--json\n"),
        type("gloss list tag:tw kind:note\u{1}\u{1B}f\u{1B}f\u{1B}f\u{1B}f\t\n"), type("exit\n"),
      ])
    for line in [
      #"list --tag it\'s "#, #"search --tag it\'s "#, #"--tag it''\''s' "#, #"--tag "it's" "#,
      "--tag a:b ",
      #"g:two\ words "#, #"list -tag:it\'s "#, "list @inbox ", "list is:unread ",
      #"list author:Le\ Guin "#, "list 'has:text' ", #"g:a:b" "#,
      "--matching kind:highlight ", "--matching=kind:note --yes", "--tag='two words' ",
      #"--tag=it\'s --json"#,
    ] {
      #expect(shown.contains(line), "\(line) in \(shown)")
    }
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
        type("gloss list tag:tw\t\n"), type("gloss list -is:unr\t\n"),
        type("gloss list --tag=tw\t--limit 1\n"), type("gloss tag --matching=kind:no\t+x\n"),
        type("gloss show \t"), type("\t", after: "gloss show"),
        type("\u{15}exit\n", after: "marginalia"),
      ])
    #expect(shown.contains(id))
    #expect(shown.contains(#"gloss list tag:two\ words"#))
    #expect(shown.contains("gloss list -is:unread"))
    #expect(shown.contains(#"gloss list --tag=two\ words"#))
    #expect(shown.contains("gloss tag --matching=kind:note"))
    #expect(shown.contains("article On \\u{1b}[31mmarginalia: $(touch pwned)"))
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
        type("gloss show \t"), type("\u{15}gloss list --tag tw\t\n", after: "Another essay"),
        type("gloss list --tag=tw\t--limit 1\n"),
        type("gloss list \t"), type("\u{15}exit\n", after: "has the tag"),
      ])
    #expect(shown.contains(id))
    #expect(shown.contains(other))
    #expect(shown.contains("article Another essay"))
    #expect(shown.contains(#"--tag=two\ words"#))
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
    #expect(try offer("bash") == [#"+it\'s"#, #"+two\ words"#])
    #expect(try offer("fish") == ["+$(touch pwned)", "+it's", "+two words"])
    let record = try offered(["show"], "positional@0", [""], on: machine, shell: "zsh")
    #expect(
      record.output.hasPrefix("\(id):article On \\\\u{1b}[31mmarginalia: $(touch pwned)\n"))
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

  @Test(arguments: ["bash", "zsh", "fish"])
  func `whatever a conflict can be settled on is offered`(shell: String) throws {
    let (machine, id) = try machine()
    func offer(_ typed: String) throws -> [String] {
      try offered(["resolve"], "--keep", [id, "--keep", typed], on: machine, shell: shell).output
        .split(separator: "\n").map { String($0.prefix(while: \.isLetter)) }
        .filter { !$0.isEmpty }
    }
    #expect(
      try offer("") == ["current", "other", "newest", "both", "edited", "deleted", "desk"])
    #expect(try offer("bo") == ["both"])
  }

  @Test func `a query is completed by fields, what can stand behind them, and saved queries`()
    throws
  {
    let (machine, _) = try machine()
    _ = try machine.gloss("query", "save", "inbox", "is:unread title:\u{202E}")
    _ = try machine.gloss(
      "add", "https://example.org/2", "--author", "Le \"G\" Guin", "--language", "en", "--tag",
      "\u{202E}t")
    func offer(_ words: String..., by shell: String = "fish") throws -> [String] {
      try offered(["list"], "positional@0", words, on: machine, shell: shell).output
        .split(separator: "\n").map(String.init).filter { $0 != " " }
    }
    let all = try offer("")
    #expect(all.first == "tag:\thas the tag")
    #expect(all.last == "@inbox\tis:unread title:\\u{202e}")
    #expect(all.count == 13)
    #expect(try offer("tag:tw") == ["tag:two words"])
    #expect(try offer("ta") == offer("tag:"))
    #expect(try offer("tag:") == [#"tag:"$(touch pwned)""#, "tag:it's", "tag:two words"])
    #expect(try offer("tag:\\\"tw") == [#"tag:"two words""#])
    #expect(try offer("kind:", by: "zsh") == ["kind\\:article", "kind\\:highlight", "kind\\:note"])
    #expect(try offer("is:un") == ["is:unread"])
    #expect(try offer("-has:t") == ["-has:text", "-has:tags"])
    #expect(try offer("\\(lang:") == ["(lang:en"])
    #expect(try offer("author:") == [#"author:"Le \"G\" Guin""#])
    #expect(try offer("saved:yes") == ["saved:yesterday"])
    #expect(try offer("colour:") == [])
    #expect(try offer("'is:unread tag:it") == ["is:unread tag:it's"])
    #expect(try offer("'is:unread tag:tw") == [])
    #expect(try offer("nothing:") == [])
    #expect(try offer("@") == ["@inbox\tis:unread title:\\u{202e}"])
    for (path, argument, words) in [
      (["search"], "positional@0", ["is:un"]), (["conflicts", "list"], "positional@0", ["is:un"]),
      (["resolve"], "positional@0", ["--all", "is:un"]),
      (["export"], "positional@1", ["--format", "markdown", "pages", "is:un"]),
      (["query", "save"], "positional@1", ["x", "is:un"]),
      (["delete"], "--matching", ["--matching", "is:un"]),
      (["undelete"], "--matching", ["--matching", "is:un"]),
      (["tag"], "--matching", ["--matching", "is:un"]),
      (["edit"], "--matching", ["--matching", "is:un"]),
    ] {
      let outcome = try offered(path, argument, words, on: machine)
      #expect(outcome.output == "is:unread\n", "\(path) \(outcome)")
    }
    #expect(try offered(["resolve"], "positional@0", ["is:un"], on: machine).output == "\n")
    #expect(
      try offered(["query", "remove"], "positional@0", ["in"], on: machine).output
        == "inbox\tis:unread title:\\u{202e}\n")
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
