import Foundation
import GlossCore
import GlossCrypto
import GlossHub
import GlossWire
import Testing

/// A directory of its own, removed with the last use of it.
final class TemporaryDirectory: Sendable {
  let path: String

  init() throws {
    let template = FileManager.default.temporaryDirectory.path + "/gloss-hub-tests.XXXXXX"
    var bytes = template.utf8CString
    let made = bytes.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
    }
    path = try #require(made)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// SplitMix64: the same seed gives the same numbers.
struct SeededGenerator: RandomNumberGenerator, Sendable {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A clock that a test sets.
final class TestClock: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Int64 = 1_700_000_000_000

  var now: Int64 { lock.withLock { value } }

  func advance(by milliseconds: Int64) { lock.withLock { value += milliseconds } }
}

/// Seconds that pass when a test says so.
actor TestTimer {
  private var ends: [AsyncStream<Void>.Continuation] = []
  private(set) var durations: [Duration] = []

  /// Returns when the test ends all sleeps, or the task is cancelled.
  nonisolated func sleep(_ duration: Duration) async throws {
    let (end, continuation) = AsyncStream.makeStream(of: Void.self)
    await add(duration, continuation)
    for await _ in end {}
    try Task.checkCancellation()
  }

  private func add(_ duration: Duration, _ end: AsyncStream<Void>.Continuation) {
    durations.append(duration)
    ends.append(end)
  }

  /// Ends all sleeps.
  func fire() {
    for end in ends { end.finish() }
    ends = []
  }
}

/// Counts the errors that a hub reports.
final class Reports: @unchecked Sendable {
  private let lock = NSLock()
  private var errors: [any Error] = []

  var count: Int { lock.withLock { errors.count } }

  func add(_ error: any Error) { lock.withLock { errors.append(error) } }
}

/// The stores that a hub can have.
enum StoreKind: String, CaseIterable, Sendable, CustomTestStringConvertible {
  case sqlite = "SQLite"
  #if PostgreSQL
    case postgres = "PostgreSQL"
  #endif

  /// Those that this machine can run.
  static let all = allCases.filter(\.isHere)

  var isHere: Bool {
    #if PostgreSQL
      self == .sqlite || PostgresServer.isInstalled
    #else
      true
    #endif
  }

  var testDescription: String { rawValue }
}

/// A hub over a store of its own, with a library and one device.
struct HubFixture {
  static let token = "the-first-token-of-the-library"

  let directory: TemporaryDirectory
  let store: any HubStorage
  /// The name of its PostgreSQL database.
  private(set) var database: String?
  let hub: Hub
  let clock = TestClock()
  let timer = TestTimer()
  let reports = Reports()
  let library = LibraryID(0xA1)

