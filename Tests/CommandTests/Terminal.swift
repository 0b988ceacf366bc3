import Foundation
import GlossCommandTesting
import Testing

/// A terminal of the system's own making, at which a test types.
enum Terminal {
  /// Runs the command at a new terminal, and answers each of its questions.
  ///
  /// - Returns: Its exit status, what the terminal showed of the answers, and what it said on standard error.
  static func gloss(
    _ arguments: String..., on machine: Machine, typing answers: [String]
  ) throws -> Outcome {
    var own: Int32 = -1
    var terminal: Int32 = -1
    try #require(openpty(&own, &terminal, nil, nil, nil) == 0)
    defer { for descriptor in [own, terminal] { close(descriptor) } }
    let process = Process()
    process.executableURL = URL(filePath: try Machine.executable("gloss"))
    process.arguments = arguments
    process.environment = [
      "GLOSS_LIBRARY": machine.libraryPath, "HOME": machine.folder, "SWIFT_BACKTRACE": "enable=no",
    ]
    let errors = Pipe()
    process.standardInput = FileHandle(fileDescriptor: terminal, closeOnDealloc: false)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    var messages = ""
    var waiting = answers[...]
    while case let data = errors.fileHandleForReading.availableData, !data.isEmpty {
      messages += String(decoding: data, as: UTF8.self)
      while messages.components(separatedBy: "(not shown): ").count - 1
        > answers.count - waiting.count
      {
        // A question too many is answered with the end of input.
        let answer = Array((waiting.popFirst().map { $0 + "\n" } ?? "\u{4}").utf8)
        try #require(write(own, answer, answer.count) == answer.count)
        if waiting.isEmpty { break }
      }
    }
    process.waitUntilExit()
    var shown = [UInt8](repeating: 0, count: 4_096)
    try #require(fcntl(own, F_SETFL, O_NONBLOCK) == 0)
    let count = max(0, read(own, &shown, shown.count))
    return Outcome(
      status: process.terminationStatus,
      output: String(decoding: shown[..<count], as: UTF8.self), messages: messages)
  }
}
