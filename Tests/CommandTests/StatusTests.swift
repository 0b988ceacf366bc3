import Foundation
import Gloss
import GlossCommandTesting
import Testing

@testable import gloss

/// What `gloss sync` and `gloss status` tell, with a real hub.
@Suite(.timeLimit(.minutes(10))) struct StatusTests {
  private let hub: HubProcess
  private let desk: Machine
  private let lap: Machine
  private let note: String

  init() throws {
    hub = try HubProcess()
    desk = try Machine.ready()
    lap = try Machine("lap")
    let text = try desk.file("a.md", "# One\n\nEvery reader writes in the margin.")
    let article = try desk.name("add", text, "--url", "https://example.org/essay")
    note = try desk.name("note", article, "A thought")
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    #expect(
      try desk.gloss("sync").output
        == "received 0 changes, sent 4 changes and 1 text; nothing needs attention\n")
    #expect(try lap.gloss("join", "--name", "lap", input: desk.gloss("pair").output).status == 0)
    #expect(
      try lap.gloss("sync").output
        == "received 4 changes and 1 text, sent 1; nothing needs attention\n")
  }

  @Test func `sync says how many conflicts are new`() throws {
    _ = try desk.gloss("edit", note, "--body", "By desk")
    _ = try lap.gloss("edit", note, "--body", "By lap")
    _ = try desk.gloss("sync")
    #expect(
      try lap.gloss("sync").output
        == "received 1 change, sent 1; 1 conflict to decide: gloss conflicts\n")
    let other = try lap.name("add", "https://example.org/2", "--title", "Two")
    _ = try lap.gloss("sync")
    _ = try desk.gloss("sync")
    _ = try desk.gloss("edit", other, "--title", "By desk")
    _ = try lap.gloss("edit", other, "--title", "By lap")
    _ = try desk.gloss("sync")
    #expect(
      try lap.gloss("sync").output
        == "received 1 change, sent 1; 2 conflicts to decide, 1 new: gloss conflicts\n")
    let json = try lap.gloss("sync", "--json").output
    #expect(json.contains(#""conflicts":2,"newConflicts":0,"#))
  }

  @Test func `a dry run says what the sync then does, and changes nothing anywhere`() throws {
    _ = try desk.gloss("edit", note, "--body", "By desk")
    let text = try lap.file("b.md", "Another text, which is a little longer than the first one.")
    _ = try lap.name("add", text, "--title", "Two")
    _ = try desk.gloss("sync")
    let (deskBytes, lapBytes) = (desk.libraryBytes, lap.libraryBytes)
    let dry = try lap.gloss("sync", "--dry-run")
    #expect(dry.status == 0)
    #expect(
      dry.output.contains(
        #/^would receive 1 change \(\d+ bytes\), send 1 change \(\d+ bytes\) and 1 text \(58 bytes\)\n$/#
      ),
      "\(dry)")
    #expect(try lap.gloss("sync", "--dry-run").output == dry.output)
    #expect(lap.libraryBytes == lapBytes)
    #expect(desk.libraryBytes == deskBytes)
    let object = try JSONSerialization.jsonObject(
      with: Data(lap.gloss("sync", "--dry-run", "--json").output.utf8))
    let members = try #require(object as? [String: Any])
    #expect(members["version"] as? Int == 1)
    #expect(members["receive"] as? Int == 1)
    #expect(members["receiveMoreBytes"] as? Bool == false)
    // The sync does that.
    #expect(
      try lap.gloss("sync").output
        == "received 1 change, sent 1 change and 1 text; nothing needs attention\n")
    #expect(
      try lap.gloss("sync", "--dry-run").output == "would receive 0 changes, send 0 changes\n")
    #expect(try lap.gloss("sync", "--dry-run", "--watch").status == 64)
  }

  @Test func `a dry run against a hub that lost all says that everything would go`() throws {
    let other = try HubProcess()
    #expect(try desk.gloss("hub", "connect", "--again", other.address).status == 0)
    let dry = try desk.gloss("sync", "--dry-run").output
    #expect(dry.hasPrefix("would receive 0 changes, send "), "\(dry)")
    #expect(!dry.contains("send 0 changes"), "\(dry)")
  }

  @Test func `status tells of library, hub, what is unsent, conflicts and machines in 80 columns`()
    throws
  {
    _ = try lap.gloss("edit", note, "--body", "By lap")
    let shown = try lap.gloss("status").masked
    #expect(
      shown.replacing(/, \d+ s ago/, with: ", AGO").replacing(/\d+ bytes/, with: "BYTES") == """
        library     \(lap.libraryPath)
        device      lap
        hub         \(hub.address)
        synced      MINUTE, AGO
        unsent      1 change, BYTES (gloss sync)
        articles    1
        highlights  0
        notes       1
        conflicts   0

        lap   2 changes  last MINUTE  (this machine)
        desk  4 changes  last MINUTE

        """)
    let object = try JSONSerialization.jsonObject(
      with: Data(lap.gloss("status", "--json").output.utf8))
    let members = try #require(object as? [String: Any])
    #expect(members["unsent"] as? Int == 1)
    #expect((members["devices"] as? [[String: Any]])?.map { $0["changes"] as? Int } == [2, 4])
    #expect(members["synced"] is String)
  }

  @Test func `a clock that is far off is told with each sync and in status`() throws {
    let library = try Library.open(
      at: lap.libraryPath, clock: { 0 }, randomness: { SystemRandomNumberGenerator() })
    try library.noteContact(HubContact(milliseconds: 0, clockDifference: -300_000))
    #expect(
      try library.lastContact() == HubContact(milliseconds: 0, clockDifference: -300_000))
    try library.close()
    #expect(try lap.gloss("status").output.contains("\nclock       5 min behind the hub's\n"))
    #expect(
      try lap.gloss("status", "--json").output
        .contains(#""clockDifferenceMilliseconds":-300000"#))
    // The next sync measures anew.
    #expect(try lap.gloss("sync").status == 0)
    #expect(try !lap.gloss("status").output.contains("clock"))
  }

  @Test func `the smallest difference of the replies is that of the clocks`() throws {
    let clock = HubClock()
    #expect(clock.difference == nil)
    let said: UInt64 = 784_111_777_000
    func note(_ now: UInt64) { clock.note("Sun, 06 Nov 1994 08:49:37 GMT", at: now) }
    note(said + 400_000)
    #expect(clock.difference == 399_000)
    note(said + 200_000)
    note(said + 900_000)
    clock.note("no date", at: 0)
    #expect(clock.difference == 199_000)
    note(said - 1_500)
    #expect(clock.difference == -1_500)
    note(said + 500)
    #expect(clock.difference == 0)
    #expect(HubClock.words(for: clock.difference) == nil)
    #expect(HubClock.words(for: 199_000) == "3 min ahead of the hub's")
    #expect(HubClock.words(for: -7_200_000) == "2 h behind the hub's")
  }
}
