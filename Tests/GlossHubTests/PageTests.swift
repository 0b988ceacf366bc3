import GlossCore
import GlossHub
import GlossWire
import Testing

@Suite struct `Pages and cursors` {
  @Test(arguments: StoreKind.all)
  func `an empty log is one empty page`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let page = try await fixture.pull()
    #expect(page.bundles.isEmpty)
    #expect(!page.hasMore)
    #expect(page.cursor.index == 0)
    #expect(page.cursor.hash == [UInt8](repeating: 0, count: 16))
    #expect(try await fixture.pull(after: page.cursor) == page)
  }

  @Test(arguments: StoreKind.all, 1...7)
  func `pages cut at every size give the whole log`(on store: StoreKind, perPage: Int) async throws
  {
    let fixture = try await HubFixture(store, pageByteCount: perPage * 150)
    let bundles = (1...6).map { fixture.bundle(1, $0, $0) }
    _ = try await fixture.push(bundles)
    var cursor: Cursor?
    var read: [[UInt8]] = []
    while true {
      let page = try await fixture.pull(after: cursor)
      #expect(page.bundles.count == min(perPage, 6 - read.count))
      read += page.bundles
      cursor = page.cursor
      #expect(page.cursor.index == UInt64(read.count))
      #expect(page.cursor.hash == HubFixture.hash(of: read))
      #expect(page.hasMore == (read.count < 6), "exactly at the limit too")
      if !page.hasMore { break }
    }
    #expect(read == bundles)
  }

  @Test(arguments: StoreKind.all)
  func `a page has one bundle however large`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store, pageByteCount: 1)
    let bundles = [fixture.bundle(1, 1, 1, size: 400_000), fixture.bundle(1, 2, 2)]
    _ = try await fixture.push(bundles)
    let page = try await fixture.pull()
    #expect(page.bundles == [bundles[0]])
    #expect(page.hasMore)
    #expect(try await fixture.pull(after: page.cursor).bundles == [bundles[1]])
  }

  @Test(arguments: StoreKind.all)
  func `a push brings what others pushed, and not its own`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let theirs = fixture.bundle(2, 1, 1)
    let start = try await fixture.pull().cursor
    _ = try await fixture.push([theirs])
    let own = [fixture.bundle(1, 1, 1), fixture.bundle(1, 2, 2)]
    let page = try await fixture.push(own, after: start)
    #expect(page.bundles == [theirs])
    #expect(page.cursor.index == 3)
    #expect(!page.hasMore)
    #expect(try await fixture.push([], after: page.cursor).bundles.isEmpty)
  }

  @Test(arguments: StoreKind.all)
  func `a push whose own bundles fill the rest of the log says that there is no more`(
    on store: StoreKind
  )
    async throws
  {
    let fixture = try await HubFixture(store, pageByteCount: 150)
    _ = try await fixture.push([fixture.bundle(2, 1, 1)])
    let page = try await fixture.push([fixture.bundle(1, 1, 1), fixture.bundle(1, 2, 2)])
    #expect(page.bundles.count == 1)
    #expect(!page.hasMore)
    #expect(page.cursor.index == 3)
    let less = try await fixture.push([fixture.bundle(1, 2, 2)])
    #expect(less.bundles.count == 1)
    #expect(less.hasMore)
    #expect(less.cursor.index == 1)
  }

  @Test(arguments: StoreKind.all)
  func `of pushes at once each is answered with the log up to its own bundle`(on store: StoreKind)
    async throws
  {
    let fixture = try await HubFixture(store)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for origin in 1...12 as ClosedRange<UInt128> {
        // Every third device forgets where it was, so that it lacks more than what is committed with its push.
        let forgets = origin.isMultiple(of: 3)
        group.addTask {
          var known: [[UInt8]] = []
          var cursor: Cursor?
          for seq in 1...12 as ClosedRange<UInt64> {
            let own = fixture.bundle(origin, seq, seq)
            let page = try await fixture.push([own], after: cursor)
            known += page.bundles + [own]
            #expect(page.cursor.index == UInt64(known.count))
            #expect(page.cursor.hash == HubFixture.hash(of: known))
            #expect(!page.hasMore)
            if forgets { known = [] } else { cursor = page.cursor }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(try await fixture.pull().cursor.index == 144)
  }

  @Test(arguments: StoreKind.all)
  func `a cursor of another log, past the end or with another hash is unknown`(on store: StoreKind)
    async throws
  {
    let fixture = try await HubFixture(store)
    _ = try await fixture.push([fixture.bundle(1, 1, 1), fixture.bundle(1, 2, 2)])
    let end = try await fixture.pull().cursor
    let other = [UInt8](repeating: 9, count: 16)
    let cursors = [
      Cursor(log: other, index: end.index, hash: end.hash),
      Cursor(log: end.log, index: end.index + 1, hash: end.hash),
      Cursor(log: end.log, index: end.index - 1, hash: end.hash),
      Cursor(log: end.log, index: .max, hash: end.hash),
      Cursor(log: end.log, index: end.index, hash: other),
      Cursor(log: end.log, index: 0, hash: other),
    ]
    for cursor in cursors {
      let cursor = try #require(cursor)
      let pull = await fixture.problem(.pull(fixture.library, after: cursor))
      #expect(pull?.type == .cursorUnknown)
      #expect(pull?.status == 409)
      let push = await fixture.problem(
        .push(fixture.library, bundles: [fixture.bundle(1, 3, 3)], after: cursor))
      #expect(push?.type == .cursorUnknown)
    }
    #expect(try await fixture.pull().cursor == end)
  }

  @Test(arguments: StoreKind.all)
  func `each library has a log of its own name`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    #expect(try await fixture.ask(.createLibrary(LibraryID(2)), token: "x") == .done)
    let other = try await fixture.ask(.pull(LibraryID(2), after: nil), token: "x")
    guard case .page(let page) = other else {
      Issue.record("a pull is answered by a page")
      return
    }
    #expect(try await fixture.pull().cursor.log != page.cursor.log)
  }
}
