import GlossCommandTesting
import Testing

@Suite struct ReadingPageTests {
  static let essay = """
    Every reader writes in the margin. The habit is as old as the codex, and the words that we have for it once named whole books.

    日本語の読者も余白に書き込みをする。中世の写本では、注釈が本文よりも長くなることがあった。

    A note in the margin is addressed to nobody; that is why it can be honest.

    """

  /// Makes an article with three highlights, two of which have notes, and returns its name and theirs.
  static func article(on machine: Machine) throws -> (id: String, masked: (Outcome) -> String) {
    let id = try machine.name(
      "add", try machine.file("essay.txt", essay), "--title", "On marginalia")
    let old = try machine.gloss(
      "highlight", id, "old as the codex", "--note", "And the scroll? It left no room, and moved.")
    let gloss = try machine.gloss("highlight", id, "注釈が本文よりも長くなる", "--note", "Glossa ordinaria")
    let honest = try machine.gloss("highlight", id, "can be\nhonest", "--colour", "green")
    let names =
      [id] + [old, gloss, honest].flatMap { $0.output.split(separator: "\n").map(String.init) }
    return (
      id,
      { outcome in
        // Names have four digits here: five records.
        zip(names, ["ARTI", "OLD1", "GLO1", "HON1"]).reduce(outcome.masked) {
          $0.replacing($1.0.prefix(4), with: $1.1)
        }.replacing(#/\n {4}[0-9a-f]{4} /#, with: "\n    NOTE ")
          .replacing(#/│ [0-9a-f]{4} /#, with: "│ NOTE ")
      }
    )
  }

  @Test func `a text is read with its highlights in place and notes below the paragraph`() throws {
    let machine = try Machine.ready()
    let (id, masked) = try Self.article(on: machine)
    let piped = try machine.gloss("show", id)
    #expect(piped.status == 0)
    #expect(
      masked(piped) == """
        article     ARTI
        title       On marginalia
        state       unread
        saved       MINUTE

        Every reader writes in the margin. The habit is as [old as the codex](OLD1), and
        the words that we have for it once named whole books.
            NOTE  And the scroll? It left no room, and moved.

        日本語の読者も余白に書き込みをする。中世の写本では、[注釈が本文よりも長くな
        る](GLO1)ことがあった。
            NOTE  Glossa ordinaria

        A note in the margin is addressed to nobody; that is why it [can be
        honest](HON1).

        """)
    let brief = try machine.gloss("show", id, "--brief")
    #expect(
      masked(brief).hasSuffix(
        """
        saved       MINUTE

        OLD1  “old as the codex”
            NOTE  And the scroll? It left no room, and moved.
        GLO1  “注釈が本文よりも長くなる”
            NOTE  Glossa ordinaria
        HON1  “can be honest”  (green)

        """))
  }

