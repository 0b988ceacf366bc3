import Foundation
import GlossCore
import GlossHub
import GlossWire
import Testing

@Suite struct `Invitations` {
  private let key = [UInt8](repeating: 7, count: 32)

  private func invitation(_ seed: UInt64 = 1, lastSecond: UInt32 = .max) -> Invitation {
    var generator = SeededGenerator(state: seed)
    return Invitation(lastSecond: lastSecond, using: &generator)
  }

  @Test func `an invitation is what its secret says, under its key and no other`() throws {
    let invitation = invitation(lastSecond: 0x0102_0304)
    let secret = invitation.secret(key: key)
    #expect(secret.utf8.count == 64 && HTTPBinding.isValidCredential(secret))
    #expect(Invitation(secret: secret, key: key) == invitation)
    #expect(Invitation(secret: secret, key: [UInt8](repeating: 8, count: 32)) == nil)
    for place in 0..<64 {
      var digits = Array(secret.utf8)
      digits[place] = digits[place] == UInt8(ascii: "0") ? UInt8(ascii: "1") : UInt8(ascii: "0")
      let altered = String(decoding: digits, as: UTF8.self)
      #expect(Invitation(secret: altered, key: key) == nil, "digit \(place)")
    }
    for other in [
      "", "+1", "zz", String(secret.dropLast()), String(secret.dropLast(2)), secret + "00",
    ] {
      #expect(Invitation(secret: other, key: key) == nil, "\(other)")
    }
  }

  @Test(arguments: StoreKind.all) func `each creates one library, and a repeat is answered`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind, registration: .invited { [key] in key })
    let secret = invitation().secret(key: key)
    #expect(await fixture.problem(.createLibrary(fixture.library))?.type == .registrationClosed)
    for _ in 0..<2 {
      #expect(try await fixture.ask(.createLibrary(fixture.library, invitation: secret)) == .done)
    }
    // A repeat needs none: the reply to the first may be all that was lost.
    #expect(try await fixture.ask(.createLibrary(fixture.library)) == .done)
    let second = await fixture.problem(.createLibrary(LibraryID(2), invitation: secret))
    #expect(second?.type == .registrationClosed)
    #expect(second?.status == 403)
    let another = invitation(2).secret(key: key)
    #expect(try await fixture.ask(.createLibrary(LibraryID(2), invitation: another)) == .done)
  }

  @Test(arguments: StoreKind.all) func `one that was refused for another reason is not used up`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind, registration: .invited { [key] in key })
    let first = invitation(1).secret(key: key)
    let second = invitation(2).secret(key: key)
    #expect(try await fixture.ask(.createLibrary(fixture.library, invitation: first)) == .done)
    let exists = await fixture.problem(
      .createLibrary(fixture.library, invitation: second), token: "x")
    #expect(exists?.type == .libraryExists)
    let hidden = await fixture.problem(.createLibrary(fixture.library), token: "x")
    #expect(hidden?.type == .registrationClosed)
    #expect(try await fixture.ask(.createLibrary(LibraryID(2), invitation: second)) == .done)
  }

  @Test func `one that is too old, or of before its key was removed, is none`() async throws {
    let directory = try TemporaryDirectory()
    let file = InvitationKey(directory: directory.path)
    let fixture = try await HubFixture(registration: .invited { try file.read() })
    var generator = SeededGenerator(state: 3)
    #expect(try file.read() == nil)
    let key = try file.readOrMake(using: &generator)
    #expect(try file.readOrMake(using: &generator) == key && key.count == 32)
    let attributes = try FileManager.default.attributesOfItem(
      atPath: directory.path + "/invitation.key")
    #expect(attributes[.posixPermissions] as? Int == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: directory.path).count == 1)
    let now = UInt32(fixture.clock.now / 1_000)
    let old = invitation(1, lastSecond: now - 1).secret(key: key)
    #expect(
      await fixture.problem(.createLibrary(LibraryID(1), invitation: old))?.type
        == .registrationClosed)
    let good = invitation(2, lastSecond: now).secret(key: key)
    #expect(try await fixture.ask(.createLibrary(LibraryID(1), invitation: good)) == .done)
    try FileManager.default.removeItem(atPath: directory.path + "/invitation.key")
    let other = invitation(4).secret(key: key)
    #expect(
      await fixture.problem(.createLibrary(LibraryID(2), invitation: other))?.type
        == .registrationClosed)
    try Data([1, 2]).write(to: URL(filePath: directory.path + "/invitation.key"))
    #expect(
      await fixture.problem(.createLibrary(LibraryID(2), invitation: other))?.type == .unavailable)
    #expect(fixture.reports.count == 1)
  }

  @Test func `a hub that is open takes any invitation, and needs none`() async throws {
    let fixture = try await HubFixture()
    #expect(try await fixture.ask(.createLibrary(LibraryID(2), invitation: "any")) == .done)
    #expect(try await fixture.ask(.createLibrary(LibraryID(3), invitation: "any")) == .done)
  }
}
