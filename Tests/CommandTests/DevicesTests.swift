import Foundation
import GlossCommandTesting
import Testing

/// `gloss devices`: who has the library, and shutting somebody out.
@Suite struct DevicesTests {
  private func machines() throws -> (HubProcess, desk: Machine, lap: Machine) {
    let hub = try HubProcess()
    let desk = try Machine.ready()
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    #expect(try desk.gloss("sync").status == 0)
    let lap = try Machine("lap")
    #expect(
      try lap.gloss("join", "--name", "lap", input: desk.gloss("pair").output).status == 0)
    for machine in [lap, desk] { #expect(try machine.gloss("sync").status == 0) }
    return (hub, desk, lap)
  }

  private func lines(_ machine: Machine) throws -> [String] {
    let outcome = try machine.gloss("devices")
    #expect(outcome.status == 0, "\(outcome)")
    return outcome.masked.split(separator: "\n").map { String($0.dropFirst(10)) }
  }

  @Test func `each machine is listed with when it was last heard from and how far it is`() throws {
    let (hub, desk, lap) = try machines()
    try withExtendedLifetime(hub) {
      #expect(
        try lines(desk) == [
          "desk  MINUTE  up to date  current key  (this machine)",
          "lap   MINUTE  up to date  current key",
        ])
      _ = try desk.name("add", "https://example.org/1", "--title", "One")
      #expect(try desk.gloss("sync").status == 0)
      #expect(
        try lines(desk) == [
          "desk  MINUTE  up to date  current key  (this machine)",
          "lap   MINUTE  1 bundle behind  current key",
        ])
      #expect(try lap.gloss("sync").status == 0)
      #expect(
        try lines(lap) == [
          "lap   MINUTE  up to date  current key  (this machine)",
          "desk  MINUTE  up to date  current key",
        ])
      let json = try desk.gloss("devices", "--json").output
      #expect(json.hasPrefix(#"{"version":1,"devices":[{"id":""#))
      #expect(json.contains(#""name":"lap","isThis":false,"token":""#))
    }
  }

  @Test func `a machine is renamed, from any machine`() throws {
    let (hub, desk, lap) = try machines()
    try withExtendedLifetime(hub) {
      #expect(try desk.gloss("devices", "rename", "lap", "old laptop").status == 0)
      for machine in [desk, lap] { #expect(try machine.gloss("sync").status == 0) }
      #expect(try lap.gloss("status").output.contains("device      old laptop\n"))
      let nobody = try desk.gloss("devices", "rename", "lap", "x")
      #expect(nobody.status == 1)
      #expect(
        nobody.messages == "gloss: no machine is called lap\nhint: gloss devices shows them\n")
    }
  }

  @Test func `a revoked machine is shut out, keeps what it has, and can join again`() throws {
    let (hub, desk, lap) = try machines()
    try withExtendedLifetime(hub) {
      _ = try lap.name("add", "https://example.org/unsent", "--title", "Unsent")
      let own = try desk.gloss("devices", "revoke", "desk")
      #expect(own.status == 64)
      #expect(
        try desk.gloss("devices", "revoke", "lap").messages
          == "revoked lap; it keeps what it has\nthe new key is for desk\n")
      let refused = try lap.gloss("sync")
      #expect(refused.status == 77)
      #expect(refused.messages.contains("the hub does not accept this machine's token"))
      #expect(try lap.gloss("list").output.contains("Unsent"))
      #expect(
        try lines(desk) == [
          "desk  MINUTE  up to date  current key  (this machine)", "lap   not let in by the hub",
        ])
      #expect(try desk.gloss("devices", "revoke", "lap").status == 1)

      #expect(try lap.gloss("join", input: try desk.gloss("pair").output).status == 0)
      for machine in [lap, desk] { #expect(try machine.gloss("sync").status == 0) }
      #expect(try desk.gloss("list").output.contains("Unsent"))
      #expect(try lines(desk).last == "lap   MINUTE  up to date  current key")
    }
  }

  @Test func `the others get a new key, and go on without who was revoked`() throws {
    let (hub, desk, lap) = try machines()
    let phone = try Machine("phone")
    try withExtendedLifetime(hub) {
      let code = try desk.gloss("pair").output
      #expect(code.hasPrefix("gloss1-"))
      #expect(try phone.gloss("join", "--name", "phone", input: code).status == 0)
      for machine in [phone, desk, lap] { #expect(try machine.gloss("sync").status == 0) }
      let revoked = try desk.gloss("devices", "revoke", "phone")
      #expect(
        revoked.messages == "revoked phone; it keeps what it has\nthe new key is for desk, lap\n")
      #expect(
        try lines(desk) == [
          "desk   MINUTE  up to date  current key  (this machine)",
          "lap    MINUTE  up to date  waiting for the new key", "phone  not let in by the hub",
        ])
      _ = try desk.name("add", "https://example.org/new", "--title", "In epoch 2")
      for machine in [desk, lap] { #expect(try machine.gloss("sync").status == 0) }
      #expect(try lap.gloss("list").output.contains("In epoch 2"))
      #expect(try lines(desk)[1] == "lap    MINUTE  up to date  current key")
      let json = try desk.gloss("devices", "--json").output
      #expect(json.contains(#""key":"current""#) && json.contains(#""key":null"#))
      #expect(try phone.gloss("sync").status == 77)

      let newer = try lap.gloss("pair").output
      #expect(newer.hasPrefix("gloss2-"))
      #expect(try phone.gloss("join", input: newer).status == 0)
      #expect(try phone.gloss("sync").status == 0)
      #expect(try phone.gloss("list").output.contains("In epoch 2"))
    }
  }

  @Test func `a hub that lets a revoked machine in again cannot make it read what came later`()
    throws
  {
    let (hub, desk, lap) = try machines()
    try withExtendedLifetime(hub) {
      let data = FileManager.default.temporaryDirectory.appending(path: "gloss-data-\(UUID())").path
      defer { try? FileManager.default.removeItem(atPath: data) }
      try hub.restart { try FileManager.default.copyItem(atPath: $0, toPath: data) }
      #expect(try desk.gloss("devices", "revoke", "lap").status == 0)
      _ = try desk.name("add", "https://example.org/new", "--title", "In epoch 2")
      #expect(try desk.gloss("sync").status == 0)
      try hub.restart {
        try FileManager.default.removeItem(atPath: $0)
        try FileManager.default.copyItem(atPath: data, toPath: $0)
      }
      // It brings back what it wrote, and the keyring.
      #expect(try desk.gloss("sync").status == 0)
      #expect(try lines(desk).last == "lap   MINUTE  1 bundle behind  without the key: join again")
      for _ in 0..<2 {
        let left = try lap.gloss("sync")
        #expect(left.status == 77)
        #expect(left.messages.contains("has not been given the library's new key"), "\(left)")
        #expect(try !lap.gloss("list").output.contains("In epoch 2"))
      }
      #expect(try lap.gloss("status").output.contains("1 bundle that cannot be taken in yet"))
      #expect(try lap.gloss("pair").status == 77)
      #expect(try lap.gloss("join", input: try desk.gloss("pair").output).status == 0)
      #expect(try lap.gloss("sync").status == 0)
      #expect(try lap.gloss("list").output.contains("In epoch 2"))
    }
  }

  @Test func `a hub by invitation takes in who has one`() throws {
    let hub = try HubProcess(["--registration", "invite"])
    let desk = try Machine.ready()
    let refused = try desk.gloss("hub", "connect", hub.address)
    #expect(refused.status == 77)
    #expect(refused.messages.contains("by invitation only"), "\(refused)")
    let invitation = try desk.run(
      try Machine.executable("gloss-hub"), ["invite", "--data", hub.folder])
    #expect(invitation.status == 0, "\(invitation)")
    let outcome = try desk.gloss(
      "hub", "connect", hub.address, "--invitation", "-", input: invitation.output)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(try desk.gloss("sync").status == 0)
  }
}
