import GlossCommandTesting
import Testing

/// `gloss list` with queries, `gloss query`, and what they print.
@Suite struct QueryTests {
  /// Three articles, a highlight with a note; returns their names too.
  private struct Shelf {
    let machine: Machine
    let essay: String
    let letter: String
    let poem: String
    let highlight: String
    let note: String

    init() throws {
      machine = try Machine.ready()
      let path = try machine.file(
        "essay.md", "# On marginalia\n\nEvery reader writes in the margin.\n")
      essay = try machine.name(
        "add", path, "--url", "https://example.org/essay", "--author", "Ursula K. Le Guin",
        "--date",
        "2020", "--tag", "reading", "--tag", "to read")
      letter = try machine.name(
        "add", try machine.file("b.txt", "b"), "--title", "A letter", "--tag", "reading")
      poem = try machine.name("add", "https://poems.example/1", "--title", "été 読書")
      let marked = try machine.gloss(
        "highlight", essay, "in the margin", "--note", "the name", "--colour", "green"
      ).output.split(separator: "\n").map(String.init)
      highlight = marked[0]
      note = try machine.name("list", "kind:note")
    }

    func titles(_ arguments: String...) throws -> [String] {
      let outcome = try machine.run(
        Machine.executable("gloss"), ["list"] + arguments + ["--format", "{{headline}}"],
        environment: ["GLOSS_LIBRARY": machine.libraryPath])
      guard outcome.status == 0 else { return [outcome.messages] }
      return outcome.output.split(separator: "\n").map(String.init)
    }
  }

