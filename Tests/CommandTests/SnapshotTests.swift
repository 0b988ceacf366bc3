import Foundation
import GlossCommandTesting
import Testing

/// Machines that start from a snapshot, at a hub that drops its log as soon as it may.
@Suite struct SnapshotTests {
  private let hub: HubProcess
  private let desk: Machine

  init() throws {
    hub = try HubProcess([
      "--snapshot-bundles", "4", "--log-retention", "0", "--page-size", "4K",
    ])
    desk = try Machine.ready()
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
  }

  /// Adds articles on the desk, each of which is a bundle, and returns their names.
  @discardableResult
  private func add(_ titles: String...) throws -> [String] {
    try titles.map { title in
      let path = try desk.file("\(title).md", "# \(title)\n\nEvery reader writes in the margin.")
      let name = try desk.name("add", path)
      let synced = try desk.gloss("sync")
      #expect(synced.status == 0, "\(synced)")
      return name
    }
  }

  private func join(_ name: String) throws -> Machine {
    let machine = try Machine(name)
    let joined = try machine.gloss("join", "--name", name, input: try desk.gloss("pair").output)
    #expect(joined.status == 0, "\(joined)")
    return machine
  }

  private func verify() throws -> String {
    let verified = try desk.run(Machine.executable("gloss-hub"), ["verify", "--data", hub.folder])
    #expect(verified.status == 0, "\(verified)")
    return verified.output
  }

  @Test func `a new machine starts from the snapshot that another one made`() throws {
    try add("One", "Two", "Three", "Four")
    #expect(hub.messages.contains("complete-snapshot"), "\(hub.messages)")
    #expect(try verify().hasPrefix("all is well: 1 library, 0 bundles, "))
    #expect(try verify().contains("1 snapshot"))
    try add("Five")
    let lap = try join("lap")
    let synced = try lap.gloss("sync")
    #expect(synced.status == 0 && synced.messages.isEmpty, "\(synced)")
    #expect(try lap.gloss("list").output == desk.gloss("list").output)
    #expect(hub.messages.contains("piece"))
    #expect(try desk.gloss("sync").status == 0)
    #expect(try lap.gloss("sync").output == "received 0 changes, sent 0; nothing needs attention\n")
    #expect(try lap.gloss("status").output.contains("unsent      0 changes"))
  }

  @Test func `a machine that was away too long gets through and keeps its edits`() throws {
    let names = try add("One", "Two")
    let lap = try join("lap")
    #expect(try lap.gloss("sync").status == 0)
    #expect(try lap.gloss("edit", names[0], "--title", "Uno").status == 0)
    #expect(try lap.gloss("note", names[1], "Written on the way.").status == 0)
    #expect(try desk.gloss("edit", names[0], "--title", "First").status == 0)
    try add("Three", "Four")
    // A hub asks again after ten minutes, or when it was started anew.
    try hub.restart { _ in }
    try add("Five", "Six")
    #expect(try verify().contains("1 snapshot"))
    let synced = try lap.gloss("sync")
    #expect(synced.status == 0, "\(synced)")
    #expect(synced.output.contains("1 conflict to decide"), "\(synced)")
    #expect(hub.messages.contains("snapshot"), "\(hub.messages)")
    #expect(try desk.gloss("sync").status == 0)
    #expect(try lap.gloss("list").output == desk.gloss("list").output)
    for machine in [desk, lap] {
      let conflict = try machine.gloss("conflicts", "show", names[0]).output
      #expect(conflict.contains("Uno") && conflict.contains("First"), "\(conflict)")
      #expect(try machine.gloss("list", "--kind", "note").output.contains("Written on the way."))
      #expect(try machine.gloss("list").output.contains("Six"))
    }
    #expect(try verify().hasPrefix("all is well"))
  }

  @Test func `who finds neither log nor snapshot is told, and keeps what it has`() throws {
    let names = try add("One", "Two")
    let lap = try join("lap")
    #expect(try lap.gloss("sync").status == 0)
    #expect(try lap.gloss("edit", names[0], "--title", "Uno").status == 0)
    try add("Three", "Four", "Five")
    let database = hub.folder + "/hub.sqlite"
    try hub.restart { _ in
      let removed = try desk.run(
        "/usr/bin/env",
        [
          "python3", "-c",
          "import sqlite3, sys; c = sqlite3.connect(sys.argv[1]); "
            + "c.execute('DELETE FROM snapshot_piece'); c.execute('DELETE FROM snapshot'); c.commit()",
          database,
        ])
      try #require(removed.status == 0, "\(removed)")
    }
    let synced = try lap.gloss("sync")
    #expect(synced.status == 76, "\(synced)")
    #expect(synced.messages.contains("the hub dropped what this machine has not read"))
    #expect(try lap.gloss("list").output.contains("Uno"))
  }

  @Test(arguments: [
    ["--snapshot-bundles", "-1"], ["--snapshot-bundles", "many"], ["--log-retention", "soon"],
    ["--log-retention", "-1"], ["--log-retention", "40000"],
  ])
  func `settings that make no sense are refused`(flags: [String]) throws {
    let outcome = try desk.run(
      Machine.executable("gloss-hub"),
      ["serve", "--data", desk.folder + "/x", "--listen", "127.0.0.1:0"] + flags)
    #expect(outcome.status == 64, "\(outcome)")
  }
}
