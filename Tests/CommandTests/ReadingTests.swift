import Foundation
import GlossCommandTesting
import Testing

/// What the commands print when all goes well.
@Suite struct ReadingTests {
  private let essay = "# On marginalia\n\nEvery reader writes in the margin.\nSome twice.\n"
  /// The first digits of the SHA-256 of `https://example.org/essay`.
  private let id = "c60a"

  private func machine() throws -> Machine {
    let machine = try Machine.ready()
    let path = try machine.file("essay.md", essay)
    let added = try machine.gloss(
      "add", path, "--url", "https://Example.org/essay?utm_source=x", "--tag", "b", "--tag", "a",
      "--author", "A. Reader", "--date", "2026-11")
    #expect(added.output == id + "\n")
    #expect(added.messages == "added On marginalia\n")
    return machine
  }

  @Test func `init makes a library once`() throws {
    let machine = try Machine()
    let made = try machine.gloss("init")
    #expect(made.status == 0)
    #expect(made.output == "")
    let before = machine.libraryBytes
    let again = try machine.gloss("init")
    #expect(again.status == 73)
    #expect(again.messages.hasPrefix("gloss: \(machine.libraryPath) exists already\nhint: "))
    #expect(machine.libraryBytes == before)
  }

  @Test func `the usual place is made where it is missing, and --library goes anywhere`() throws {
    let machine = try Machine()
    let usual = try machine.gloss("init", environment: ["GLOSS_LIBRARY": ""])
    #expect(usual.status == 0)
    let expected = machine.folder + "/.local/share/gloss/library.gloss"
    #expect(FileManager.default.fileExists(atPath: expected))
    #expect(try machine.gloss("--library", expected, "list").status == 0)
    #expect(try machine.gloss("list", "--library", expected).status == 0)
  }

  @Test func `list shows name, day, title and tags in 80 columns`() throws {
    let machine = try machine()
    #expect(try machine.gloss("list").masked == "c60a  DAY  On marginalia  #a #b\n")
    #expect(try machine.gloss("list", "--tag", "c").output == "")
    let path = try machine.file("long.txt", "text")
    _ = try machine.name("add", path, "--title", String(repeating: "long title ", count: 20))
    let lines = try machine.gloss("list").output.split(separator: "\n")
    #expect(lines.count == 2)
    #expect(lines[0].count == 80)
    #expect(lines[0].hasSuffix("…"))
    #expect(try machine.gloss("list", "--limit", "1").output == lines[0] + "\n")
  }

