import Foundation
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
        try lines(desk) == ["desk  MINUTE  up to date  (this machine)", "lap   MINUTE  up to date"])
      _ = try desk.name("add", "https://example.org/1", "--title", "One")
      #expect(try desk.gloss("sync").status == 0)
      #expect(
        try lines(desk) == [
          "desk  MINUTE  up to date  (this machine)", "lap   MINUTE  1 bundle behind",
        ])
      #expect(try lap.gloss("sync").status == 0)
      #expect(
        try lines(lap) == ["lap   MINUTE  up to date  (this machine)", "desk  MINUTE  up to date"])
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
        try desk.gloss("devices", "revoke", "lap").messages == "revoked lap; it keeps what it has\n"
      )
      let refused = try lap.gloss("sync")
      #expect(refused.status == 77)
      #expect(refused.messages.contains("the hub does not accept this machine's token"))
      #expect(try lap.gloss("list").output.contains("Unsent"))
      #expect(
        try lines(desk) == [
          "desk  MINUTE  up to date  (this machine)", "lap   not let in by the hub",
        ])
      #expect(try desk.gloss("devices", "revoke", "lap").status == 1)

      #expect(try lap.gloss("join", input: try desk.gloss("pair").output).status == 0)
      for machine in [lap, desk] { #expect(try machine.gloss("sync").status == 0) }
      #expect(try desk.gloss("list").output.contains("Unsent"))
      #expect(try lines(desk).last == "lap   MINUTE  up to date")
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