  @Test func `a terminal gets colours in place of brackets, and lines of its width`() throws {
    let machine = try Machine.ready()
    let (id, masked) = try Self.article(on: machine)
    let narrow = try Screen(columns: 40).gloss("show", id, on: machine)
    #expect(narrow.isSafe)
    #expect(narrow.output.contains("\u{1B}[30;43mold as the codex\u{1B}[0m"))
    #expect(narrow.output.contains("\u{1B}[30;42mcan be\u{1B}[0m"))
    #expect(
      masked(Outcome(status: 0, output: narrow.plain, messages: "")).hasSuffix(
        """
        Every reader writes in the margin. The
        habit is as old as the codex(OLD1), and
        the words that we have for it once named
        whole books.
            NOTE  And the scroll? It left no
                  room, and moved.

        日本語の読者も余白に書き込みをする。中世
        の写本では、注釈が本文よりも長くなる
        (GLO1)ことがあった。
            NOTE  Glossa ordinaria

        A note in the margin is addressed to
        nobody; that is why it can be
        honest(HON1).

        """))
    let plain = try Screen(columns: 40)
      .gloss("show", id, on: machine, environment: ["NO_COLOR": "1"])
    #expect(!plain.output.contains("\u{1B}"))
    #expect(plain.output.contains("[old as the codex]"))
    let forced = try machine.gloss("show", id, "--color", "always")
    #expect(forced.output.contains("\u{1B}[30;43mold as the codex\u{1B}[0m"))
  }

  @Test func `a wide terminal has notes in the margin`() throws {
    let machine = try Machine.ready()
    let (id, masked) = try Self.article(on: machine)
    let wide = try Screen(columns: 160).gloss("show", id, on: machine)
    #expect(wide.isSafe)
    let space = String(repeating: " ", count: 59)
    #expect(
      masked(Outcome(status: 0, output: wide.plain, messages: "")).hasSuffix(
        """
        Every reader writes in the margin. The habit is as old as the codex(OLD1), and   │ NOTE And the scroll? It left no room, and moved.
        the words that we have for it once named whole books.

        日本語の読者も余白に書き込みをする。中世の写本では、注釈が本文よりも長くなる
        (GLO1)ことがあった。  \(space)│ NOTE Glossa ordinaria

        A note in the margin is addressed to nobody; that is why it can be honest(HON1).

        """))
  }

  @Test func `breaks that an editor made are gone, and those of a poem stay`() throws {
    let machine = try Machine.ready()
    let text = """
      I went to the woods because I wished to live deliberately, to front only
      the essential facts of life, and see if I could not learn what it had to
      teach.

      Nature's first green is gold,
      Her hardest hue to hold.

      - a list of things that goes on for more than fifty columns, as some lists
      - do

      """
    let id = try machine.name("add", try machine.file("t.txt", text), "--title", "Walden")
    _ = try machine.gloss("highlight", id, "only the essential")
    let shown = try Screen(columns: 60).gloss(
      "show", id, on: machine, environment: ["TERM": "dumb"])
    #expect(
      shown.plain.replacing(#/\]\([0-9a-f]{4}\)/#, with: "](NAME)").hasSuffix(
        """
        I went to the woods because I wished to live deliberately,
        to front [only the essential](NAME) facts of life, and see
        if I could not learn what it had to teach.

        Nature's first green is gold,
        Her hardest hue to hold.

        - a list of things that goes on for more than fifty columns,
        as some lists
        - do

        """))
  }

  @Test func `what a text and a note say cannot steer the terminal`() throws {
    let machine = try Machine.ready()
    let hostile = "a\u{1B}[2Jb \u{9B}31m c\u{202E}d \u{7} e"
    let id = try machine.name("add", try machine.file("h.txt", hostile + " end"))
    _ = try machine.gloss("highlight", id, "c\u{202E}d", "--note", hostile, "--colour", hostile)
    for columns in [40, 80, 160] {
      let shown = try Screen(columns: columns).gloss("show", id, on: machine)
      #expect(shown.status == 0)
      #expect(shown.isSafe, "\(columns)")
      #expect(shown.plain.contains("\\u{202e}"))
    }
  }

  @Test func `a pager is given what is read on a terminal, unless it is not wanted`() throws {
    let machine = try Machine.ready()
    let (id, _) = try Self.article(on: machine)
    let pager = ["PAGER": "sed 's/^/paged: /'"]
    let paged = try Screen().gloss("show", id, on: machine, environment: pager)
    #expect(paged.plain.contains("paged: title       On marginalia\n"))
    #expect(paged.status == 0)
    let direct = try Screen().gloss("show", id, "--no-pager", on: machine, environment: pager)
    #expect(direct.plain.contains("\ntitle       On marginalia\n"))
    #expect(try !machine.gloss("show", id, environment: pager).output.contains("paged"))
    let noted = try Screen().gloss(
      "conflicts", "show", id, on: machine, environment: ["PAGER": "cat -n; echo read"])
    #expect(noted.status == 1 && !noted.plain.contains("read\n"))
    let missing = try Screen().gloss(
      "show", id, on: machine, environment: ["PAGER": "no-such-pager -F"])
    #expect(missing.status == 0)
    #expect(missing.plain.hasPrefix("hint: PAGER names no-such-pager -F, which is not there\n"))
    #expect(missing.plain.contains("\ntitle       On marginalia\n"))
    let gone = ["GLOSS_PAGER": "head -1", "PAGER": "cat"]
    #expect(try Screen().gloss("show", id, on: machine, environment: gone).plain.count < 30)
  }
}
