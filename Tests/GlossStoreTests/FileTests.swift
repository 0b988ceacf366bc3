import Foundation
import GlossCore
import Testing

@testable import GlossStore

@Suite struct FileTests {
  let folder = try! Folder()

  @Test func `a library is found again as it was left`() throws {
    let path = folder.file("a")
    let replica = try Replica.create(
      at: path, library: LibraryID(1), id: ReplicaID(2), schema: schema)
    try replica.add(page(1), ["title": .text("A")])
    try replica.setSetting("key", to: [1, 2])
    try replica.setRemote(Remote(address: "http://hub", credential: "secret", pushedSeq: 1))
    let shown = try replica.shown()
    try replica.close()
    let again = try open(path)
    #expect(again.library == LibraryID(1))
    #expect(again.id == ReplicaID(2))
    #expect(try again.shown() == shown)
    #expect(try again.setting("key") == [1, 2])
    #expect(try again.remote() == Remote(address: "http://hub", credential: "secret", pushedSeq: 1))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect(attributes[.posixPermissions] as? Int == 0o600)
  }

  @Test func `what the tables were made for is written as it was in every version`() {
    let schema = Schema([
      Kind(
        "page",
        fields: [
          Field("a", .bool, .keep), Field("b", .integer, .latest, isIndexed: true),
          Field("c", .real, .keep), Field("d", .text, .keep), Field("e", .bytes, .keep),
          Field("f", .blob, .latest), Field("g", .reference("page"), .keep),
        ], families: [Family("tag", .latest)]), Kind("note", fields: [Field("h", .text, .keep)]),
    ])
    #expect(
      Layout.description(of: schema)
        == "page(a:bool:keep:false,b:integer:latest:true,c:real:keep:false,d:text:keep:false,"
        + "e:bytes:keep:false,f:blob:latest:false,g:reference(page):keep:false,tag/:latest);"
        + "note(h:text:keep:false)")
  }

  @Test func `only a library is opened, and only a new file is made one`() throws {
    let path = folder.file("a")
    #expect(throws: StoreError.notFound(path: path)) { try open(path) }
    try Data("no database, but longer than a header has to be".utf8).write(
      to: URL(filePath: path))
    #expect(throws: StoreError.notALibrary(path: path)) {
      try open(path)
    }
    #expect(throws: StoreError.alreadyExists(path: path)) {
      try Replica.create(at: path, library: LibraryID(1), id: ReplicaID(2), schema: schema)
    }
    let lost = folder.file("no/such/folder")
    #expect(throws: StoreError.notFound(path: lost)) {
      try Replica.create(at: lost, library: LibraryID(1), id: ReplicaID(2), schema: schema)
    }
  }

  @Test func `another program's database is refused as it is`() throws {
    let path = folder.file("a")
    try Data().write(to: URL(filePath: path))
    let other = try Connection(path: path, access: .readWrite)
    try other.use { try other.execute("CREATE TABLE other(value)", on: $0) }
    try other.close()
    let content = try Data(contentsOf: URL(filePath: path))
    #expect(throws: StoreError.notALibrary(path: path)) { try open(path) }
    #expect(try Data(contentsOf: URL(filePath: path)) == content)
  }

  @Test func `what fails is undone, and nothing is asked of a closed file`() throws {
    let replica = try Replica.create(
      at: folder.file("a"), library: LibraryID(1), id: ReplicaID(2), schema: schema)
    let before = try replica.shown()
    #expect(throws: StoreError.noSuchRecord(page(1))) {
      try replica.write(at: 0) { edits in
        try edits.add(page(2), ["title": .text("A")])
        throw StoreError.noSuchRecord(page(1))
      }
    }
    #expect(try replica.shown() == before)
    // As a full disk ends one.
    let undone = StoreError.io(path: replica.path, detail: "SQLite has undone what was written")
    #expect(throws: undone) { try replica.transact { try $0.execute("ROLLBACK") } }
    try replica.add(page(2), ["title": .text("A")])
    try replica.close()
    try replica.close()
    #expect(throws: StoreError.io(path: replica.path, detail: "the file is closed")) {
      try replica.setting("key")
    }
  }

  /// A killed creation once left a file that was no library, and in whose place none could be made.
  @Test func `a file in which nothing is becomes a library`() throws {
    let path = folder.file("a")
    try Data().write(to: URL(filePath: path))
    let replica = try Replica.create(
      at: path, library: LibraryID(1), id: ReplicaID(2), schema: schema)
    try replica.close()
    #expect(try open(path).id == ReplicaID(2))
    #expect(throws: StoreError.alreadyExists(path: path)) {
      try Replica.create(at: path, library: LibraryID(1), id: ReplicaID(3), schema: schema)
    }
  }

  @Test func `a file of a newer version is left alone`() throws {
    let path = folder.file("a")
    let replica = try Replica.create(
      at: path, library: LibraryID(1), id: ReplicaID(2), schema: schema)
    try replica.transact { try $0.execute("PRAGMA user_version = 9") }
    try replica.close()
    let bytes = try Data(contentsOf: URL(filePath: path))
    #expect(throws: StoreError.newerFormat(path: path, found: 9, supported: Layout.version)) {
      try open(path)
    }
    #expect(try Data(contentsOf: URL(filePath: path)) == bytes)
  }

  @Test func `a full disk fails the edit and leaves the file as it was`() throws {
    let replica = try Replica.create(
      at: folder.file("a"), library: LibraryID(1), id: ReplicaID(2), schema: schema)
    try replica.add(page(1), ["title": .text("A")])
    let shown = try replica.shown()
    // SQLite answers SQLITE_FULL at its own page limit as it does where the disk is full.
    try replica.transact { transaction in
      let statement = try transaction.prepare("PRAGMA page_count")
      _ = try statement.step()
      let count = statement.integer(at: 0)
      statement.reset()
      let limit = try transaction.prepare("PRAGMA max_page_count = \(count)")
      _ = try limit.step()
    }
    let long = String(repeating: "x", count: 100_000)
    #expect(throws: StoreError.full(path: replica.path)) {
      try replica.add(page(2), ["title": .text(long)])
    }
    #expect(try replica.shown() == shown)
  }

  @Test func `somebody who holds the lock is waited for, and then named`() throws {
    let replica = try Replica.create(
      at: folder.file("a"), library: LibraryID(1), id: ReplicaID(2), schema: schema)
    let lock = try FileLock(path: Replica.lockPath(of: replica.path), patienceMilliseconds: 0)
    #expect(throws: StoreError.self) {
      _ = try FileLock(path: Replica.lockPath(of: replica.path), patienceMilliseconds: 20)
    }
    lock.release()
    try replica.add(page(1), ["title": .text("A")])
  }
}