  init(
    _ kind: StoreKind = .sqlite, in directory: TemporaryDirectory? = nil,
    pageByteCount: Int = 1_024 * 1_024,
    pageLimit: Int? = nil, registration: Registration = .open, libraryByteCount: Int? = nil,
    bundlesPerMinute: Int? = nil, seed: UInt64 = 1,
    database given: String? = nil, adjust: (inout HubLimits) -> Void = { _ in }
  ) async throws {
    self.directory = try directory ?? TemporaryDirectory()
    switch kind {
    case .sqlite:
      store = try SQLiteStorage(directory: self.directory.path + "/data", pageLimit: pageLimit)
    #if PostgreSQL
      case .postgres:
        let database: String
        if let name = given {
          database = name
        } else {
          database = try await PostgresServer.shared.createDatabase()
        }
        self.database = database
        store = try await PostgresStorage(
          conninfo: try await PostgresServer.shared.conninfo(database),
          report: { [reports] in reports.add($0) })
    #endif
    }
    var limits = HubLimits(pageByteCount: pageByteCount)
    limits.libraryByteCount = libraryByteCount
    limits.bundlesPerMinute = bundlesPerMinute
    adjust(&limits)
    hub = Hub(
      storage: store, limits: limits, registration: registration, software: "test",
      clock: { [clock] in clock.now }, sleep: { [timer] in try await timer.sleep($0) },
      generator: SeededGenerator(state: seed),
      report: { [reports] in reports.add($0) })
    if case .invited = registration { return }
    if pageLimit == nil { #expect(try await ask(.createLibrary(library)) == .done) }
  }

  func ask(_ action: HubRequest.Action, token: String = Self.token) async throws -> HubReply {
    try await hub.reply(to: HubRequest(action, credential: token))
  }

  func problem(_ action: HubRequest.Action, token: String = Self.token) async -> Problem? {
    do throws(Problem) {
      _ = try await hub.reply(to: HubRequest(action, credential: token))
      return nil
    } catch {
      return error
    }
  }

  func devices() async throws -> [HubDevice] {
    guard case .devices(let devices) = try await ask(.devices(library)) else {
      throw Problem(.unknown, status: 0, detail: "no devices")
    }
    return devices
  }

  func page(_ action: HubRequest.Action) async throws -> Page {
    guard case .page(let page) = try await ask(action) else {
      throw Problem(.unknown, status: 0, detail: "no page")
    }
    return page
  }

  func push(_ bundles: [[UInt8]], after cursor: Cursor? = nil) async throws -> Page {
    try await page(.push(library, bundles: bundles, after: cursor))
  }

  func refusal(of bundles: [[UInt8]]) async -> Problem? {
    await problem(.push(library, bundles: bundles, after: nil))
  }

  func pull(after cursor: Cursor? = nil) async throws -> Page {
    try await page(.pull(library, after: cursor))
  }

  func wait(
    _ seconds: Int = 30, after cursor: Cursor? = nil, library: LibraryID? = nil,
    token: String = Self.token
  ) async throws -> Page {
    let pull = HubRequest.Action.pull(
      library ?? self.library, after: cursor, waitSeconds: seconds)
    guard case .page(let page) = try await ask(pull, token: token) else {
      throw Problem(.unknown, status: 0, detail: "no page")
    }
    return page
  }

  /// Returns once as many pulls wait.
  func waiters(_ count: Int) async {
    while await store.appends.count != count { await Task.yield() }
  }

  func vector(at index: UInt64? = nil) async throws -> HubVector {
    guard case .vector(let vector) = try await ask(.vector(library, at: index)) else {
      throw Problem(.unknown, status: 0, detail: "no vector")
    }
    return vector
  }

  /// Every bundle of the log, page by page.
  func wholeLog() async throws -> (bundles: [[UInt8]], end: Cursor) {
    var page = try await pull()
    var bundles = page.bundles
    while page.hasMore {
      page = try await pull(after: page.cursor)
      bundles += page.bundles
    }
    return (bundles, page.cursor)
  }

  /// A bundle whose tips follow from its numbers, so that runs of one `branch` fit together.
  func bundle(
    _ origin: UInt128, _ first: UInt64, _ last: UInt64, branch: String = "", after: String? = nil,
    size: Int = 150, library: LibraryID? = nil
  ) -> [UInt8] {
    let header = BundleHeader(
      library: library ?? self.library, epoch: 1, origin: ReplicaID(origin), first: first,
      last: last, previousTip: Self.tip(origin, first - 1, after ?? branch),
      tip: Self.tip(origin, last, branch))
    return header.bytes
      + [UInt8](repeating: UInt8(truncatingIfNeeded: last), count: size - BundleHeader.byteCount)
  }

  static func tip(_ origin: UInt128, _ seq: UInt64, _ branch: String = "") -> [UInt8] {
    sha256(Array("\(origin) \(seq) \(branch)".utf8))
  }

  /// A blob that a hub takes for one, with a name of its own.
  func blob(
    _ number: UInt8, size: Int = 400, filling: UInt8 = 0, library: LibraryID? = nil
  ) -> [UInt8] {
    let header = BlobHeader(
      library: library ?? self.library, epoch: 1, name: [UInt8](repeating: number, count: 32))
    return header.bytes
      + (BlobHeader.byteCount..<size).map { UInt8(truncatingIfNeeded: $0) &+ filling }
  }

  /// Some of a blob's bytes, all by default.
  func part(of blob: [UInt8], _ range: Range<Int>? = nil) -> BlobPart {
    let range = range ?? 0..<blob.count
    return BlobPart(
      name: Array(blob[21..<53]), digest: sha256(blob), size: blob.count,
      offset: range.lowerBound, bytes: Array(blob[range]))
  }

  func upload(_ blobs: [UInt8]...) async throws -> [BlobHolding] {
    try await upload(blobs.map { part(of: $0) })
  }

  func upload(_ parts: [BlobPart]) async throws -> [BlobHolding] {
    guard case .holdings(let holdings) = try await ask(.uploadBlobs(library, parts: parts)) else {
      throw Problem(.unknown, status: 0, detail: "no holdings")
    }
    return holdings
  }

  /// What the hub says of blobs, by number and offset.
  func fetch(_ wants: (number: UInt8, offset: Int)...) async throws -> [BlobPart] {
    let wants = wants.map {
      BlobWant(name: [UInt8](repeating: $0.number, count: 32), offset: $0.offset)
    }
    guard case .blobParts(let parts) = try await ask(.fetchBlobs(library, wants: wants)) else {
      throw Problem(.unknown, status: 0, detail: "no parts")
    }
    return parts
  }

  /// The digest that stands for a token or for a secret.
  static func digest(_ secret: String) -> [UInt8] { sha256(Array(secret.utf8)) }

  /// The hash that a log of these bundles ends in, computed apart from the hub.
  static func hash(of bundles: [[UInt8]]) -> [UInt8] {
    bundles.reduce([UInt8](repeating: 0, count: 16)) { hash, bundle in
      Array(sha256(hash + sha256(bundle)).prefix(16))
    }
  }
}
