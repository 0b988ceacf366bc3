import Foundation
import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// The kinds of the tests: pages, and notes on them.
let schema = Schema([
  Kind(
    "page",
    fields: [
      Field("title", .text, .keep), Field("body", .blob, .keep),
      Field("progress", .integer, .latest),
    ],
    families: [Family("tag", .latest)]),
  Kind("note", fields: [Field("page", .reference("page"), .keep), Field("body", .text, .keep)]),
])

func page(_ number: UInt128) -> RecordKey { RecordKey("page", RecordID(number)) }
func note(_ number: UInt128) -> RecordKey { RecordKey("note", RecordID(number)) }

/// A folder that goes away with the test.
final class Folder {
  let path: String

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "gloss-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}

/// How long an engine has waited, without any waiting.
actor Waits {
  private(set) var durations: [Duration] = []

  func add(_ duration: Duration) { durations.append(duration) }
}

/// One hub and some replicas of one library, each of which reaches the hub in its own way.
final class World {
  let folder: Folder
  let library = LibraryID(7)
  let root: RootKey
  let waits = Waits()
  /// The hub's clock, which a test sets.
  let clock = Locked<Int64>(1_000_000)
  private(set) var names: [String]
  private var replicas: [String: Replica] = [:]
  private var transports: [String: LoopbackTransport] = [:]
  private var generator: SeededGenerator
  private let limits: HubLimits
  private var store: SQLiteStorage
  private(set) var hub: Hub

  /// Makes a hub and replicas that are connected with it.
  init(_ names: String..., seed: UInt64 = 1, limits: HubLimits = HubLimits()) async throws {
    folder = try Folder()
    generator = SeededGenerator(seed: seed)
    root = RootKey.random(using: &generator)
    self.names = []
    self.limits = limits
    store = try SQLiteStorage(directory: folder.file("hub"))
    hub = Self.hub(of: store, limits, seed: seed, clock)
    for name in names { _ = try await join(name) }
  }

  deinit { try? store.close() }

  subscript(name: String) -> Replica { replicas[name]! }

  /// Randomness for what a test does itself.
  func newGenerator() -> SeededGenerator { SeededGenerator(seed: generator.next()) }

  func transport(_ name: String) -> LoopbackTransport { transports[name]! }

  private static func hub(
    of store: SQLiteStorage, _ limits: HubLimits, seed: UInt64, _ clock: Locked<Int64>
  ) -> Hub {
    Hub(
      storage: store, limits: limits, software: "test", clock: { clock.withLock { $0 } },
      generator: SeededGenerator(seed: seed), report: { _ in })
  }

  /// A replica that knows no hub.
  func newReplica(_ name: String) throws -> Replica {
    let replica = try Replica.create(
      at: folder.file(name), library: library, id: ReplicaID(UInt128(names.count + 1)),
      schema: schema)
    names.append(name)
    replicas[name] = replica
    transports[name] = LoopbackTransport(hub)
    return replica
  }

  /// Adds a replica of the library, which reaches the hub.
  func adopt(_ replica: Replica, as name: String) {
    names.append(name)
    replicas[name] = replica
    transports[name] = LoopbackTransport(hub)
  }

  /// How a replica's file came to be there twice.
  enum Copying {
    /// Somebody copied the file.
    case file
    /// Somebody copied the whole machine: nothing on it tells.
    case machine
  }

  /// Copies a replica's file and opens the copy.
  func copy(_ name: String, as copyName: String, _ copying: Copying) throws {
    let path = folder.file(copyName)
    for suffix in ["", "-wal"]
    where FileManager.default.fileExists(atPath: self[name].path + suffix) {
      try FileManager.default.copyItem(atPath: self[name].path + suffix, toPath: path + suffix)
    }
    if copying == .machine { try placeSeal(of: name, on: path) }
    adopt(try open(path), as: copyName)
  }

  /// Makes the file beside a copy say of it what that of the original says of the original.
  func placeSeal(of name: String, on path: String) throws {
    let said = try String(contentsOfFile: self[name].path + "-lock", encoding: .utf8)
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    let inode = try #require(attributes[.systemFileNumber] as? UInt64)
    let digits = String(inode)
    let padded = String(repeating: "0", count: 20 - digits.count) + digits
    try (said.split(separator: " ").dropLast().joined(separator: " ") + " \(padded)\n")
      .write(toFile: path + "-lock", atomically: true, encoding: .utf8)
  }

  /// Opens a replica's file.
  func open(_ path: String) throws -> Replica {
    try Replica.open(at: path, schema: schema, using: &generator)
  }

  /// A new replica that is connected with the hub: by a code that `host` asks for, by default the first one made, which
  /// made the library.
  func join(_ name: String, host: String? = nil) async throws -> Replica {
    let first = host ?? names.first
    let replica = try newReplica(name)
    try await reconnect(name, host: first)
    return replica
  }

  /// Connects a replica with the hub: by a code that `host` asks for, or as the library's maker.
  func reconnect(_ name: String, host: String?) async throws {
    if let host {
      let code = try await HubSetup.pairingCode(
        for: self[host], root: root, over: transport(host), using: &generator)
      try await HubSetup.join(self[name], with: code, over: transport(name), using: &generator)
    } else {
      try await HubSetup.connect(
        self[name], root: root, to: "https://hub.example.org", over: transport(name),
        using: &generator)
    }
    await transport(name).forget()
    if let host { await transport(host).forget() }
  }

