import GlossCore
import GlossHub
import GlossWire
import Testing

@Suite struct `Devices of a library` {
  private static let first = HubFixture.digest(HubFixture.token)

  /// Enrols a device with this token.
  private func enrol(_ token: String, in fixture: HubFixture) async throws {
    let secret = HubFixture.digest("secret of \(token)")
    _ = try await fixture.ask(.offerEnrolment(fixture.library, secretDigest: secret))
    let enrol = HubRequest.Action.enrol(
      fixture.library, tokenDigest: HubFixture.digest(token))
    _ = try await fixture.ask(enrol, token: "secret of \(token)")
  }

  private func device(_ token: String, in fixture: HubFixture) async throws -> HubDevice? {
    try await fixture.devices().first { $0.tokenDigest == HubFixture.digest(token) }
  }

  @Test(arguments: StoreKind.all)
  func `the list has each device, by digest, and when it came`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let created = fixture.clock.now
    fixture.clock.advance(by: 5)
    try await enrol("second", in: fixture)
    fixture.clock.advance(by: 5)
    let devices = try await fixture.devices()
    #expect(
      devices.map(\.tokenDigest).elementsEqual(
        [Self.first, HubFixture.digest("second")].sorted { $0.lexicographicallyPrecedes($1) }))
    let own = try await device(HubFixture.token, in: fixture)
    #expect(own?.createdMilliseconds == UInt64(created))
    #expect(own?.lastSeenMilliseconds == UInt64(created + 10), "it asks for the list")
    let other = try await device("second", in: fixture)
    #expect(other?.createdMilliseconds == UInt64(created + 5))
    #expect(other?.lastSeenMilliseconds == UInt64(created + 5))
  }

  @Test(arguments: StoreKind.all)
  func `the list has how far each device is`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    try await enrol("second", in: fixture)
    #expect(try await device("second", in: fixture)?.cursorIndex == 0)
    let cursor = try await fixture.push([fixture.bundle(1, 1, 1), fixture.bundle(1, 2, 2)]).cursor
    _ = try await fixture.ask(.pull(fixture.library, after: nil), token: "second")
    #expect(try await device("second", in: fixture)?.cursorIndex == 2)
    _ = try await fixture.push([fixture.bundle(1, 3, 3)])
    #expect(try await device("second", in: fixture)?.cursorIndex == 2, "of that it has not heard")
    _ = try await fixture.ask(.vector(fixture.library), token: "second")
    #expect(try await device("second", in: fixture)?.cursorIndex == 2)
    let unknown = Cursor(log: cursor.log, index: 1, hash: cursor.hash)
    _ = await fixture.problem(.pull(fixture.library, after: unknown), token: "second")
    #expect(try await device("second", in: fixture)?.cursorIndex == 2)
  }

  /// What a page brings is applied once the device asks behind it.
  @Test(arguments: StoreKind.all)
  func `the list has what each device has applied`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    try await enrol("second", in: fixture)
    let end = try await fixture.push([fixture.bundle(1, 1, 1), fixture.bundle(1, 2, 2)]).cursor
    #expect(try await device(HubFixture.token, in: fixture)?.appliedIndex == 0)
    _ = try await fixture.ask(.pull(fixture.library, after: nil), token: "second")
    #expect(try await device("second", in: fixture)?.appliedIndex == 0, "it was sent it")
    _ = try await fixture.ask(.pull(fixture.library, after: end), token: "second")
    #expect(try await device("second", in: fixture)?.appliedIndex == 2)
    _ = try await fixture.ask(.vector(fixture.library), token: "second")
    let unknown = Cursor(log: end.log, index: 1, hash: end.hash)
    _ = await fixture.problem(.pull(fixture.library, after: unknown), token: "second")
    #expect(try await device("second", in: fixture)?.appliedIndex == 2, "that tells nothing")
    _ = try await fixture.push([fixture.bundle(1, 3, 3)], after: end)
    #expect(try await device(HubFixture.token, in: fixture)?.appliedIndex == 2)
    _ = try await fixture.ask(.pull(fixture.library, after: nil), token: "second")
    #expect(try await device("second", in: fixture)?.appliedIndex == 0, "it began anew")
  }

  @Test(arguments: StoreKind.all)
  func `an older sighting does not undo a newer one`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let sightings = [(7, 3), (5, 9), (8, nil)].map { later, index in
      Sighting(
        library: fixture.library, token: Self.first, milliseconds: fixture.clock.now + later,
        cursorIndex: index)
    }
    let stranger = Sighting(library: LibraryID(7), token: Self.first, milliseconds: 1)
    for sighting in sightings { try await fixture.store.record([sighting, stranger]) }
    let own = try await fixture.store.devices(of: fixture.library, token: Self.first)[0]
    #expect(own.lastSeenMilliseconds == UInt64(fixture.clock.now + 8))
    #expect(own.cursorIndex == 3)
  }

  @Test(arguments: StoreKind.all)
  func `that a device was seen is written once a minute`(on store: StoreKind)
    async throws
  {
    let fixture = try await HubFixture(store)
    let start = fixture.clock.now
    func written() async throws -> Int64 {
      let devices = try await fixture.store.devices(of: fixture.library, token: Self.first)
      return Int64(devices[0].lastSeenMilliseconds) - start
    }
    for _ in 0..<59 {
      fixture.clock.advance(by: 1_000)
      _ = try await fixture.pull()
    }
    #expect(try await written() == 0)
    fixture.clock.advance(by: 2_000)
    _ = try await fixture.pull()
    #expect(try await written() == 61_000)
    fixture.clock.advance(by: 1_000)
    _ = try await fixture.pull()
    #expect(try await written() == 61_000)
  }

  @Test(arguments: StoreKind.all)
  func `a revoked token is no token`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let library = fixture.library
    try await enrol("second", in: fixture)
    try await enrol("third", in: fixture)
    let revoke = HubRequest.Action.revoke(library, tokenDigest: HubFixture.digest("second"))
    for _ in 0..<2 { #expect(try await fixture.ask(revoke, token: "third") == .done) }
    #expect(await fixture.problem(.vector(library), token: "second")?.type == .unauthorised)
    #expect(await fixture.problem(.createLibrary(library), token: "second")?.type == .libraryExists)
    #expect(try await fixture.devices().count == 2)
    let again = HubRequest.Action.enrol(library, tokenDigest: HubFixture.digest("second"))
    #expect(await fixture.problem(again, token: "secret of second")?.type == .enrolmentRefused)
    let unknown = HubRequest.Action.revoke(library, tokenDigest: HubFixture.digest("nobody"))
    #expect(try await fixture.ask(unknown) == .done)
  }

  @Test(arguments: StoreKind.all)
  func `a device may revoke itself, and then asks for nothing more`(on store: StoreKind)
    async throws
  {
    let fixture = try await HubFixture(store)
    try await enrol("second", in: fixture)
    let revoke = HubRequest.Action.revoke(fixture.library, tokenDigest: Self.first)
    #expect(try await fixture.ask(revoke) == .done)
    #expect(await fixture.problem(revoke)?.type == .unauthorised)
    #expect(await fixture.problem(.devices(fixture.library), token: "second") == nil)
  }

  @Test(arguments: StoreKind.all)
  func `a device of one library revokes nobody in another`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    _ = try await fixture.ask(.createLibrary(LibraryID(2)), token: "other")
    let revoke = HubRequest.Action.revoke(LibraryID(2), tokenDigest: Self.first)
    #expect(try await fixture.ask(revoke, token: "other") == .done)
    let foreign = HubRequest.Action.revoke(fixture.library, tokenDigest: Self.first)
    #expect(await fixture.problem(foreign, token: "other")?.type == .unauthorised)
    #expect(try await fixture.devices().map(\.tokenDigest) == [Self.first])
  }
}
