import Foundation
import Testing

/// A real hub on a port of its own, stopped with the test.
final class HubProcess {
  let address: String
  private let process = Process()
  private let folder: String

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "gloss-hub-\(UUID())").path
    let output = Pipe()
    process.executableURL = URL(filePath: try Machine.executable("gloss-hub"))
    process.arguments = ["serve", "--data", folder, "--listen", "127.0.0.1:0"]
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
    process.terminate()
    process.waitUntilExit()
    try? FileManager.default.removeItem(atPath: folder)
  }
}
