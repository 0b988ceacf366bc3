import Foundation
import Gloss
import GlossCommandTesting
import Testing

@testable import GlossStore

/// `gloss doctor`.
@Suite struct DoctorTests {
  @Test func `what it prints has nothing of a person's, and fits a terminal`() async throws {
    let hub = try HubProcess()
    let desk = try Machine.ready("hostess")
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    let essay = try desk.file("essay.md", "The margins of Walden are wide.\n")
    let article = try desk.name(
      "add", essay, "--title", "A title of mine", "--url", "https://walden.example/pond", "--tag",
      "ponds")
    _ = try desk.name("highlight", article, "margins of Walden", "--note", "my own words")
    #expect(try desk.gloss("sync").status == 0)
    let secrets = try self.secrets(desk)
    let outcome = try desk.gloss("doctor", "--hub")
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.messages == "")
    let folder = try #require(desk.folder.split(separator: "/").last.map(String.init))
    let planted =
      secrets
      + [
        folder, "library.gloss", "/tmp", "hostess", "127.0.0.1", "localhost", hub.address, article,
        "title of mine",
        "walden", "Walden", "ponds", "my own words", "margins", NSUserName(),
        ProcessInfo.processInfo.hostName,
      ].filter { $0.count > 3 }
    for secret in planted where outcome.output.contains(secret) {
      // The user's name may be a word of ours.
      if secret != "root" { Issue.record("the block has \(secret)") }
    }
    for line in outcome.output.split(separator: "\n") { #expect(line.count <= 80, "\(line)") }
    for name in [
      "gloss", "libraries", "kernel", "permissions", "file system", "free space", "locks", "format",
      "journal",
      "quick check", "size", "holds", "conflicts", "unsent", "set aside", "clock", "hub", "hub now",
      "clock skew",
    ] {
      #expect(outcome.output.contains(name), "\(name) is in \(outcome.output)")
    }
    #expect(outcome.output.contains("changes: 5, devices: 1, records: 4"), "\(outcome.output)")
  }

  @Test func `what needs attention is marked, with what to do, and the exit status says so`() throws
  {
    let machine = try Machine.ready()
    #expect(try machine.gloss("doctor").status == 0)
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o644], ofItemAtPath: machine.libraryPath)
    let open = try machine.gloss("doctor")
    #expect(open.status == 3)
    #expect(open.output.contains("warn  permissions 644\n"), "\(open.output)")
    #expect(open.output.contains("chmod 600"))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: machine.libraryPath)
    // A machine whose clock was years ahead.
    var generator = SystemRandomNumberGenerator()
    let replica = try Replica.open(at: machine.libraryPath, schema: .reading, using: &generator)
    try replica.setSetting("x", to: [1])
    try replica.transact {
      try $0.execute("UPDATE _change SET timestamp = timestamp + (1000000000000 << 16)")
    }
    try replica.close()
    let ahead = try machine.gloss("doctor")
    #expect(ahead.status == 3)
    #expect(ahead.output.contains("warn  clock"), "\(ahead.output)")
    #expect(try machine.gloss("doctor", "--library", machine.folder + "/none").status == 3)
  }

  /// What the file has that opens the library or the hub to who reads it.
  private func secrets(_ machine: Machine) throws -> [String] {
    var generator = SystemRandomNumberGenerator()
    let replica = try Replica.open(at: machine.libraryPath, schema: .reading, using: &generator)
    defer { try? replica.close() }
    let token = try #require(try replica.remote()?.credential)
    func hexadecimal(_ bytes: [UInt8]) -> String {
      bytes.map { String(UInt16($0) + 256, radix: 16).suffix(2) }.joined()
    }
    let settings = try replica.settings().values.filter { $0.count >= 16 }.map(hexadecimal)
    #expect(settings.count >= 3)
    return [token, "\(replica.library)", "\(replica.id)"] + settings
      + settings.map { String($0.prefix(8)) }
  }
}
