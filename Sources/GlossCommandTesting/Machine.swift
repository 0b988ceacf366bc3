package import Foundation
internal import GlossCore

/// What a command left.
package struct Outcome: CustomStringConvertible, Sendable {
  /// Its exit code, or the number of the signal that ended it.
  package var status: Int32
  package var output: String
  package var messages: String

  package init(status: Int32, output: String, messages: String) {
    self.status = status
    self.output = output
    self.messages = messages
  }

  /// The output with its times masked: `DAY`, and `MINUTE` for a time of day with it; and `CHANGE` for the name of a change.
  package var masked: String { Self.masked(output) }

  /// What else was said, masked likewise.
  package var maskedMessages: String { Self.masked(messages) }

  private static func masked(_ text: String) -> String {
    text.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, with: "TIME")
      .replacing(/\d{4}-\d\d-\d\d \d\d:\d\d/, with: "MINUTE")
      .replacing(/\d{4}-\d\d-\d\d/, with: "DAY")
      .replacing(/\b[0-9a-f]{4,32}\.[0-9]+\b/, with: "CHANGE")
  }

  package var description: String { "status \(status)\n\(output)--\n\(messages)" }
}

/// What a test needs to go on and did not get.
package struct Unmet: Error, CustomStringConvertible {
  package let description: String

  package init(_ description: String) { self.description = description }
}

/// A machine with one library, worked on with the real command.
package final class Machine: Sendable {
  package let folder: String
  package let name: String
  /// What has to live as long as the machine.
  package var companion: (any AnyObject & Sendable)? {
    get { keptCompanion.withLock { $0 } }
    set { keptCompanion.withLock { $0 = newValue } }
  }

  private let keptCompanion = Locked<(any AnyObject & Sendable)?>(nil)

  /// Makes a machine whose library does not exist yet.
  package init(_ name: String = "desk") throws {
    self.name = name
    folder = FileManager.default.temporaryDirectory.appending(path: "gloss-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// Makes a machine with an empty library.
  package static func ready(_ name: String = "desk") throws -> Machine {
    let machine = try Machine(name)
    let made = try machine.gloss("init", "--name", name)
    guard made.status == 0 else { throw Unmet("gloss init: \(made)") }
    return machine
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  package var libraryPath: String { folder + "/library.gloss" }

  /// The bytes of the library, and of what is not in its file yet.
  package var libraryBytes: [Data?] {
    ["", "-wal"].map { FileManager.default.contents(atPath: libraryPath + $0) ?? Data() }
  }

  /// Writes a file into the machine's folder and returns its path.
  package func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let path = folder + "/" + name
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  package func file(_ name: String, _ text: String) throws -> String { try file(name, text.utf8) }

  /// Runs the command with this machine's library.
  package func gloss(
    _ arguments: String..., input: String = "", environment: [String: String] = [:]
  ) throws -> Outcome {
    try run(
      Machine.executable("gloss"), arguments, input: input,
      environment: ["GLOSS_LIBRARY": libraryPath].merging(environment) { $1 })
  }

  /// Runs the command and returns the first word of its output, which is the name of a record.
  package func name(_ arguments: String..., input: String = "") throws -> String {
    let outcome = try run(
      Machine.executable("gloss"), arguments, input: input,
      environment: ["GLOSS_LIBRARY": libraryPath])
    guard outcome.status == 0, let name = outcome.output.split(whereSeparator: \.isWhitespace).first
    else { throw Unmet("gloss \(arguments): \(outcome)") }
    return String(name)
  }

  /// Runs a program to its end.
  ///
  /// - Parameter started: Told the process as soon as it runs.
  package func run(
    _ executable: String, _ arguments: [String], input: String = "",
    environment: [String: String] = [:], started: (Int32) -> Void = { _ in }
  ) throws -> Outcome {
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    process.environment = [
      "PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder, "SWIFT_BACKTRACE": "enable=no",
    ].merging(environment) { $1 }
    let paths = (0..<3).map { folder + "/\(UUID())-\($0)" }
    defer { for path in paths { try? FileManager.default.removeItem(atPath: path) } }
    for path in paths { try Data().write(to: URL(filePath: path)) }
    try Data(input.utf8).write(to: URL(filePath: paths[0]))
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: paths[0]))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: paths[1]))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: paths[2]))
    try process.run()
    started(process.processIdentifier)
    process.waitUntilExit()
    func text(_ path: String) -> String {
      String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
    return Outcome(
      status: process.terminationStatus, output: text(paths[1]), messages: text(paths[2]))
  }

  /// The built executable, which stands beside the test bundle.
  package static func executable(_ name: String) throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folders = [own, CommandLine.arguments[0], Bundle.main.bundlePath].map {
      URL(filePath: $0).deletingLastPathComponent().path
    }
    let paths = folders.map { $0 + "/" + name }
    guard let path = paths.first(where: FileManager.default.isExecutableFile) else {
      throw Unmet("\(name) is not built beside the tests")
    }
    return path
  }
}
