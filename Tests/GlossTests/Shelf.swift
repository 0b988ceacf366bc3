import Foundation
import Gloss
import GlossCore
import GlossHub
import GlossTesting
import Testing

/// A folder with libraries in it, a clock that stands still, and one hub in the same process; gone with the last of the
/// libraries, whose clock keeps it.
final class Shelf: Sendable {
  let path: String
  let clock = Clock()
  let transport: LoopbackTransport

  init() throws {
    path = FileManager.default.temporaryDirectory.appending(path: "gloss-\(UUID())").path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    let store = try SQLiteStorage(directory: path + "/hub")
    transport = LoopbackTransport(
      Hub(
        storage: store, limits: HubLimits(), software: "test", clock: { 1_000_000 },
        generator: SeededGenerator(seed: 1), report: { _ in }))
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func library(_ name: String) throws -> Library {
    try Library.create(
      at: path + "/" + name, deviceName: name, clock: { self.clock.now() },
      randomness: randomness(name))
  }

  func open(_ name: String) throws -> Library {
    try Library.open(
      at: path + "/" + name, clock: { self.clock.now() }, randomness: randomness(name))
  }

  /// Another machine's copy of a library that knows the hub.
  func copy(of library: Library, as name: String) async throws -> Library {
    let code = try await library.pairingCode(over: transport)
    return try await Library.join(
      at: path + "/" + name, with: code, deviceName: name, over: transport,
      clock: { self.clock.now() },
      randomness: randomness(name))
  }

  func sync(_ libraries: Library...) async throws {
    for library in libraries + libraries {
      _ = try await library.sync(over: transport, sleep: { _ in })
    }
  }

  private func randomness(_ name: String) -> Library.Randomness {
    let make = SeededGenerator.sequence(after: name.utf8.reduce(0) { $0 * 31 + UInt64($1) })
    return { make() }
  }
}

/// Milliseconds that a test moves on.
final class Clock: @unchecked Sendable {
  private let lock = NSLock()
  private var milliseconds: UInt64 = 1_000_000

  func advance() { lock.withLock { milliseconds += 1_000 } }

  func set(_ time: UInt64) { lock.withLock { milliseconds = time } }

  var now: @Sendable () -> UInt64 { { self.lock.withLock { self.milliseconds } } }
}

extension Library {
  /// Adds an article with a text.
  func addArticle(
    _ title: String, text: String = "Every reader writes in the margin.", url: String? = nil,
    tags: [String] = []
  ) throws -> Article {
    var draft = ArticleDraft()
    draft.title = title
    draft.text = text
    draft.url = url
    draft.tags = tags
    let id = try add(draft).id
    return try #require(try article(id))
  }
}