  @Test func `queries are written as people write them at a shell`() throws {
    let shelf = try Shelf()
    #expect(try shelf.titles() == ["été 読書", "A letter", "On marginalia"])
    #expect(try shelf.titles("tag:reading") == ["A letter", "On marginalia"])
    #expect(try shelf.titles("tag:reading", "-tag:to read") == ["A letter"])
    #expect(try shelf.titles("-has:tags") == ["été 読書"])
    #expect(try shelf.titles("author:Le Guin") == ["On marginalia"])
    #expect(try shelf.titles("author:\"Le Guin\" or title:ete") == ["été 読書", "On marginalia"])
    #expect(try shelf.titles("-(tag:reading or title:ete)") == [])
    #expect(try shelf.titles("colour:green") == ["in the margin"])
    #expect(
      try Set(shelf.titles("--kind", "all", "author:guin")) == [
        "the name", "in the margin", "On marginalia",
      ])
    #expect(try shelf.titles("--kind", "article", "has:notes") == ["On marginalia"])
    #expect(try shelf.titles("--sort", "title") == ["A letter", "été 読書", "On marginalia"])
    #expect(try shelf.titles("--sort", "title:desc", "--limit", "1", "--offset", "1") == ["été 読書"])
    #expect(try shelf.titles("saved:today", "-q", "--limit", "2").count == 2)
  }

  @Test func `archived articles are told apart, and shown until a query says otherwise`() throws {
    let shelf = try Shelf()
    #expect(
      try shelf.machine.gloss("edit", shelf.letter, "--archived", "yes").messages == "changed\n")
    #expect(try shelf.titles("is:archived") == ["A letter"])
    #expect(try shelf.titles("-is:archived", "tag:reading") == ["On marginalia"])
    #expect(try shelf.titles("tag:reading").count == 2)
    #expect(try shelf.machine.gloss("show", shelf.letter).output.contains("unread, archived\n"))
    #expect(
      try shelf.machine.gloss("show", shelf.letter, "--json").output.contains("\"archived\":true"))
    #expect(try shelf.machine.gloss("edit", shelf.letter, "--archived", "maybe").status == 64)
    #expect(try shelf.machine.gloss("edit", shelf.letter, "--archived", "no").status == 0)
    #expect(try shelf.titles("is:archived") == [])
  }

  @Test func `saved queries stand for themselves`() throws {
    let shelf = try Shelf()
    let machine = shelf.machine
    #expect(try machine.gloss("query", "list").messages.contains("gloss query save NAME QUERY"))
    #expect(
      try machine.gloss("query", "save", "inbox", "is:unread", "-tag:to read").messages
        == "saved: gloss list @inbox\n")
    #expect(try machine.gloss("query", "save", "r", "@inbox tag:reading").status == 0)
    #expect(try shelf.titles("@inbox") == ["été 読書", "A letter"])
    #expect(try shelf.titles("@inbox", "-@r") == ["été 読書"])
    #expect(
      try machine.gloss("query", "list").output == """
        inbox  is:unread not tag:"to read"
        r      @inbox tag:reading

        """)
    #expect(
      try machine.gloss("query", "list", "--json").output
        == #"{"version":1,"queries":[{"name":"inbox","text":"is:unread not tag:\"to read\""},{"name":"r","text":"@inbox tag:reading"}]}"#
        + "\n")
    let cycle = try machine.gloss("query", "save", "inbox", "@r")
    #expect(cycle.status == 64)
    #expect(
      cycle.messages == """
        gloss: a query is part of itself: @inbox, @r, @inbox
          @r
          ^^
        hint: gloss query save gives one of them another text

        """)
    #expect(try machine.gloss("query", "remove", "inbox").messages == "removed\n")
    #expect(try machine.gloss("query", "remove", "inbox").status == 1)
    #expect(
      try machine.gloss("list", "@r").messages == """
        gloss: @r: no query is called inbox
          @inbox tag:reading
          ^^^^^^
        hint: gloss query save r QUERY saves another one in its place

        """)
    #expect(try machine.gloss("query", "save", "a b", "x").status == 64)
  }

  @Test(arguments: [
    (
      ["tag:a", "is:unred"],
      """
      gloss: is:unred means nothing
        tag:a is:unred
                 ^^^^^
      hint: did you mean is:unread?

      """
    ),
    (
      ["読書", "saved:yesterdya"],
      """
      gloss: yesterdya is not a time
        読書 saved:yesterdya
                   ^^^^^^^^^
      hint: did you mean yesterday?

      """
    ),
    (
      ["tag:a", "or"],
      """
      gloss: a term is missing
        tag:a or
                ^
      hint: gloss help query has the language; or, and, not and parentheses are text between quotation marks

      """
    ),
    (
      ["atuhor:x"],
      """
      gloss: there is no field atuhor
        atuhor:x
        ^^^^^^
      hint: did you mean author:? Quoted it is text: "atuhor:..."

      """
    ),
    (
      ["saved:>2w"],
      """
      gloss: >2w can be read in two ways
        saved:>2w
              ^^^
      hint: 2w.. is since then, ..2w is before

      """
    ),
  ])
  func `an error says where, and what would be right`(query: [String], message: String) throws {
    let machine = try Machine.ready()
    let outcome = try machine.run(
      Machine.executable("gloss"), ["list"] + query,
      environment: ["GLOSS_LIBRARY": machine.libraryPath])
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
    #expect(outcome.messages == message)
  }

  @Test func `forms are for people, programs and scripts`() throws {
    let shelf = try Shelf()
    let machine = shelf.machine
    let ids = try machine.gloss("list", "--format", "ids", "--sort", "title").output
    #expect(ids.wholeMatch(of: #/([0-9a-f]{32}\n){3}/#) != nil)
    #expect(
      try machine.gloss("list", "--format", "ids", "--sort", "title", "-0").output
        == ids.replacing("\n", with: "\0"))
    let lines = try machine.gloss("list", "--format", "jsonl", "tag:reading").output
    #expect(lines.split(separator: "\n").count == 2)
    #expect(lines.hasPrefix("{\"version\":1,\"kind\":\"article\",\"id\":\""))
    #expect(
      try machine.gloss("list", "--json").output == machine.gloss("list", "--format", "json").output
    )
    #expect(
      try machine.gloss(
        "list", "kind:highlight", "--format",
        #"{{quote}}\t{{author}} ({{published}})\n{{ url }} \{{{colour}}\}"#
      ).output == "in the margin\tUrsula K. Le Guin (2020)\nhttps://example.org/essay {green}\n")
    #expect(
      try machine.gloss("list", "tag:to read", "--format", "{{name}}: {{tags}} {{body}}|").output
        == "\(shelf.essay): reading, to read |\n")
    for (form, message) in [
      ("jsno", "gloss: there is no form jsno\nhint: did you mean json?\n"),
      (
        "{{titel}}",
        "gloss: there is no field titel\n  {{titel}}\n    ^^^^^\nhint: did you mean {{title}}?\n"
      ),
      ("{{title", "gloss: a field is not closed\n  {{title\n  ^^^^^^^\nhint: write {{title}}\n"),
      (
        #"{{id}}\x"#,
        "gloss: \\x means nothing\n  {{id}}\\x\n        ^^\nhint: \\n is a line end, \\t a tab, \\\\ a backslash, \\{ a brace\n"
      ),
    ] {
      let outcome = try machine.gloss("list", "--format", form)
      #expect(outcome.status == 64)
      #expect(outcome.messages == message)
    }
    #expect(try machine.gloss("list", "-0").status == 64)
    #expect(try machine.gloss("list", "--json", "--format", "ids").status == 64)
    #expect(try machine.gloss("list", "--sort", "size").status == 64)
  }

  @Test func `search finds words in texts, quotes and notes, and shows where`() throws {
    let shelf = try Shelf()
    let machine = shelf.machine
    #expect(
      try machine.gloss("search", "READER").masked == """
        \(shelf.essay)  DAY  On marginalia  #reading #to read
              # On marginalia Every reader writes in the margin.

        """)
    #expect(
      try machine.gloss("search", "margin", "kind:highlight").masked == """
        \(shelf.highlight)  DAY  in the margin
              On marginalia

        """)
    #expect(try machine.gloss("search", "書", "--format", "{{title}}").output == "été 読書\n")
    #expect(
      try machine.gloss("search", "ete", "-has:notes", "--format", "ids").output.utf8.count == 33)
    #expect(
      try machine.gloss("search", "wri*", "--format", "{{name}} {{passage}}").output
        == "\(shelf.essay) # On marginalia Every reader writes in the margin.\n")
    #expect(try machine.gloss("search", #""margin the""#).output == "")
    #expect(try shelf.titles("reader", "tag:reading") == ["On marginalia"])
    #expect(try shelf.titles("-margin", "--kind", "all") == ["the name", "été 読書", "A letter"])
    let json = try machine.gloss("search", "name", "--format", "jsonl").output
    #expect(json.hasPrefix("{\"version\":1,\"kind\":\"note\""))
    #expect(json.contains(#"{"text":"name","hit":true}"#))
    #expect(try machine.gloss("search").status == 64)
    #expect(try machine.gloss("search", "(").status == 64)
    // What was changed since is found, too.
    _ = try machine.gloss("edit", shelf.note, "--body", "another word")
    #expect(
      try machine.gloss("search", "another", "--format", "{{body}}").output == "another word\n")
    #expect(try machine.gloss("search", "name").output == "")
  }

  @Test(arguments: [40, 80, 160]) func `hits are coloured, and lines fit the terminal`(columns: Int)
    throws
  {
    let shelf = try Shelf()
    let long = String(repeating: "many words of reading ", count: 60)
    let path = try shelf.machine.file("long.txt", long + "a margin " + long)
    _ = try shelf.machine.name("add", path, "--title", "Long")
    let outcome = try Screen(columns: columns).gloss("search", "margin", on: shelf.machine)
    #expect(outcome.status == 0)
    #expect(outcome.isSafe)
    #expect(outcome.output.contains("\u{1B}[1;32mmargin\u{1B}[0m"))
    for line in outcome.plain.split(separator: "\n") {
      #expect(Columns.count(String(line)) <= columns, "\(line)")
    }
  }

  @Test(arguments: [40, 80, 160]) func `a table is as wide as the terminal`(columns: Int) throws {
    let shelf = try Shelf()
    let long = String(repeating: "読書 and é ", count: 30)
    _ = try shelf.machine.name("add", "https://long.example/", "--title", long, "--tag", "long")
    let outcome = try Screen(columns: columns).gloss("list", "--kind", "all", on: shelf.machine)
    #expect(outcome.status == 0)
    #expect(outcome.isSafe)
    let lines = outcome.plain.split(separator: "\n")
    #expect(lines.count == 6)
    for line in lines { #expect(Columns.count(String(line)) <= columns, "\(line)") }
    #expect(Columns.count(String(lines[0])) >= columns - 1)
    #expect(outcome.output.contains("\u{1B}["))
    let plain = try Screen(columns: columns).gloss(
      "list", "--kind", "all", on: shelf.machine, environment: ["NO_COLOR": "1"])
    #expect(plain.output == outcome.plain)
  }

  @Test func `hostile content and hostile queries print nothing that a terminal acts on`() throws {
    let machine = try Machine.ready()
    let hostile = "\u{1B}]0;x\u{7}\u{202E}evil\u{9B}31m{{id}}"
    let path = try machine.file("h.txt", "text \(hostile) more")
    _ = try machine.name(
      "add", path, "--title", hostile, "--author", hostile, "--tag", "t\u{202E}", "--url",
      "https://example.org/h")
    for arguments in [
      ["list"], ["list", "--json"], ["list", "--format", "jsonl"],
      ["list", "--format", "{{title}}{{author}}{{tags}}{{headline}}"],
      ["list", "author:\u{202E}"], ["list", "tag:\u{1B}[31m"], ["list", "is:\u{202E}"],
      ["list", "\u{9B}x:y"], ["list", "@\u{202E}"], ["list", "--format", "\u{1B}]0;x\u{7}"],
      ["list", "--format", "{{\u{1B}}}"], ["query", "save", "\u{202E}", "x"],
    ] {
      let outcome = try machine.run(
        Machine.executable("gloss"), arguments,
        environment: ["GLOSS_LIBRARY": machine.libraryPath])
      #expect(outcome.isSafe, "\(arguments)")
      let messages = Outcome(status: 0, output: outcome.messages, messages: "")
      #expect(messages.isSafe, "\(arguments) \(outcome.messages)")
    }
  }
}

/// The columns that a terminal gives a text, for the characters of these tests.
private enum Columns {
  static func count(_ text: String) -> Int {
    text.reduce(0) { $0 + ("読書".contains($1) ? 2 : 1) }
  }
}
