import Foundation
import GlossTesting
import GlossWire
import Testing

/// Plays a plan in a folder that goes away with it.
func play(
  _ plan: SimulationPlan, hooks: Simulation.Hooks = Simulation.Hooks()
) async throws -> SimulationReport {
  let path = FileManager.default.temporaryDirectory.appending(path: "gloss-\(UUID())").path
  try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: path) }
  return try await Simulation(plan, in: path, hooks: hooks).run()
}

/// Runs the built program, which stands beside the test bundle, and returns how it ended and what it printed.
func simulate(_ arguments: String...) throws -> (status: Int32, output: String) {
  let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
  let folders = [own, CommandLine.arguments[0], Bundle.main.bundlePath].map {
    URL(filePath: $0).deletingLastPathComponent().path
  }
  let program = try #require(
    folders.map { $0 + "/gloss-simulate" }.first(where: FileManager.default.isExecutableFile),
    "gloss-simulate is built beside the tests")
  let process = Process()
  process.executableURL = URL(filePath: program)
  process.arguments = arguments
  let pipe = Pipe()
  process.standardOutput = pipe
  try process.run()
  let output = String(decoding: pipe.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return (process.terminationStatus, output)
}

/// Does not send what it confirms.
struct Swallowing: HubTransport {
  let base: any HubTransport

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    guard case .push(let library, _, let cursor) = request.action else {
      return try await base.send(request)
    }
    return try await base.send(
      HubRequest(.pull(library, after: cursor), credential: request.credential))
  }
}
