import Foundation
import Glibc

/// A real `gloss-hub`, started for a measurement.
final class HubProcess {
  let port: UInt16
  /// Where the figures are.
  let metricsPort: UInt16
  private let process = Process()

  /// Starts the hub of an executable; `arguments` say where it keeps its data, and what else.
  init(_ executable: String, _ arguments: [String]) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: executable)
    process.arguments =
      [
        "serve", "--listen", "127.0.0.1:0", "--metrics-listen", "127.0.0.1:0", "--log-level",
        "error",
      ]
      + arguments
    process.standardOutput = output
    try process.run()
    // Two lines: where it listens, and where the figures are.
    var text = ""
    while text.filter({ $0 == "\n" }).count < 2 {
      let data = output.fileHandleForReading.availableData
      guard !data.isEmpty else { fatalError("the hub did not start") }
      text += String(decoding: data, as: UTF8.self)
    }
    let ports = text.split { !$0.isNumber }.compactMap { UInt16($0) }.filter { $0 > 1_023 }
    (port, metricsPort) = (ports[0], ports[1])
  }

  /// The value of one of its figures.
  func figure(_ name: String) -> Int {
    let reply = RawConnection(port: metricsPort).ask(
      Array("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".utf8))
    let line = String(decoding: reply.body, as: UTF8.self).split(separator: "\n").first {
      $0.hasPrefix("gloss_hub_\(name) ")
    }
    return line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
  }

  /// Stops it and waits for its end.
  func stop() {
    process.terminate()
    process.waitUntilExit()
  }

  /// The seconds of CPU time that it has used.
  var cpuSeconds: Double {
    // After the name, which ends in the last bracket, fields 14 and 15 of all are at 11 and 12.
    let words = file("stat").split(separator: ")").last?.split(separator: " ") ?? []
    let ticks = words.dropFirst(11).prefix(2).compactMap { Double($0) }.reduce(0, +)
    return ticks / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  var threadCount: Int { status("Threads") }

  /// The bytes of memory that it has.
  var residentByteCount: Int { status("VmRSS") * 1_024 }

  private func status(_ name: String) -> Int {
    let line = file("status").split(separator: "\n").first { $0.hasPrefix(name + ":") }
    return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
  }

  private func file(_ name: String) -> String {
    (try? String(contentsOfFile: "/proc/\(process.processIdentifier)/\(name)", encoding: .utf8))
      ?? ""
  }
}

/// Seconds on a clock that only goes forward.
var now: Double { seconds(CLOCK_MONOTONIC) }

/// The seconds of CPU time that this process has used.
var ownCPUSeconds: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

private func seconds(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}
