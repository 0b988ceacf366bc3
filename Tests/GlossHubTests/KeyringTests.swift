import GlossCore
import GlossHub
import GlossWire
import Testing

/// Cards of devices, and the keyring, which a hub keeps and cannot read.
@Suite struct `Keyrings at the hub` {
  private static let first = HubFixture.digest(HubFixture.token)

  private func enrol(_ token: String, in fixture: HubFixture) async throws {
    let secret = HubFixture.digest("secret of \(token)")
    _ = try await fixture.ask(.offerEnrolment(fixture.library, secretDigest: secret))
    let enrol = HubRequest.Action.enrol(fixture.library, tokenDigest: HubFixture.digest(token))
    _ = try await fixture.ask(enrol, token: "secret of \(token)")
  }

  private func keyring(
    after epoch: UInt32 = 0, in fixture: HubFixture
  ) async throws -> HubKeyring {
    guard
      case .keyring(let keyring) = try await fixture.ask(.keyring(fixture.library, after: epoch))
    else { throw Problem(.unknown, status: 0, detail: "no keyring") }
    return keyring
  }

  @Test(arguments: StoreKind.all)
  func `a card is listed with its device until another one takes its place`(
    on store: StoreKind
  ) async throws {
    let fixture = try await HubFixture(store)
    try await enrol("second", in: fixture)
    #expect(try await fixture.devices().map(\.card) == [[], []])
    for card: [UInt8] in [[1, 2, 3], [4], [4]] {
      let put = HubRequest.Action.putCard(
        fixture.library, tokenDigest: HubFixture.digest("second"), card: card)
      #expect(try await fixture.ask(put, token: "second") == .done)
      let devices = try await fixture.devices()
      #expect(devices.first { $0.tokenDigest == HubFixture.digest("second") }?.card == card)
      #expect(devices.first { $0.tokenDigest == Self.first }?.card == [])
    }
  }

  @Test(arguments: StoreKind.all)
  func `a device puts no card but its own`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    try await enrol("second", in: fixture)
    let foreign = HubRequest.Action.putCard(fixture.library, tokenDigest: Self.first, card: [1])
    #expect(await fixture.problem(foreign, token: "second")?.type == .unauthorised)
    #expect(await fixture.problem(foreign, token: "nobody")?.type == .unauthorised)
    let stranger = HubRequest.Action.putCard(
      fixture.library, tokenDigest: HubFixture.digest("nobody"), card: [1])
    #expect(await fixture.problem(stranger, token: "nobody")?.type == .unauthorised)
    #expect(try await fixture.devices().map(\.card) == [[], []])
  }

  @Test(arguments: StoreKind.all)
  func `an entry follows the newest epoch; a repeat changes nothing, all else is a conflict`(
    on store: StoreKind
  ) async throws {
    let fixture = try await HubFixture(store)
    func put(_ epoch: UInt32, _ entry: [UInt8]) async -> Problem.Kind? {
      await fixture.problem(.putEntry(fixture.library, epoch: epoch, entry: entry))?.type
    }
    #expect(try await keyring(in: fixture) == HubKeyring(entries: [], newest: 0))
    #expect(try await fixture.pull().epoch == 0)
    #expect(await put(3, [3]) == .keyringConflict)
    #expect(await put(2, [2]) == nil)
    #expect(await put(2, [2]) == nil)
    #expect(await put(2, [9]) == .keyringConflict)
    #expect(await put(4, [4]) == .keyringConflict)
    #expect(await put(3, [3, 3]) == nil)
    #expect(await put(2, [2]) == nil, "a repeat of an older one, too")
    #expect(try await keyring(in: fixture) == HubKeyring(entries: [[2], [3, 3]], newest: 3))
    #expect(try await keyring(after: 1, in: fixture).entries == [[2], [3, 3]])
    #expect(try await keyring(after: 2, in: fixture).entries == [[3, 3]])
    #expect(
      try await keyring(after: 3, in: fixture) == HubKeyring(entries: [], newest: 3))
    #expect(try await keyring(after: .max, in: fixture).entries == [])
    #expect(try await fixture.pull().epoch == 3)
    #expect(try await fixture.push([fixture.bundle(1, 1, 1)]).epoch == 3)
  }

  @Test(arguments: StoreKind.all)
  func `a reply has at least one entry, and as many as fit`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store, pageByteCount: 100)
    let entries = (2...5).map { [UInt8](repeating: UInt8($0), count: $0 == 4 ? 200 : 50) }
    for (index, entry) in entries.enumerated() {
      _ = try await fixture.ask(
        .putEntry(fixture.library, epoch: UInt32(index + 2), entry: entry))
    }
    #expect(
      try await keyring(in: fixture) == HubKeyring(entries: Array(entries[..<2]), newest: 5))
    #expect(try await keyring(after: 3, in: fixture).entries == [entries[2]])
    #expect(try await keyring(after: 4, in: fixture).entries == [entries[3]])
  }

  @Test(arguments: StoreKind.all)
  func `of many who begin an epoch at once one does`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let outcomes = await withTaskGroup(of: Problem.Kind?.self) { group in
      for number in UInt8(0)..<8 {
        group.addTask {
          await fixture.problem(.putEntry(fixture.library, epoch: 2, entry: [number]))?.type
        }
      }
      return await group.reduce(into: []) { $0.append($1) }
    }
    #expect(outcomes.filter { $0 == nil }.count == 1)
    #expect(outcomes.filter { $0 == .keyringConflict }.count == 7)
    #expect(try await keyring(in: fixture).entries.count == 1)
    #expect(fixture.reports.count == 0)
  }

  @Test(arguments: StoreKind.all)
  func `a new epoch ends the waits of its library`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    _ = try await fixture.ask(.createLibrary(LibraryID(9)), token: "other")
    async let waiting = fixture.wait()
    await fixture.waiters(1)
    _ = try await fixture.ask(.putEntry(LibraryID(9), epoch: 2, entry: [9]), token: "other")
    _ = try await fixture.ask(.putEntry(fixture.library, epoch: 2, entry: [2]))
    let page = try await waiting
    #expect(page.epoch == 2 && page.bundles == [] && page.hasWaited)
  }

  @Test(arguments: StoreKind.all)
  func `the keyring is for the library's devices, and lasts`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let library = fixture.library
    for action: HubRequest.Action in [
      .keyring(library, after: 0), .putEntry(library, epoch: 2, entry: [1]),
      .keyring(LibraryID(7), after: 0),
    ] {
      #expect(await fixture.problem(action, token: "nobody")?.type == .unauthorised)
    }
    _ = try await fixture.ask(.putEntry(library, epoch: 2, entry: [2]))
    _ = try await fixture.ask(.putCard(library, tokenDigest: Self.first, card: [7]))
    try await fixture.hub.close()
    let again = try await HubFixture(
      store, in: fixture.directory, database: fixture.database)
    #expect(try await keyring(in: again).entries == [[2]])
    #expect(try await again.devices().map(\.card) == [[7]])
    #expect(try await again.store.check())
  }
}
