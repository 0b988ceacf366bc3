import Foundation
import GlossCommandTesting
import Testing

/// `Examples/sync`: the unit that keeps a library current, as systemd and a shell read it.
@Suite(.timeLimit(.minutes(10))) struct ServiceTests {
  private static let unitPath = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Examples/sync/gloss-sync.service").path

  private func values(_ key: String) throws -> [String] {
    try String(contentsOfFile: Self.unitPath, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix(key + "=") }.map { String($0.dropFirst(key.count + 1)) }
  }

  @Test(.enabled(if: Programs.has("systemd-analyze")))
  func `systemd finds nothing wrong with the unit`() throws {
    let machine = try Machine()
    let text = try String(contentsOfFile: Self.unitPath, encoding: .utf8)
      .replacing("/usr/local/bin/gloss", with: try Machine.executable("gloss"))
    let path = try machine.file("gloss-sync.service", text)
    func verify(_ path: String) throws -> Outcome {
      try machine.run(
        Programs.path("systemd-analyze") ?? "", ["--user", "--man=no", "verify", path],
        environment: ["XDG_RUNTIME_DIR": machine.folder])
    }
    let found = try verify(path)
    #expect(found.status == 0)
    #expect(found.output + found.messages == "")
    // It would say so.
    let wrong = try machine.file(
      "wrong.service", text.replacing("Restart=on-failure", with: "Restart=perhaps"))
    #expect(try !verify(wrong).messages.isEmpty)
  }

  @Test func `its command syncs until it is told to end, and its restarts follow the exit codes`()
    throws
  {
    let start = try #require(try values("ExecStart").first)
    let words = start.split(separator: " ").map(String.init)
    #expect(words.first == "/usr/local/bin/gloss")
    let hub = try HubProcess()
    let machine = try Machine.ready()
    _ = try machine.name("add", "https://example.org/1", "--title", "One")
    #expect(try machine.gloss("hub", "connect", hub.address).status == 0)
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: try Machine.executable("gloss"))
    process.arguments = Array(words.dropFirst())
    process.environment = ["GLOSS_LIBRARY": machine.libraryPath, "HOME": machine.folder]
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    #expect(line.contains("received 0 changes, sent 3"))
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationReason == .exit)
    #expect(process.terminationStatus == 0)

    // What a person has to do something about ends it for good.
    let final = Set(try values("RestartPreventExitStatus").flatMap { $0.split(separator: " ") })
    let alone = try Machine.ready()
    let noLibrary = try alone.file(
      "text", "This is no library, and long enough to be one: \(words)")
    let run = Array(words.dropFirst())
    for (library, status) in [
      (alone.libraryPath, "1"), (alone.folder + "/missing", "66"), (noLibrary, "65"),
    ] {
      let ended = try alone.run(
        Machine.executable("gloss"), run, environment: ["GLOSS_LIBRARY": library])
      #expect("\(ended.status)" == status, "\(ended)")
      #expect(final.contains(Substring(status)))
    }
    // What may pass does not.
    #expect(final.isDisjoint(with: ["69", "74", "75", "76"]))
    #expect(try values("Restart") == ["on-failure"])
  }
}
