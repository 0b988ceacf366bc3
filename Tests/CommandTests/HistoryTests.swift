import Foundation
import GlossCommandTesting
import Testing

/// History, log, diff, revert, blame and undo, as a person meets them.
@Suite struct HistoryTests {
  private let id = "c60a"

  /// A machine with an article whose title and text were changed.
  private func machine() throws -> Machine {
    let machine = try Machine.ready()
    for (title, text) in [
      ("On margins", "Every reader writes in the margin."),
      ("On marginalia", "Every careful reader writes in margins."),
    ] {
      let path = try machine.file("essay.md", "# \(title)\n\n\(text)\n")
      #expect(try machine.name("add", path, "--url", "https://example.org/essay") == id)
    }
    return machine
  }

  /// The name of a record's change, the first being 0.
  private func change(_ number: Int, of id: String, on machine: Machine) throws -> String {
    struct History: Decodable {
      struct Change: Decodable { let change: String }
      let changes: [Change]
    }
    let output = try machine.gloss("history", id, "--json").output
    let history = try JSONDecoder().decode(History.self, from: Data(output.utf8))
    return try #require(history.changes.dropFirst(number).first).change
  }

  // MARK: - Reading

  @Test func `history shows texts word by word`() throws {
    let machine = try machine()
    let patch = try machine.gloss("history", id, "--patch", "--limit", "1")
    #expect(
      patch.masked == """
        MINUTE  desk  CHANGE
          text
              # On [-margins-]{+marginalia+}

              Every{+ careful+} reader writes in [-the margin-]{+margins+}.
          title       On [-margins-]{+marginalia+}

        """, "\(patch)")
  }

  @Test func `a change has one name on all commands, and a device's name does too`() throws {
    let machine = try machine()
    let first = try change(0, of: id, on: machine)
    #expect(first.wholeMatch(of: /[0-9a-f]{4}\.2/) != nil)
    for when in [first, "desk.2"] {
      #expect(
        try machine.gloss("show", id, "--at", when).output.contains("title       On margins\n"))
      #expect(
        try machine.gloss("diff", id, "--from", when, "--field", "title").output
          == "title       On [-margins-]{+marginalia+}\n")
    }
    #expect(try machine.gloss("diff", id, "--from", "desk.3").messages == "no difference\n")
    let unknown = try machine.gloss("show", id, "--at", "desk.99")
    #expect(unknown.status == 1)
    #expect(unknown.messages.hasPrefix("gloss: there is no change desk.99 here\nhint: "))
    #expect(try machine.gloss("diff", id, "--from", "never").status == 64)
    #expect(try machine.gloss("diff", id, "--from", "2020").status == 1)
  }

  @Test func `a field that nothing wrote is told from one that stayed, and from none`() throws {
    let machine = try machine()
    for arguments in [
      ["diff", id, "--from", "desk.2"], ["history", id], ["revert", id, "--to", "desk.2"],
    ] {
      func run(_ field: String) throws -> Outcome {
        try machine.run(
          Machine.executable("gloss"), arguments + ["--field", field],
          environment: ["GLOSS_LIBRARY": machine.libraryPath])
      }
      let unwritten = try run("author")
      #expect(unwritten.status == 1, "\(arguments)")
      #expect(
        unwritten.messages == """
          gloss: nothing ever wrote to author of it
          hint: gloss history c60a shows what was written

          """)
      #expect(try run("tag/b").status == 1, "\(arguments)")
      let unknown = try run("titel")
      #expect(unknown.status == 64, "\(arguments)")
      #expect(unknown.messages.hasPrefix("gloss: an article has no field titel\nhint: "))
      #expect(unknown.messages.contains("tag/NAME, text, title, url"), "\(unknown)")
    }
    let same = try machine.gloss("diff", id, "--from", "desk.2", "--field", "state")
    #expect(same.status == 0)
    #expect(same.messages == "no difference\n")
  }

  @Test func `log shows all changes, the newest first, as wide as the terminal is`() throws {
    let machine = try machine()
    let note = try machine.name("note", id, "A thought.")
    _ = try machine.gloss("tag", id, "+b")
    let log = try machine.gloss("log").masked
    #expect(
      log.replacing(#/\b[0-9a-f]{8}  /#, with: "RECORD  ") == """
        MINUTE  desk    CHANGE  RECORD  On marginalia
            +b
        MINUTE  desk    CHANGE  RECORD  A thought.
            added
        MINUTE  desk    CHANGE  RECORD  On marginalia
            text changed, title "On margins" -> "On marginalia"
        MINUTE  desk    CHANGE  RECORD  On marginalia
            added

        """, "\(log)")
    let wide = try Screen(columns: 160).gloss(
      "log", "--limit", "1", "--color", "never", on: machine)
    #expect(wide.output.split(separator: "\n").count == 1)
    #expect(wide.output.hasSuffix("  On marginalia  +b\n"), "\(wide)")
    let narrow = try Screen(columns: 40).gloss("log", "--color", "never", on: machine)
    #expect(narrow.output.split(separator: "\n").allSatisfy { $0.count <= 40 }, "\(narrow)")
    #expect(try machine.gloss("log", "--kind", "note").output.contains(note))
    #expect(try machine.gloss("log", "--by", "lap").status == 1)
    #expect(try machine.gloss("log", "--by", "desk", "--limit", "2").output.contains("+b"))
    #expect(try machine.gloss("log", "--until", "yesterday").messages == "no such changes\n")
    #expect(try machine.gloss("log", "--since", "today").output.split(separator: "\n").count == 8)
    #expect(try machine.gloss("log", "--kind", "book").status == 64)
  }

  @Test func `log's JSON is one object`() throws {
    let machine = try machine()
    let output = try machine.gloss("log", "--json").output
    let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
    #expect(object?["version"] as? Int == 1)
    let changes = object?["changes"] as? [[String: Any]]
    #expect(changes?.map { $0["added"] as? Bool } == [false, true])
    #expect(changes?.last?["headline"] as? String == "On marginalia")
    #expect(changes?.last?["change"] as? String == (try change(0, of: id, on: machine)))
  }

  @Test func `blame tells who wrote each field last, and in which change`() throws {
    let machine = try machine()
    _ = try machine.gloss("tag", id, "+b")
    let lines = try machine.gloss("blame", id).masked.split(separator: "\n")
    #expect(lines.allSatisfy { $0.hasSuffix("desk  MINUTE  CHANGE") })
    #expect(
      lines.map { $0.prefix { $0 != " " } } == ["saved", "state", "+b", "text", "title", "url"])
    let output = try machine.gloss("blame", id).output
    let second = try change(1, of: id, on: machine)
    #expect(output.contains(#/title {7}"On marginalia" +desk  \S+ \S+  /#))
    #expect(
      output.split(separator: "\n").first { $0.hasPrefix("title") }?.hasSuffix(second) == true)
  }

  // MARK: - Taking back

  @Test func `revert gives a field or all of a record what it had`() throws {
    let machine = try machine()
    _ = try machine.gloss("tag", id, "+b")
    let first = try change(0, of: id, on: machine)
    let one = try machine.gloss("revert", id, "--to", first, "--field", "title")
    #expect(
      one.messages == """
        changed On marginalia
          title       "On marginalia" -> "On margins"
        hint: gloss undo takes this back

        """)
    let all = try machine.gloss("revert", id, "--to", first)
    #expect(all.messages.contains("\n  -b\n"), "\(all)")
    #expect(try machine.gloss("show", id, "--text").output.contains("writes in the margin."))
    #expect(try machine.gloss("revert", id, "--to", first).messages == "nothing to change\n")
    _ = try machine.gloss("delete", id)
    let back = try machine.gloss("revert", id, "--to", "desk.3")
    #expect(back.messages.contains("undeleted"), "\(back)")
    #expect(try machine.gloss("list").output.contains("On marginalia"))
    #expect(try machine.gloss("undo").status == 0)
    #expect(try machine.gloss("list").output == "")
  }

  @Test func `what gloss compact dropped cannot be gone back to`() throws {
    let machine = try machine()
    _ = try machine.gloss("edit", id, "--state", "read")
    #expect(try machine.gloss("compact", "--keep-history", "none", "--yes").status == 0)
    let outcome = try machine.gloss("revert", id, "--to", "desk.2")
    #expect(outcome.status == 1)
    #expect(
      outcome.messages.hasPrefix(
        "gloss: what it had then in text, title was replaced, and is not kept on this machine"))
    #expect(try machine.gloss("revert", id, "--to", "desk.2", "--field", "state").status == 0)
    #expect(try machine.gloss("verify").status == 0)
  }

  @Test func `undo takes back the last command, and undo again makes it again`() throws {
    let machine = try machine()
    _ = try machine.gloss("edit", id, "--title", "New", "--state", "read")
    let undone = try machine.gloss("undo")
    #expect(
      undone.messages == """
        undid 3: edit c60a --title New --state read
          c60a  On marginalia
            state       is unread again
            title       is "On marginalia" again
        hint: gloss undo takes this back

        """, "\(undone)")
    #expect(try machine.gloss("show", id).output.contains("title       On marginalia\n"))
    #expect(try machine.gloss("undo").status == 0)
    #expect(try machine.gloss("show", id).output.contains("title       New\n"))
    let lines = try machine.gloss("operations").masked.split(separator: "\n")
    #expect(
      lines.prefix(3) == [
        "5  MINUTE  undo (of 4)", "4  MINUTE  undo (of 3)",
        "3  MINUTE  edit c60a --title New --state read",
      ], "\(lines)")
    #expect(lines.last?.hasPrefix("1  MINUTE  add /") == true)
    #expect(try machine.gloss("undo", "--list").output == machine.gloss("operations").output)
    #expect(try machine.gloss("verify").status == 0)
  }

  @Test func `undo leaves what was written since, says so, and changes nothing where that is all`()
    throws
  {
    let machine = try machine()
    _ = try machine.gloss("edit", id, "--title", "New", "--author", "A. Reader")
    _ = try machine.gloss("edit", id, "--title", "Newer")
    let part = try machine.gloss("undo", "3")
    #expect(part.status == 0)
    #expect(part.messages.contains("    author      is none again\n"), "\(part)")
    #expect(part.messages.contains("    title       left: written since by desk\n"))
    let before = machine.libraryBytes
    let nothing = try machine.gloss("undo", "3")
    #expect(nothing.status == 2)
    #expect(nothing.messages.hasPrefix("gloss: nothing was undone of 3: edit c60a"), "\(nothing)")
    #expect(machine.libraryBytes == before)
    #expect(try machine.gloss("undo", "99").status == 1)
    let sync = try machine.gloss("undo", "sync")
    #expect(sync.status == 64)
    #expect(sync.messages.hasPrefix("gloss: a sync cannot be undone: "))
  }

  @Test func `an undo syncs, and leaves what the other machine wrote since`() throws {
    let hub = try HubProcess()
    let desk = try machine()
    desk.companion = hub
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    _ = try desk.gloss("sync")
    let lap = try Machine("lap")
    let code = try desk.gloss("pair").output
    #expect(try lap.gloss("join", "--name", "lap", input: code).status == 0)
    func sync() throws {
      for machine in [desk, lap, desk, lap] { #expect(try machine.gloss("sync").status == 0) }
    }
    try sync()
    _ = try desk.gloss("edit", id, "--title", "Desk", "--author", "D")
    try sync()
    _ = try lap.gloss("edit", id, "--author", "L")
    try sync()
    let undone = try desk.gloss("undo")
    #expect(undone.messages.contains("author      left: written since by lap\n"), "\(undone)")
    try sync()
    let shown = try lap.gloss("show", id).output
    #expect(shown.contains("title       On marginalia\n") && shown.contains("author      L\n"))
    #expect(try lap.gloss("conflicts").output == "")
    #expect(try lap.gloss("operations").masked == "1  MINUTE  edit c60a --author L\n")
    let named = try change(2, of: id, on: lap)
    #expect(try desk.gloss("show", id, "--at", named).output.contains("title       Desk\n"))
    #expect(try lap.gloss("log", "--by", "desk").output == desk.gloss("log", "--by", "desk").output)
    #expect(try lap.gloss("log", "--by", "lap").output.contains("author \"D\" -> \"L\""))
  }

  @Test func `hostile content is printed safe`() throws {
    let machine = try machine()
    let hostile = "a\u{1B}[2Jb\u{7}c\u{202E}d"
    _ = try machine.gloss("edit", id, "--title", hostile)
    _ = try machine.gloss("tag", id, "+x\u{202E}y")
    for arguments in [
      ["history", id], ["history", id, "--patch"], ["log"], ["log", "--json"], ["blame", id],
      ["diff", id, "--from", "desk.2"], ["operations"], ["undo", "3"], ["undo"],
      ["revert", id, "--to", "desk.2"], ["log", "--by", hostile], ["log", "--since", hostile],
      ["show", id, "--at", hostile], ["undo", hostile], ["diff", id, "--from", hostile + ".1"],
    ] {
      let outcome = try machine.run(
        Machine.executable("gloss"), arguments,
        environment: ["GLOSS_LIBRARY": machine.libraryPath])
      let all = Outcome(status: 0, output: outcome.output + outcome.messages, messages: "")
      #expect(all.isSafe, "\(arguments): \(outcome)")
    }
  }
}
