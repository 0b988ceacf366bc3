import GlossCore
import GlossHub
import GlossWire
import Testing

@Suite(.timeLimit(.minutes(15))) struct `Pulls that wait` {
  @Test(arguments: StoreKind.all)
  func `a pull waits for the next bundle`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let start = try await fixture.pull().cursor
    async let waiting = fixture.wait(after: start)
    await fixture.waiters(1)
    let bundle = fixture.bundle(1, 1, 1)
    _ = try await fixture.push([bundle])
    let page = try await waiting
    #expect(page.bundles == [bundle])
    #expect(page.hasWaited)
    #expect(try await fixture.pull(after: page.cursor).bundles.isEmpty)
    #expect(await fixture.store.appends.count == 0)
  }

  @Test(arguments: StoreKind.all)
  func `what is there already is waited for by nobody`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let bundle = fixture.bundle(1, 1, 1)
    _ = try await fixture.push([bundle])
    let page = try await fixture.wait()
    #expect(page.bundles == [bundle])
    #expect(page.hasWaited)
    #expect(try await !fixture.pull(after: page.cursor).hasWaited)
  }

  @Test(arguments: StoreKind.all)
  func `when the time is over the page is empty`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let cursor = try await fixture.push([fixture.bundle(1, 1, 1)]).cursor
    async let waiting = fixture.wait(7, after: cursor)
    async let greedy = fixture.wait(.max, after: cursor)
    while await fixture.timer.durations.count != 2 { await Task.yield() }
    #expect(Set(await fixture.timer.durations) == [.seconds(7), .seconds(60)])
    await fixture.timer.fire()
    for page in [try await waiting, try await greedy] {
      #expect(page.bundles.isEmpty)
      #expect(page.cursor == cursor)
      #expect(page.hasWaited, "less than what was asked for is honoured, too")
    }
  }

  @Test(arguments: StoreKind.all)
  func `a push to another library, a repeat and a refusal wake nobody`(on store: StoreKind)
    async throws
  {
    let fixture = try await HubFixture(store)
    let other = LibraryID(2)
    _ = try await fixture.ask(.createLibrary(other), token: "other")
    let bundle = fixture.bundle(1, 1, 1)
    let cursor = try await fixture.push([bundle]).cursor
    async let waiting = fixture.wait(after: cursor)
    await fixture.waiters(1)
    let foreign = fixture.bundle(1, 1, 1, library: other)
    _ = try await fixture.ask(.push(other, bundles: [foreign], after: nil), token: "other")
    _ = try await fixture.push([bundle])
    _ = await fixture.refusal(of: [fixture.bundle(1, 9, 9)])
    #expect(await fixture.store.appends.count == 1)
    await fixture.timer.fire()
    #expect(try await waiting.bundles.isEmpty)
  }

  @Test(arguments: StoreKind.all)
  func `bundles in front of a refused one wake`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    async let waiting = fixture.wait()
    await fixture.waiters(1)
    let good = fixture.bundle(1, 1, 1)
    #expect(await fixture.refusal(of: [good, fixture.bundle(1, 9, 9)])?.type == .bundleGap)
    #expect(try await waiting.bundles == [good])
  }

  @Test(arguments: StoreKind.all)
  func `nobody waits without a token or with an unknown cursor`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let pull = HubRequest.Action.pull(fixture.library, after: nil, waitSeconds: 30)
    #expect(await fixture.problem(pull, token: "wrong")?.type == .unauthorised)
    let end = try await fixture.pull().cursor
    let cursor = Cursor(log: end.log, index: 1, hash: end.hash)
    let unknown = HubRequest.Action.pull(fixture.library, after: cursor, waitSeconds: 30)
    #expect(await fixture.problem(unknown)?.type == .cursorUnknown)
    #expect(await fixture.store.appends.count == 0)
  }

  @Test(arguments: StoreKind.all)
  func `a token that is revoked meanwhile reads nothing`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let library = fixture.library
    _ = try await fixture.ask(
      .offerEnrolment(library, secretDigest: HubFixture.digest("secret")))
    _ = try await fixture.ask(
      .enrol(library, tokenDigest: HubFixture.digest("second")), token: "secret")
    let pull = HubRequest.Action.pull(library, after: nil, waitSeconds: 30)
    async let waiting = fixture.problem(pull, token: "second")
    await fixture.waiters(1)
    _ = try await fixture.ask(.revoke(library, tokenDigest: HubFixture.digest("second")))
    _ = try await fixture.push([fixture.bundle(1, 1, 1)])
    #expect(await waiting?.type == .unauthorised)
  }

  @Test(arguments: StoreKind.all)
  func `a cancelled wait ends at once and leaves nothing`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let page = try await withThrowingTaskGroup(of: Page.self) { group in
      group.addTask { try await fixture.wait() }
      await fixture.waiters(1)
      group.cancelAll()
      return try #require(try await group.next())
    }
    #expect(page.bundles.isEmpty)
    #expect(await fixture.store.appends.count == 0)
    #expect(fixture.reports.count == 0)
  }

  @Test func `ten thousand waiters wait, and only those of the library are woken`() async throws {
    let fixture = try await HubFixture()
    let quiet = LibraryID(2)
    _ = try await fixture.ask(.createLibrary(quiet), token: "quiet")
    let bundle = fixture.bundle(1, 1, 1)
    let woken = try await withThrowingTaskGroup(of: Page.self) { group in
      for number in 0..<10_000 {
        let isQuiet = number.isMultiple(of: 2)
        group.addTask {
          isQuiet
            ? try await fixture.wait(library: quiet, token: "quiet") : try await fixture.wait()
        }
      }
      await fixture.waiters(10_000)
      while await fixture.timer.durations.count != 10_000 { await Task.yield() }
      _ = try await fixture.push([bundle])
      await fixture.waiters(5_000)
      await fixture.timer.fire()
      return try await group.reduce(0) { $0 + ($1.bundles == [bundle] ? 1 : 0) }
    }
    #expect(woken == 5_000)
    #expect(await fixture.store.appends.count == 0)
    #expect(fixture.reports.count == 0)
  }
}
