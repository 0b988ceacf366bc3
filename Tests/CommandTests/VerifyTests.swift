import Foundation
import Gloss
import GlossCommandTesting
import Testing

@testable import GlossStore

/// `gloss verify` and `gloss repair`.
@Suite struct VerifyTests {
  @Test func `a library in order is said to be in order`() throws {
    let machine = try Machine.ready()
    _ = try machine.name("add", "https://example.org/1", "--title", "One")
    let outcome = try machine.gloss("verify")
    #expect(outcome.status == 0)
    #expect(outcome.output == "2 changes, 2 records, 0 texts: all in order\n")
    #expect(
      try machine.gloss("verify", "--json").output.replacing(#/[0-9a-f]{64}/#, with: "HASH")
        == #"{"version":1,"changes":2,"records":2,"texts":0,"state":"HASH","unfinishedCommit":false,"#
        + #""damages":[],"hub":null}"# + "\n")
  }

  @Test func `what is computed from the changes is found to be wrong, and mended`() throws {
    let machine = try Machine.ready()
    let article = try machine.name("add", "https://example.org/1", "--title", "One")
    try damage(machine, "UPDATE article SET title = 'Other'")
    let found = try machine.gloss("verify")
    #expect(found.status == 70)
    #expect(
      found.messages.replacing(/[0-9a-f]{32}/, with: "ID") == """
        gloss: the library is damaged
          article ID is not what its changes come to
        hint: gloss repair mends it

        """)
    let repaired = try machine.gloss("repair")
    #expect(repaired.output == "2 changes, 2 records, 0 texts: all in order\n", "\(repaired)")
    #expect(try machine.gloss("show", article).output.contains("One"))
  }

  @Test func `a change that was altered is found, and repair does not hide it`() throws {
    let machine = try Machine.ready()
    _ = try machine.name("add", "https://example.org/1", "--title", "One")
    try damage(machine, "UPDATE _change SET timestamp = timestamp + 65536 WHERE id & 255 = 2")
    for command in ["verify", "repair"] {
      let found = try machine.gloss(command)
      #expect(found.status == 70)
      #expect(
        found.messages.replacing(/[0-9a-f]{32}/, with: "ID").contains(
          "\n  one of the changes 1 to 2 of ID is not as it came\n"),
        "\(found)")
      #expect(found.messages.contains("\nhint: keep a copy of the file"))
    }
  }

  @Test func `the hub is compared, and what is damaged is fetched from it again`() async throws {
    let hub = try HubProcess()
    let desk = try Machine.ready("desk")
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    let text = try desk.file("essay.md", "A gloss is a note in the margin.\n")
    let article = try desk.name("add", text, "--title", "On margins")
    #expect(try desk.gloss("sync").status == 0)
    let same = try desk.gloss("verify", "--hub")
    #expect(same.status == 0, "\(same)")
    #expect(same.output.hasSuffix(": all in order\nthe hub holds the same\n"), "\(same)")
    _ = try desk.name("add", "https://example.org/2", "--title", "Two")
    #expect(
      try desk.gloss("verify", "--hub").output.hasSuffix(
        "the hub holds the same; 1 change not sent yet (gloss sync)\n"))
    #expect(
      try desk.gloss("verify", "--hub", "--json").output.contains(#""hub":{"same":true,"unsent":1"#)
    )
    #expect(try desk.gloss("sync").status == 0)
    try damage(desk, "DELETE FROM _change WHERE id & 255 = 2")
    try damage(desk, "UPDATE _blob SET content = x'00'")
    let found = try desk.gloss("verify", "--hub")
    #expect(found.status == 70)
    #expect(found.messages.contains("hint: keep a copy of the file, then gloss repair"), "\(found)")
    let repaired = try desk.gloss("repair")
    #expect(repaired.status == 0, "\(repaired)")
    #expect(repaired.messages == "fetched again: 1 change, 1 text\n")
    #expect(repaired.output.hasSuffix(": all in order\n"))
    #expect(try desk.gloss("show", article, "--text").output.contains("note in the margin"))
    #expect(try desk.gloss("verify", "--hub").status == 0)
  }

  @Test func `a file that SQLite cannot read is named with what to do`() throws {
    let machine = try Machine.ready()
    _ = try machine.name("add", "https://example.org/1", "--title", "One")
    let path = machine.libraryPath
    var generator = SystemRandomNumberGenerator()
    let replica = try Replica.open(at: path, schema: .reading, using: &generator)
    // All that was written is in the file itself then, of which the pages behind the first become noise.
    #expect(try replica.emptyLog())
    try replica.close()
    var bytes = try Data(contentsOf: URL(filePath: path))
    for place in 8_192..<min(bytes.count, 12 * 8_192) {
      bytes[place] = UInt8(truncatingIfNeeded: place &* 31)
    }
    try bytes.write(to: URL(filePath: path))
    let found = try machine.gloss("verify")
    #expect(found.status == 70, "\(found)")
    #expect(found.messages.contains("is damaged"))
    // Debian's sqlite3 has no .recover that works (`SQL logic error`, of whole files too), so nobody is sent there.
    for words in ["a backup", "gloss join here", "keep a copy"] {
      #expect(found.messages.contains(words), "\(found)")
    }
  }

  /// Alters the library's file behind the program's back.
  private func damage(_ machine: Machine, _ sql: String) throws {
    var generator = SystemRandomNumberGenerator()
    let replica = try Replica.open(
      at: machine.libraryPath, schema: .reading, using: &generator)
    try replica.transact { try $0.execute(sql) }
    try replica.close()
  }
}
