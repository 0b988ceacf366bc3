import GlossCore
import GlossCrypto
import GlossTesting
import GlossWire
import Testing

@testable import GlossStore

@Suite struct BlobTests {
  private static let text = Array("the text".utf8)
  private let id = BlobID(digest: sha256(Self.text))!

  /// A page with the text, on the desk alone.
  private func world() throws -> World {
    let world = try World("desk", "lap")
    try world["desk"].write(at: 1) { edits in
      try edits.add(page(1), ["body": .blob(try edits.addBlob(Self.text))])
    }
    return world
  }

  @Test func `what is made here is unsent once, until it is noted as sent`() throws {
    let world = try world()
    #expect(try world["desk"].unsentBlobs(limit: 9).map(\.id) == [id])
    #expect(try world["desk"].unsentBlobs(limit: 9).map(\.byteCount) == [8])
    #expect(try world["desk"].wantedBlobCount() == 0)
    try world["desk"].noteSent([id])
    _ = try world["desk"].write(at: 2) { try $0.addBlob(Self.text) }
    #expect(try world["desk"].unsentBlobs(limit: 9).isEmpty, "it is the same one")
    try world["desk"].offerAllBlobs()
    #expect(try world["desk"].unsentBlobs(limit: 9).map(\.id) == [id])
  }

  @Test func `a change that names what is not here makes it wanted, until it comes`() throws {
    let world = try world()
    try world.send(from: "desk", to: "lap")
    #expect(try world["lap"].wantedBlobs(after: nil, limit: 9) == [WantedBlob(id: id)])
    #expect(try world["lap"].wantedBlobs(after: id, limit: 9) == [])
    #expect(try world["lap"].wantedBlob(id) == WantedBlob(id: id))
    try world["lap"].rebuildTables()
    #expect(try world["lap"].wantedBlobCount() == 1)
    try world["lap"].keep([.whole(Self.text)])
    #expect(try world["lap"].wantedBlobCount() == 0)
    #expect(try world["lap"].wantedBlob(id) == nil)
    #expect(try world["lap"].read { try $0.blob(id) } == Self.text)
    #expect(try world["lap"].unsentBlobs(limit: 9).isEmpty, "it came from the hub")
  }

  @Test func `what came before the change that names it is not wanted`() throws {
    let world = try world()
    try world["lap"].keep([.whole(Self.text)])
    try world.send(from: "desk", to: "lap")
    #expect(try world["lap"].wantedBlobCount() == 0)
  }

  @Test
  func `a bundle of an earlier version brings its large values, which the hub lacks by themselves`()
    throws
  {
    let world = try world()
    var run = try #require(
      try world["desk"].run(of: ReplicaID(1), from: 1, byteLimit: 1 << 20))
    #expect(run.content.blobs == [], "bundles are made without")
    run.content.blobs = [Self.text]
    _ = try world["lap"].merge([run.opened(world.library)], upTo: nil) { $0 }
    #expect(try world["lap"].wantedBlobCount() == 0)
    #expect(try world["lap"].unsentBlobs(limit: 9).map(\.id) == [id])
  }

  @Test func `parts are kept where they follow, and only while the value is wanted`() throws {
    let world = try world()
    let (one, two) = ([UInt8](repeating: 1, count: 32), [UInt8](repeating: 2, count: 32))
    func part() throws -> (digest: [UInt8], byteCount: Int)? {
      try world["lap"].wantedBlob(id)?.part
    }
    try world["lap"].keep([.piece(id, digest: one, start: 0, bytes: [1, 2])])
    try world.send(from: "desk", to: "lap")
    #expect(try part() == nil, "nobody wanted it yet")
    try world["lap"].keep([
      .piece(id, digest: one, start: 0, bytes: [1, 2]),
      .piece(id, digest: one, start: 1, bytes: [9]), .piece(id, digest: one, start: 3, bytes: [9]),
      .piece(id, digest: two, start: 2, bytes: [9]), .piece(id, digest: two, start: 0, bytes: [9]),
      .piece(id, digest: one, start: 2, bytes: [3]),
    ])
    #expect(try part()?.byteCount == 3)
    #expect(try part()?.digest == one)
    #expect(try world["lap"].blobPart(id) == [1, 2, 3])
    try world["lap"].keep([.restart(id), .piece(id, digest: two, start: 0, bytes: [7])])
    #expect(try world["lap"].blobPart(id) == [7])
    try world["lap"].keep([.whole(Self.text)])
    #expect(try world["lap"].blobPart(id) == [])
  }

  @Test func `a file of before finds out what is wanted, and offers what it has`() throws {
    let world = try world()
    let other = try world["desk"].write(at: 2) { edits in
      let id = try edits.addBlob([1])
      try edits.add(page(2), ["body": .blob(id)])
      return id
    }
    // As migrating finds it: nothing is noted yet, and one value never came.
    try world["desk"].transact { transaction in
      try transaction.execute(
        "DELETE FROM _wanted; DELETE FROM _unsent; DELETE FROM _blob WHERE length(content) = 1")
      try transaction.findWantedBlobs()
      try transaction.offerAllBlobs()
    }
    #expect(try world["desk"].wantedBlobs(after: nil, limit: 9) == [WantedBlob(id: other)])
    #expect(try world["desk"].unsentBlobs(limit: 9).map(\.id) == [id])
  }
}
