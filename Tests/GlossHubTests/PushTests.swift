import GlossCore
import GlossHub
import GlossWire
import Testing

@Suite struct `Pushing bundles` {
  @Test(arguments: StoreKind.all)
  func `bundles that continue each other are appended in order`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let bundles = [
      fixture.bundle(1, 1, 3), fixture.bundle(2, 1, 1), fixture.bundle(1, 4, 4),
      fixture.bundle(2, 2, 9),
    ]
    _ = try await fixture.push(Array(bundles[..<2]))
    _ = try await fixture.push(Array(bundles[2...]))
    let log = try await fixture.wholeLog()
    #expect(log.bundles == bundles)
    #expect(log.end.index == 4)
    #expect(log.end.hash == HubFixture.hash(of: bundles))
    let vector = try await fixture.vector()
    #expect(vector.end == log.end)
    #expect(
      vector.origins == [
        ReplicaID(1): HubVector.Held(lastSeq: 4, tip: HubFixture.tip(1, 4)),
        ReplicaID(2): HubVector.Held(lastSeq: 9, tip: HubFixture.tip(2, 9)),
      ])
  }

  @Test(arguments: StoreKind.all)
  func `a repeat is answered as the first time and appends nothing`(on store: StoreKind)
    async throws
  {
    let fixture = try await HubFixture(store)
    let bundles = [fixture.bundle(1, 1, 3), fixture.bundle(1, 4, 5)]
    let first = try await fixture.push(bundles)
    #expect(try await fixture.push(bundles) == first)
    #expect(try await fixture.push([bundles[0]]).cursor.index == 2)
    #expect(try await fixture.wholeLog().bundles == bundles)
  }

  @Test(arguments: StoreKind.all)
  func `a run that was cut another way is accepted where nothing contradicts it`(
    on store: StoreKind
  )
    async throws
  {
    let fixture = try await HubFixture(store)
    _ = try await fixture.push([fixture.bundle(1, 1, 6)])
    #expect(await fixture.refusal(of: [fixture.bundle(1, 1, 4), fixture.bundle(1, 5, 6)]) == nil)
    #expect(try await fixture.wholeLog().bundles.count == 1)
  }

  @Test(arguments: StoreKind.all)
  func `a gap is refused with what is held`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let none = await fixture.refusal(of: [fixture.bundle(1, 2, 3)])
    #expect(none?.type == .bundleGap)
    #expect(none?.status == 409)
    #expect(none?.held == Problem.Held(origin: ReplicaID(1).bytes, lastSeq: 0, tip: []))
    _ = try await fixture.push([fixture.bundle(1, 1, 3)])
    let some = await fixture.refusal(of: [fixture.bundle(1, 5, 5)])
    #expect(some?.type == .bundleGap)
    #expect(
      some?.held
        == Problem.Held(origin: ReplicaID(1).bytes, lastSeq: 3, tip: HubFixture.tip(1, 3)))
  }

  @Test(arguments: StoreKind.all)
  func `a run that is held in part is refused as a gap`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    _ = try await fixture.push([fixture.bundle(1, 1, 3)])
    for first: UInt64 in [1, 3] {
      let problem = await fixture.refusal(of: [fixture.bundle(1, first, 4)])
      #expect(problem?.type == .bundleGap)
      #expect(problem?.held?.lastSeq == 3)
    }
  }

  @Test(arguments: StoreKind.all)
  func `another continuation is a fork`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    _ = try await fixture.push([fixture.bundle(1, 1, 3)])
    let problem = await fixture.refusal(of: [fixture.bundle(1, 4, 4, branch: "clone")])
    #expect(problem?.type == .bundleFork)
    #expect(
      problem?.held
        == Problem.Held(origin: ReplicaID(1).bytes, lastSeq: 3, tip: HubFixture.tip(1, 3)))
  }

  @Test(arguments: StoreKind.all)
  func `a repeat with another tip is a fork`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    _ = try await fixture.push([fixture.bundle(1, 1, 3), fixture.bundle(1, 4, 5)])
    for (first, last) in [(4, 5), (1, 3), (2, 5)] as [(UInt64, UInt64)] {
      let problem = await fixture.refusal(of: [
        fixture.bundle(1, first, last, branch: "clone", after: "")
      ])
      #expect(problem?.type == .bundleFork)
      #expect(problem?.held?.lastSeq == 5)
    }
    #expect(try await fixture.wholeLog().bundles.count == 2)
  }

  @Test(arguments: StoreKind.all)
  func `bundles in front of a refused one stay`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let good = [fixture.bundle(1, 1, 3), fixture.bundle(2, 1, 1)]
    let problem = await fixture.refusal(
      of: good + [fixture.bundle(1, 9, 9), fixture.bundle(3, 1, 1)])
    #expect(problem?.type == .bundleGap)
    #expect(try await fixture.wholeLog().bundles == good)
  }

  @Test(arguments: StoreKind.all)
  func `what is no bundle of the library is refused whole`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let good = fixture.bundle(1, 1, 1)
    var newer = fixture.bundle(1, 2, 2)
    newer[0] = 2
    let bad = [
      [], [1], Array(good.prefix(116)), newer, fixture.bundle(1, 2, 2, library: LibraryID(0xB2)),
    ]
    for bundle in bad {
      #expect(await fixture.refusal(of: [good, bundle])?.type == .malformed)
    }
    #expect(try await fixture.wholeLog().bundles.isEmpty)
  }

  @Test(arguments: StoreKind.all)
  func `two libraries know nothing of each other`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let other = LibraryID(0xB2)
    #expect(try await fixture.ask(.createLibrary(other), token: "other") == .done)
    _ = try await fixture.push([fixture.bundle(1, 1, 3)])
    let bundle = fixture.bundle(1, 1, 2, branch: "b", library: other)
    #expect(
      await fixture.problem(.push(other, bundles: [bundle], after: nil), token: "other") == nil)
    #expect(try await fixture.wholeLog().bundles.count == 1)
    #expect(try await fixture.vector().origins[ReplicaID(1)]?.lastSeq == 3)
  }

  @Test(arguments: StoreKind.all)
  func `many pushes at once leave a log without gaps`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let accepted = try await withThrowingTaskGroup(of: Int.self) { group in
      for origin in 1...24 {
        group.addTask {
          for seq in 1...10 as ClosedRange<UInt64> {
            _ = try await fixture.push([fixture.bundle(UInt128(origin), seq, seq)])
          }
          return 10
        }
      }
      return try await group.reduce(0, +)
    }
    let log = try await fixture.wholeLog()
    #expect(log.bundles.count == accepted)
    #expect(log.end.index == UInt64(accepted))
    #expect(log.end.hash == HubFixture.hash(of: log.bundles))
    #expect(Set(log.bundles).count == accepted)
    for origin in 1...24 {
      let own = try log.bundles.map { try BundleHeader(of: $0) }
        .filter { $0.origin == ReplicaID(UInt128(origin)) }
      #expect(own.map(\.first) == Array(1...10))
    }
  }

  @Test(arguments: StoreKind.all)
  func `of the same push sent at once many times one is appended`(on store: StoreKind) async throws
  {
    let fixture = try await HubFixture(store)
    let bundles = [fixture.bundle(1, 1, 2), fixture.bundle(1, 3, 3)]
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<32 { group.addTask { _ = try await fixture.push(bundles) } }
      try await group.waitForAll()
    }
    #expect(try await fixture.wholeLog().bundles == bundles)
  }

  @Test(arguments: StoreKind.all)
  func `in one commit a refused write harms no other`(on store: StoreKind) async throws {
    let fixture = try await HubFixture(store)
    let refusals = await withTaskGroup(of: Problem?.self) { group in
      for origin in 1...40 {
        let first: UInt64 = origin.isMultiple(of: 2) ? 1 : 5
        let bundles = [fixture.bundle(UInt128(origin), first, first)]
        group.addTask { await fixture.refusal(of: bundles) }
      }
      return await group.reduce(into: [Problem]()) { if let problem = $1 { $0.append(problem) } }
    }
    #expect(refusals.count == 20)
    #expect(refusals.allSatisfy { $0.type == .bundleGap })
    #expect(try await fixture.wholeLog().bundles.count == 20)
  }
}