  func engine(
    _ name: String, over transport: (any HubTransport)? = nil, root: RootKey? = nil,
    history: SnapshotHistory = .whole
  ) -> SyncEngine {
    let waits = waits
    return SyncEngine(
      replica: self[name], root: root ?? self.root, transport: transport ?? self.transport(name),
      history: { history }, using: SeededGenerator(seed: generator.next()),
      sleep: { await waits.add($0) })
  }

  @discardableResult
  func sync(_ name: String, over transport: (any HubTransport)? = nil) async throws -> SyncReport {
    try await engine(name, over: transport).sync()
  }

  /// Syncs everybody until everybody has everybody's changes.
  func syncAll() async throws {
    for _ in 0..<2 {
      for name in names { try await sync(name) }
    }
  }

  /// Lets time pass at the hub: by default enough for it to look again what it can let go of, and to ask again for a snapshot.
  func pass(milliseconds: Int64 = 60 * 60 * 1_000) { clock.withLock { $0 += milliseconds } }

  func vector(_ name: String) throws -> Vector { try self[name].read { try $0.vector() } }

  // MARK: - The hub's data

  /// Copies the hub's data directory to a folder of this name.
  func backUpHub(as name: String) async throws {
    try store.close()
    try FileManager.default.copyItem(atPath: folder.file("hub"), toPath: folder.file(name))
    try await openHub()
  }

  /// Puts the copy of this name in the place of the hub's data, or nothing.
  func restoreHub(from name: String?) async throws {
    try store.close()
    try FileManager.default.removeItem(atPath: folder.file("hub"))
    if let name {
      try FileManager.default.copyItem(atPath: folder.file(name), toPath: folder.file("hub"))
    }
    try await openHub()
  }

  private func openHub() async throws {
    store = try SQLiteStorage(directory: folder.file("hub"))
    hub = Self.hub(of: store, limits, seed: generator.next(), clock)
    for transport in transports.values { await transport.connect(to: hub) }
  }

  /// Asks the hub directly, with the token of this replica.
  func ask(_ name: String, _ action: HubRequest.Action) async throws -> HubReply {
    let credential = try self[name].remote()!.credential
    return try await LoopbackTransport(hub).send(HubRequest(action, credential: credential))
  }

  /// Everything in the hub's log, in one page.
  func log(_ name: String) async throws -> Page {
    var whole: Page?
    repeat {
      let reply = try await ask(name, .pull(library, after: whole?.cursor))
      guard case .page(let page) = reply else { throw HubFailure.notOurs("no page") }
      whole = Page(
        bundles: (whole?.bundles ?? []) + page.bundles, cursor: page.cursor, hasMore: page.hasMore)
    } while whole!.hasMore
    return whole!
  }
}

extension Replica {
  func record(_ key: RecordKey) throws -> Record? { try read { try $0.record(key) } }

  func title(_ number: UInt128) throws -> Value? { try record(page(number))?.values["title"] }

  func add(_ key: RecordKey, _ values: [Name: Value], at now: UInt64 = 1_000) throws {
    try write(at: now) { try $0.add(key, values) }
  }

  /// Edits a record as somebody who sees it as it is now.
  func edit(_ key: RecordKey, _ values: [Name: Value], at now: UInt64 = 1_000) throws {
    let basis = try record(key)!.basis
    try write(at: now) { _ = try $0.edit(key, values, basedOn: basis) }
  }

  func delete(_ key: RecordKey, at now: UInt64 = 1_000) throws {
    let basis = try record(key)!.basis
    try write(at: now) { _ = try $0.delete(key, basedOn: basis) }
  }

  func resolve(_ field: Name, of key: RecordKey, to value: Value, at now: UInt64 = 1_000) throws {
    let basis = try record(key)!.basis
    try write(at: now) { _ = try $0.resolve(field, of: key, to: value, basedOn: basis) }
  }

  /// All that is shown, and what is at odds, as text.
  func shown() throws -> String {
    try read { snapshot in
      var lines: [String] = []
      for kind in snapshot.schema.kinds {
        var query = Query(kind.name)
        query.includesHidden = true
        for record in try snapshot.records(query).sorted(by: { $0.key < $1.key }) {
          let values = record.values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
          let members = record.membersByFamily.values.joined()
          lines.append(
            "\(record.key) \(record.isHidden ? "hidden " : "")\(values) \(members.sorted())")
          let basis = record.basis.heads.sorted { $0.key < $1.key }
          lines.append("  \(basis.map { "\($0.key):\($0.value)" })")
        }
      }
      lines += try snapshot.conflicts().map { "\($0.key) \($0.field) \($0.reason)" }
      lines += try snapshot.quarantine().map { "quarantined \($0.dot)" }
      return lines.joined(separator: "\n")
    }
  }
}

/// Answers with what a closure makes of the replies of another transport.
struct Meddler: HubTransport {
  let base: any HubTransport
  let meddle: @Sendable (HubReply) throws(HubFailure) -> HubReply

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    try meddle(try await base.send(request))
  }
}

/// Does something once, after the first request reached the hub.
///
/// Every action may be repeated, so the request goes to the hub again and that reply comes back.
actor Interloper: HubTransport {
  private let base: any HubTransport
  private var act: (@Sendable () async -> Void)?

  init(base: any HubTransport, act: @escaping @Sendable () async -> Void) {
    self.base = base
    self.act = act
  }

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    guard let act else { return try await base.send(request) }
    self.act = nil
    _ = try await base.send(request)
    await act()
    return try await base.send(request)
  }
}
