import Foundation
import GlossCommandTesting
import Testing

/// `gloss export` and `gloss import`, with the real command.
@Suite struct ExchangeTests {
  private func machine() throws -> Machine {
    let machine = try Machine.ready()
    let path = try machine.file("essay.txt", "Every reader writes in the margin.\n")
    let id = try machine.name(
      "add", path, "--title", "On marginalia\u{1B}[2J", "--url", "https://example.org/essay",
      "--tag", "a")
    _ = try machine.name("highlight", id, "in the margin", "--note", "Really?")
    _ = try machine.gloss("edit", id, "--title", "On marginalia")
    return machine
  }

  private func cursor(_ outcome: Outcome) throws -> String {
    let line = try #require(outcome.messages.split(separator: "\n").last)
    return String(line.dropFirst("cursor: ".count))
  }

  private func state(_ machine: Machine) throws -> String? {
    let verified = try machine.gloss("verify", "--json")
    let object = try JSONSerialization.jsonObject(with: Data(verified.output.utf8))
    return (object as? [String: Any])?["state"] as? String
  }

  @Test func `an export goes into an empty place, and the two have one state`() throws {
    let desk = try machine()
    let path = desk.folder + "/all.jsonl"
    let written = try desk.gloss("export", path)
    #expect(written.status == 0 && written.output == "")
    #expect(written.messages.hasPrefix("wrote 5 changes, 1 text\ncursor: c1"))
    #expect(try desk.gloss("export").output == String(contentsOfFile: path, encoding: .utf8))
    let lap = try Machine("lap")
    let taken = try lap.gloss("import", path)
    #expect(taken.status == 0)
    #expect(
      taken.messages.hasPrefix(
        "made \(lap.libraryPath)\ntook in 5 changes, 1 text\nthe state is the one of the file: "))
    #expect(try state(lap) == state(desk))
    #expect(try state(lap) != nil)
    #expect(try lap.gloss("export").output == desk.gloss("export").output)
    #expect(
      try lap.gloss("import", path).messages == "took in 0 changes; 5 were here already\n")
    #expect(try lap.gloss("list").masked == desk.gloss("list").masked)
  }

  @Test func `since a cursor comes what changed, and one behind another they are all`() throws {
    let desk = try machine()
    let first = try desk.gloss("export")
    let cursor = try cursor(first)
    #expect(
      try desk.gloss("export", "--since", cursor).messages.hasPrefix("wrote 0 changes, 0 texts\n"))
    _ = try desk.name("add", "https://example.org/other", "--title", "Other")
    let second = try desk.gloss("export", "--since", cursor)
    #expect(second.messages.hasPrefix("wrote 1 change, 0 texts\n"))
    let lap = try Machine("lap")
    let gap = try lap.gloss("import", "-", input: second.output)
    #expect(gap.status == 65)
    #expect(
      gap.messages.contains(
        "gloss: from line 2 on the file continues what is not here: it begins with change 6"))
    let both = try lap.gloss("import", "-", input: first.output + second.output)
    #expect(both.status == 0 && both.messages.contains("took in 6 changes, 1 text\n"))
    #expect(try lap.gloss("export").output == desk.gloss("export").output)
    let wrong = try desk.gloss("export", "--since", "yesterday")
    #expect(wrong.status == 64 && wrong.messages.hasPrefix("gloss: yesterday is not a cursor\n"))
    let other = try Machine.ready("other")
    let refused = try other.gloss("export", "--since", cursor)
    #expect(
      refused.status == 65
        && refused.messages.hasPrefix("gloss: the cursor is of another library\n"))
  }

  @Test func `a file that is cut, altered or none is refused with its line`() throws {
    let desk = try machine()
    let whole = try desk.gloss("export").output
    let lap = try Machine("lap")
    let cut = try lap.gloss("import", "-", input: String(whole.dropLast(500)))
    #expect(cut.status == 65)
    #expect(
      cut.messages.contains(/^gloss: the file ends at line \d+, before its end\n/)
        && cut.messages.hasSuffix("hint: nothing was made of it; copy or export it again\n"))
    #expect(!FileManager.default.fileExists(atPath: lap.libraryPath))
    // What is there already may have grown.
    let known = try desk.gloss("import", "-", input: String(whole.dropLast(500)))
    #expect(known.messages.contains("hint: what was before it was taken in, which does no harm"))
    let altered = try lap.gloss(
      "import", "-", input: whole.replacing("\"value\":\"Really?\"", with: "\"value\":\"Rarely!\""))
    #expect(altered.status == 65)
    #expect(altered.messages.contains("something in lines 2 to 8 is not as it was written"))
    let none = try lap.gloss("import", "-", input: "An essay.\n")
    #expect(none.status == 65)
    #expect(
      none.messages == """
        gloss: this is not what gloss export writes
        hint: gloss add FILE adds an article; gloss restore FILE reads a backup

        """)
    #expect(try lap.gloss("import", "nowhere.jsonl").status == 66)
    #expect(try lap.gloss("import", "-", input: whole).status == 0)
  }

  @Test func `another library's file is merged only where that is said`() throws {
    let desk = try machine()
    let whole = try desk.gloss("export").output
    let other = try Machine.ready("other")
    let refused = try other.gloss("import", "-", input: whole)
    #expect(refused.status == 3 && refused.messages.contains("the file is of another library"))
    #expect(try other.gloss("import", "--other-library", "-", input: whole).status == 0)
    #expect(try other.gloss("list").masked.contains("On marginalia"))
  }

  @Test func `a file is not written over, and is its owner's alone`() throws {
    let desk = try machine()
    let path = desk.folder + "/all.jsonl"
    #expect(try desk.gloss("export", path).status == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    let again = try desk.gloss("export", path)
    #expect(
      again.status == 73 && again.messages.contains("exists already\nhint: choose another name"))
    #expect(try desk.gloss("export", "--force", path).status == 0)
    #expect(try desk.gloss("export", "/proc/nowhere/x").status != 0)
  }

  @Test func `no export steers a terminal`() throws {
    let desk = try machine()
    let scalars = try desk.gloss("export").output.unicodeScalars
    #expect(
      scalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && !(0x7F..<0xA0).contains($0.value) })
  }

  @Test func `markdown files stay up to date beside what a person writes`() throws {
    let desk = try machine()
    let folder = desk.folder + "/pages"
    let first = try desk.gloss("export", "--format", "markdown", folder)
    #expect(first.status == 0 && first.messages == "1 new file, 0 changed, 0 as they were\n")
    let name = try #require(try FileManager.default.contentsOfDirectory(atPath: folder).first)
    #expect(name.contains(#/^on-marginalia-[0-9a-f]{32}\.md$/#))
    let path = folder + "/" + name
    let text = try String(contentsOfFile: path, encoding: .utf8)
    #expect(text.contains("> in the margin\n\nReally?\n"))
    try (text + "Mine.\n").write(toFile: path, atomically: true, encoding: .utf8)
    let again = try desk.gloss("export", "--format", "markdown", folder)
    #expect(again.messages == "0 new files, 0 changed, 1 as they were\n")
    try text.replacing("Really?", with: "Mine!").write(
      toFile: path, atomically: true, encoding: .utf8)
    let refused = try desk.gloss("export", "--format", "markdown", folder)
    #expect(refused.status == 3)
    #expect(
      refused.messages.contains(
        "  \(name): edited between gloss:begin and gloss:end (--force replaces that)\n"))
    #expect(try desk.gloss("export", "--format", "markdown").status == 64)
  }
}
