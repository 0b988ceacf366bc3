import Foundation
import Testing

/// A real hub on a port of its own, stopped with the test.
final class HubProcess {
  private(set) var address = "http://127.0.0.1:0"
  /// Where its data is.
  let folder: String
  private var process = Process()

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "gloss-hub-\(UUID())").path
    try start()
  }

  /// Stops the hub, changes its data, and starts it on the same port.
  func restart(_ change: (String) throws -> Void) throws {
    stop()
    try change(folder)
    try start()
  }

  private func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  private func start() throws {
    process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: try Machine.executable("gloss-hub"))
    process.arguments = [
      "serve", "--data", folder, "--listen", address.replacing("http://", with: ""),
    ]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    var line = ""
    while !line.hasSuffix("\n") {
      let data = output.fileHandleForReading.availableData
      if data.isEmpty { break }
      line += String(decoding: data, as: UTF8.self)
    }
    let prefix = "listening on "
    try #require(line.hasPrefix(prefix), "the hub said: \(line)")
    address = line.dropFirst(prefix.count).trimmingCharacters(in: .newlines)
  }

  deinit {
    stop()
    try? FileManager.default.removeItem(atPath: folder)
  }
}
