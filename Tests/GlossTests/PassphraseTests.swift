import Foundation
import Gloss
import GlossCore
import GlossSeal
import GlossStore
import GlossSync
import Testing

@Suite struct PassphraseTests {
  private let horse = Passphrase("correct horse")!
  private let battery = Passphrase("battery staple")!

  /// The bytes of a library's key, which a pairing code carries.
  private func key(of library: Library, _ shelf: Shelf) async throws -> Data {
    Data(try await library.pairingCode(over: shelf.transport).root.bytes)
  }

  /// The names of the files beside and with a library's that have these bytes.
  private func files(with bytes: Data, _ shelf: Shelf, _ name: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: shelf.path).sorted().filter { file in
      guard file.hasPrefix(name) else { return false }
      return try Data(contentsOf: URL(filePath: shelf.path + "/" + file)).range(of: bytes) != nil
    }
  }

  @Test func `under a passphrase the key is in no file, and only the passphrase opens it`()
    async throws
  {
    let shelf = try Shelf()
    let desk = try shelf.library("desk")
    try await desk.connect(to: "http://hub.test", over: shelf.transport)
    let article = try desk.addArticle("One")
    try await shelf.sync(desk)
    let key = try await key(of: desk, shelf)
    #expect(try files(with: key, shelf, "desk") == ["desk-wal"])
    // So that the key is in the file, and then another time in the log.
    try desk.close()
    let closed = try shelf.open("desk")
    #expect(try files(with: key, shelf, "desk") == ["desk"])
    // Moved away from where it was, to where nothing comes to lie when its table is written anew.
    let filler = [UInt8](repeating: 1, count: 1_500)
    for (name, value) in [
      ("filler", filler), ("root-key", nil), ("slot-key", Array(filler.suffix(32))),
      ("root-key", Array(key)), ("filler", nil), ("slot-key", nil),
    ] as [(String, [UInt8]?)] {
      try closed.replica.setSetting(name, to: value)
    }
    #expect(try files(with: key, shelf, "desk") == ["desk", "desk-wal"])

    #expect(try !closed.hasPassphrase())
    #expect(try closed.setPassphrase(horse))
    #expect(try files(with: key, shelf, "desk").isEmpty)
    #expect(try closed.hasPassphrase() && !closed.isLocked())
    try await shelf.sync(closed)
    try closed.close()
    #expect(try files(with: key, shelf, "desk").isEmpty)

    let locked = try shelf.open("desk")
    #expect(try locked.isLocked())
    // Reading and editing need no key.
    var read = try #require(try locked.article(article.id))
    read.title = "Two"
    try locked.save(read)
    await #expect(throws: LibraryError.locked) { try await shelf.sync(locked) }
    await #expect(throws: LibraryError.locked) {
      try await locked.watch(over: shelf.transport, sleep: { _ in }, onEvent: { _ in })
    }
    await #expect(throws: LibraryError.locked) {
      try await locked.pairingCode(over: shelf.transport)
    }
    #expect(throws: LibraryError.wrongPassphrase) { try locked.unlock(battery) }
    #expect(try locked.isLocked())
    try locked.unlock(horse)
    try await shelf.sync(locked)
    let lap = try await shelf.copy(of: locked, as: "lap")
    try await shelf.sync(lap)
    #expect(try lap.article(article.id)?.title == "Two")
    #expect(try !lap.hasPassphrase())
  }

  @Test func `another passphrase takes the place of the first, and none the place of that`()
    async throws
  {
    let shelf = try Shelf()
    let desk = try shelf.library("desk")
    try await desk.connect(to: "http://hub.test", over: shelf.transport)
    let key = try await key(of: desk, shelf)
    #expect(throws: LibraryError.noPassphrase) { try desk.removePassphrase() }
    #expect(throws: LibraryError.noPassphrase) { _ = try desk.changePassphrase(to: battery) }
    _ = try desk.setPassphrase(horse)
    #expect(throws: LibraryError.hasPassphrase) { _ = try desk.setPassphrase(battery) }
    let former = Data(try #require(try desk.replica.setting("wrapped-root-key")))
    #expect(try files(with: former, shelf, "desk") == ["desk"])

    let locked = try shelf.open("desk")
    #expect(throws: LibraryError.locked) { _ = try locked.changePassphrase(to: battery) }
    #expect(throws: LibraryError.locked) { try locked.removePassphrase() }
    #expect(try desk.changePassphrase(to: battery))
    #expect(try files(with: former, shelf, "desk").isEmpty)
    #expect(throws: LibraryError.wrongPassphrase) { try locked.unlock(horse) }
    try locked.unlock(battery)
    try locked.removePassphrase()
    try locked.close()
    #expect(try files(with: key, shelf, "desk") == ["desk"])
    try desk.close()
    let plain = try shelf.open("desk")
    #expect(try !plain.hasPassphrase() && !plain.isLocked())
    #expect(try await self.key(of: plain, shelf) == key)
  }

  @Test func `a reader that holds an old state keeps the log, and that is said`() throws {
    let shelf = try Shelf()
    let desk = try shelf.library("desk")
    let other = try shelf.open("desk")
    let isErased = try other.replica.read { snapshot in
      // The view begins with the first thing that is read.
      _ = try snapshot.vector()
      return try desk.setPassphrase(horse)
    }
    #expect(!isErased)
    #expect(try desk.hasPassphrase())
    #expect(try desk.changePassphrase(to: horse))
  }

  @Test func `a damaged wrap is told from a wrong passphrase`() throws {
    let shelf = try Shelf()
    let desk = try shelf.library("desk")
    _ = try desk.setPassphrase(horse)
    var wrapped = try #require(try desk.replica.setting("wrapped-root-key"))
    wrapped[50] ^= 1
    try desk.replica.setSetting("wrapped-root-key", to: wrapped)
    try desk.close()
    let damaged = try shelf.open("desk")
    #expect(throws: LibraryError.wrappedKey(.damaged)) { try damaged.unlock(horse) }
  }
}
