import Foundation
import GlossCommandTesting
import Testing

/// The query language where records are changed, settled and exported.
@Suite(.timeLimit(.minutes(10))) struct MatchingTests {
  private static let hostile = "\u{1B}]0;x\u{7}\u{202E}evil\u{9B}31m"

  /// A library with an article that has a green highlight with a note, and four articles of another tag.
  private func machine() throws -> (Machine, essay: String, others: [String]) {
    let machine = try Machine.ready()
    let text = try machine.file("essay.md", "# Essay\n\nEvery reader writes in the margin.\n")
    let essay = try machine.name(
      "add", text, "--url", "https://example.org/essay", "--author", "Ursula K. Le Guin", "--tag",
      "reading")
    _ = try machine.gloss(
      "highlight", essay, "in the margin", "--colour", "green", "--note", "the name")
    let others = try (1...4).map {
      try machine.name(
        "add", "https://example.org/\($0)", "--title", "Other \($0)", "--tag", "news")
    }
    return (machine, essay, others)
  }

  private func titles(_ query: String..., on machine: Machine) throws -> [String] {
    let outcome = try machine.run(
      Machine.executable("gloss"),
      ["list"] + query + ["--format", "{{headline}}", "--sort", "saved:asc"],
      environment: ["GLOSS_LIBRARY": machine.libraryPath])
    #expect(outcome.status == 0)
    return outcome.output.split(separator: "\n").map(String.init)
  }

  // MARK: - delete, undelete, tag, edit

  @Test func `what a query finds is changed as a list of names would be, and undone at once`()
    throws
  {
    let (machine, essay, _) = try machine()
    let all = try titles(on: machine)
    let refused = try machine.gloss("tag", "--matching", "tag:news", "+seen", "-news", input: "y\n")
    #expect(refused.status == 3)
    #expect(
      refused.messages
        == "gloss: this tags 4 records; nothing was done\nhint: give --yes where that is meant\n")
    #expect(try titles("tag:seen", on: machine) == [])
    #expect(
      try machine.gloss("tag", "--yes", "--matching", "tag:news", "+seen", "-news").messages
        == "changed 4 of 4\n")
    #expect(try titles("tag:seen", "-tag:news", on: machine).count == 4)
    #expect(try machine.gloss("undo", "--yes").status == 0)
    #expect(try titles("tag:seen", on: machine) == [])
    #expect(try titles("tag:news", on: machine).count == 4)
    // The same words as for a list: a field whose quotation marks a shell took away, and a hyphen first.
    #expect(
      try machine.gloss("tag", "--matching", "author:Le Guin", "+sf").messages == "changed\n")
    #expect(try machine.gloss("tag", "--matching", "-tag:news", "-sf").messages == "changed\n")
    #expect(
      try machine.gloss("edit", "--matching=kind:highlight colour:green", "--colour", "red")
        .messages == "changed\n")
    #expect(
      try machine.gloss("edit", "--matching", "-tag:reading", "--state", "read", "--yes").messages
        == "changed 4 of 4\n")
    #expect(try titles("is:unread", on: machine) == ["Essay"])
    let edited = try machine.gloss("edit", "--matching", "margin", "--archived", "yes")
    #expect(edited.messages == "changed\n")
    #expect(
      try machine.gloss("delete", "--matching", "tag:news", "--yes").messages
        == "deleted 4 articles\nhint: gloss undo takes it back\n")
    #expect(try titles(on: machine) == ["Essay"])
    #expect(
      try machine.gloss("undelete", "--matching", "title:other", "--yes").messages
        == "brought back 4 articles\n")
    #expect(try titles(on: machine) == all)
    #expect(try machine.gloss("undo", "--yes").status == 0)
    #expect(try titles(on: machine) == ["Essay"])
    // The article takes its highlight and note along, which the query finds, too.
    #expect(
      try machine.gloss(
        "delete", "--matching", "tag:reading or kind:highlight or kind:note", "--yes"
      ).messages == """
        deleted Essay with 1 highlight, 1 note
        hint: gloss undelete \(essay) takes it back

        """)
    #expect(
      try machine.gloss("undelete", "--matching", "author:guin", "--yes").messages
        == "brought back Essay with 1 highlight, 1 note\n")
  }

  @Test func `a query that finds nothing, says nothing, or stands beside names changes nothing`()
    throws
  {
    let (machine, essay, _) = try machine()
    let before = machine.libraryBytes
    for (words, list) in [
      (["delete"], "list"), (["tag", "+x"], "list"), (["edit", "--state", "read"], "list"),
      (["undelete"], "list is:deleted"),
    ] {
      func run(_ more: String...) throws -> Outcome {
        try machine.run(
          Machine.executable("gloss"), [words[0]] + more + words.dropFirst(),
          environment: ["GLOSS_LIBRARY": machine.libraryPath])
      }
      let none = try run("--matching", "tag:none")
      #expect(none.status == 1)
      #expect(
        none.messages == """
          gloss: nothing matches tag:none
          hint: gloss \(list) QUERY shows what a query finds

          """)
      let empty = try run("--matching", " ")
      #expect(empty.status == 64)
      #expect(empty.messages.hasPrefix("gloss: the query is empty\nhint: "))
      let both = try run(essay, "--matching", "tag:news")
      #expect(both.status == 64)
      #expect(
        both.messages == """
          gloss: --matching stands in the place of names
          hint: leave out \(essay), or --matching

          """)
      let wrong = try run("--matching", "tag:news is:unred")
      #expect(wrong.status == 64)
      #expect(
        wrong.messages == """
          gloss: is:unred means nothing
            tag:news is:unred
                        ^^^^^
          hint: did you mean is:unread?

          """)
      let neither = try run()
      #expect(neither.status == 64)
      #expect(neither.messages.hasPrefix("gloss: say which record"))
    }
    #expect(machine.libraryBytes == before)
  }

  @Test func `a terminal is asked about what a query finds`() throws {
    let (machine, _, _) = try machine()
    let question = "this deletes 4 articles. Go on? [y/N] "
    let no = try Screen().gloss(
      "delete", "--matching", "tag:news", on: machine, typing: [.init(to: question, "\n")])
    #expect(no.status == 2)
    #expect(try titles("tag:news", on: machine).count == 4)
    let yes = try Screen().gloss(
      "delete", "--matching", "tag:news", on: machine, typing: [.init(to: question, "y\n")])
    #expect(yes.status == 0)
    #expect(try titles("tag:news", on: machine) == [])
  }

  @Test func `nothing hostile that a query finds or says steers a terminal`() throws {
    let machine = try Machine.ready()
    let text = try machine.file("h.txt", "text \(Self.hostile) more")
    let id = try machine.name("add", text, "--title", Self.hostile, "--tag", "t")
    for words in [
      ["tag", "--matching", Self.hostile, "+x"], ["tag", "--matching", "tag:t", "+\u{202E}"],
      ["delete", "--matching", "is:\u{202E}"], ["delete", "--matching", "tag:t"],
      ["delete", "--matching", "is:deleted"], ["undelete", "--matching", "tag:t"],
      ["undelete", id], ["edit", id + "\u{202E}", "--matching", "x", "--state", "read"],
      ["conflicts", Self.hostile], ["conflicts", "title:\u{202E}"],
      ["resolve", "--all", "is:\u{9B}", "--keep", "newest"],
      ["export", "--format", "markdown", "pages", "title:\u{202E}"],
      ["export", "--format", "markdown", "pages", "\u{9B}x:y"],
    ] {
      let outcome = try machine.run(
        Machine.executable("gloss"), words, environment: ["GLOSS_LIBRARY": machine.libraryPath])
      #expect(outcome.isSafe, "\(words)")
      #expect(
        Outcome(status: 0, output: outcome.messages, messages: "").isSafe,
        "\(words) \(outcome.messages)")
      #expect(!outcome.messages.isEmpty, "\(words)")
    }
  }

  // MARK: - conflicts, resolve

  @Test func `conflicts are listed and settled by query`() throws {
    let desk = try ConflictedMachine()
    let machine = desk.machine
    let note = try desk.note("a", "b", "c")
    let article = try desk.article("A title")
    try desk.write([.text("One"), .text("Two")], into: "title", of: article)
    let deleted = try desk.article("Gone")
    try desk.editAndDelete(deleted, title: "Edited")
    let orphan = try desk.orphan(of: try desk.article("Parent"), "lonely")
    _ = try machine.gloss("tag", article, "+essay")
    func names(_ query: String...) throws -> Set<String> {
      let outcome = try machine.run(
        Machine.executable("gloss"), ["conflicts"] + query,
        environment: ["GLOSS_LIBRARY": machine.libraryPath])
      #expect(outcome.status == 0, "\(outcome)")
      return Set(
        outcome.output.split(separator: "\n").filter { !$0.hasPrefix(" ") }
          .map { String($0.prefix(4)) })
    }
    func name(_ id: String) -> String { String(id.prefix(4)) }
    #expect(
      try names() == [name(note), name(article), name(deleted), name(orphan)])
    #expect(try names("tag:essay") == [name(article)])
    #expect(try names("list", "-tag:essay", "kind:article") == [name(deleted)])
    #expect(try names("is:orphaned") == [name(orphan)])
    #expect(try names("lonely or title:two") == [name(orphan), name(article)])
    #expect(try names("--kind", "note", "-is:orphaned") == [name(note)])
    let none = try machine.gloss("conflicts", "tag:none")
    #expect((none.status, none.output, none.messages) == (0, "", "no conflict matches\n"))
    #expect(
      try machine.gloss("conflicts", "tag:none", "--json").output
        == #"{"version":1,"conflicts":[]}"# + "\n")

    let tried = try machine.gloss(
      "resolve", "--all", "-tag:essay", "-is:orphaned", "kind:note", "--keep", "newest",
      "--dry-run")
    #expect(tried.messages == "\(name(note))  body would be \"c\"\n")
    #expect(try machine.gloss("resolve", "--all", "tag:essay", "--keep", "newest").status == 0)
    #expect(try names() == [name(note), name(deleted), name(orphan)])
    let nothing = try machine.gloss("resolve", "--all", "tag:none", "--keep", "newest")
    #expect((nothing.status, nothing.messages) == (0, "no conflict matches\n"))
    for words in [
      ["conflicts", "has:nots"], ["resolve", "--all", "has:nots", "--keep", "newest"],
    ] {
      let wrong = try machine.run(
        Machine.executable("gloss"), words, environment: ["GLOSS_LIBRARY": machine.libraryPath])
      #expect(wrong.status == 64)
      #expect(
        wrong.messages == """
          gloss: has:nots means nothing
            has:nots
                ^^^^
          hint: did you mean has:notes?

          """)
    }
  }

  // MARK: - export

  @Test func `markdown is written of the articles that a query shows, and other files stay`() throws
  {
    let (machine, essay, others) = try machine()
    let folder = machine.folder + "/pages"
    func export(_ query: String...) throws -> Outcome {
      try machine.run(
        Machine.executable("gloss"), ["export", "--format", "markdown", folder] + query,
        environment: ["GLOSS_LIBRARY": machine.libraryPath])
    }
    func files() throws -> [String: String] {
      try Dictionary(
        uniqueKeysWithValues: FileManager.default.contentsOfDirectory(atPath: folder).map {
          ($0, try String(contentsOfFile: folder + "/" + $0, encoding: .utf8))
        })
    }
    #expect(try export("tag:none").messages == "no article matches\n")
    #expect(!FileManager.default.fileExists(atPath: folder))
    // An article is meant where its highlight is, and is written whole.
    #expect(
      try export("colour:green").messages == "1 new file, 0 changed, 0 as they were\n")
    let essayFile = try #require(try files().first)
    #expect(essayFile.key.hasPrefix("essay-"))
    #expect(essayFile.value.contains("the name"))
    #expect(
      try export("tag:news", "-title:1").messages == "3 new files, 0 changed, 0 as they were\n")
    #expect(try files().count == 4)
    // What is not asked for is neither brought up to date, nor complained of, nor marked as deleted.
    _ = try machine.gloss("tag", essay, "+changed")
    _ = try machine.gloss("delete", others[1])
    try essayFile.value.write(toFile: folder + "/copy.md", atomically: true, encoding: .utf8)
    let before = try files()
    #expect(
      try export("title:3", "or", "title:4").messages == "0 new files, 0 changed, 2 as they were\n")
    #expect(try files() == before)
    let both = try export("tag:changed")
    #expect(both.status == 3)
    #expect(both.messages.contains("  copy.md: the same article as "))
    // A negation is about articles: a highlight without the tag does not bring along an article that has it.
    #expect(try export("-tag:reading", "-tag:news").messages == "no article matches\n")

    let wrong = try export("is:unred")
    #expect(wrong.status == 64)
    #expect(wrong.messages.contains("  is:unred\n     ^^^^^\nhint: did you mean is:unread?\n"))
    #expect(try machine.gloss("export", "--format", "markdown", "tag:news").status == 64)
    #expect(!FileManager.default.fileExists(atPath: machine.folder + "/tag:news"))
    let lines = try machine.gloss("export", "all.jsonl", "tag:news")
    #expect(lines.status == 64)
    #expect(lines.messages.hasPrefix("gloss: a query goes with --format markdown\n"))
  }
}
