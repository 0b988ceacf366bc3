import Foundation
import GRDBSQLite
import Glibc
import GlossCore
import GlossHTTP
import GlossWire

/// Durable pushes under load at a real `gloss-hub`, over HTTP, against bare inserts of as many bytes with `synchronous=FULL`
/// on the same disk.
enum HubPushes {
  private static let clientCount = 64
  private static let contentByteCount = 400
  private static let seconds = 5.0

  /// Measures the hub of an executable and prints both rates.
  ///
  /// - Parameter arguments: Where the hub keeps its data: `--data DIR`, or `--postgres CONNINFO`.
  static func run(hub executable: String, _ arguments: [String]) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gloss-bench-\(getpid())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let storage = arguments.isEmpty ? ["--data", folder.path + "/hub"] : arguments
    let bare = bareInsertsPerSecond(path: folder.path + "/bare")
    let hub = Process()
    let output = Pipe()
    hub.executableURL = URL(filePath: executable)
    hub.arguments = ["serve", "--listen", "127.0.0.1:0", "--log-level", "error"] + storage
    hub.standardOutput = output
    try hub.run()
    defer {
      hub.terminate()
      hub.waitUntilExit()
    }
    let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
    guard let address = line.split(separator: "\n").first?.split(separator: " ").last else {
      fatalError("the hub did not start")
    }
    for clients in [1, clientCount] {
      let pushes = try await pushesPerSecond(address: String(address), clients: clients)
      print(
        String(
          format: "%2d clients  %7.0f pushes/s  %5.2fx of %.0f bare inserts/s", clients, pushes,
          pushes / bare, bare))
    }
  }

  /// Lets clients push one small bundle after another, each to a library of its own, and returns how many a second were
  /// answered.
  private static func pushesPerSecond(address: String, clients: Int) async throws -> Double {
    var options = CurlTransport.Options(userAgent: "gloss-bench")
    options.concurrentRequestLimit = clients
    let transport = try CurlTransport(address: address, options: options)
    var random = SystemRandomNumberGenerator()
    let credential = String(repeating: "0123456789abcdef", count: 4)
    let libraries = (0..<clients).map { _ in LibraryID.random(using: &random) }
    for library in libraries {
      _ = try await transport.send(HubRequest(.createLibrary(library), credential: credential))
    }
    let start = now
    let count = try await withThrowingTaskGroup(of: Int.self) { group in
      for library in libraries {
        group.addTask {
          var count = 0
          var cursor: Cursor?
          while now - start < seconds {
            let bundle = bundle(of: library, seq: UInt64(count + 1))
            let request = HubRequest(
              .push(library, bundles: [bundle], after: cursor), credential: credential)
            guard case .page(let page) = try await transport.send(request) else { return count }
            cursor = page.cursor
            count += 1
          }
          return count
        }
      }
      return try await group.reduce(0, +)
    }
    await transport.close()
    return Double(count) / (now - start)
  }

  /// Returns a bundle that a hub takes in: it cannot tell what is sealed.
  private static func bundle(of library: LibraryID, seq: UInt64) -> [UInt8] {
    func tip(_ seq: UInt64) -> [UInt8] {
      (0..<32).map { UInt8(truncatingIfNeeded: seq >> (8 * UInt64($0 % 8))) }
    }
    let header = BundleHeader(
      library: library, epoch: 1, origin: ReplicaID(1), first: seq, last: seq,
      previousTip: tip(seq - 1),
      tip: tip(seq))
    return header.bytes + [UInt8](repeating: 7, count: contentByteCount)
  }

  /// Returns how many rows a second SQLite inserts, each in a transaction of its own that is on the disk when it returns.
  private static func bareInsertsPerSecond(path: String) -> Double {
    var connection: OpaquePointer?
    let setUp = """
      PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
      CREATE TABLE entry(id INTEGER PRIMARY KEY, body BLOB NOT NULL);
      """
    var statement: OpaquePointer?
    let size = BundleHeader.byteCount + contentByteCount
    guard sqlite3_open(path, &connection) == SQLITE_OK,
      sqlite3_exec(connection, setUp, nil, nil, nil) == SQLITE_OK,
      sqlite3_prepare_v2(
        connection, "INSERT INTO entry(body) VALUES (randomblob(\(size)))", -1, &statement, nil)
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

  private static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