  @Test func `show prints an article with its highlights and notes`() throws {
    let machine = try machine()
    let highlight = try machine.name(
      "highlight", id, "reader  writes", "--note", "the name", "--colour", "yellow")
    let note = try machine.name("note", id, "A thought.\nOn two lines.")
    let inner = try #require(
      try machine.gloss("list", "--kind", "note").output.split(separator: "\n")
        .first { $0.hasSuffix("the name") }?.prefix(4))
    #expect(
      try machine.gloss("show", id).masked == """
        article     c60a
        title       On marginalia
        author      A. Reader
        url         https://example.org/essay
        published   2026-11
        state       unread
        saved       MINUTE
        tags        a, b

        # On marginalia

        Every [reader writes](\(highlight)) in the margin.
            \(inner)  the name
        Some twice.

        \(note)  A thought.
              On two lines.

        """)
    #expect(try machine.gloss("show", note).output.hasSuffix("\n\nA thought.\nOn two lines.\n"))
    #expect(try machine.gloss("show", highlight).output.contains("quote       “reader writes”\n"))
    #expect(try machine.gloss("show", id, "--text").output.hasSuffix("\n\n" + essay))
  }

  @Test func `JSON has whole identifiers, a version and exact times`() throws {
    let machine = try machine()
    #expect(
      try machine.gloss("list", "--json").masked == """
        {"version":1,"items":[{"kind":"article","id":"c60ab10649a6041f9580f1779fadf3f1",\
        "url":"https://example.org/essay","title":"On marginalia","author":"A. Reader",\
        "site":null,"language":null,"published":"2026-11","state":"unread","favourite":false,\
        "archived":false,"progress":0.0,"textSHA256":"\(try sha256(essay, machine))",\
        "tags":["a","b"],"saved":"TIME","edited":"TIME","deleted":false}]}

        """)
    let added = try machine.gloss("highlight", id, "the margin", "--note", "n", "--json").output
    #expect(added.contains(#/^{"version":1,"id":"[0-9a-f]{32}","note":"[0-9a-f]{32}"}\n$/#))
    for arguments in [["show", id], ["status"], ["conflicts"], ["history", id]] {
      let outcome = try machine.run(
        Machine.executable("gloss"), arguments + ["--json"],
        environment: ["GLOSS_LIBRARY": machine.libraryPath])
      let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
      #expect((object as? [String: Any])?["version"] as? Int == 1, "\(arguments)")
    }
  }

  @Test func `edit, tag and history tell what changed`() throws {
    let machine = try machine()
    #expect(
      try machine.gloss("edit", id, "--title", "New", "--state", "read").messages == "changed\n")
    #expect(try machine.gloss("edit", id, "--title", "New").messages == "nothing to change\n")
    #expect(try machine.gloss("tag", id, "+c", "-a", "--remove", "b").messages == "changed\n")
    #expect(
      try machine.gloss("history", id).masked == """
        MINUTE  desk  CHANGE  added
          author      "A. Reader"
          published   "2026-11"
          saved       MINUTE
          state       unread
          +a
          +b
          text        text \(try sha256(essay, machine).prefix(8))
          title       "On marginalia"
          url         "https://example.org/essay"
        MINUTE  desk  CHANGE
          state       unread -> read
          title       "On marginalia" -> "New"
        MINUTE  desk  CHANGE
          -a
          -b
          +c

        """)
    #expect(
      try machine.gloss("history", id, "--field", "title").masked == """
        MINUTE  desk  CHANGE  added
          title       "On marginalia"
        MINUTE  desk  CHANGE
          title       "On marginalia" -> "New"

        """)
    #expect(try machine.gloss("show", id, "--at", "2020-01-01").status == 1)
    #expect(
      try machine.gloss("show", id, "--at", "2999-01-01").output.contains("title       New\n"))
  }

  @Test func `delete takes what belongs to it along, and undelete brings all back`() throws {
    let machine = try machine()
    _ = try machine.name("highlight", id, "the margin", "--note", "n")
    let deleted = try machine.gloss("delete", id)
    #expect(
      deleted.messages == """
        deleted On marginalia with 1 highlight, 1 note
        hint: gloss undelete c60a takes it back

        """)
    #expect(try machine.gloss("list").output == "")
    #expect(try machine.gloss("list", "--kind", "note").output == "")
    #expect(
      try machine.gloss("undelete", id).messages
        == "brought back On marginalia with 1 highlight, 1 note\n")
    #expect(try machine.gloss("list", "--kind", "note").output.hasSuffix("  n\n"))
  }

  @Test func `status counts`() throws {
    let machine = try machine()
    #expect(
      try machine.gloss("status").output.replacing(/\d+ bytes/, with: "BYTES") == """
        library     \(machine.libraryPath)
        device      desk
        hub         none (gloss hub connect URL)
        unsent      2 changes and 1 text, BYTES
        articles    1
        highlights  0
        notes       0
        conflicts   0

        """)
    let conflicts = try machine.gloss("conflicts")
    #expect(conflicts.output == "")
    #expect(conflicts.messages == "no conflicts\n")
  }

  @Test func `an address alone and standard input are articles too`() throws {
    let machine = try Machine.ready()
    _ = try machine.name("add", "https://example.org/x", "--title", "Just known")
    _ = try machine.name("add", "-", "--title", "Piped", input: "<html><p>Piped &amp; read</p>")
    #expect(
      try machine.gloss("list").masked.replacing(#/(?m)^[0-9a-f]+/#, with: "ID") == """
        ID  DAY  Piped
        ID  DAY  Just known

        """)
    let again = try machine.gloss("add", "https://example.org/x#top", "--author", "B")
    #expect(again.messages == "was there; added to Just known\n")
  }

  @Test func `no content can steer a terminal`() throws {
    let machine = try Machine.ready()
    let evil = "a\u{1B}[2Jb\u{7}c\u{202E}d\u{9B}e\u{7F}"
    let id = try machine.name("add", "https://example.org/x", "--title", evil, "--author", evil)
    _ = try machine.name("note", id, "n\u{1B}]0;x\u{7}")
    for arguments in [
      ["list"], ["show", id], ["history", id], ["list", "--kind", "note"], ["show", id, "--json"],
      ["delete", id],
    ] {
      let outcome = try machine.run(
        Machine.executable("gloss"), arguments,
        environment: ["GLOSS_LIBRARY": machine.libraryPath])
      let scalars = (outcome.output + outcome.messages).unicodeScalars
      #expect(outcome.status == 0)
      #expect(
        !scalars.contains { $0.value < 0x20 && $0 != "\n" || (0x7F..<0xA0).contains($0.value) })
      #expect(!scalars.contains("\u{202E}"))
    }
    #expect(
      try machine.gloss("show", id).output.contains("title       a\\u{1b}[2Jb\\u{7}c\\u{202e}d"))
    #expect(
      try machine.gloss("show", id, "--json").output.contains(
        #""title":"a\u001b[2Jb\u0007c\u202ed"#))
  }

  private func sha256(_ text: String, _ machine: Machine) throws -> String {
    let path = try machine.file("hashed", text)
    return String(try machine.run("/usr/bin/sha256sum", [path]).output.prefix(64))
  }
}
