import Foundation
import GRDBSQLite
import Glibc
import GlossCore

/// Durable pushes under load at a real `gloss-hub`, over HTTP, against bare inserts of as many bytes with `synchronous=FULL`
/// on the same disk.
///
/// Each device has a connection and a library of its own, and pushes one bundle after another: a request goes out when the
/// reply to the one before has come whole and is the page that it has to be. One thread drives all devices. In rounds, so
/// that what else the machine does meets both alike.
enum HubPushes {
  private static let deviceCounts = [1, 64]
  private static let rounds = 7
  private static let seconds = 1.5

  /// Measures the hub of an executable and prints the rates of each round.
  ///
  /// - Parameter arguments: Where the hub keeps its data: `--data DIR`, or `--postgres CONNINFO`.
  static func run(hub executable: String, _ arguments: [String]) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gloss-bench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let storage = arguments.isEmpty ? ["--data", folder.path + "/hub"] : arguments
    let hub = try HubProcess(executable, storage)
    defer { hub.stop() }
    print("devices  pushes/s  of bare inserts/s   CPU of the hub  CPU of the devices")
    var ratios: [Int: [Double]] = [:]
    for round in 1...rounds {
      let bare = bareInsertsPerSecond(path: folder.path + "/bare-\(round)")
      for count in deviceCounts {
        let load = load(on: hub, devices: count)
        ratios[count, default: []].append(load.pushesPerSecond / bare)
        print(
          String(
            format: "%7d  %8.0f  %5.2fx of %6.0f  %11.2f cores  %12.2f cores", count,
            load.pushesPerSecond, load.pushesPerSecond / bare, bare, load.hubCores, load.ownCores))
      }
    }
    for count in deviceCounts {
      let median = ratios[count, default: []].sorted()[rounds / 2]
      print(String(format: "%7d  median  %8.2fx", count, median))
    }
  }

  private struct Load {
    var pushesPerSecond: Double
    /// Cores that the hub and the devices kept busy.
    var hubCores: Double
    var ownCores: Double
  }

  private static func load(on hub: HubProcess, devices count: Int) -> Load {
    var random = SystemRandomNumberGenerator()
    let devices = (0..<count).map { _ in
      RawDevice(port: hub.port, library: LibraryID.random(using: &random))
    }
    var poll = Poll()
    for (number, device) in devices.enumerated() { poll.add(device.connection, number: number) }
    let start = (now, hub.cpuSeconds, ownCPUSeconds)
    for device in devices { device.push() }
    var underWay = count
    var answered = 0
    var end = start.0
    while underWay > 0 {
      for number in poll.wait(milliseconds: 10_000) {
        let device = devices[number]
        guard let reply = device.connection.receive() else { continue }
        device.check(reply)
        end = now
        // What comes in after the time is over is not counted.
        if end - start.0 < seconds {
          answered += 1
          device.push()
        } else {
          underWay -= 1
        }
      }
    }
    let elapsed = end - start.0
    return Load(
      pushesPerSecond: Double(answered) / seconds,
      hubCores: (hub.cpuSeconds - start.1) / elapsed,
      ownCores: (ownCPUSeconds - start.2) / elapsed)
  }

  /// Returns how many rows a second SQLite inserts, each in a transaction of its own that is on the disk when it returns.
  private static func bareInsertsPerSecond(path: String) -> Double {
    var connection: OpaquePointer?
    let setUp = """
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE entry(id INTEGER PRIMARY KEY, body BLOB NOT NULL);
      """
    var statement: OpaquePointer?
    guard sqlite3_open(path, &connection) == SQLITE_OK,
      sqlite3_exec(connection, setUp, nil, nil, nil) == SQLITE_OK,
      sqlite3_prepare_v2(
        connection, "INSERT INTO entry(body) VALUES (randomblob(\(RawDevice.bundleByteCount)))", -1,
        &statement, nil)
        == SQLITE_OK
    else { fatalError("SQLite makes no table") }
    defer {
      sqlite3_finalize(statement)
      sqlite3_close(connection)
    }
    var count = 0
    let start = now
    while now - start < seconds {
      guard sqlite3_step(statement) == SQLITE_DONE else { fatalError("the row was not stored") }
      sqlite3_reset(statement)
      count += 1
    }
    return Double(count) / (now - start)
  }
}
