import GlossCore
import GlossHub
import GlossWire
import Testing

extension HubFixture {
  static let pieceByteCount = 200

  /// A piece as a hub sees it: a header, and bytes that it cannot read.
  func piece(_ snapshot: UInt128, _ index: UInt32, fill: UInt8 = 0) -> [UInt8] {
    let header = SnapshotHeader(
      library: library, epoch: 1, snapshot: SnapshotID(snapshot), index: index)
    return header.bytes
      + [UInt8](repeating: fill, count: Self.pieceByteCount - SnapshotHeader.byteCount)
  }

  func put(_ snapshot: UInt128, _ index: UInt32, fill: UInt8 = 0) -> HubRequest.Action {
    .putPiece(
      library, SnapshotID(snapshot), index: index, piece: piece(snapshot, index, fill: fill))
  }

  func completion(_ snapshot: UInt128, _ place: Cursor, _ count: UInt32) -> HubRequest.Action {
    .completeSnapshot(
      library,
      SnapshotDescription(id: SnapshotID(snapshot), cursor: place, pieceCount: count))
  }

  /// Sends a snapshot of a head and so many pieces.
  func sendSnapshot(_ snapshot: UInt128, upTo place: Cursor, pieceCount: UInt32 = 1) async throws {
    for index in 0...pieceCount { #expect(try await ask(put(snapshot, index)) == .done) }
    #expect(try await ask(completion(snapshot, place, pieceCount)) == .done)
  }

  func latest() async throws -> SnapshotDescription {
    guard case .snapshot(let description) = try await ask(.latestSnapshot(library)) else {
      throw Problem(.unknown, status: 0, detail: "no snapshot")
    }
    return description
  }

  /// Pushes one bundle after another of the same origin, and returns the place behind each.
  func pushOneByOne(
    _ numbers: ClosedRange<UInt64>, of origin: UInt128 = 1
  ) async throws -> [Cursor] {
    var places: [Cursor] = []
    var place = try await vector().end
    for number in numbers {
      place = try await push([bundle(origin, number, number)], after: place).cursor
      places.append(place)
    }
    return places
  }
}

@Suite struct `Snapshots on a hub` {
  private static let hour: Int64 = 60 * 60 * 1_000
  private static let day = 24 * hour

  @Test(arguments: StoreKind.all) func `pieces are handed out as they came, once all are there`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    let place = try #require(try await fixture.pushOneByOne(1...3).last)
    #expect(await fixture.problem(.latestSnapshot(fixture.library))?.type == .noSnapshot)
    for index in [1, 0, 2, 1] as [UInt32] {
      #expect(try await fixture.ask(fixture.put(7, index, fill: UInt8(index))) == .done)
    }
    let read = HubRequest.Action.piece(fixture.library, SnapshotID(7), index: 1)
    #expect(await fixture.problem(read)?.type == .noSnapshot, "nobody reads what may be replaced")
    #expect(await fixture.problem(.latestSnapshot(fixture.library))?.status == 404)
    for _ in 0..<2 { #expect(try await fixture.ask(fixture.completion(7, place, 2)) == .done) }
    let description = SnapshotDescription(id: SnapshotID(7), cursor: place, pieceCount: 2)
    #expect(try await fixture.latest() == description)
    #expect(try await fixture.ask(fixture.put(7, 1, fill: 99)) == .done)
    for index in 0...2 as ClosedRange<UInt32> {
      let reply = try await fixture.ask(
        .piece(fixture.library, SnapshotID(7), index: index))
      #expect(reply == .piece(fixture.piece(7, index, fill: UInt8(index))))
    }
    let beyond = HubRequest.Action.piece(fixture.library, SnapshotID(7), index: 3)
    #expect(await fixture.problem(beyond)?.type == .noSnapshot)
    #expect(await fixture.problem(read, token: "another")?.type == .unauthorised)
    #expect(await fixture.problem(fixture.put(8, 0), token: "another")?.type == .unauthorised)
    let complete = fixture.completion(7, place, 2)
    #expect(await fixture.problem(complete, token: "another")?.type == .unauthorised)
    #expect(try await fixture.store.check())
  }

