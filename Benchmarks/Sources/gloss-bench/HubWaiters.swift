import Foundation
import Glibc
import GlossCore

/// Many connections to a real `gloss-hub` over which pulls wait for news, all of one library, and what one push costs then.
enum HubWaiters {
  private static let waitSeconds = 60

  /// Measures the hub of an executable, and prints its threads, its memory and when who waited was answered.
  static func run(hub executable: String, count: Int) throws {
    openManyFiles()
    let folder = FileManager.default.temporaryDirectory.appending(path: "gloss-bench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let hub = try HubProcess(
      executable, ["--data", folder.path, "--max-connections", "\(count + 16)"])
    defer { hub.stop() }
    var random = SystemRandomNumberGenerator()
    let device = RawDevice(port: hub.port, library: LibraryID.random(using: &random))
    let before = (hub.threadCount, hub.residentByteCount)

    var poll = Poll()
    let pull = device.waitingPull(seconds: waitSeconds)
    let start = now
    let waiters = (0..<count).map { number in
      let connection = RawConnection(port: hub.port)
      poll.add(connection, number: number)
      connection.send(pull)
      return connection
    }
    while hub.figure("waiting_pulls") < count {
      guard now - start < Double(waitSeconds) / 2 else { fatalError("not all pulls wait") }
      usleep(100_000)
    }
    let opening = now - start
    let idle = hub.cpuSeconds
    sleep(2)
    let idleCPU = hub.cpuSeconds - idle
    let waiting = (hub.threadCount, hub.residentByteCount)
    guard poll.wait(milliseconds: 0).isEmpty else { fatalError("a pull did not wait") }

    let pushStart = (now, hub.cpuSeconds)
    device.push()
    device.check(device.connection.receiveWhole())
    let pushed = now
    let page = device.pageOfBundle
    var times: [Double] = []
    while times.count < count {
      let ready = poll.wait(milliseconds: 30_000)
      guard !ready.isEmpty else { fatalError("\(count - times.count) pulls were not answered") }
      for number in ready {
        guard let reply = waiters[number].receive() else { continue }
        guard reply.status == 200, reply.body.elementsEqual(page) else {
          fatalError("a pull was not answered with the bundle")
        }
        times.append(now - pushStart.0)
      }
    }
    func milliseconds(_ seconds: Double) -> String { String(format: "%7.1f ms", seconds * 1_000) }
    print(
      """
      \(count) waiting pulls, opened in \(milliseconds(opening))
      threads of the hub      \(before.0) before, \(waiting.0) with all waiting
      memory of the hub       \(before.1 >> 20) MiB before, \(waiting.1 >> 20) with all waiting: \
      \(String(format: "%.1f", Double(waiting.1 - before.1) / Double(count) / 1_024)) KiB each
      CPU while they wait     \(milliseconds(idleCPU / 2)) a second
      the push was answered   \(milliseconds(pushed - pushStart.0))
      the first who waited    \(milliseconds(times[0]))
      the median              \(milliseconds(times[count / 2]))
      the last                \(milliseconds(times[count - 1]))
      CPU of the hub          \(milliseconds(hub.cpuSeconds - pushStart.1)) in all
      """)
  }

  /// Lets this process, and the hub that it starts, open as many files as they may.
  private static func openManyFiles() {
    var limit = rlimit()
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
