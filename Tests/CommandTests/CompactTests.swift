import Foundation
import GlossCommandTesting
import Testing

/// `gloss compact`.
@Suite struct CompactTests {
  private func edited() throws -> (Machine, name: String) {
    let machine = try Machine.ready()
    let name = try machine.name("add", "https://example.org/1", "--title", "First")
    for title in ["Second", "Third"] {
      #expect(try machine.gloss("edit", name, "--title", title).status == 0)
    }
    return (machine, name)
  }

  @Test func `what would go is said, what goes is asked about, and what went shows`() throws {
    let (machine, name) = try edited()
    let preview = try machine.gloss("compact", "--keep-history", "none", "--dry-run")
    #expect(preview.status == 0, "\(preview)")
    #expect(preview.output == "would drop 2 values of 2 changes (11 bytes)\n")
    let unasked = try machine.gloss("compact", "--keep-history", "none")
    #expect(unasked.status == 3)
    #expect(
      unasked.messages == """
        gloss: this drops 2 values of 2 changes (11 bytes), for good
        hint: give --yes, or look first with --dry-run

        """)
    #expect(try machine.gloss("history", name).output.contains("First"))
    let kept = try machine.gloss("compact", "--keep-history", "1y", "--yes", "--json")
    #expect(kept.output.hasPrefix(#"{"version":1,"done":true,"changes":0,"values":0,"bytes":0,"#))
    let done = try machine.gloss("compact", "--keep-history", "none", "--yes")
    #expect(done.status == 0)
    #expect(done.output.hasPrefix("dropped 2 values of 2 changes (11 bytes)\nthe file has "))
    let history = try machine.gloss("history", name)
    #expect(history.output.contains("not on this machine -> \"Third\""), "\(history)")
    #expect(!history.output.contains("First") && !history.output.contains("Second"))
    #expect(history.messages.hasPrefix("gloss compact dropped values from this machine, last on "))
    #expect(try machine.gloss("show", name).output.contains("Third"))
    #expect(try machine.gloss("verify").status == 0)
    let again = try machine.gloss("compact", "--keep-history", "none")
    #expect(
      again.status == 0 && again.output == "nothing to drop\n")
  }

  @Test(arguments: ["y", "1", "1s", "-1y", "1.5y", "9999999d", "None", "1 y", "\u{0661}y"])
  func `what is no duration is refused`(text: String) throws {
    let outcome = try edited().0.gloss("compact", "--keep-history=\(text)", "--yes")
    #expect(outcome.status == 64)
    #expect(outcome.messages.contains("a number and y, m, d, w or h"), "\(outcome)")
  }

  @Test func `who was not heard of holds back, is named, and does not once it has told`() throws {
    let hub = try HubProcess()
    let desk = try Machine.ready()
    try withExtendedLifetime(hub) {
      #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
      let name = try desk.name("add", "https://example.org/1", "--title", "First")
      let lap = try Machine("lap")
      #expect(try desk.gloss("sync").status == 0)
      #expect(
        try lap.gloss("join", "--name", "lap", input: desk.gloss("pair").output).status == 0)
      for machine in [lap, desk] { #expect(try machine.gloss("sync").status == 0) }
      #expect(try desk.gloss("edit", name, "--title", "Second").status == 0)
      #expect(try desk.gloss("sync").status == 0)
      let held = try desk.gloss("compact", "--keep-history", "none", "--yes")
      #expect(held.status == 0)
      #expect(held.output == "nothing to drop\n")
      #expect(
        held.messages.contains(
          "1 value of that age stays: not every machine has told that it has what came after\n  lap: "
        ), "\(held)")
      #expect(held.messages.contains("gloss devices revoke"))
      for _ in 0..<2 { #expect(try lap.gloss("sync").status == 0) }
      let json = try desk.gloss("compact", "--keep-history", "none", "--yes", "--json")
      #expect(json.output.contains(#""changes":1,"values":1,"#), "\(json)")
      #expect(json.output.contains(#""heldBack":0"#))
      #expect(try lap.gloss("history", name).output.contains("First"))
      hub.terminate()
      _ = hub.exitStatus()
      let offline = try desk.gloss("compact", "--keep-history", "none", "--yes")
      #expect(offline.status == 69)
    }
  }
}
