import Foundation
import GlossCommandTesting
import Testing

/// Editing in an editor, which is a shell script here.
@Suite struct EditorTests {
  private func machine() throws -> (Machine, note: String) {
    let machine = try Machine.ready()
    let article = try machine.name("add", "https://example.org/x", "--title", "One")
    return (machine, try machine.name("note", article, "before"))
  }

  private func editor(_ script: String, _ machine: Machine) throws -> [String: String] {
    let path = try machine.file("editor.sh", "#!/bin/sh\n\(script)\n")
    return ["EDITOR": "/bin/sh \(path)"]
  }

  @Test func `what the editor leaves is written`() throws {
    let (machine, note) = try machine()
    let outcome = try machine.gloss(
      "edit", note, environment: try editor("echo after >> \"$1\"", machine))
    #expect(outcome.status == 0)
    #expect(try machine.gloss("show", note).output.hasSuffix("\n\nbeforeafter\n"))
    let left = try FileManager.default.contentsOfDirectory(atPath: machine.folder)
    #expect(!left.contains { $0.hasPrefix("gloss-") })
  }

  @Test func `an article's fields are lines`() throws {
    let (machine, _) = try machine()
    let script = "sed -i -e 's/^title: One/title: Two/' -e 's/^state: .*/state: reading/' \"$1\""
    #expect(
      try machine.gloss("edit", articleID(machine), environment: editor(script, machine)).messages
        == "changed\n")
    let shown = try machine.gloss("show", articleID(machine)).output
    #expect(shown.contains("title       Two\n"))
    #expect(shown.contains("state       reading\n"))
  }

  @Test func `an editor that leaves nothing changes nothing`() throws {
    let (machine, note) = try machine()
    let before = machine.libraryBytes
    let outcome = try machine.gloss("edit", note, environment: try editor(": > \"$1\"", machine))
    #expect(outcome.status == 2)
    #expect(
      outcome.messages == """
        gloss: the editor left nothing: nothing was changed
        hint: save the text in the editor before it ends

        """)
    #expect(machine.libraryBytes == before)
    let new = try machine.gloss(
      "note", try articleID(machine), environment: try editor("true", machine))
    #expect(new.status == 2)
    #expect(machine.libraryBytes == before)
  }

  @Test func `an editor that fails changes nothing, and what was written is kept`() throws {
    let (machine, note) = try machine()
    let outcome = try machine.gloss(
      "edit", note, environment: try editor("echo x > \"$1\"; exit 3", machine))
    #expect(outcome.status == 2)
    let path = try #require(outcome.messages.split(separator: " ").last).dropLast()
    #expect(FileManager.default.contents(atPath: String(path)) == Data("x\n".utf8))
  }

  @Test func `what was written meanwhile stays as a conflict`() throws {
    let (machine, note) = try machine()
    let gloss = try Machine.executable("gloss")
    let script = "\(gloss) edit \(note) --body meanwhile && echo edited > \"$1\""
    let outcome = try machine.gloss("edit", note, environment: try editor(script, machine))
    #expect(outcome.status == 0, "\(outcome)")
    let conflicts = try machine.gloss("conflicts", "show", note).output
    #expect(conflicts.contains("[-before-]{+edited+}"))
    #expect(conflicts.contains("[-before-]{+meanwhile+}"))
    #expect(try machine.gloss("resolve", note, "--keep", "other").status == 0)
    #expect(try machine.gloss("conflicts").output == "")
  }

  @Test func `without an editor there is a hint`() throws {
    let (machine, note) = try machine()
    let outcome = try machine.gloss("edit", note)
    #expect(outcome.status == 64)
    #expect(outcome.messages.contains("hint: set EDITOR"))
  }

  private func articleID(_ machine: Machine) throws -> String {
    try machine.name("list")
  }

  @Test func `who names no editor has the one that is there, on a terminal only`() throws {
    let (machine, note) = try machine()
    let place = try machine.file("nano", "#!/bin/sh\necho from nano > \"$1\"\n")
    chmod(place, 0o755)
    let folders = ["PATH": machine.folder + ":/usr/bin:/bin"]
    let piped = try machine.gloss("edit", note, environment: folders)
    #expect(piped.status == 64)
    #expect(
      piped.messages == """
        gloss: there is no editor
        hint: set EDITOR, or give the text on the command line

        """)
    let seen = try Screen().gloss(
      "edit", note, on: machine, environment: ["PATH": machine.folder])
    #expect(seen.status == 0, "\(seen.plain)")
    #expect(try machine.gloss("show", note).output.hasSuffix("\n\nfrom nano\n"))
  }
}
