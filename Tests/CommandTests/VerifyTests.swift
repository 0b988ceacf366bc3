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
      try machine.gloss("verify", "--json").output
        == #"{"version":1,"changes":2,"records":2,"texts":0,"unfinishedCommit":false,"damages":[]}"#
        + "\n")
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
          "\n  a change of ID up to 2 is not as it came\n"),
        "\(found)")
      #expect(found.messages.contains("\nhint: keep a copy of the file"))
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
