internal import Foundation
internal import GlossCore
internal import GlossHub
internal import GlossStore
internal import GlossWire

/// The hub of a simulated world, its files, and what the simulator knows of what is in them.
struct SimulatedHub {
  /// What the hub has, known without a look into its files.
  struct Content {
    var log = History.Log()
    var logName: [UInt8] = []
    var vector = Vector()
    var writes: Set<WriteSignature> = []
  }

  let folder: String
  let limits: HubLimits
  private let clock: Locked<Int64>
  private let generator: Locked<SeededGenerator>
  private var store: SQLiteStorage
  private(set) var hub: Hub
  var content = Content()
  private var backup: (path: String, content: Content)?
  private var backupCount = 0

  init(folder: String, limits: HubLimits, clock: Locked<Int64>, seed: UInt64) throws {
    self.folder = folder
    self.limits = limits
    self.clock = clock
    generator = Locked(SeededGenerator(seed: seed))
    store = try SQLiteStorage(directory: folder + "/hub")
    hub = Self.hub(of: store, limits, clock, seed: seed)
  }

  var hasBackup: Bool { backup != nil }

  private static func hub(
    of store: SQLiteStorage, _ limits: HubLimits, _ clock: Locked<Int64>, seed: UInt64
  ) -> Hub {
    Hub(
      storage: store, limits: limits, software: "simulated", clock: { clock.withLock { $0 } },
      generator: SeededGenerator(seed: seed), report: { _ in })
  }

  /// Does what is asked, through the HTTP binding both ways.
  func answer(_ request: HubRequest) async -> HTTPReply {
    let http = request.http
    do throws(Problem) {
      guard http.body.count <= limits.requestByteCount else {
        throw Problem(
          .tooLarge, status: 413, detail: "the body is over \(limits.requestByteCount) bytes",
          limit: UInt64(limits.requestByteCount))
      }
      return try await hub.reply(to: HubRequest(http: http)).http()
    } catch {
      return error.http
    }
  }

  mutating func backUp() throws {
    try store.close()
    backupCount += 1
    let path = folder + "/hub-backup-\(backupCount)"
    try FileManager.default.copyItem(atPath: folder + "/hub", toPath: path)
    backup = (path, content)
    try open()
  }

  /// Puts the backup in the place of the hub's data.
  mutating func rollBack() throws {
    guard let backup else { return }
    try replaceFiles(with: backup.path)
    content = backup.content
    content.log.isOfPutBackHub = true
  }

  mutating func wipe() throws {
    try replaceFiles(with: nil)
    backup = nil
    content = Content()
    content.log.isOfPutBackHub = true
  }

  /// Starts the hub again, on its data as they are, on a disk that can fail until nobody has it any more.
  mutating func moveToFaultyDisk() throws -> FaultyDisk {
    try store.close()
    let disk = try FaultyDisk(folder + "/hub")
    try open()
    return disk
  }

  /// Starts the hub again on what a loss of power leaves of its data.
  mutating func restart(on disk: FaultyDisk, after loss: PowerLoss) throws {
    let wreck = disk.wreck()
    try store.close()
    try disk.mount(wreck, loss)
    try open()
  }

  func close() throws { try store.close() }

  private mutating func replaceFiles(with path: String?) throws {
    try store.close()
    try FileManager.default.removeItem(atPath: folder + "/hub")
    if let path {
      try FileManager.default.copyItem(atPath: path, toPath: folder + "/hub")
    }
    try open()
  }

  private mutating func open() throws {
    store = try SQLiteStorage(directory: folder + "/hub")
    hub = Self.hub(of: store, limits, clock, seed: generator.withLock { $0.next() })
  }
}
