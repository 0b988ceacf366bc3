import GlossCore
import GlossHub
import GlossWire
import Testing

@Suite struct `Quotas` {
  @Test(arguments: StoreKind.all) func `a library is as large as it may be, and others go on`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind, libraryByteCount: 1_000)
    let bundles = (1...3).map { fixture.bundle(1, $0, $0, size: 400) }
    let problem = await fixture.refusal(of: bundles)
    #expect(problem?.type == .quotaExceeded)
    #expect(problem?.status == 507)
    #expect(problem?.limit == 1_000)
    #expect(try await fixture.wholeLog().bundles == Array(bundles.prefix(2)))
    // A repeat adds nothing, what fits still goes in, and pulling does not care.
    _ = try await fixture.push(Array(bundles.prefix(2)))
    _ = try await fixture.push([fixture.bundle(2, 1, 1, size: 200)])
    #expect(await fixture.refusal(of: [bundles[2]])?.type == .quotaExceeded)
    #expect(try await fixture.pull().bundles.count == 3)
    let other = LibraryID(2)
    _ = try await fixture.ask(.createLibrary(other))
    let elsewhere = fixture.bundle(1, 1, 1, size: 900, library: other)
    _ = try await fixture.page(.push(other, bundles: [elsewhere], after: nil))
  }

  @Test func `what a library holds is known after opening again`() async throws {
    let directory = try TemporaryDirectory()
    let first = try await HubFixture(in: directory)
    _ = try await first.push([first.bundle(1, 1, 1, size: 800)])
    try await first.store.close()
    let second = try await HubFixture(in: directory, libraryByteCount: 1_000)
    #expect(
      await second.refusal(of: [second.bundle(1, 2, 2, size: 300)])?.type == .quotaExceeded)
    _ = try await second.push([second.bundle(1, 2, 2, size: 200)])
  }

  @Test func `who pushes too many bundles waits, and is told how long`() async throws {
    let fixture = try await HubFixture(bundlesPerMinute: 6)
    // Nothing is too large for ever: more than a minute's worth goes in at once, and is waited for after.
    _ = try await fixture.push((1...8).map { fixture.bundle(1, $0, $0) })
    let next = [fixture.bundle(1, 9, 9)]
    let problem = await fixture.refusal(of: next)
    #expect(problem?.type == .slowDown)
    #expect(problem?.status == 429)
    #expect(problem?.retryAfterSeconds == 30)
    let stranger = await fixture.problem(
      .push(fixture.library, bundles: next, after: nil), token: "x")
    #expect(stranger?.type == .unauthorised)
    #expect(try await fixture.pull().bundles.count == 8)
    fixture.clock.advance(by: 15_000)
    #expect(await fixture.refusal(of: next)?.retryAfterSeconds == 15)
    fixture.clock.advance(by: 15_000)
    _ = try await fixture.push(next)
    fixture.clock.advance(by: 60_000)
    _ = try await fixture.push((10...15).map { fixture.bundle(1, $0, $0) })
    #expect(await fixture.refusal(of: [fixture.bundle(1, 16, 16)])?.retryAfterSeconds == 10)
  }

  @Test func `one library's haste is not another's, nor a stranger's theirs`() async throws {
    let fixture = try await HubFixture(bundlesPerMinute: 2)
    let other = LibraryID(2)
    _ = try await fixture.ask(.createLibrary(other), token: "other")
    for _ in 0..<5 {
      let bundle = fixture.bundle(1, 1, 1, library: other)
      let stranger = await fixture.problem(.push(other, bundles: [bundle], after: nil), token: "x")
      #expect(stranger?.type == .unauthorised)
    }
    _ = try await fixture.push([fixture.bundle(1, 1, 1), fixture.bundle(1, 2, 2)])
    #expect(await fixture.refusal(of: [fixture.bundle(1, 3, 3)])?.type == .slowDown)
    let bundle = fixture.bundle(1, 1, 1, library: other)
    let reply = try await fixture.ask(.push(other, bundles: [bundle], after: nil), token: "other")
    guard case .page = reply else { throw Problem(.unknown, status: 0, detail: "no page") }
  }
}
