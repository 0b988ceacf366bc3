import Foundation
import Gloss
import GlossCore
import GlossStore
import GlossTesting
import GlossWire
import Testing

/// Files that landed versions have written.
@Suite struct EarlierFileTests {
  /// Unpacks the library of a version into a folder of its own, and returns its path.
  private func library(version: Int) throws -> String {
    let files = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Files")
    let packed = try Data(contentsOf: files.appending(path: "library-\(version).zst"))
    let bytes = try Zstandard.decompress(Array(packed)[...], limit: 1 << 24)
    let folder = FileManager.default.temporaryDirectory.appending(path: "gloss-\(UUID())")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    let path = folder.appending(path: "library.gloss").path
    try Data(bytes).write(to: URL(filePath: path))
    return path
  }

  private func open(_ path: String, _ access: Replica.Access) throws -> Library {
    try Library.open(
      at: path, access: access, clock: { 1_800_000_000_000 },
      randomness: { SeededGenerator(seed: 1) })
  }

  private func articles(_ library: Library) throws -> [Article] {
    try library.items(.article).compactMap {
      if case .article(let article) = $0 { article } else { nil }
    }
  }

  /// Files of version 1 do not say where they are; later ones that were copied here say that it is a copy.
  @Test(arguments: [(1, 7), (2, 4), (3, 4)])
  func `a library of an earlier version opens, and goes on with all that is in it`(
    version: Int, changeCount: UInt64
  ) throws {
    let path = try library(version: version)
    defer {
      try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent)
    }
    let library = try open(path, .readWrite)
    #expect((library.renewal == nil) == (version == 1))
    let shown = try articles(library)
    #expect(shown.map(\.title) == ["On margins"])
    #expect(try library.deviceNames().values.contains("desk"))
    let renamed: UInt64 = version == 1 ? 0 : 1
    #expect(try library.statistics().changeCount == changeCount + renamed)
    #expect(try library.missingTextCount() == 0)
    #expect(try library.text(try #require(shown.first)) != nil)
    // Its text went to the hub inside a bundle, and goes there by itself once.
    #expect(try library.replica.unsentBlobs(limit: 9).count == 1)
    #expect(try library.setAside() == [])
    var article = try #require(shown.first)
    article.title = "On margins, again"
    #expect(try library.save(article))
    try library.close()
    let again = try open(path, .readWrite)
    #expect(again.renewal == nil)
    #expect(try again.verify().damages == [])
    #expect(try articles(again).map(\.title) == ["On margins, again"])
  }
}
