import Foundation
import GlossCommandTesting
import GlossCore
import Testing

/// Settling conflicts.
@Suite struct ResolveTests {
  private static let quote = "The sentence that everybody quotes."

  @Test func `merge puts together what does not overlap`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note(
      Self.quote, "The famous sentence that everybody quotes.", "The sentence that all quote.",
      Self.quote + "\nTwice.")
    let tried = try desk.machine.gloss("resolve", note, "--merge", "--dry-run")
    #expect(tried.output == "The famous sentence that all quote.\nTwice.\n")
    #expect(try desk.conflicts == ["body"])
    let merged = try desk.machine.gloss("resolve", note, "--merge")
    #expect(merged.messages == "body is \"The famous sentence that all quote. Twice.\"\n")
    #expect(try desk.body(note) == "The famous sentence that all quote.\nTwice.")
    #expect(try desk.conflicts.isEmpty)
  }

  @Test func `merge leaves an overlap to a person, and changes nothing`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note("a red car", "a green car", "a blue car")
    let before = desk.machine.libraryBytes
    let tried = try desk.machine.gloss("resolve", note, "--merge", "--dry-run")
    #expect(tried.status == 3)
    #expect(
      tried.masked == """
        <<<<<<< 1 desk MINUTE
        a blue car
        ||||||| ancestor
        a red car
        =======
        a green car
        >>>>>>> 2 desk MINUTE

        """)
    let refused = try desk.machine.gloss(
      "resolve", note, "--merge", environment: ["EDITOR": try desk.writer("never")])
    #expect(refused.status == 3)
    #expect(
      refused.messages == """
        gloss: body has 1 place that more than one side changed: a person has to merge it; nothing was changed
        hint: --merge --dry-run prints it with marks; GLOSS_MERGETOOL names a tool; or choose with --keep

        """)
    #expect(desk.machine.libraryBytes == before)
  }

  @Test func `at a terminal merge opens the editor and takes what has no marks`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note("a red car", "a green car", "a blue car")
    let screen = Screen()
    let kept = try screen.gloss(
      "resolve", note, "--merge", on: desk.machine, environment: ["EDITOR": "true"])
    #expect(kept.status == 3)
    #expect(kept.plain.contains("lines with marks are left in it: nothing was changed\n"))
    let path = try #require(
      kept.plain.firstMatch(of: #/hint: what you wrote is kept in\s+(\S+)/#)?.1)
    let left = try #require(FileManager.default.contents(atPath: String(path)))
    #expect(
      String(decoding: left, as: UTF8.self).contains("\n=======\na green car\n>>>>>>> 2 desk "))
    #expect(try desk.conflicts == ["body"])
    // VISUAL comes before EDITOR.
    let merged = try screen.gloss(
      "resolve", note, "--merge", on: desk.machine,
      environment: ["VISUAL": try desk.writer("a green and blue car\n"), "EDITOR": "false"])
    #expect(merged.status == 0, "\(merged)")
    #expect(try desk.body(note) == "a green and blue car")
  }

  @Test func `a merge tool gets four files and leaves the merge in the last`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note("a red car", "a green car", "a blue car")
    let before = desk.machine.libraryBytes
    func merge(_ tool: String) throws -> Outcome {
      try desk.machine.gloss("resolve", note, "--merge", environment: ["GLOSS_MERGETOOL": tool])
    }
    let failed = try merge("false")
    #expect(failed.status == 2)
    #expect(
      failed.messages.hasPrefix(
        "gloss: the merge tool ended with a failure: nothing was changed\nhint: the merge is kept in "
      ))
    let marked = try merge("true")
    #expect(marked.status == 3)
    let path = try #require(marked.messages.firstMatch(of: #/the merge is kept in\s+(\S+)/#)?.1)
    #expect(FileManager.default.fileExists(atPath: String(path)))
    #expect(desk.machine.libraryBytes == before)
    // It names its variables, as one of git does.
    let merged = try merge("cat $BASE $LOCAL $REMOTE | tr -d '\\n' > $MERGED")
    #expect(merged.status == 0, "\(merged)")
    #expect(try desk.body(note) == "a red cara blue cara green car")
    // Or it gets the names behind it.
    let other = try desk.note("a red car", "a green car", "a blue car", "a white car")
    let script = try desk.machine.file("tool.sh", "cat $2 $3 > $4\n")
    let three = try desk.machine.gloss(
      "resolve", other, "--merge", environment: ["GLOSS_MERGETOOL": "/bin/sh \(script)"])
    #expect(three.status == 0, "\(three)")
    #expect(try desk.body(other) == "a white cara blue cara green car")
    let left = try FileManager.default.contentsOfDirectory(atPath: desk.machine.folder)
    #expect(left.count { $0.hasPrefix("gloss-") } == 2)
  }

  @Test func `edit opens on the merge whatever it is`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note("a b c", "a b d", "x b c")
    let seen = desk.machine.folder + "/seen"
    let edited = try desk.machine.gloss(
      "resolve", note, "--edit", environment: ["EDITOR": "sed -n -i 's/x b d/& !/;p;w \(seen)'"])
    #expect(edited.status == 0, "\(edited)")
    #expect(try desk.body(note) == "x b d !")
  }

  @Test func `both is one after the other, the oldest first`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note("first", "one", "two\n")
    #expect(try desk.machine.gloss("resolve", note, "--keep", "both").status == 0)
    #expect(try desk.body(note) == "one\n\ntwo\n")
    let article = try desk.article("T")
    try desk.write(
      [.text("Walden"), .null, .text("Walden; or, Life in the Woods")], into: "title", of: article)
    #expect(
      try desk.machine.gloss("resolve", article, "--keep", "both").messages
        == "title is \"Walden; or, Life in the Woods\"\n")
    try desk.write([.text("A"), .text("B")], into: "title", of: article)
    #expect(
      try desk.machine.gloss("resolve", article, "--keep", "both").messages
        == "title is \"A / B\"\n")
    try desk.write([.text("2020"), .text("2021")], into: "published", of: article)
    let refused = try desk.machine.gloss("resolve", article, "--keep", "both")
    #expect(refused.status == 64)
    #expect(refused.messages.hasPrefix("gloss: published can have one value only\nhint: "))
    #expect(try desk.machine.gloss("resolve", article, "--value", "soon").status == 65)
    #expect(try desk.machine.gloss("resolve", article, "--value", "2022").status == 0)
    #expect(try desk.conflicts.isEmpty)
  }

  @Test func `keep takes what a list counts`() throws {
    for (choice, title) in [
      ("current", "C"), ("newest", "C"), ("1", "C"), ("2", "B"), ("3", "A"),
    ] {
      let desk = try ConflictedMachine()
      let article = try desk.article("T")
      try desk.write([.text("A"), .text("B"), .text("C")], into: "title", of: article)
      #expect(try desk.machine.gloss("resolve", article, "--keep", "other").status == 64)
      #expect(try desk.machine.gloss("resolve", article, "--keep", "4").status == 1)
      // One machine wrote them all.
      #expect(try desk.machine.gloss("resolve", article, "--keep", "desk").status == 1)
      let kept = try desk.machine.gloss("resolve", article, "--keep", choice)
      #expect(kept.messages == "title is \"\(title)\"\n")
      #expect(try desk.item(article).headline == title)
      #expect(try desk.conflicts.isEmpty)
    }
  }

  @Test func `an edit and a delete have answers of their own`() throws {
    for (choice, isDeleted) in [
      ("edited", false), ("current", false), ("deleted", true), ("other", true), ("newest", false),
    ] {
      let desk = try ConflictedMachine()
      let article = try desk.article("T")
      try desk.editAndDelete(article, title: "Better")
      #expect(try desk.machine.gloss("resolve", article, "--merge").status == 64)
      let both = try desk.machine.gloss("resolve", article, "--keep", "both")
      #expect(both.status == 64)
      #expect(both.messages.contains("hint: --keep edited keeps it, --keep deleted deletes it"))
      let kept = try desk.machine.gloss("resolve", article, "--keep", choice)
      #expect(kept.status == 0 && kept.messages == (isDeleted ? "deleted\n" : "kept\n"), "\(kept)")
      #expect(try desk.item(article).entry.isDeleted == isDeleted)
      #expect(try desk.conflicts.isEmpty)
    }
  }

  @Test func `a note of a deleted article has three answers`() throws {
    for choice in ["current", "deleted", "move"] {
      let desk = try ConflictedMachine()
      let gone = try desk.article("Gone")
      let other = try desk.article("Other")
      let note = try desk.orphan(of: gone, "alone")
      let way = choice == "move" ? ["--value", other] : ["--keep", choice]
      let settled = try desk.machine.run(
        Machine.executable("gloss"), ["resolve", note] + way,
        environment: ["GLOSS_LIBRARY": desk.machine.libraryPath])
      let says = [
        "current": "brought back Gone\n", "deleted": "deleted\n", "move": "moved to Other\n",
      ]
      #expect(settled.messages == says[choice])
      #expect(try desk.item(gone).entry.isDeleted == (choice != "current"))
      #expect(try desk.item(note).entry.isDeleted == (choice == "deleted"))
      #expect(try desk.conflicts.isEmpty)
    }
  }

  @Test func `at a terminal each is shown and asked about`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note("a b c", "a b d", "x b c")
    let article = try desk.article("T")
    try desk.editAndDelete(article, title: "Better")
    let asked = try Screen().gloss(
      "resolve", on: desk.machine,
      typing: [
        .init(to: "[k]eep, [d]elete, [s]kip, [q]uit? ", "what\n"),
        .init(to: "k keeps the record as it is; d deletes it\r\n[k]eep", "k\n"),
        .init(to: "keep [1] desk, [2] desk, [b]oth, [m]erge, [e]dit, [s]kip, [q]uit? ", "m\n"),
      ])
    #expect(asked.status == 0, "\(asked.plain)")
    #expect(asked.plain.contains("  a b {+d+}") || asked.plain.contains("  a b cd"))
    #expect(asked.plain.hasSuffix("body is \"x b d\"\n"))
    #expect(try desk.body(note) == "x b d")
    #expect(try desk.item(article).entry.isDeleted == false)
    #expect(try desk.conflicts.isEmpty)
  }

  @Test func `whoever ends the input has left the rest open`() throws {
    let desk = try ConflictedMachine()
    _ = try desk.note("a", "b", "c")
    _ = try desk.note("d", "e", "f")
    let asked = try Screen().gloss(
      "resolve", on: desk.machine, typing: [.init(to: "[q]uit? ", "\u{4}")])
    #expect(asked.status == 0)
    #expect(asked.plain.hasSuffix("0 settled, 2 left open\n"), "\(asked.plain)")
    #expect(try desk.conflicts.count == 2)
  }

  @Test func `without a terminal nobody is asked`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note("a", "b", "c")
    for arguments in [["resolve", note], ["resolve", "--all"], ["resolve"]] {
      let refused = try desk.machine.run(
        Machine.executable("gloss"), arguments, input: "1\n",
        environment: ["GLOSS_LIBRARY": desk.machine.libraryPath])
      #expect(refused.status == 64, "\(refused)")
      #expect(refused.messages.contains("hint: --keep current|other|both|newest|NUMBER|DEVICE"))
    }
    #expect(try desk.conflicts.count == 1)
  }

  @Test func `all goes on past what a person has to decide`() throws {
    let desk = try ConflictedMachine()
    let merged = try desk.note("a b c", "a b d", "x b c")
    let open = try desk.note("a red car", "a green car", "a blue car")
    let edited = try desk.article("T")
    try desk.editAndDelete(edited, title: "Better")
    let articles = try desk.machine.gloss(
      "resolve", "--all", "--kind", "article", "--keep", "edited", "--dry-run")
    #expect(articles.messages == "\(edited.prefix(4))  would be kept\n")
    #expect(
      try desk.machine.gloss("resolve", "--all", "--tag", "x", "--merge").messages
        == "no conflict matches\n")
    let listed = try desk.machine.gloss("-q", "conflicts", "--kind", "article").output
    #expect(listed.hasPrefix("\(edited.prefix(4))  ") && listed.split(separator: "\n").count == 2)
    let outcome = try desk.machine.gloss("resolve", "--all", "--merge")
    #expect(outcome.status == 3)
    #expect(outcome.messages.contains("\(merged.prefix(4))  body is \"x b d\"\n"))
    #expect(outcome.messages.contains("\(open.prefix(4))  body stays open: body has 1 place that "))
    #expect(outcome.messages.contains("\(edited.prefix(4))  deleted stays open: "))
    #expect(
      outcome.messages.hasSuffix(
        "gloss: 2 conflicts left open\nhint: gloss resolve ID asks what to keep\n"))
    #expect(Set(try desk.conflicts) == ["body", "deleted"])
    let json = try desk.machine.gloss("resolve", "--all", "--keep", "newest", "--json")
    #expect(json.status == 0)
    #expect(json.output.hasPrefix(#"{"version":1,"dryRun":false,"settled":[{"kind":"#))
    #expect(json.output.hasSuffix("\"open\":[]}\n"))
    #expect(try desk.conflicts.isEmpty)
    #expect(try desk.machine.gloss("resolve", "--all", "--merge").messages == "no conflicts\n")
  }

  @Test func `more than three records take a yes`() throws {
    let desk = try ConflictedMachine()
    let owner = try desk.article("Owner")
    for _ in 0..<4 { _ = try desk.note("a", "b", "c", on: owner) }
    let before = desk.machine.libraryBytes
    let refused = try desk.machine.gloss("resolve", "--all", "--keep", "current")
    #expect(refused.status == 3)
    #expect(
      refused.messages == """
        gloss: this settles conflicts of 4 records; nothing was done
        hint: give --yes where that is meant

        """)
    let tried = try desk.machine.gloss("resolve", "--all", "--keep", "current", "--dry-run")
    #expect(tried.status == 0)
    let no = try Screen().gloss(
      "resolve", "--all", "--keep", "current", on: desk.machine,
      typing: [.init(to: "this settles conflicts of 4 records. Go on? [y/N] ", "\n")])
    #expect(no.status == 2)
    #expect(desk.machine.libraryBytes == before)
    let yes = try Screen().gloss(
      "resolve", "--all", "--keep", "current", on: desk.machine,
      typing: [.init(to: "[y/N] ", "y\n")])
    #expect(yes.status == 0)
    #expect(try desk.conflicts.isEmpty)
  }
}
