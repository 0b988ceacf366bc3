import Foundation
import Gloss
import GlossCore
import GlossStore
import GlossSync
import Testing

@Suite struct LibrarySyncTests {
  /// Two machines with one article between them.
  private func twoMachines() async throws -> (Shelf, desk: Library, lap: Library, Article) {
    let shelf = try Shelf()
    let desk = try shelf.library("desk")
    let article = try desk.addArticle("One", url: "https://example.org/a")
    try await desk.connect(to: "http://hub.test", over: shelf.transport)
    let lap = try await shelf.copy(of: desk, as: "lap")
    try await shelf.sync(desk, lap)
    return (shelf, desk, lap, article)
  }

  @Test func `a library goes to another machine, with its text and the machines' names`()
    async throws
  {
    let (_, desk, lap, article) = try await twoMachines()
    let read = try #require(try lap.article(article.id))
    #expect(read.title == "One")
    #expect(try lap.text(read) == "Every reader writes in the margin.")
    #expect(Set(try lap.deviceNames().values) == ["desk", "lap"])
    #expect(Set(try desk.deviceNames().values) == ["desk", "lap"])
    #expect(try lap.hubAddress() == "http://hub.test")
  }

  @Test func `two titles at once are a conflict until one machine settles it`() async throws {
    let (shelf, desk, lap, article) = try await twoMachines()
    var onDesk = try #require(try desk.article(article.id))
    var onLap = try #require(try lap.article(article.id))
    onDesk.title = "Desk"
    onLap.title = "Lap"
    try desk.save(onDesk)
    shelf.clock.advance()
    try lap.save(onLap)
    try await shelf.sync(desk, lap)
    let conflict = try #require(try desk.conflicts().first)
    #expect(conflict.conflict.field == "title")
    #expect(conflict.versions.map(\.value) == [.text("Lap"), .text("Desk")])
    #expect(try lap.conflicts().count == 1)

    try desk.resolve(conflict, to: .text("Desk"))
    try await shelf.sync(desk, lap)
    for library in [desk, lap] {
      #expect(try library.conflicts().isEmpty)
      #expect(try library.article(article.id)?.title == "Desk")
      let last = try #require(try library.history(of: article.key).last)
      #expect(last.writes.first?.old == .text("Lap"))
      #expect(last.writes.first?.new == .text("Desk"))
    }
  }

  @Test func `an edit that a delete did not see keeps the article, and is listed`() async throws {
    let (shelf, desk, lap, article) = try await twoMachines()
    try desk.delete(try #require(try desk.item(article.key)))
    var onLap = try #require(try lap.article(article.id))
    onLap.title = "Better"
    try lap.save(onLap)
    try await shelf.sync(desk, lap)
    let conflict = try #require(try desk.conflicts().first)
    #expect(conflict.conflict.reason == .editedAndDeleted)
    #expect(conflict.edits.map(\.field) == ["title"])
    #expect(conflict.edits.map(\.version.value) == [.text("Better")])
    #expect(conflict.edits.map(\.before) == [article.title.map(Value.text)])
    #expect(try desk.article(article.id)?.isDeleted == false)
    try desk.undelete(conflict.item)
    try await shelf.sync(desk, lap)
    #expect(try desk.conflicts().isEmpty)
    #expect(try lap.conflicts().isEmpty)
  }

  @Test func `a highlight under a deleted article is listed`() async throws {
    let (shelf, desk, lap, article) = try await twoMachines()
    try lap.highlight("margin", in: article.id)
    try desk.delete(try #require(try desk.item(article.key)))
    try await shelf.sync(desk, lap)
    let reasons = try desk.conflicts().map(\.conflict.reason)
    #expect(reasons == [.parentDeleted(article.key)])
  }

  @Test func `two machines that add the same address offline meet in one article`() async throws {
    let (shelf, desk, lap, _) = try await twoMachines()
    let one = try desk.addArticle("Same", url: "https://example.org/b?utm_source=x")
    let two = try lap.addArticle("Same", url: "https://EXAMPLE.org/b#top")
    #expect(one.id == two.id)
    try await shelf.sync(desk, lap)
    #expect(try desk.items(.article).count == 2)
    #expect(try desk.conflicts().isEmpty)
  }

  @Test func `a refused join leaves no file`() async throws {
    let (shelf, desk, _, _) = try await twoMachines()
    let code = try await desk.pairingCode(over: shelf.transport)
    _ = try await Library.join(
      at: shelf.path + "/one", with: code, deviceName: "one", over: shelf.transport,
      clock: shelf.clock.now, randomness: { SystemRandomNumberGenerator() })
    await #expect(throws: LibraryError.self) {
      _ = try await Library.join(
        at: shelf.path + "/two", with: code, deviceName: "two", over: shelf.transport,
        clock: shelf.clock.now, randomness: { SystemRandomNumberGenerator() })
    }
    let left = try FileManager.default.contentsOfDirectory(atPath: shelf.path)
    #expect(left.filter { $0.hasPrefix("two") }.isEmpty)
  }

  @Test func `joining again puts back a key that is missing`() async throws {
    let (shelf, desk, lap, _) = try await twoMachines()
    try lap.replica.setSetting("root-key", to: nil)
    await #expect(throws: LibraryError.noRootKey) { try await shelf.sync(lap) }
    try await lap.rejoin(
      with: try await desk.pairingCode(over: shelf.transport), over: shelf.transport)
    _ = try desk.addArticle("Later", url: "https://example.org/later")
    try await shelf.sync(desk, lap)
    #expect(try lap.items(.article).count == 2)
  }

  @Test func `a library without a hub does not sync`() async throws {
    let shelf = try Shelf()
    let library = try shelf.library("desk")
    await #expect(throws: LibraryError.sync(.notConnected)) {
      _ = try await library.sync(over: shelf.transport, sleep: { _ in })
    }
  }
}
