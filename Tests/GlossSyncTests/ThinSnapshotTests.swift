import GlossCore
import GlossHub
import GlossSeal
import GlossStore
import GlossSync
import GlossTesting
import GlossWire
import Testing

/// Snapshots without the values that were replaced.
@Suite struct ThinSnapshotTests {
  /// A desk that wrote a secret and replaced it, and a snapshot without what was replaced.
  private func thinWorld() async throws -> World {
    let world = try await World("desk", "lap", limits: World.snapshotLimits)
    try world["desk"].add(page(1), ["title": .text("a secret")])
    try await world.syncAll()
    for number in UInt128(2)...7 {
      try world["desk"].edit(
        page(1), ["title": .text("draft \(number)")], at: UInt64(number) * 1_000)
      try world["desk"].add(page(number), ["title": .text("\(number)")])
      try await world.syncUnasked("desk")
    }
    return world
  }

  @Test func `a snapshot without history brings what is shown, and none of what was replaced`()
    async throws
  {
    let world = try await thinWorld()
    #expect(try await world.snapshot(by: "desk", history: .current).hasMadeSnapshot)
    let phone = try await world.join("phone")
    try await world.sync("phone")
    #expect(try phone.shown() == world["desk"].shown())
    let values = try phone.read { snapshot in
      try snapshot.history(of: page(1)).compactMap { $0.change.write(to: "title")?.value }
    }
    #expect(values.contains(.text("draft 7")) && !values.contains(.text("a secret")))
    #expect(values.filter(\.isLeftOut).count == 6)
    try await world.expectAgreement()
    // A snapshot that such a replica makes is one for the next, and edits go both ways.
    for number in UInt128(20)...26 {
      try phone.edit(page(1), ["title": .text("later \(number)")], at: 90_000 + UInt64(number))
      try await world.syncUnasked("phone")
    }
    #expect(try await world.snapshot(by: "phone").hasMadeSnapshot)
    let tablet = try await world.join("tablet")
    try await world.sync("tablet")
    #expect(try tablet.shown() == phone.shown())
    try await world.expectAgreement()
    // Who has the values keeps them.
    let kept = try world["desk"].read { snapshot in
      try snapshot.history(of: page(1)).compactMap { $0.change.write(to: "title")?.value }
    }
    #expect(kept.contains(.text("a secret")))
  }

  @Test func `who has only what is shown fills an empty hub, and others go on with that`()
    async throws
  {
    let world = try await thinWorld()
    #expect(try await world.snapshot(by: "desk", history: .current).hasMadeSnapshot)
    let phone = try await world.join("phone")
    try await world.sync("phone")
    try phone.edit(page(1), ["title": .text("of the phone")], at: 90_000)
    try await world.restoreHub(from: nil)
    try await world.reconnect("phone", host: nil)
    try await world.syncUnasked("phone")
    let tablet = try await world.join("tablet", host: "phone")
    try await world.syncUnasked("tablet")
    #expect(try tablet.shown() == phone.shown())
    #expect(try tablet.setAside().isEmpty)
    // Who has every value agrees, and goes on from there.
    try world["desk"].edit(page(2), ["title": .text("of the desk")], at: 95_000)
    for name in ["desk", "lap"] { try await world.reconnect(name, host: "phone") }
    try await world.expectAgreement()
    #expect(try tablet.title(2) == .text("of the desk"))
  }

  @Test func `who was away and edited what a snapshot left out makes a conflict, as ever`()
    async throws
  {
    let world = try await thinWorld()
    try world["lap"].edit(page(1), ["title": .text("of the lap")], at: 3_500)
    #expect(try await world.snapshot(by: "desk", history: .current).hasMadeSnapshot)
    try await world.sync("lap")
    try await world.expectAgreement()
    let titles = try world["desk"].read { try $0.versions(of: "title", in: page(1)) }
    #expect(titles.map(\.value) == [.text("draft 7"), .text("of the lap")])
  }

  @Test func `an edit while a snapshot without history is made puts it off`() async throws {
    let world = try await thinWorld()
    let desk = world["desk"]
    let writing = Refusing(base: world.transport("desk")) { _ in
      nil
    } before: { action in
      guard case .putPiece(_, _, let index, _) = action, index == 1 else { return }
      try? desk.edit(page(1), ["title": .text("unsent")], at: 99_000)
    }
    let report = try await world.snapshot(by: "desk", over: writing, history: .current)
    #expect(!report.hasMadeSnapshot)
    #expect(try await world.snapshot(by: "desk", history: .current).hasMadeSnapshot)
    _ = try await world.join("phone")
    try await world.expectAgreement()
    #expect(try world["phone"].title(1) == .text("unsent"))
  }
}
