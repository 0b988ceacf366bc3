import GlossCommandTesting
import Testing

@Suite struct ReviewTests {
  @Test func `each highlight waits for an answer, which decides when it comes again`() throws {
    let machine = try Machine.ready()
    let id = try machine.name(
      "add", try machine.file("t.txt", "one two three four"), "--title", "T")
    for word in ["one", "two", "three", "four"] { _ = try machine.gloss("highlight", id, word) }
    let question = "q quit: "
    let shown = try Screen().gloss(
      "review", on: machine,
      typing: [
        .init(to: question, "\n"), .init(to: question, "s\n"), .init(to: question, "what?\n"),
        .init(to: question, "x\n"), .init(to: question, "q\n"),
      ])
    #expect(shown.status == 0)
    #expect(shown.isSafe)
    #expect(shown.plain.contains("4/4"))
    let left = try machine.gloss("review").output
    #expect(left.hasPrefix("1/1"))
    let listed = try machine.gloss("list", "--kind", "highlight", "--json").output
    let due = listed.matches(of: #/"due":("?[0-9a-z-]+"?)/#).map { String($0.1) }
    #expect(due.count == 4)
    #expect(Set(due).count == 4)
    #expect(due.contains("null"))
    #expect(due.contains("\"9999-12-31\""))
  }

  @Test func `a note that is not written after all leaves the reader at the highlight`() throws {
    let machine = try Machine.ready()
    let id = try machine.name("add", try machine.file("t.txt", "one two"), "--title", "T")
    _ = try machine.gloss("highlight", id, "one")
    let shown = try Screen().gloss(
      "review", on: machine, environment: ["EDITOR": "true"],
      typing: [.init(to: "q quit: ", "n\n"), .init(to: "q quit: ", "s\n")])
    #expect(shown.status == 0)
    #expect(shown.plain.contains("the editor left nothing"))
    #expect(try machine.gloss("list", "kind:highlight", "--json").output.contains("\"due\":\"20"))
  }

  @Test func `where nobody can be asked highlights are printed and nothing is written`() throws {
    let machine = try Machine.ready()
    #expect(try machine.gloss("review").messages == "nothing is due (gloss review --random)\n")
    let id = try machine.name("add", try machine.file("t.txt", "one two"), "--title", "T\u{1B}[2J")
    let highlight = try machine.name("highlight", id, "one", "--note", "why")
    let before = machine.libraryBytes
    let printed = try machine.gloss("review")
    #expect(
      printed.output.replacing(#/ [0-9a-f]{4}  why/#, with: " NOTE  why") == """
        1/1  \(highlight)  T\\u{1b}[2J
        “one”
            NOTE  why

        """)
    #expect(try machine.gloss("review", "--json").output.contains("\"quote\":\"one\""))
    #expect(machine.libraryBytes == before)
    #expect(try machine.gloss("review", "--limit", "0").status == 64)
  }
}
