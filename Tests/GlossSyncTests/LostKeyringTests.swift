import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossWire
import Testing

@testable import GlossSync

/// Hubs that lost the keyring, and what else takes its place there.
@Suite struct LostKeyringTests {
  @Test(arguments: [true, false])
  func `a hub that lost the keyring gets it back`(losesAll: Bool) async throws {
    let world = try await World.sharing()
    try await world.backUpHub(as: "backup")
    try await world.revoke("phone", by: "desk")
    try await world.revoke(world.digest("phone"), by: "desk")
    try world["desk"].add(page(2), ["title": .text("in epoch 3")])
    try await world.sync("desk")
    try await world.sync("lap")
    let entries = try await world.keyring("desk")
    #expect(entries.count == 2)
    try await world.restoreHub(from: losesAll ? nil : "backup")
    if losesAll { try await world.reconnect("lap", host: nil) }
    try await world.sync("lap")
    #expect(try await world.keyring("lap") == entries)
    #expect(try await world.states("lap")["lap"] == .current)
    _ = try await world.join("tablet", host: "lap")
    try await world.sync("tablet")
    #expect(try world["tablet"].shown() == world["desk"].shown())
  }

  /// It has the hub's help: the hub forgets the true entry, and takes its.
  @Test func `a revoked device cannot begin the epoch for those who have it`() async throws {
    let world = try await World.sharing()
    try await world.backUpHub(as: "backup")
    try await world.revoke("phone", by: "desk")
    try await world.sync("desk")
    try await world.restoreHub(from: "backup")
    #expect(try await world.revoke("lap", by: "phone").epoch == 2)
    try world["desk"].add(page(2), ["title": .text("of the desk")])
    try await world.sync("desk")
    #expect(try world.keys("desk").keyring.newestSecret != world.keys("phone").keyring.newestSecret)
    try await world.sync("phone")
    #expect(try world["phone"].title(2) == nil)
    #expect(try world["phone"].setAside().map(\.reason) == [.wrongKey])
    #expect(try await world.revoke("phone", by: "desk").epoch == 3)
    let helping = Posing(base: world.transport("phone"), as: try world.credential("desk"))
    #expect(
      await world.failure { try await world.sync("phone", over: helping) }
        == .keyring(.notByAMember, epoch: 3))
  }

  /// The desk has revoked the phone; then the hub lost everything, and the phone was there first.
  private func phoneFirst() async throws -> World {
    let world = try await World.sharing()
    try await world.revoke("phone", by: "desk")
    try await world.restoreHub(from: nil)
    try await world.reconnect("phone", host: nil)
    try await world.reconnect("desk", host: "phone")
    return world
  }

  @Test func `two epochs of one number are noticed, and a code brings them together`() async throws
  {
    let world = try await phoneFirst()
    var generator = world.newGenerator()
    let revocation = try await HubSetup.beginEpoch(
      of: world["phone"], root: world.root, over: world.transport("phone"), using: &generator)
    #expect(revocation.epoch == 2)
    try world["phone"].add(page(5), ["title": .text("of the phone")])
    try await world.sync("phone")
    try world["desk"].addPage(6, body: Array("of the desk".utf8))
    for _ in 0..<2 {
      #expect(
        await world.failure { try await world.sync("desk") } == .keyring(.otherEpoch, epoch: 2))
      let headers = try await world.log("phone").bundles.map { try BundleHeader(of: $0) }
      let sent = headers.filter { $0.origin == world["desk"].id }.map(\.last)
      #expect(sent == [1], "nobody could read what it sends since")
    }
    try await world.reconnect("desk", host: "phone")
    try await world.sync("desk")
    try await world.sync("phone")
    #expect(try world["desk"].title(5) == .text("of the phone"))
    #expect(try world["phone"].shown() == world["desk"].shown())
    #expect(try world["phone"].wantedBlobCount() == 0)
    for name in ["desk", "phone"] { #expect(try world[name].setAside() == []) }
  }

  /// The phone's history has two epochs by the time the desk comes.
  @Test func `another history is noticed by what follows on it, and a code brings all of it`()
    async throws
  {
    let world = try await phoneFirst()
    var generator = world.newGenerator()
    for epoch in [2, 3] as [UInt32] {
      let revocation = try await HubSetup.beginEpoch(
        of: world["phone"], root: world.root, over: world.transport("phone"), using: &generator)
      #expect(revocation.epoch == epoch)
      try world["phone"].add(page(UInt128(epoch) + 10), ["title": .text("of epoch \(epoch)")])
      try await world.sync("phone")
    }
    try world["desk"].add(page(6), ["title": .text("of the desk")])
    let sentBefore = try await world.log("phone").bundles.map { try BundleHeader(of: $0) }
    for _ in 0..<2 {
      #expect(
        await world.failure { try await world.sync("desk") } == .keyring(.otherEpoch, epoch: 3))
    }
    let sent = try await world.log("phone").bundles.map { try BundleHeader(of: $0) }
    #expect(sent == sentBefore, "nobody could read what it sends")
    try await world.reconnect("desk", host: "phone")
    try await world.sync("desk")
    try await world.sync("phone")
    #expect(try world.keys("desk").keyring.secrets(of: 2).count == 2)
    #expect(try world["phone"].title(6) == .text("of the desk"))
    #expect(try world["phone"].shown() == world["desk"].shown())
    for name in ["desk", "phone"] { #expect(try world[name].setAside() == []) }
  }

  /// What a device that was let in again begins, or brings back, follows on the hub's entries or stays away from them.
  @Test func `no epoch is put behind another history`() async throws {
    let world = try await World.sharing()
    try await world.revoke("phone", by: "desk")
    try await world.revoke(world.digest("phone"), by: "desk")
    #expect(try world.keys("desk").keyring.newestEpoch == 3)
    try await world.restoreHub(from: nil)
    try await world.reconnect("phone", host: nil)
    try await world.reconnect("desk", host: "phone")
    var generator = world.newGenerator()
    _ = try await HubSetup.beginEpoch(
      of: world["phone"], root: world.root, over: world.transport("phone"), using: &generator)
    let entries = try await world.keyring("phone")
    #expect(entries.count == 1)
    let (root, desk, transport) = (world.root, world["desk"], world.transport("desk"))
    var random = world.newGenerator()
    do throws(SyncError) {
      _ = try await HubSetup.beginEpoch(of: desk, root: root, over: transport, using: &random)
      Issue.record("it began an epoch that the phone cannot follow")
    } catch {
      #expect(error == .keyring(.otherEpoch, epoch: 2))
    }
    #expect(
      await world.failure { try await world.sync("desk") } == .keyring(.otherEpoch, epoch: 2))
    #expect(try await world.keyring("phone") == entries, "its epoch 3 is not behind that")
    try await world.reconnect("desk", host: "phone")
    #expect(try world.keys("desk").keyring.newestEpoch == 2, "the history that it left is gone")
    try await world.sync("desk")
    try await world.sync("phone")
    #expect(try world["phone"].shown() == world["desk"].shown())
  }
}