  @Test(arguments: StoreKind.all) func `what is not whole, not new or not of this log is refused`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    let places = try await fixture.pushOneByOne(1...4)
    func refusal(_ action: HubRequest.Action) async -> Problem.Kind? {
      await fixture.problem(action)?.type
    }
    #expect(await refusal(fixture.completion(7, places[1], 0)) == .snapshotRefused)
    for index in [0, 2] as [UInt32] { _ = try await fixture.ask(fixture.put(7, index)) }
    for count in [0, 1, 2, 3] as [UInt32] {
      #expect(await refusal(fixture.completion(7, places[1], count)) == .snapshotRefused)
    }
    _ = try await fixture.ask(fixture.put(7, 1))
    let forged = Cursor(log: places[1].log, index: 2, hash: places[2].hash)!
    let elsewhere = Cursor(log: Array(repeating: 9, count: 16), index: 2, hash: places[1].hash)!
    let beyond = Cursor(log: places[1].log, index: 9, hash: places[1].hash)!
    for place in [forged, elsewhere, beyond] {
      #expect(await refusal(fixture.completion(7, place, 2)) == .cursorUnknown)
    }
    #expect(await refusal(.latestSnapshot(fixture.library)) == .noSnapshot)
    _ = try await fixture.ask(fixture.completion(7, places[1], 2))
    #expect(await refusal(fixture.completion(7, places[2], 2)) == .snapshotRefused)
    for snapshot in [8, 9] as [UInt128] { _ = try await fixture.ask(fixture.put(snapshot, 0)) }
    #expect(await refusal(fixture.completion(8, places[1], 0)) == .snapshotRefused)
    #expect(await refusal(fixture.completion(8, places[0], 0)) == .snapshotRefused)
    _ = try await fixture.ask(fixture.completion(9, places[2], 0))
    #expect(try await fixture.latest().id == SnapshotID(9))
    // A repeat of a former one is still answered as it was the first time.
    _ = try await fixture.ask(fixture.completion(7, places[1], 2))
    #expect(try await fixture.latest().id == SnapshotID(9))

    let misplaced = HubRequest.Action.putPiece(
      fixture.library, SnapshotID(7), index: 1, piece: fixture.piece(7, 2))
    #expect(await refusal(misplaced) == .malformed)
    #expect(await fixture.problem(misplaced, token: "another")?.type == .unauthorised)
    let short = HubRequest.Action.putPiece(
      fixture.library, SnapshotID(7), index: 1, piece: [1, 2, 3])
    #expect(await refusal(short) == .malformed)
  }

