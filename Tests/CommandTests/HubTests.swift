import Foundation
import GlossCommandTesting
import Testing

/// The commands that talk with a hub: two machines and a real one, and hubs that are not there or none.
@Suite struct HubTests {
  private let id = "c60a"

  private func sync(_ machines: Machine...) throws {
    for machine in machines + machines {
      let outcome = try machine.gloss("sync")
      try #require(outcome.status == 0, "\(outcome)")
    }
  }

  private func twoMachines(_ hub: HubProcess) throws -> (Machine, Machine) {
    let desk = try Machine.ready()
    desk.companion = hub
    let path = try desk.file("a.md", "# One\n\nEvery reader writes in the margin.")
    #expect(try desk.name("add", path, "--url", "https://example.org/essay") == id)
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    #expect(
      try desk.gloss("sync").output
        == "received 0 changes, sent 3 changes and 1 text; nothing needs attention\n")
    let code = try desk.gloss("pair")
    #expect(code.output.hasPrefix("gloss1-"))
    let lap = try Machine("lap")
    let joined = try lap.gloss("join", "--name", "lap", input: code.output)
    #expect(joined.status == 0, "\(joined)")
    #expect(!joined.messages.contains(code.output.prefix(40)))
    #expect(
      try lap.gloss("sync").output
        == "received 3 changes and 1 text, sent 1; nothing needs attention\n")
    return (desk, lap)
  }

  @Test func `two machines write at once, see the conflict, settle it, and agree`() throws {
    let hub = try HubProcess()
    let (desk, lap) = try twoMachines(hub)
    #expect(try lap.gloss("show", id, "--text").output.hasSuffix("writes in the margin.\n"))
    _ = try desk.gloss("edit", id, "--title", "Desk")
    _ = try lap.gloss("edit", id, "--title", "Lap")
    try sync(desk, lap)
    #expect(
      try desk.gloss("sync").output
        == "received 0 changes, sent 0; 1 conflict to decide: gloss conflicts\n")
    #expect(
      try desk.gloss("conflicts").masked == """
        c60a  article    Lap
              title      lap MINUTE, desk MINUTE

        """)
    #expect(try lap.gloss("conflicts").masked == desk.gloss("conflicts").masked)
    #expect(try lap.gloss("resolve", id, "--keep", "desk").messages == "title is \"Desk\"\n")
    try sync(lap, desk)
    for machine in [desk, lap] {
      #expect(try machine.gloss("conflicts").output == "")
      #expect(try machine.gloss("show", id).output.contains("title       Desk\n"))
    }
    #expect(
      try desk.gloss("history", id).masked.hasSuffix(
        "MINUTE  lap  CHANGE\n  title       \"Lap\" -> \"Desk\"\n"))
  }

  @Test func `an edit that a delete did not see keeps the article until somebody decides`() throws {
    let hub = try HubProcess()
    let (desk, lap) = try twoMachines(hub)
    _ = try desk.gloss("delete", id)
    _ = try lap.gloss("edit", id, "--title", "Better")
    try sync(desk, lap)
    #expect(
      try desk.gloss("conflicts").masked == """
        c60a  article    Better
              deleted by desk MINUTE; title edited by lap MINUTE

        """)
    #expect(try lap.gloss("delete", id).status == 0)
    try sync(lap, desk)
    #expect(try desk.gloss("conflicts").output == "")
    #expect(try desk.gloss("list").output == "")
  }

  @Test func `settling at once in two ways is a conflict again, and in one way none`() throws {
    let hub = try HubProcess()
    let (desk, lap) = try twoMachines(hub)
    _ = try desk.gloss("edit", id, "--title", "On marginalia")
    try sync(desk, lap)
    _ = try desk.gloss("edit", id, "--title", "On old marginalia")
    _ = try lap.gloss("edit", id, "--title", "On marginalia, twice")
    try sync(desk, lap)
    #expect(
      try lap.gloss("resolve", id, "--merge").messages == "title is \"On old marginalia, twice\"\n")
    #expect(try desk.gloss("resolve", id, "--keep", "desk").status == 0)
    try sync(lap, desk)
    let again = try desk.gloss("conflicts", "show", id).output
    #expect(again.contains("settled twice at once"), "\(again)")
    for machine in [desk, lap] {
      #expect(try machine.gloss("resolve", id, "--value", "Marginalia").status == 0)
    }
    try sync(desk, lap)
    for machine in [desk, lap] {
      #expect(try machine.gloss("conflicts").output == "")
      #expect(try machine.gloss("show", id).output.contains("title       Marginalia\n"))
    }
  }

  @Test func `a code lets one machine in`() throws {
    let hub = try HubProcess()
    let (desk, _) = try twoMachines(hub)
    let code = try desk.gloss("pair").output
    #expect(try Machine("third").gloss("join", input: code).status == 0)
    let late = try Machine("fourth")
    let refused = try late.gloss("join", input: code)
    #expect(refused.status == 77)
    #expect(refused.messages.contains("hint: a code lets one machine in"))
    #expect(!FileManager.default.fileExists(atPath: late.libraryPath))
  }

  @Test func `a hub that is not reached`() throws {
    let machine = try Machine.ready()
    let outcome = try machine.gloss("hub", "connect", "http://127.0.0.1:1")
    #expect(outcome.status == 69)
    #expect(outcome.messages.hasPrefix("gloss: the hub was not reached: "))
    #expect(outcome.messages.contains("\nhint: "))
    #expect(try machine.gloss("status").output.contains("hub         none"))
    let address = try machine.gloss("hub", "connect", "ftp://x")
    #expect(address.status == 64)
    let none = try machine.gloss("sync")
    #expect(none.status == 1)
    #expect(none.messages.contains("hint: gloss hub connect URL"))
  }

  @Test(arguments: [
    ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 76, "the reply is not a hub's"),
    ("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhello", 76, "cut short"),
    ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 76, "gloss: "),
    ("nonsense\r\n\r\n", 76, "gloss: "),
    (
      problem(401, "unauthorised"), 77, "does not accept this machine's token"
    ),
    (problem(406, "upgrade-required"), 78, "another version of the protocol"),
    (problem(409, "library-exists"), 77, "has this library already"),
    (problem(503, "unavailable"), 75, "not able to answer now"),
  ])
  func `a reply that is a refusal or no hub's`(reply: String, status: Int32, says: String) throws {
    let hub = try FakeHub(replying: reply)
    let machine = try Machine.ready()
    let outcome = try machine.gloss("hub", "connect", hub.address)
    #expect(outcome.status == status, "\(outcome)")
    #expect(outcome.messages.contains(says), "\(outcome)")
    #expect(outcome.messages.contains("\nhint: "), "\(outcome)")
    #expect(try machine.gloss("status").output.contains("hub         none"))
  }

  private static func problem(_ status: Int, _ type: String) -> String {
    let body = #"{"type":"urn:gloss:problem:\#(type)","status":\#(status),"detail":"no"}"#
    return "HTTP/1.1 \(status) No\r\nContent-Type: application/problem+json\r\n"
      + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
  }
}
