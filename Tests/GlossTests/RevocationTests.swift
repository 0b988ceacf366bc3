import Gloss
import GlossCore
import GlossSeal
import GlossStore
import GlossSync
import GlossWire
import Testing

/// Machines that are revoked, as an application sees it.
@Suite struct RevocationTests {
  /// Three machines with one article between them.
  private func machines() async throws -> (Shelf, [Library]) {
    let shelf = try Shelf()
    let desk = try shelf.library("desk")
    _ = try desk.addArticle("One", url: "https://example.org/1")
    try await desk.connect(to: "http://hub.test", over: shelf.transport)
    let lap = try await shelf.copy(of: desk, as: "lap")
    let phone = try await shelf.copy(of: desk, as: "phone")
    try await shelf.sync(desk, lap, phone)
    return (shelf, [desk, lap, phone])
  }

  private func keys(_ library: Library, _ shelf: Shelf) async throws -> [String: KeyState?] {
    var keys: [String: KeyState?] = [:]
    for device in try await library.devices(over: shelf.transport) {
      if let account = device.account { keys[device.name ?? "?"] = .some(account.key) }
    }
    return keys
  }

  private func revoke(
    _ name: String, from library: Library, _ shelf: Shelf
  ) async throws -> Revocation {
    let devices = try await library.devices(over: shelf.transport)
    let account = try #require(devices.first { $0.name == name }?.account)
    return try await library.revoke(account, over: shelf.transport)
  }

  @Test func `each machine has the new key once it has synced`() async throws {
    let (shelf, machines) = try await machines()
    #expect(
      try await keys(machines[0], shelf)
        == ["desk": .current, "lap": .current, "phone": .current])
    #expect(try await revoke("phone", from: machines[0], shelf).epoch == 2)
    #expect(try await keys(machines[0], shelf) == ["desk": .current, "lap": .waiting])
    _ = try machines[0].addArticle("Two", url: "https://example.org/2")
    try await shelf.sync(machines[0], machines[1])
    #expect(try machines[1].items(.article).count == 2)
    #expect(try await keys(machines[0], shelf) == ["desk": .current, "lap": .current])
    await #expect(throws: LibraryError.self) { try await shelf.sync(machines[2]) }
    #expect(try machines[2].items(.article).count == 1)
  }

  @Test func `a revocation that was interrupted is known, and finished`() async throws {
    let (shelf, machines) = try await machines()
    let desk = machines[0]
    let devices = try await desk.devices(over: shelf.transport)
    let account = try #require(devices.first { $0.name == "phone" }?.account)
    #expect(try !desk.isKeyDue())
    await #expect(throws: LibraryError.self) {
      _ = try await desk.revoke(account, over: Interrupted(base: shelf.transport))
    }
    #expect(try desk.isKeyDue())
    #expect(try await keys(desk, shelf) == ["desk": .current, "lap": .current])
    let revocation = try await desk.beginEpoch(over: shelf.transport)
    #expect(revocation.epoch == 2 && revocation.keyHolders.count == 2)
    #expect(try !desk.isKeyDue())
  }

  @Test func `a passphrase guards the keys of later epochs, too`() async throws {
    let (shelf, machines) = try await machines()
    let lap = machines[1]
    _ = try await revoke("phone", from: machines[0], shelf)
    try await shelf.sync(lap)
    let passphrase = try #require(Passphrase("a passphrase"))
    #expect(try lap.setPassphrase(passphrase))
    try lap.close()
    let again = try shelf.open("lap")
    #expect(try again.isLocked())
    // The list needs no key, and says nothing of keys.
    #expect(try await keys(again, shelf) == ["desk": nil, "lap": nil])
    await #expect(throws: LibraryError.locked) {
      _ = try await revoke("desk", from: again, shelf)
    }
    try again.unlock(passphrase)
    #expect(try await keys(again, shelf) == ["desk": .current, "lap": .current])
    _ = try machines[0].addArticle("Two", url: "https://example.org/2")
    try await shelf.sync(machines[0], again)
    #expect(try again.items(.article).count == 2)
    #expect(try await revoke("desk", from: again, shelf).epoch == 3)
    let other = try #require(Passphrase("another one"))
    #expect(try again.changePassphrase(to: other))
    try again.removePassphrase()
    try again.close()
    let plain = try shelf.open("lap")
    #expect(try await keys(plain, shelf) == ["lap": .current])
  }

  @Test func `no secret of a later epoch lies in the file as it is`() async throws {
    let (shelf, machines) = try await machines()
    _ = try await revoke("phone", from: machines[0], shelf)
    let code = try await machines[0].pairingCode(over: shelf.transport)
    #expect(code.epoch == 2)
    let settings = try machines[0].replica.settings()
    #expect(settings["keys"] != nil)
    for (name, value) in settings {
      let isThere = value.indices.contains { value[$0...].starts(with: code.secret.bytes) }
      #expect(!isThere, "\(name)")
    }
  }
}

/// A way to a hub that ends where an epoch is to begin.
private struct Interrupted: HubTransport {
  let base: any HubTransport

  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    if case .putEntry = request.action { throw .transport(.interrupted("switched off")) }
    return try await base.send(request)
  }
}
