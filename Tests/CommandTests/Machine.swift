import Foundation
import Testing

/// What a command left.
struct Outcome: CustomStringConvertible {
  var status: Int32
  var output: String
  var messages: String

  /// The output with its times masked: `DAY`, and `MINUTE` for a time of day with it.
  var masked: String {
    output.replacing(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/, with: "TIME")
      .replacing(/\d{4}-\d\d-\d\d \d\d:\d\d/, with: "MINUTE")
      .replacing(/\d{4}-\d\d-\d\d/, with: "DAY")
  }

  var description: String { "status \(status)\n\(output)--\n\(messages)" }
}

/// A machine with one library, worked on with the real command.
final class Machine {
  let folder: String
  let name: String
  /// What has to live as long as the machine.
  var companion: AnyObject?

  /// Makes a machine whose library does not exist yet.
  init(_ name: String = "desk") throws {
    self.name = name
    folder = FileManager.default.temporaryDirectory.appending(path: "gloss-\(UUID())").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  /// Makes a machine with an empty library.
  static func ready(_ name: String = "desk") throws -> Machine {
    let machine = try Machine(name)
    let made = try machine.gloss("init", "--name", name)
    try #require(made.status == 0, "\(made)")
    return machine
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  var libraryPath: String { folder + "/library.gloss" }

  /// The bytes of the library, and of what is not in its file yet.
  var libraryBytes: [Data?] {
    ["", "-wal"].map { FileManager.default.contents(atPath: libraryPath + $0) ?? Data() }
  }

  /// Writes a file into the machine's folder and returns its path.
  func file(_ name: String, _ bytes: some Sequence<UInt8>) throws -> String {
    let path = folder + "/" + name
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  func file(_ name: String, _ text: String) throws -> String { try file(name, text.utf8) }

  /// Runs the command with this machine's library.
  func gloss(
    _ arguments: String..., input: String = "", environment: [String: String] = [:]
  ) throws -> Outcome {
    try run(
      Machine.executable("gloss"), arguments, input: input,
      environment: ["GLOSS_LIBRARY": libraryPath].merging(environment) { $1 })
  }

  /// Runs the command and returns the first word of its output, which is the name of a record.
  func name(_ arguments: String..., input: String = "") throws -> String {
    let outcome = try run(
      Machine.executable("gloss"), arguments, input: input,
      environment: ["GLOSS_LIBRARY": libraryPath])
    try #require(outcome.status == 0, "\(outcome)")
    return try #require(outcome.output.split(whereSeparator: \.isWhitespace).first.map(String.init))
  }

  /// Runs a program to its end.
  func run(
    _ executable: String, _ arguments: [String], input: String = "",
    environment: [String: String] = [:]
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
    for path in paths { FileManager.default.createFile(atPath: path, contents: Data()) }
    try Data(input.utf8).write(to: URL(filePath: paths[0]))
    process.standardInput = try FileHandle(forReadingFrom: URL(filePath: paths[0]))
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: paths[1]))
    process.standardError = try FileHandle(forWritingTo: URL(filePath: paths[2]))
    try process.run()
    process.waitUntilExit()
    func text(_ path: String) -> String {
      String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self)
    }
    return Outcome(
      status: process.terminationStatus, output: text(paths[1]), messages: text(paths[2]))
  }

  /// The built executable, which stands beside the test bundle.
  static func executable(_ name: String) throws -> String {
    let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folders = [own, CommandLine.arguments[0], Bundle.main.bundlePath].map {
      URL(filePath: $0).deletingLastPathComponent().path
    }
    return try #require(
      folders.map { $0 + "/" + name }.first(where: FileManager.default.isExecutableFile),
      "\(name) is built beside the tests")
  }
}
