import Foundation
import Glibc
import Gloss
import GlossCore
import GlossSeal
import GlossStore
import GlossSync

/// Measures Gloss against plain tables in the same run, and prints ratios of CPU time: on a shared machine seconds waver, and
/// ratios within a run much less.
@main
struct Bench {
  static func main() async throws {
    let words = CommandLine.arguments.dropFirst()
    if words.first == "fill", words.count == 3, let count = words.last.flatMap({ Int($0) }) {
      return try fill(words[2], count)
    }
    if words.first == "plain", words.count == 3, let count = words.last.flatMap({ Int($0) }) {
      let cost = measurePlain(Workload(recordCount: count), words[2])
      return print(String(format: "%.3f %.3f", cost.cpu, cost.wall))
    }
    if words.first == "search", words.count >= 2 {
      let count = words.dropFirst(2).first.flatMap { Int($0) } ?? 40_000
      return try Searching.run(words[2], articleCount: count)
    }
    if words.first == "hub", let executable = words.dropFirst().first {
      return try HubPushes.run(hub: executable, Array(words.dropFirst(2)))
    }
    if words.first == "waiters", words.count == 3, let count = words.last.flatMap({ Int($0) }) {
      return try HubWaiters.run(hub: words[2], count: count)
    }
    let arguments = words.compactMap { Int($0) }
    let count = arguments.first ?? 100_000
    let rounds = arguments.dropFirst().first ?? 5
    let workload = Workload(recordCount: count)
    print("\(count) records of \(workload.byteCount / count) bytes, \(rounds) rounds, medians")
    var plain: [Cost] = []
    var local: [Cost] = []
    var merge: [Cost] = []
    var sizes = Sizes()
    for _ in 0..<rounds {
      let folder = FileManager.default.temporaryDirectory.appending(path: "gloss-bench-\(getpid())")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      defer { try? FileManager.default.removeItem(at: folder) }
      plain.append(measurePlain(workload, folder.path + "/plain"))
      let (one, two) = try await measureGloss(workload, folder.path, &sizes)
      local.append(one)
      merge.append(two)
    }
    let limit = plain.median
    print("                        CPU s   wall s   CPU ratio   goal")
    report("plain tables", limit, limit, goal: "")
    report("local insert", local.median, limit, goal: "3.0 (2.0)")
    report("sync and merge", merge.median, limit, goal: "3.0 (2.5)")
    let values = Double(workload.byteCount)
    print(
      """
      file, plain tables      \(ratio(Double(sizes.plain), values)) of the bytes of the values
      file, with history      \(ratio(Double(sizes.file), values)) of the bytes of the values
      on the wire             \(sizes.wire / count) bytes a record, sealed
      """)
  }

  /// Adds records to a reading library that `gloss init` has made.
  private static func fill(_ path: String, _ count: Int) throws {
    var random = SystemRandomNumberGenerator()
    let replica = try Replica.open(at: path, schema: .reading, using: &random)
    try replica.write(at: 1_700_000_000_000) { edits in
      for row in Workload(recordCount: count).rows {
        // The benchmark's anchors are columns, the reading domain's are one value.
        let anchor: Set<Name> = ["quote", "prefix", "suffix", "start", "finish"]
        try edits.add(
          RecordKey(row.kind, row.id), row.valuesByField.filter { !anchor.contains($0.key) })
      }
    }
    try replica.close()
  }

  private static func measurePlain(_ workload: Workload, _ path: String) -> Cost {
    let tables = PlainTables(path: path)
    defer { tables.close() }
    return Cost.of { tables.insert(workload.rows) }
  }

  private static func measureGloss(
    _ workload: Workload, _ folder: String, _ sizes: inout Sizes
  ) async throws -> (local: Cost, merge: Cost) {
    var random = Seeded(state: 1)
    let library = LibraryID.random(using: &random)
    let root = RootKey.random(using: &random)
    let desk = try Replica.create(
      at: folder + "/desk", library: library, id: .random(using: &random), schema: Workload.schema)
    let lap = try Replica.create(
      at: folder + "/lap", library: library, id: .random(using: &random), schema: Workload.schema)
    let local = try Cost.of {
      try desk.write(at: 1_700_000_000_000) { edits in
        for row in workload.rows {
          try edits.add(RecordKey(row.kind, row.id), row.valuesByField)
        }
      }
    }
    let hub = MemoryHub()
    try await HubSetup.connect(
      desk, root: root, to: "http://memory", over: hub, using: &random)
    try await HubSetup.connect(
      lap, root: root, to: "http://memory", over: hub, using: &random)
    func engine(_ replica: Replica) -> SyncEngine {
      SyncEngine(
        replica: replica, root: root, transport: hub, using: Seeded(state: 2), sleep: { _ in })
    }
    _ = try await engine(desk).sync()
    sizes.wire = await hub.byteCount
    let merge = try await Cost.ofAsync { _ = try await engine(lap).sync() }
    try desk.close()
    try lap.close()
    sizes.file = fileSize(folder + "/lap") + fileSize(folder + "/lap-wal")
    sizes.plain = fileSize(folder + "/plain") + fileSize(folder + "/plain-wal")
    return (local, merge)
  }

  private static func report(_ name: String, _ cost: Cost, _ limit: Cost, goal: String) {
    let columns = [
      String(format: "%8.3f", cost.cpu), String(format: "%8.3f", cost.wall),
      ratio(cost.cpu, limit.cpu).padded(to: 8), goal.padded(to: 14),
    ]
    print(name.padding(toLength: 20, withPad: " ", startingAt: 0), columns.joined(separator: " "))
  }
}

struct Sizes {
  var plain = 0
  var file = 0
  var wire = 0
}

/// Seconds that something took.
struct Cost {
  var cpu: Double
  var wall: Double

  static func of(_ body: () throws -> Void) rethrows -> Cost {
    let start = now
    try body()
    return Cost(cpu: now.cpu - start.cpu, wall: now.wall - start.wall)
  }

  static func ofAsync(_ body: () async throws -> Void) async rethrows -> Cost {
    let start = now
    try await body()
    return Cost(cpu: now.cpu - start.cpu, wall: now.wall - start.wall)
  }

  private static var now: Cost {
    Cost(cpu: seconds(CLOCK_PROCESS_CPUTIME_ID), wall: seconds(CLOCK_MONOTONIC))
  }

  private static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}

extension [Cost] {
  var median: Cost { sorted { $0.cpu < $1.cpu }[count / 2] }
}

extension String {
  fileprivate func padded(to width: Int) -> String {
    String(repeating: " ", count: Swift.max(0, width - count)) + self
  }
}

private func ratio(_ value: Double, _ limit: Double) -> String {
  String(format: "%.2fx", value / limit)
}

private func fileSize(_ path: String) -> Int {
  var info = stat()
  return stat(path, &info) == 0 ? Int(info.st_size) : 0
}
