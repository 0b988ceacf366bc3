import GlossCore
import GlossCrypto
import GlossHub
import GlossSeal
import GlossStore
import GlossTesting
import GlossWire
import Testing

@testable import GlossSync

/// Devices that are revoked, and the keys that the others get.
@Suite struct KeyringTests {
  @Test func `what is written after a revocation the others read, and the revoked device does not`()
    async throws
  {
    let world = try await World.sharing()
    let revocation = try await world.revoke("phone", by: "desk")
    #expect(revocation.epoch == 2)
    #expect(Set(revocation.keyHolders) == [try world.digest("desk"), try world.digest("lap")])
    #expect(revocation.leftOut == [])
    try world["desk"].add(page(2), ["title": .text("of the desk")])
    try await world.sync("desk")
    try await world.sync("lap")
    try world["lap"].add(page(3), ["title": .text("of the lap")])
    try await world.sync("lap")
    try await world.sync("desk")
    #expect(try world["lap"].title(2) == .text("of the desk"))
    #expect(try world["desk"].title(3) == .text("of the lap"))
    #expect(try await world.sync("desk").requests == 1)
    #expect(try await world.sync("lap").requests == 1)

    #expect(
      await world.failure { try await world.sync("phone") }
        == .hub(.refused(try #require(await world.problem("phone")))))
    // The hub helps it: it lets it in as the desk, so it has all bundles and the whole keyring.
    let helping = Posing(base: world.transport("phone"), as: try world.credential("desk"))
    for _ in 0..<2 {
      #expect(
        await world.failure { try await world.sync("phone", over: helping) }
          == .keyring(.notForThisDevice, epoch: 2))
      #expect(try world["phone"].title(2) == nil && world["phone"].title(3) == nil)
      #expect(try world["phone"].setAside().map(\.reason) == [.unknownEpoch, .unknownEpoch])
    }
    try world["phone"].add(page(5), ["title": .text("by the phone")])
    _ = await world.failure { try await world.sync("phone", over: helping) }
    #expect(try world["phone"].read { try $0.statistics() }.unsentCount == 1, "it sends nothing")
    let keys = try world.keys("phone")
    let sealer = Sealer(root: world.root, keyring: keys.keyring)
    for bundle in try await world.log("desk").bundles {
      let header = try BundleHeader(of: bundle)
      let content = try? sealer.open(
        bundle[BundleHeader.byteCount...], as: .bundle, authenticating: header.bytes,
        epoch: header.epoch)
      #expect((content != nil) == (header.epoch == 1))
    }
  }

  /// With such a key everybody could open what is sealed to it, the hub too.
  @Test func `a device whose card has a key of small order is left out, and told of`() async throws
  {
    let world = try await World.sharing()
    let card = DeviceCard(
      of: [UInt8](repeating: 0, count: 32), tokenDigest: try world.digest("lap"),
      keyring: try world.keys("desk").keyring)
    _ = try await world.ask(
      "lap", .putCard(world.library, tokenDigest: try world.digest("lap"), card: card.bytes))
    let revocation = try await world.revoke("phone", by: "desk")
    #expect(revocation.keyHolders == [try world.digest("desk")])
    #expect(revocation.leftOut == [try world.digest("lap")])
  }

  @Test func `a device that was away follows over several epochs in one sync`() async throws {
    let world = try await World.sharing()
    _ = try await world.join("tablet")
    try await world.sync("tablet")
    try await world.revoke("phone", by: "desk")
    try world["desk"].add(page(2), ["title": .text("in epoch 2")])
    try await world.sync("desk")
    let second = try await world.revoke("tablet", by: "desk")
    #expect(second.epoch == 3 && second.leftOut == [], "the lap's card is of epoch 1, and counts")
    try world["desk"].edit(page(2), ["title": .text("in epoch 3")])
    try await world.sync("desk")
    #expect(try await world.states("desk")["lap"] == .waiting)
    try world["lap"].edit(page(1), ["title": .text("unsent")])
    // The push, the keyring, the card.
    #expect(try await world.sync("lap").requests == 3)
    #expect(try world["lap"].title(2) == .text("in epoch 3"))
    #expect(try world["lap"].setAside() == [])
    #expect(try await world.states("desk")["lap"] == .current)
    #expect(try await world.sync("lap").requests == 1)
    try await world.sync("desk")
    #expect(try world["desk"].title(1) == .text("unsent"))
  }

  @Test func `what new keys open in a sync comes with the large values that it names`() async throws
  {
    let world = try await World.sharing()
    try await world.revoke("phone", by: "desk")
    let text = Array("A text.".utf8)
    let id = try world["desk"].write(at: 1_000) { edits in
      let id = try edits.addBlob(text)
      try edits.add(page(2), ["body": .blob(id)])
      return id
    }
    try await world.sync("desk")
    let hiding = Meddler(base: world.transport("lap")) { (reply) throws(HubFailure) in
      guard case .page(var page) = reply else { return reply }
      page.epoch = 0
      return .page(page)
    }
    _ = await world.failure { try await world.sync("lap", over: hiding) }
    #expect(try world["lap"].setAside().map(\.reason) == [.unknownEpoch])
    let report = try await world.sync("lap")
    #expect(report.setAside.isEmpty && report.receivedBlobs == 1)
    #expect(try world["lap"].read { try $0.blob(id) } == text)
    #expect(try await world.sync("lap").requests == 1)
  }

  /// No page tells it of the epoch: the hub refuses to send one, because the log that it has not read is gone.
  @Test func `a device that was away for a new epoch and a dropped log gets both`() async throws {
    var limits = HubLimits(pageByteCount: 1_000)
    limits.snapshotBundleCount = 5
    limits.logRetention = 0
    let world = try await World("desk", "lap", "phone", limits: limits)
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.syncAll()
    try await world.revoke("phone", by: "desk")
    for number in UInt128(2)...9 {
      world.pass()
      try world["desk"].add(page(number), ["title": .text("\(number)")])
      try await world.sync("desk")
    }
    try world["lap"].edit(page(1), ["title": .text("unsent")])
    try await world.sync("lap")
    let asked = await world.transport("lap").exchanges.map(\.request.target)
    #expect(asked.contains { $0.contains("/snapshots/") })
    #expect(try world["lap"].title(5) == .text("5"))
    #expect(try world["lap"].title(9) == .text("9"))
    try await world.sync("desk")
    #expect(try world["desk"].title(1) == .text("unsent"))
    #expect(try world["lap"].setAside() == [])
  }

  /// The requests of a revocation, in order: token, keyring, devices, entry; then the card.
  @Test(arguments: 0..<5, [false, true])
  func `a revocation that was interrupted is finished by the next one`(
    passes: Int, losesReply: Bool
  ) async throws {
    let world = try await World.sharing()
    let digest = try world.digest("phone")
    let breaking = Breaking(
      base: world.transport("desk"), passes: passes, losesReply: losesReply)
    let failure = await world.failure {
      try await world.revoke("phone", by: "desk", over: breaking)
    }
    // That the card did not arrive is no failure: the next sync shows it.
    #expect((failure == nil) == (passes == 4))
    #expect(try HubSetup.isKeyDue(in: world["desk"]) == (passes < 4))
    if passes < 4 { try await world.revoke(digest, by: "desk") }
    #expect(try !HubSetup.isKeyDue(in: world["desk"]))
    try world["desk"].add(page(2), ["title": .text("later")])
    try await world.sync("desk")
    try await world.sync("lap")
    #expect(try world["lap"].title(2) == .text("later"))
    let epoch = try BundleHeader(of: try #require(await world.log("desk").bundles.last)).epoch
    #expect(epoch >= 2)
    #expect(try await world.states("lap") == ["desk": .current, "lap": .current])
    #expect(try await world.sync("desk").requests == 1)
  }

  @Test func `of two who revoke at once the second begins the epoch after the first's`()
    async throws
  {
    let world = try await World.sharing()
    _ = try await world.join("tablet")
    try await world.sync("tablet")
    let lap = Acting(base: world.transport("desk")) { request in
      guard case .putEntry = request.action else { return false }
      let first = try await world.revoke("tablet", by: "lap")
      #expect(first.epoch == 2)
      return true
    }
    let revocation = try await world.revoke("phone", by: "desk", over: lap)
    #expect(revocation.epoch == 3)
    #expect(revocation.keyHolders.count == 2)
    for name in ["desk", "lap"] {
      try world[name].add(page(name == "desk" ? 2 : 3), ["title": .text(name)])
      try await world.sync(name)
    }
    try await world.sync("desk")
    #expect(try world["lap"].title(2) == .text("desk"))
    #expect(try world["desk"].title(3) == .text("lap"))
    for name in ["phone", "tablet"] {
      let keys = try world.keys(name)
      var keyring = keys.keyring
      let entries = try await world.keyring("desk").map { try KeyringEntry(bytes: $0) }
      #expect(entries.count == 2)
      #expect(throws: KeyringError.notForThisDevice) {
        try keyring.take(entries, for: keys.device)
      }
    }
  }

  @Test func `a device without a good card is left out, is told so, and heals by joining again`()
    async throws
  {
    let world = try await World.sharing()
    let card = HubRequest.Action.putCard(
      world.library, tokenDigest: try world.digest("lap"), card: [UInt8](repeating: 1, count: 69))
    _ = try await world.ask("lap", card)
    #expect(try await world.states("desk")["lap"] == .missing)
    let revocation = try await world.revoke("phone", by: "desk")
    #expect(revocation.leftOut == [try world.digest("lap")])
    try world["desk"].add(page(2), ["title": .text("later")])
    try await world.sync("desk")
    try world["lap"].add(page(3), ["title": .text("sent before it knew")])
    #expect(
      await world.failure { try await world.sync("lap") }
        == .keyring(.notForThisDevice, epoch: 2))
    try world["lap"].add(page(4), ["title": .text("kept")])
    #expect(await world.failure { try await world.sync("lap") } != nil)
    #expect(try world["lap"].read { try $0.statistics() }.unsentCount == 1)
    #expect(await world.failure { try await world.reconnect("desk", host: "lap") } != nil)

    try await world.reconnect("lap", host: "desk")
    try await world.sync("lap")
    try await world.sync("desk")
    #expect(try world["lap"].title(2) == .text("later"))
    #expect(try world["lap"].setAside() == [])
    #expect(try world["desk"].title(4) == .text("kept"))
    #expect(try world["desk"].shown() == world["lap"].shown())
  }

