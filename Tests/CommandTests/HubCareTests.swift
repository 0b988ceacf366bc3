import Foundation
import GlossCommandTesting
import GlossCore
import GlossTesting
import GlossWire
import Testing

/// `gloss-hub invite`, `backup` and `verify`, beside a hub that runs.
@Suite struct HubCareTests {
  private let machine: Machine

  init() throws { machine = try Machine() }

  private func hub(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome {
    try machine.run(Machine.executable("gloss-hub"), arguments, environment: environment)
  }

  private static func create(_ library: LibraryID, _ invitation: String?) -> HTTPRequest {
    HubRequest(.createLibrary(library, invitation: invitation), credential: "token").http
  }

  @Test func `an invitation works at once, for one library`() throws {
    let running = try HubProcess(["--registration", "invite"])
    let connection = try running.connect()
    let closed = try connection.ask(Self.create(LibraryID(1), nil))
    #expect(closed.status == 403)
    #expect(
      String(decoding: closed.body, as: UTF8.self).contains("urn:gloss:problem:registration-closed")
    )
    let printed = try hub("invite", environment: ["GLOSS_HUB_DATA": running.folder])
    #expect(printed.status == 0 && printed.messages.isEmpty, "\(printed)")
    let secret = try #require(printed.output.wholeMatch(of: /([0-9a-f]{64})\n/)?.1)
    #expect(try connection.ask(Self.create(LibraryID(1), String(secret))).status == 204)
    #expect(try connection.ask(Self.create(LibraryID(2), String(secret))).status == 403)
    let another = try hub("invite", "--data", running.folder, "--days", "1").output
    #expect(another != printed.output)
    #expect(try connection.ask(Self.create(LibraryID(2), String(another.dropLast()))).status == 204)
    // The command learns what it may do about it.
    let reader = try Machine.ready()
    let refused = try reader.gloss("hub", "connect", running.address)
    #expect(refused.status == 77)
    #expect(refused.messages.contains("by invitation only"), "\(refused)")
  }

  @Test func `who invites for a hub that is not there is told`() throws {
    let outcome = try hub("invite", "--data", machine.folder + "/none")
    #expect(outcome.status == 73)
    #expect(outcome.messages.contains("No such file or directory"), "\(outcome)")
    #expect(try hub("invite").status == 64)
    #expect(try hub("invite", "--data", machine.folder, "--days", "400").status == 64)
  }

  @Test func `machines fill a hub that was restored from an old copy, by themselves`() throws {
    let first = try HubProcess()
    let desk = try Machine.ready()
    let path = try desk.file("a.md", "# One\n\nEvery reader writes in the margin.")
    let id = try desk.name("add", path)
    #expect(try desk.gloss("hub", "connect", first.address).status == 0)
    #expect(try desk.gloss("sync").status == 0)
    let copy = machine.folder + "/copy"
    let made = try hub("backup", "--data", first.folder, copy)
    #expect(made.status == 0, "\(made)")
    #expect(made.output.hasPrefix("copied 1 library, "))
    let again = try hub("backup", "--data", first.folder, copy)
    #expect(again.status == 73)
    #expect(again.messages.contains("it exists"), "\(again)")
    _ = try desk.gloss("edit", id, "--title", "Later")
    #expect(try desk.gloss("sync").status == 0)
    #expect(try hub("verify", "--data", first.folder).status == 0)
    // The procedure of the README: an empty directory with the copy, and the hub at its old address.
    try first.restart { folder in
      try FileManager.default.moveItem(atPath: folder, toPath: machine.folder + "/old")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
      try FileManager.default.copyItem(atPath: copy, toPath: folder + "/hub.sqlite")
    }
    let synced = try desk.gloss("sync")
    #expect(synced.status == 0, "\(synced)")
    let code = try desk.gloss("pair").output
    let lap = try Machine("lap")
    #expect(try lap.gloss("join", "--name", "lap", input: code).status == 0)
    #expect(try lap.gloss("sync").status == 0)
    #expect(try lap.gloss("show", id).output.contains("title       Later\n"))
    let checked = try hub("verify", "--data", first.folder)
    #expect(checked.status == 0 && checked.output.hasPrefix("all is well: 1 library, "))
  }

  @Test func `what is wrong is said, a line each, with exit code 65`() throws {
    let running = try HubProcess()
    let desk = try Machine.ready()
    #expect(try desk.gloss("hub", "connect", running.address).status == 0)
    #expect(try desk.gloss("sync").status == 0)
    let copy = machine.folder + "/copy"
    #expect(try hub("backup", "--data", running.folder, copy).status == 0)
    #expect(try hub("verify", "--data", copy).status == 0)
    // A page of the log: with one of the schema's the file could not be opened at all.
    let root = try desk.run(
      "/usr/bin/env",
      [
        "python3", "-c",
        "import sqlite3, sys; print(sqlite3.connect(sys.argv[1]).execute("
          + "\"SELECT rootpage FROM sqlite_schema WHERE name = 'entry'\").fetchone()[0], end='')",
        copy,
      ])
    let end = 4_096 * (try #require(Int(root.output), "\(root)"))
    var file = try Data(contentsOf: URL(filePath: copy))
    for place in stride(from: end - 4_096, to: end, by: 64) { file[place] ^= 0x55 }
    try file.write(to: URL(filePath: copy))
    let outcome = try hub("verify", "--data", copy)
    #expect(outcome.status == 65, "\(outcome)")
    #expect(outcome.output.hasPrefix("file: "), "\(outcome)")
    #expect(outcome.messages.contains("not as they should be"), "\(outcome)")
    let none = try hub("verify", "--data", machine.folder)
    #expect(none.status == 66, "\(none)")
  }
}
