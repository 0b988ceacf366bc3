internal import Foundation
internal import Glibc
internal import GlossCore
package import GlossTesting

/// A real hub on a port of its own, stopped with the test.
///
/// Any thread may use it; one at a time starts and stops it.
package final class HubProcess: Sendable {
  /// Where its data is.
  package let folder: String
  private let command: [String]
  private let environment: [String: String]
  private let openFileLimit: Int?
  private let messagesPath: String
  private let current = Locked(Run())

  /// One start of the program.
  private struct Run: Sendable {
    var process = Process()
    var output = Pipe()
    var address = ""
  }

  /// Starts a hub and returns once it is ready.
  ///
  /// - Parameters:
  ///   - arguments: Flags beside `--data` and `--listen`.
  ///   - openFileLimit: How many files it may open, or `nil` for as many as this process.
  package init(
    _ arguments: [String] = [], environment: [String: String] = [:], openFileLimit: Int? = nil,
    executable: String? = nil
  ) throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "gloss-hub-\(UUID())").path
    command =
      [try executable ?? Machine.executable("gloss-hub"), "serve", "--data", folder] + arguments
    self.environment = environment
    self.openFileLimit = openFileLimit
    messagesPath = folder + ".log"
    try start(port: 0)
  }

  deinit {
    stop()
    for path in [folder, messagesPath] { try? FileManager.default.removeItem(atPath: path) }
  }

  package var address: String { current.withLock(\.address) }

  package var port: Int { address.split(separator: ":").last.flatMap { Int($0) } ?? 0 }

  /// What it has said on standard error.
  package var messages: String {
    String(decoding: FileManager.default.contents(atPath: messagesPath) ?? Data(), as: UTF8.self)
  }

  /// Returns the next line that it says on standard output.
  package func nextLine() -> String { Self.line(of: current.withLock(\.output)) }

  package func connect() throws -> PlainConnection { try PlainConnection(port: port) }

  /// Stops the hub, changes its data, and starts it on the same port.
  package func restart(_ change: (String) throws -> Void) throws {
    stop()
    try change(folder)
    try start(port: port)
  }

  /// Ends it at once, as a crash of the machine does to a process. Any thread may.
  package func kill() { Glibc.kill(process.processIdentifier, SIGKILL) }

  /// Ends a hub that runs under a program which was given to ``revive(under:)``, and that program, at once.
  ///
  /// - Precondition: The program is a `timeout`, which has a group of processes of its own.
  package func killTraced() { Glibc.kill(-process.processIdentifier, SIGKILL) }

  /// Waits for the end of a hub that was killed, and starts another on the same port with its data.
  ///
  /// - Parameter prefix: What to run the hub under: a program with its arguments.
  package func revive(under prefix: [String] = []) throws {
    process.waitUntilExit()
    try start(port: port, under: prefix)
  }

  private var process: Process { current.withLock(\.process) }

  /// Asks it to stop, as `systemctl stop` does.
  package func terminate() { process.terminate() }

  /// Returns its exit code once it has ended.
  package func exitStatus() -> Int32 {
    let process = process
    process.waitUntilExit()
    return process.terminationReason == .exit ? process.terminationStatus : -1
  }

  private func stop() {
    let process = process
    if process.isRunning { process.terminate() }
    process.waitUntilExit()
  }

  private func start(port: Int, under prefix: [String] = []) throws {
    // Where it does not start, another one may under the same address.
    var run = Run(address: address)
    let process = run.process
    let command = prefix + command + ["--listen", "127.0.0.1:\(port)"]
    if let openFileLimit {
      process.executableURL = URL(filePath: "/bin/sh")
      process.arguments = ["-c", "ulimit -n \(openFileLimit); exec \"$@\"", "sh"] + command
    } else {
      process.executableURL = URL(filePath: command[0])
      process.arguments = Array(command.dropFirst())
    }
    if !environment.isEmpty { process.environment = environment }
    process.standardOutput = run.output
    let made = FileManager.default.createFile(atPath: messagesPath, contents: Data())
    guard made else { throw Unmet("\(messagesPath) cannot be written") }
    process.standardError = try FileHandle(forWritingTo: URL(filePath: messagesPath))
    try process.run()
    current.withLock { $0 = run }
    let line = Self.line(of: run.output)
    let prefix = "listening on "
    guard line.hasPrefix(prefix) else { throw Unmet("the hub said: \(line) \(messages)") }
    run.address = String(line.dropFirst(prefix.count))
    current.withLock { $0 = run }
  }

  private static func line(of pipe: Pipe) -> String {
    var bytes: [UInt8] = []
    while let byte = try? pipe.fileHandleForReading.read(upToCount: 1), let byte = byte.first,
      byte != UInt8(ascii: "\n")
    {
      bytes.append(byte)
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