  @Test func `a newcomer reads what was sealed in every epoch`() async throws {
    let world = try await World.sharing()
    try await world.revoke("phone", by: "desk")
    try world["desk"].add(page(2), ["title": .text("in epoch 2")])
    try await world.sync("desk")
    try await world.revoke("lap", by: "desk")
    try world["desk"].add(page(3), ["title": .text("in epoch 3")])
    try await world.sync("desk")
    _ = try await world.join("tablet")
    try await world.sync("tablet")
    #expect(try world["tablet"].shown() == world["desk"].shown())
    #expect(try await world.states("desk") == ["desk": .current, "tablet": .current])
    #expect(try await world.sync("tablet").requests == 1)
  }

  /// It knows the secret of epoch 1, so it can make cards of epoch 1 for whomever the hub likes to list.
  @Test func `a card that a revoked device could have made gets no key`() async throws {
    let world = try await World.sharing()
    let keys = try world.keys("phone")
    try await world.revoke("phone", by: "desk")
    try world["desk"].add(page(2), ["title": .text("in epoch 2")])
    try await world.sync("desk")
    let stranger = try world.newReplica("stranger")
    try await world.reconnect("stranger", host: "desk")
    let digest = try world.digest("stranger")
    let forged = DeviceCard(
      of: keys.device.publicKey, tokenDigest: digest, keyring: keys.keyring)
    _ = try await world.ask(
      "stranger", .putCard(world.library, tokenDigest: digest, card: forged.bytes))
    #expect(try await world.states("desk")["stranger"] == .missing)
    let revocation = try await world.revoke("lap", by: "desk")
    #expect(revocation.keyHolders == [try world.digest("desk")])
    #expect(revocation.leftOut == [digest])
    try stranger.close()
  }

