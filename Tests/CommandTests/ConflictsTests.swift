import Foundation
import GlossCommandTesting
import GlossCore
import Testing

/// Listing conflicts and comparing what was written.
@Suite struct ConflictsTests {
  private static let quote = "The sentence that everybody quotes."

  @Test func `a list says what, which field, who and when`() throws {
    let desk = try ConflictedMachine()
    let article = try desk.article("On marginalia", url: "https://example.org/essay")
    let note = try desk.note(Self.quote, Self.quote + " Why?", "Not " + Self.quote)
    try desk.editAndDelete(article, title: "Better")
    let listed = try desk.machine.gloss("conflicts")
    #expect(
      listed.masked.replacing(note.prefix(4), with: "NOTE") == """
        c60a  article    Better
              deleted by desk MINUTE; title edited by desk MINUTE
        NOTE  note       Not The sentence that everybody quotes.
              body       desk MINUTE, desk MINUTE

        """)
    #expect(
      listed.messages
        == "hint: gloss conflicts show c60a compares what was written, "
        + "gloss resolve c60a settles it\n")
    #expect(try desk.machine.gloss("-q", "conflicts").messages == "")
  }

  @Test func `a wide terminal has a line for each, a narrow one more`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note("one", "two", "three").prefix(4)
    let wide = try Screen(columns: 160).gloss("-q", "conflicts", on: desk.machine)
    let line = try #require(wide.plain.split(separator: "\n").first)
    #expect(wide.plain.split(separator: "\n").count == 1)
    #expect(line.count == 160 && line.hasPrefix("\(note)  note       three    "))
    let minute = #"desk \d{4}-\d\d-\d\d \d\d:\d\d"#
    #expect(line.contains(try Regex(" body  \(minute), \(minute)$")))
    #expect(wide.output.contains("\u{1B}[33m\(note)\u{1B}[0m"))
    var narrow = try Screen(columns: 40).gloss("-q", "conflicts", on: desk.machine)
    narrow.output = narrow.plain
    #expect(
      narrow.masked == """
        \(note)  note  three
              body       desk MINUTE,
              desk MINUTE

        """)
  }

  @Test func `values stand below what they were made from, with marks or colours`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note(
      Self.quote, "The famous sentence that everybody quotes.",
      "The sentence that everybody quotes, and few have read.")
    let shown = try desk.machine.gloss("conflicts", "show", note)
    #expect(
      shown.masked == """
        \(note.prefix(4))  note  The sentence that everybody quotes, and few have read.

        body has 2 values

        before  desk  MINUTE
          The sentence that everybody quotes.

        1  desk  MINUTE  shown
          The sentence that everybody quotes{+, and few have read+}.

        2  desk  MINUTE
          The {+famous +}sentence that everybody quotes.

        merge: nothing overlaps, so --merge gives
          The famous sentence that everybody quotes, and few have read.

        """)
    let coloured = try Screen().gloss("conflicts", "show", note, on: desk.machine)
    #expect(coloured.output.contains("  The \u{1B}[32mfamous \u{1B}[0msentence that"))
    #expect(!coloured.plain.contains("{+"))
    let plain = try Screen().gloss(
      "-q", "conflicts", "show", note, on: desk.machine, environment: ["NO_COLOR": "1"])
    #expect(plain.output == shown.output)
  }

  @Test func `an edit that a delete did not see stands below what it was made from`() throws {
    let desk = try ConflictedMachine()
    let article = try desk.article("On marginalia", url: "https://example.org/essay")
    try desk.write([.text("On notes")], into: "title", of: article)
    try desk.editAndDelete(article, title: "On notes in margins", author: "Le Guin")
    let shown = try desk.machine.gloss("conflicts", "show", article)
    #expect(
      shown.masked == """
        c60a  article  On notes in margins

        edited and deleted

        deleted  desk  MINUTE  without having seen what follows

        author  desk  MINUTE
          Le Guin

        title before
          On notes

        title  desk  MINUTE
          On notes{+ in margins+}

        """)
  }

  @Test func `Chinese, Japanese and emoji wrap where the terminal ends`() throws {
    let desk = try ConflictedMachine()
    let family = "\u{1F469}\u{200D}\u{1F469}\u{200D}\u{1F467}"
    let base = "余白に書かれた注釈は読者の声である。\(family)\(family) と言われる。"
    let note = try desk.note(
      base, base.replacing("書か", with: "記さ"), base.replacing("である", with: "だ"))
    for columns in [40, 80, 160] {
      let shown = try Screen(columns: columns).gloss(
        "-q", "conflicts", "show", note, on: desk.machine, environment: ["NO_COLOR": "1"])
      for line in shown.output.split(separator: "\n") {
        // Each of these characters has two columns, all others here have one.
        let width = line.reduce(0) { $0 + ($1.isASCII ? 1 : 2) }
        #expect(width <= columns, "\(line)")
      }
      let joined = shown.output.replacing("\n  ", with: "")
      #expect(joined.contains("余白に[-書か-]{+記さ+}れた注釈"))
      #expect(joined.contains("余白に記された注釈は読者の声だ。\(family)\(family)"))
      let isOneLine = shown.output.contains("余白に記された注釈は読者の声だ。\(family)\(family) と言われる。")
      #expect(isOneLine == (columns > 40))
    }
  }

  @Test func `a place that was moved is read as a place`() throws {
    let desk = try ConflictedMachine()
    let text = "I went to the woods because I wished to live deliberately, to front the facts."
    let highlight = try desk.movedHighlight(
      ["woods", "wished to live", "live deliberately"], in: text)
    let shown = try desk.machine.gloss("conflicts", "show", highlight).masked
    #expect(
      shown.hasSuffix(
        """
        anchor has 2 values

        before  desk  MINUTE
          I went to the [woods] because I wished to live delibe…
          characters 14 to 19

        1  desk  MINUTE  shown
          …o the woods because I wished to [live deliberately], to front the facts.
          characters 40 to 57

        2  desk  MINUTE
          I went to the woods because I [wished to live] deliberately, to front the
          fact…
          characters 30 to 44

        """), "\(shown)")
    let merged = try desk.machine.gloss("resolve", highlight, "--merge")
    #expect(merged.status == 64)
    #expect(
      merged.messages
        == "gloss: anchor is no text that can be merged\nhint: choose with --keep\n")
    #expect(try desk.machine.gloss("resolve", highlight, "--keep", "both").status == 64)
    #expect(try desk.machine.gloss("resolve", highlight, "--keep", "2").status == 0)
    #expect(try desk.item(highlight).headline == "wished to live")
  }

  @Test func `undo of a resolution opens the same conflict again`() throws {
    let desk = try ConflictedMachine()
    let note = try desk.note("one two three", "one 2 three", "one zwei three")
    func page() throws -> String {
      try desk.machine.gloss("conflicts", "show", note).output
        .replacing(/\d{4}-\d\d-\d\d \d\d:\d\d/, with: "TIME")
    }
    let before = try page()
    #expect(before.contains("\n  one two three\n"))
    for (option, value) in [("--keep", "other"), ("--keep", "current"), ("--value", "four")] {
      #expect(try desk.machine.gloss("resolve", note, option, value).status == 0)
      #expect(try desk.machine.gloss("undo").status == 0)
      #expect(try page() == before)
      #expect(try desk.machine.gloss("resolve", note, "--merge").status == 3)
    }
    let history = try desk.machine.gloss("history", note).output
    #expect(history.contains("\"one zwei three\" again"))
  }

  @Test func `of a long text only what is near a change is shown, unless all is wanted`() throws {
    let desk = try ConflictedMachine()
    let lines = (1...400).map { "This is line \($0) of a long text.\n" }
    let article = try desk.article("Long", text: lines.joined())
    var (one, other) = (lines, lines)
    one[200] = "This is the middle of a long text.\n"
    other[390] = "\n"
    try desk.write(texts: [one.joined(), other.joined()], of: article)
    let shown = try desk.machine.gloss("conflicts", "show", article).output
    #expect(shown.contains("This is [-line 201-]{+the middle+} of a long text."))
    #expect(shown.contains(#/\(\d+ characters more: --full\)/#))
    #expect(shown.utf8.count < 10_000)
    #expect(shown.contains("merge: nothing overlaps"))
    let full = try desk.machine.gloss("conflicts", "show", article, "--full").output
    #expect(full.contains("This is line 100 of a long text.") && !full.contains("--full"))
    #expect(try desk.machine.gloss("resolve", article, "--merge").status == 0)
    var both = one
    both[390] = "\n"
    #expect(try desk.text(article) == both.joined())
  }

  @Test func `JSON has the ancestor, the values and the deletes`() throws {
    let desk = try ConflictedMachine()
    let article = try desk.article("One")
    try desk.write([.text("Two"), .text("Three")], into: "title", of: article)
    _ = try desk.orphan(of: try desk.article("Gone"), "alone")
    let output = try desk.machine.gloss("conflicts", "--json").output
    let object = try #require(
      try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
    #expect(object["version"] as? Int == 1)
    let conflicts = try #require(object["conflicts"] as? [[String: Any]])
    #expect(conflicts.map { $0["reason"] as? String } == ["values", "parent-deleted"])
    func values(_ key: String) -> [String?] {
      ((conflicts[0][key] as? [[String: Any]]) ?? []).map { $0["value"] as? String }
    }
    #expect(values("ancestors") == ["One"])
    #expect(values("versions") == ["Three", "Two"])
    #expect((conflicts[1]["deletes"] as? [Any])?.count == 1)
    let one = try desk.machine.gloss("conflicts", "show", article, "--json").output
    #expect(one.contains(#""ancestors":[{"value":"One","held":true,"#))
  }

  @Test func `no content can steer a terminal`() throws {
    let desk = try ConflictedMachine()
    let evil = "a\u{1B}[2Jb\u{7}c\u{202E}d\u{9B}e\u{7F}\r"
    let article = try desk.article(evil, author: evil)
    try desk.write([.text(evil + "1"), .text("x" + evil)], into: "title", of: article)
    let gone = try desk.article("Gone " + evil)
    let orphan = try desk.orphan(of: gone, evil)
    let other = try desk.article("Other " + evil)
    try desk.editAndDelete(other, title: evil + evil)
    let commands = [
      ["conflicts"], ["conflicts", "--json"], ["conflicts", "show", article],
      ["conflicts", "show", orphan], ["conflicts", "show", other],
      ["resolve", article, "--merge", "--dry-run"], ["resolve", article, "--keep", evil],
      ["resolve", article, "--field", evil, "--merge"],
      ["resolve", "--all", "--keep", "newest", "--dry-run"],
    ]
    for arguments in commands {
      let outcome = try desk.machine.run(
        Machine.executable("gloss"), arguments,
        environment: ["GLOSS_LIBRARY": desk.machine.libraryPath])
      #expect(
        Outcome(status: 0, output: outcome.output + outcome.messages, messages: "").isSafe,
        "\(arguments): \(outcome)")
    }
    let asked = try Screen(columns: 40).gloss(
      "resolve", on: desk.machine,
      typing: (0..<3).map { _ in Screen.Answer(to: "uit? ", "s\n") })
    #expect(asked.isSafe, "\(asked)")
    #expect(asked.plain.contains("0 settled, 3 left open"))
  }
}
