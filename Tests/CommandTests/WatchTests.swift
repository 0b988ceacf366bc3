import Foundation
import GlossCommandTesting
import Testing

/// `gloss sync --watch`, with the real programs.
@Suite(.timeLimit(.minutes(15))) struct WatchTests {
  /// A watch that runs, and the lines that it prints.
  private final class Watch {
    private let process = Process()
    private let output = Pipe()
    private var text = ""

    init(on machine: Machine) throws {
      process.executableURL = URL(filePath: try Machine.executable("gloss"))
      process.arguments = ["sync", "--watch"]
      process.environment = ["GLOSS_LIBRARY": machine.libraryPath, "HOME": machine.folder]
      process.standardOutput = output
      process.standardError = FileHandle.nullDevice
      try process.run()
    }

    /// Returns the next line without its time, waiting for it.
    func nextLine() -> String {
      while !text.contains("\n") {
        let data = output.fileHandleForReading.availableData
        if data.isEmpty { break }
        text += String(decoding: data, as: UTF8.self)
      }
      let line = text.prefix { $0 != "\n" }
      text = String(text.dropFirst(line.count + 1))
      return String(line.drop { $0 != "r" })
    }

    /// Asks it to end, and returns how it did.
    func stop() -> Int32 {
      process.terminate()
      process.waitUntilExit()
      return process.terminationStatus
    }

    deinit { if process.isRunning { process.terminate() } }
  }

  @Test func `a watch takes in what others write, sends what is written here, and ends when told`()
    throws
  {
    let hub = try HubProcess()
    let desk = try Machine.ready()
    _ = try desk.name("add", "https://example.org/1", "--title", "One")
    #expect(try desk.gloss("hub", "connect", hub.address).status == 0)
    let lap = try Machine("lap")
    #expect(try lap.gloss("join", "--name", "lap", input: desk.gloss("pair").output).status == 0)
    #expect(try lap.gloss("sync").status == 0)

    let watch = try Watch(on: desk)
    let quiet = "; nothing needs attention"
    #expect(watch.nextLine() == "received 1 change, sent 3" + quiet)
    _ = try lap.name("add", "https://example.org/2", "--title", "Two")
    #expect(try lap.gloss("sync").status == 0)
    #expect(watch.nextLine() == "received 1 change, sent 0" + quiet)
    _ = try desk.name("add", "https://example.org/3", "--title", "Three")
    #expect(watch.nextLine() == "received 0 changes, sent 1" + quiet)
    #expect(try lap.gloss("sync").output == "received 1 change, sent 0" + quiet + "\n")
    #expect(try desk.gloss("list").output.split(separator: "\n").count == 3)
    #expect(watch.stop() == 0)
  }
}
