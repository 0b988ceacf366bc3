import Foundation
import GlossCommandTesting
import Testing

extension Machine {
  /// Changes the library's file behind the command's back.
  fileprivate func execute(_ sql: String) throws {
    let outcome = try run(
      "/usr/bin/env",
      [
        "python3", "-c",
        """
        import sqlite3, sys
        with sqlite3.connect(sys.argv[1]) as database:
          database.execute(sys.argv[2])
        """, libraryPath, sql,
      ])
    try #require(outcome.status == 0, "\(outcome)")
  }

  /// Makes the library find its hub at another address.
  fileprivate func useHub(at address: String) throws {
    try execute("UPDATE _remote SET address = '\(address)'")
  }
}

/// What went wrong and what a person sees of it, with the real programs.
@Suite struct RecoveryTests {
  private let idle = "received 0 changes, sent 0; nothing needs attention\n"

  /// Machines that have synced a library of as many articles; the first one made it.
  private func machines(_ names: String..., articles: Int = 1) throws -> (HubProcess, [Machine]) {
    let hub = try HubProcess()
    let first = try Machine.ready(names[0])
    first.companion = hub
    for number in 1...articles {
      _ = try first.name("add", "https://example.org/\(number)", "--title", "Article \(number)")
    }
    #expect(try first.gloss("hub", "connect", hub.address).status == 0)
    try sync(first)
    var machines = [first]
    for name in names.dropFirst() {
      let machine = try Machine(name)
      machine.companion = hub
      try #require(
        machine.gloss("join", "--name", name, input: first.gloss("pair").output).status == 0)
      machines.append(machine)
    }
    try sync(machines)
    return (hub, machines)
  }

  private func sync(_ machines: Machine...) throws { try sync(machines) }

  private func sync(_ machines: [Machine]) throws {
    for machine in machines + machines {
      let outcome = try machine.gloss("sync")
      try #require(outcome.status == 0, "\(outcome)")
    }
  }

  private func titles(_ machine: Machine) throws -> Set<String> {
    let json = try machine.gloss("list", "--json").output
    return Set(json.matches(of: /"title":"([^"]*)"/).map { String($0.1) })
  }

  private func copyLibrary(of machine: Machine, to copy: Machine) throws {
    for suffix in ["", "-wal"] {
      let data = FileManager.default.contents(atPath: machine.libraryPath + suffix)
      try data?.write(to: URL(filePath: copy.libraryPath + suffix))
    }
  }

  // MARK: - Copies

  @Test func `a copied file goes on as a device of its own, and both send all they have`() throws {
    let (hub, all) = try machines("desk", "lap")
    _ = try all[0].name("add", "https://example.org/unsent", "--title", "Unsent")
    let copy = try Machine("copy")
    copy.companion = hub
    try copyLibrary(of: all[0], to: copy)
    let outcome = try copy.gloss("add", "https://example.org/copy", "--title", "Of the copy")
    #expect(outcome.status == 0)
    #expect(
      outcome.messages.hasPrefix(
        """
        note: this file is a copy of the one of desk, or was moved or restored:
          it goes on as a device of its own, desk 2

        """), "\(outcome)")
    _ = try all[0].name("add", "https://example.org/desk", "--title", "Of the desk")
    try sync(copy, all[0], all[1])
    let expected: Set = ["Article 1", "Unsent", "Of the copy", "Of the desk"]
    for machine in all + [copy] {
      #expect(try titles(machine) == expected)
      #expect(try machine.gloss("sync").output == idle)
    }
    #expect(try copy.gloss("status").output.contains("device      desk 2\n"))
    #expect(try all[0].gloss("status").output.contains("device      desk\n"))
  }

  @Test func `the copy of a machine is told by the hub, and keeps what it wrote`() throws {
    let (hub, all) = try machines("desk")
    let copy = try Machine("copy")
    copy.companion = hub
    try copyLibrary(of: all[0], to: copy)
    // The image of a whole disk has the same inodes: say so in the file that tells where the library is.
    let said = try String(contentsOfFile: all[0].libraryPath + "-lock", encoding: .utf8)
    let attributes = try FileManager.default.attributesOfItem(atPath: copy.libraryPath)
    let inode = String(try #require(attributes[.systemFileNumber] as? UInt64))
    let place =
      said.split(separator: " ").dropLast().joined(separator: " ")
      + " " + String(repeating: "0", count: 20 - inode.count) + inode + "\n"
    try place.write(toFile: copy.libraryPath + "-lock", atomically: true, encoding: .utf8)

    _ = try all[0].name("add", "https://example.org/desk", "--title", "Of the desk")
    #expect(
      try copy.gloss("add", "https://example.org/copy", "--title", "Of the copy").messages
        == "added Of the copy\n", "nothing tells yet")
    try sync(all[0])
    let outcome = try copy.gloss("sync")
    #expect(outcome.status == 0)
    #expect(
      outcome.messages == """
        note: this file is a copy of the one of desk, or was moved or restored:
          it goes on as a device of its own, desk 2; 1 unsent change went over to it

        """)
    try sync(copy, all[0])
    for machine in [all[0], copy] {
      #expect(try titles(machine) == ["Article 1", "Of the desk", "Of the copy"])
      #expect(try machine.gloss("conflicts").output == "")
    }
  }

  // MARK: - Hubs that lost something

  @Test func `any one machine fills a hub again that lost everything`() throws {
    let (hub, all) = try machines("desk", "lap", "phone")
    _ = try all[2].name("add", "https://example.org/phone", "--title", "Of the phone")
    try sync(all)
    _ = try all[0].name("add", "https://example.org/unsent", "--title", "Unsent")
    try hub.restart { try FileManager.default.removeItem(atPath: $0) }

    let refused = try all[1].gloss("sync")
    #expect(refused.status == 77)
    #expect(refused.messages.contains("gloss hub connect --again"), "\(refused)")
    #expect(try all[1].gloss("hub", "connect", hub.address).status == 73)
    #expect(try all[1].gloss("hub", "connect", "--again", hub.address).status == 0)
    try sync(all[1])
    for machine in [all[0], all[2]] {
      let joined = try machine.gloss("join", input: try all[1].gloss("pair").output)
      #expect(joined.status == 0, "\(joined)")
      #expect(joined.messages.hasPrefix("joined again; what is here stays"))
    }
    try sync(all)
    let newcomer = try Machine("tablet")
    #expect(try newcomer.gloss("join", input: try all[0].gloss("pair").output).status == 0)
    try sync(newcomer)
    for machine in all + [newcomer] {
      #expect(try titles(machine) == ["Article 1", "Of the phone", "Unsent"])
    }
  }

  @Test func `a hub from an old backup gets back what it had, others' changes included`() throws {
    let (hub, all) = try machines("desk", "lap")
    let backup = hub.folder + "-backup"
    defer { try? FileManager.default.removeItem(atPath: backup) }
    try hub.restart { try FileManager.default.copyItem(atPath: $0, toPath: backup) }
    _ = try all[0].name("add", "https://example.org/desk", "--title", "Of the desk")
    _ = try all[1].name("add", "https://example.org/lap", "--title", "Of the lap")
    try sync(all)
    try hub.restart { folder in
      try FileManager.default.removeItem(atPath: folder)
      try FileManager.default.copyItem(atPath: backup, toPath: folder)
    }
    try sync(all[1])
    let newcomer = try Machine("tablet")
    #expect(try newcomer.gloss("join", input: try all[1].gloss("pair").output).status == 0)
    try sync(newcomer)
    #expect(try titles(newcomer) == ["Article 1", "Of the desk", "Of the lap"])
    try sync(all)
  }

  // MARK: - Sizes and interruptions

  /// A text that hardly compresses, of so many bytes; another one for each number.
  private func noise(_ byteCount: Int, _ number: Int) -> String {
    var state: UInt64 = 88_172_645_463_325_252 + UInt64(number)
    let digits = Array("0123456789abcdefghijklmnopqrstuvwxyz".utf8)
    return String(
      decoding: (0..<byteCount).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return digits[Int(state % 36)]
      }, as: UTF8.self)
  }

  private func missingTextCount(_ machine: Machine) throws -> Int {
    let status = try machine.gloss("status").output
    guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix("missing") }) else {
      return 0
    }
    return try #require(line.split(separator: " ").dropFirst().first.flatMap { Int($0) })
  }

  @Test func `a first sync that is cut goes on where it ended`() throws {
    let hub = try HubProcess(["--page-size", "64K"])
    let desk = try Machine.ready()
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    for number in 1...8 {
      let path = try desk.file("\(number).txt", noise(60_000, number))
      _ = try desk.name("add", path, "--title", "Article \(number)")
      try sync(desk)
    }
    let lap = try Machine("lap")
    let code = try desk.gloss("pair").output
    #expect(try lap.gloss("join", "--name", "lap", input: code).status == 0)
    let proxy = try CuttingProxy(toPort: hub.port)
    try lap.useHub(at: proxy.address)

    proxy.cut(after: 150_000)
    let cut = try lap.gloss("sync")
    #expect(cut.status == 76, "\(cut)")
    #expect(cut.messages.contains("what arrived whole is kept"), "\(cut)")
    #expect(try titles(lap).count == 8, "the articles come before their texts")
    let missing = try missingTextCount(lap)
    #expect(missing > 0 && missing < 8)

    proxy.cut(after: .max)
    #expect(try lap.gloss("sync").status == 0)
    #expect(try missingTextCount(lap) == 0)
    // Forty thousand bytes a text, of which those that had arrived do not come again.
    #expect(proxy.returnedByteCount < (missing + 1) * 48_000)
  }

  @Test func `what is too large for a proxy or a hub goes in smaller pieces`() throws {
    let hub = try HubProcess(["--body-limit", "64K"])
    let desk = try Machine.ready()
    for number in 1...5 {
      let path = try desk.file("\(number).txt", noise(40_000, number))
      _ = try desk.name("add", path, "--title", "Article \(number)")
    }
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    try sync(desk)
    #expect(hub.messages.contains("status=413"), "\(hub.messages)")
    let lap = try Machine("lap")
    #expect(try lap.gloss("join", input: try desk.gloss("pair").output).status == 0)
    try sync(lap)
    #expect(try titles(lap).count == 5)

    let path = try desk.file("large.txt", noise(300_000, 9))
    let large = try desk.name("add", path, "--title", "Large")
    try sync(desk, lap)
    #expect(try lap.gloss("show", large, "--text").output.hasSuffix(noise(300_000, 9) + "\n"))
    #expect(try desk.gloss("note", large, "-", input: noise(250_000, 10)).status == 0)
    let refused = try desk.gloss("sync")
    #expect(refused.status == 65)
    #expect(refused.messages.contains("does not take a change of this size"), "\(refused)")
    #expect(try desk.gloss("status").output.contains("unsent      1 change"))
  }

  // MARK: - What comes from others

  @Test func `a sync that would delete half of the library stops and asks`() throws {
    let (_, all) = try machines("desk", "lap", articles: 30)
    let names = try all[0].gloss("list", "--limit", "20").output
      .split(separator: "\n").map { String($0.prefix { $0 != " " }) }
    for name in names { #expect(try all[0].gloss("delete", name).status == 0) }
    try sync(all[0])
    let outcome = try all[1].gloss("sync")
    #expect(outcome.status == 3)
    #expect(outcome.output == "")
    #expect(
      outcome.messages == """
        gloss: the hub's changes would delete 20 of 32 records; nothing of that was done
          20 articles
        hint: gloss sync --accept-mass-delete deletes them; if nobody meant to, undelete them on the machine that did it

        """)
    #expect(try titles(all[1]).count == 30)
    #expect(try all[1].gloss("sync", "--accept-mass-delete").status == 0)
    #expect(try titles(all[1]).count == 10)
  }

  @Test func `a device that seals with another key holds up nobody else`() throws {
    let (_, all) = try machines("desk", "lap")
    let phone = try Machine("phone")
    #expect(
      try phone.gloss("join", "--name", "phone", input: all[0].gloss("pair").output).status == 0)
    try phone.execute("UPDATE _meta SET value = randomblob(32) WHERE key = 'root-key'")
    _ = try phone.name("add", "https://example.org/phone", "--title", "Of the phone")
    _ = try phone.gloss("sync")
    _ = try all[0].name("add", "https://example.org/desk", "--title", "Of the desk")
    _ = try all[0].gloss("sync")
    let outcome = try all[1].gloss("sync")
    #expect(outcome.output.hasPrefix("received 1 change, sent 0;"), "\(outcome)")
    #expect(outcome.status == 70)
    #expect(
      outcome.messages.contains("could not be opened: they are sealed with another key"),
      "\(outcome)")
    #expect(try titles(all[1]) == ["Article 1", "Of the desk"])
    #expect(
      try all[1].gloss("status").output.contains(
        "waiting     1 bundle that cannot be taken in yet"))
  }

  @Test func `a hub of a newer protocol is said to be one, and local work goes on`() throws {
    let (_, all) = try machines("desk")
    let body =
      #"{"type":"urn:gloss:problem:upgrade-required","status":406,"detail":"this hub speaks version 2"}"#
    let newer = try FakeHub(
      replying: "HTTP/1.1 406 Not Acceptable\r\nContent-Type: application/problem+json\r\n"
        + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
    try all[0].useHub(at: newer.address)
    let outcome = try all[0].gloss("sync")
    #expect(outcome.status == 78)
    #expect(outcome.messages.contains("another version of the protocol"), "\(outcome)")
    #expect(outcome.messages.contains("this hub speaks version 2"))
    #expect(try all[0].gloss("add", "https://example.org/x", "--title", "Still").status == 0)
    #expect(try titles(all[0]) == ["Article 1", "Still"])
  }
}