  @Test(arguments: StoreKind.all) func `pieces count, and what is let go of makes room`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind, libraryByteCount: 999) { $0.logRetention = 0 }
    let places = try await fixture.pushOneByOne(1...3)
    for _ in 0..<3 { _ = try await fixture.ask(fixture.put(7, 0)) }
    _ = try await fixture.ask(fixture.put(7, 1))
    #expect(await fixture.refusal(of: [fixture.bundle(1, 4, 5)])?.type == .quotaExceeded)
    let refused = await fixture.problem(fixture.put(7, 2))
    #expect(refused?.type == .quotaExceeded && refused?.limit == 999)
    // With a piece that does not fit all of them go: nothing comes of them, and bundles need the room.
    #expect(await fixture.problem(fixture.completion(7, places[2], 1))?.type == .snapshotRefused)
    try await fixture.sendSnapshot(8, upTo: places[2])
    // 450 bytes of the log are gone: the library has 400.
    _ = try await fixture.push([fixture.bundle(1, 4, 5, size: 500)], after: places[2])
    #expect(await fixture.refusal(of: [fixture.bundle(2, 1, 1)])?.type == .compacted)
    let full = HubRequest.Action.push(
      fixture.library, bundles: [fixture.bundle(2, 1, 1)], after: places[2])
    #expect(await fixture.problem(full)?.type == .quotaExceeded)
  }

  @Test(arguments: StoreKind.all) func `one device is asked for a snapshot when the log has grown`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind, pageByteCount: 400) { $0.snapshotBundleCount = 3 }
    let places = try await fixture.pushOneByOne(1...2)
    #expect(try await !fixture.pull(after: places[1]).wantsSnapshot)
    let third = fixture.bundle(1, 3, 3)
    #expect(try await fixture.push([third], after: places[1]).wantsSnapshot)
    #expect(try await !fixture.pull(after: places[1]).wantsSnapshot, "it has asked somebody")
    fixture.clock.advance(by: 10 * 60 * 1_000)
    #expect(try await !fixture.pull().wantsSnapshot, "not whose page is not the last")
    let end = try await fixture.pull(after: places[1])
    #expect(end.wantsSnapshot)
    try await fixture.sendSnapshot(7, upTo: end.cursor)
    fixture.clock.advance(by: 10 * 60 * 1_000)
    #expect(try await !fixture.pull(after: end.cursor).wantsSnapshot)
    let more = try await fixture.pushOneByOne(4...5)
    #expect(try await !fixture.pull(after: more[1]).wantsSnapshot)
    #expect(try await fixture.push([fixture.bundle(1, 6, 6)], after: more[1]).wantsSnapshot)
    let silent = try await HubFixture(kind) { $0.snapshotBundleCount = 0 }
    _ = try await silent.pushOneByOne(1...5)
    #expect(try await !silent.pull().wantsSnapshot)
  }

  @Test(arguments: StoreKind.all) func `a pull that waits asks whom it answers`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind) { $0.snapshotBundleCount = 2 }
    let place = try #require(try await fixture.pushOneByOne(1...1).last)
    async let waiting = fixture.wait(after: place)
    await fixture.waiters(1)
    // Not by the hub, which would ask whoever pushes.
    let bundles = try PushedBundle.all([fixture.bundle(1, 2, 2)], of: fixture.library)
    _ = try await fixture.store.append(
      Push(
        bundles, to: fixture.library, token: HubFixture.digest(HubFixture.token), after: place,
        libraryByteLimit: nil, pageByteLimit: 1_000))
    #expect(try await waiting.wantsSnapshot)
  }

  @Test(arguments: StoreKind.all) func `the log before a snapshot is dropped after its time`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind) { $0.logRetention = 2 * Self.day }
    var places = try await fixture.pushOneByOne(1...4)
    places += try await fixture.pushOneByOne(1...2, of: 2)
    try await fixture.sendSnapshot(7, upTo: places[3])
    fixture.clock.advance(by: 2 * Self.day - 1)
    #expect(try await fixture.pull().bundles.count == 6)
    fixture.clock.advance(by: Self.hour)
    // Whoever asks for anything is the occasion; the next one sees it.
    _ = try await fixture.pull(after: places[5])
    #expect(await fixture.problem(.pull(fixture.library, after: nil))?.type == .compacted)
    for place in places[..<3] {
      #expect(await fixture.problem(.pull(fixture.library, after: place))?.type == .compacted)
    }
    let rest = try await fixture.pull(after: places[3])
    #expect(rest.bundles == [fixture.bundle(2, 1, 1), fixture.bundle(2, 2, 2)])
    #expect(rest.cursor == places[5])
    let forged = Cursor(log: places[3].log, index: 4, hash: places[4].hash)!
    #expect(await fixture.problem(.pull(fixture.library, after: forged))?.type == .cursorUnknown)
    let other = Cursor(log: Array(repeating: 9, count: 16), index: 1, hash: places[0].hash)!
    #expect(await fixture.problem(.pull(fixture.library, after: other))?.type == .cursorUnknown)
    #expect(try await fixture.store.check())
  }

  @Test(arguments: StoreKind.all) func `pushes are checked as before when the log is gone`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind) { $0.logRetention = 0 }
    let places = try await fixture.pushOneByOne(1...4)
    try await fixture.sendSnapshot(7, upTo: places[3])
    let end = places[3]
    #expect(try await fixture.vector().end == end, "the log goes on where it was")
    #expect(try await fixture.vector().origins[ReplicaID(1)]?.lastSeq == 4)
    func problem(_ bundle: [UInt8], after place: Cursor? = end) async -> Problem? {
      await fixture.problem(.push(fixture.library, bundles: [bundle], after: place))
    }
    #expect(await problem(fixture.bundle(1, 6, 6))?.type == .bundleGap)
    #expect(await problem(fixture.bundle(1, 5, 5, after: "other"))?.type == .bundleFork)
    #expect(await problem(fixture.bundle(1, 2, 2)) == nil, "a repeat")
    #expect(await problem(fixture.bundle(1, 5, 5), after: nil)?.type == .compacted)
    #expect(await problem(fixture.bundle(1, 5, 5), after: places[0])?.type == .compacted)
    #expect(try await fixture.vector().end == end, "nothing was appended")
    let page = try await fixture.push([fixture.bundle(1, 5, 5)], after: end)
    #expect(page.cursor.index == 5)
    #expect(
      page.cursor.hash
        == HubFixture.hash(of: (1...5).map { fixture.bundle(1, $0, $0) }))
    #expect(try await fixture.pull(after: end).bundles == [fixture.bundle(1, 5, 5)])
    #expect(try await fixture.store.check())
  }

  @Test(arguments: StoreKind.all) func `a newer snapshot does not keep the log for longer`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind) { $0.logRetention = 2 * Self.day }
    let places = try await fixture.pushOneByOne(1...6)
    for (index, snapshot) in [(1, 7), (3, 8), (5, 9)] as [(Int, UInt128)] {
      try await fixture.sendSnapshot(snapshot, upTo: places[index])
      fixture.clock.advance(by: Self.day)
    }
    // Two days after the first one, three after it by now; the others are younger.
    _ = try await fixture.pull(after: places[5])
    #expect(await fixture.problem(.pull(fixture.library, after: places[2]))?.type == .compacted)
    #expect(try await fixture.pull(after: places[3]).bundles.count == 2)
    #expect(try await fixture.latest().id == SnapshotID(9))
    fixture.clock.advance(by: Self.day)
    _ = try await fixture.pull(after: places[5])
    #expect(await fixture.problem(.pull(fixture.library, after: places[4]))?.type == .compacted)
    #expect(try await fixture.pull(after: places[5]).bundles.isEmpty)
    let forever = try await HubFixture(kind) { $0.logRetention = nil }
    let end = try #require(try await forever.pushOneByOne(1...3).last)
    try await forever.sendSnapshot(7, upTo: end)
    forever.clock.advance(by: 10_000 * Self.day)
    _ = try await forever.pull(after: end)
    #expect(try await forever.pull().bundles.count == 3)
  }

  @Test(arguments: StoreKind.all) func `readers in the middle of a snapshot have an hour`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind, libraryByteCount: 1_449)
    let places = try await fixture.pushOneByOne(1...3)
    try await fixture.sendSnapshot(7, upTo: places[1])
    try await fixture.sendSnapshot(8, upTo: places[2])
    let read = HubRequest.Action.piece(fixture.library, SnapshotID(7), index: 1)
    fixture.clock.advance(by: Self.hour - 1)
    #expect(await fixture.problem(read) == nil)
    #expect(await fixture.problem(fixture.put(9, 0))?.type == .quotaExceeded)
    fixture.clock.advance(by: Self.hour)
    _ = try await fixture.pull()
    #expect(await fixture.problem(read)?.type == .noSnapshot)
    #expect(await fixture.problem(fixture.put(9, 0)) == nil, "there is room again")
    // What nobody completes goes after a day, and what is newest stays.
    fixture.clock.advance(by: Self.day)
    _ = try await fixture.pull()
    for index in 0...1 as ClosedRange<UInt32> {
      #expect(await fixture.problem(fixture.put(10, index)) == nil)
    }
    #expect(await fixture.problem(fixture.completion(9, places[2], 0))?.type == .snapshotRefused)
    #expect(try await fixture.latest().id == SnapshotID(8))
  }

  @Test(arguments: StoreKind.all) func `a long log is dropped in steps`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    let places = try await fixture.pushOneByOne(1...5)
    try await fixture.sendSnapshot(7, upTo: places[4])
    func step() async throws -> Bool {
      try await fixture.store.tidy(
        fixture.library, retention: 0, entryLimit: 2, now: fixture.clock.now)
    }
    for start in [2, 4] {
      #expect(try await step())
      #expect(try await fixture.pull(after: places[start - 1]).bundles.count == 5 - start)
      let before = HubRequest.Action.pull(fixture.library, after: places[start - 2])
      #expect(await fixture.problem(before)?.type == .compacted)
    }
    #expect(try await !step())
    #expect(try await !step())
    #expect(try await fixture.pull(after: places[4]).bundles.isEmpty)
    #expect(try await fixture.store.check())
  }
}