  @Test func `a copy of a file has a key of its own, and may be revoked without the original`()
    async throws
  {
    let world = try await World.sharing()
    try world.copy("lap", as: "copy", .file)
    try await world.sync("copy")
    #expect(try world.keys("copy").device.publicKey != world.keys("lap").device.publicKey)
    #expect(try await world.states("desk").count == 4)
    try await world.revoke("copy", by: "desk")
    try world["desk"].add(page(2), ["title": .text("later")])
    try await world.sync("desk")
    try await world.sync("lap")
    #expect(try world["lap"].title(2) == .text("later"))
    let helping = Posing(base: world.transport("copy"), as: try world.credential("desk"))
    #expect(
      await world.failure { try await world.sync("copy", over: helping) }
        == .keyring(.notForThisDevice, epoch: 2))
  }

  @Test func `an entry that no member made changes nothing, and the sync goes on`() async throws {
    let world = try await World.sharing()
    var random = world.newGenerator()
    let entry = KeyringEntry.make(
      after: Keyring(root: .random(using: &random), library: world.library),
      secret: .random(using: &random), recipients: [try world.keys("lap").device.publicKey],
      using: &random)
    _ = try await world.ask("phone", .putEntry(world.library, epoch: 2, entry: entry.bytes))
    try world["desk"].add(page(2), ["title": .text("goes on")])
    for name in ["desk", "lap"] {
      #expect(
        await world.failure { try await world.sync(name) } == .keyring(.notByAMember, epoch: 2))
    }
    #expect(try world["lap"].title(2) == .text("goes on"))
    #expect(try world.keys("lap").keyring.newestEpoch == 1)
    _ = try await world.join("tablet")
    #expect(await world.failure { try await world.sync("tablet") } != nil)
    #expect(try world["tablet"].title(2) == .text("goes on"))
  }

  @Test func `with a hub that keeps no keyring all goes on in the first epoch`() async throws {
    let world = try await World()
    _ = try world.newReplica("desk")
    let desk = Older(base: world.transport("desk"))
    var random = world.newGenerator()
    try await HubSetup.connect(
      world["desk"], root: world.root, to: "https://hub.example.org", over: desk, using: &random)
    try world["desk"].add(page(1), ["title": .text("one")])
    try await world.sync("desk", over: desk)
    let code = try await HubSetup.pairingCode(
      for: world["desk"], root: world.root, over: desk, using: &random)
    #expect(code.epoch == 1)
    let lap = try world.newReplica("lap")
    try await HubSetup.join(lap, with: code, over: desk, using: &random)
    try await world.sync("lap", over: desk)
    #expect(try lap.title(1) == .text("one"))
    #expect(
      await world.failure { try await world.revoke("lap", by: "desk", over: desk) }
        == .hub(.refused(.noKeyring)))
    // Once the hub is a newer one, the same finishes it.
    #expect(try HubSetup.isKeyDue(in: world["desk"]))
    #expect(try await world.revoke("lap", by: "desk").epoch == 2)
    // And with the older one again, who has entries learns the same, and asks no more.
    do throws(SyncError) {
      _ = try await HubSetup.beginEpoch(
        of: world["desk"], root: world.root, over: desk, using: &random)
      Issue.record("an epoch began on a hub that keeps no keyring")
    } catch {
      #expect(error == .hub(.refused(.noKeyring)))
    }
  }

  @Test func `a device that revokes itself leaves the key to the others`() async throws {
    let world = try await World.sharing()
    #expect(try await world.revoke("desk", by: "desk").epoch == nil)
    #expect(await world.failure { try await world.sync("desk") } != nil)
    #expect(try await world.keyring("lap") == [])
    try await world.revoke(world.digest("desk"), by: "lap")
    #expect(try await world.keyring("lap").count == 1)
  }
}
