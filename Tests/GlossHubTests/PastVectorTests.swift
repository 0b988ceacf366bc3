import GlossCore
import GlossHub
import GlossWire
import Testing

@Suite struct `What a hub held` {
  /// Pushes bundles of three origins in turn, and returns what the hub held after each.
  private func fill(_ fixture: HubFixture) async throws -> [HubVector] {
    var vectors = [try await fixture.vector()]
    let runs: [(UInt128, UInt64, UInt64)] = [
      (1, 1, 3), (2, 1, 1), (1, 4, 4), (3, 1, 7), (2, 2, 9), (1, 5, 6), (1, 7, 7), (2, 10, 10),
    ]
    for (origin, first, last) in runs {
      let end = vectors[vectors.count - 1].end
      _ = try await fixture.push([fixture.bundle(origin, first, last)], after: end)
      vectors.append(try await fixture.vector())
    }
    return vectors
  }

  @Test(arguments: StoreKind.all) func `at every place it is what the hub said when it was there`(
    on kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    let vectors = try await fill(fixture)
    for (index, vector) in vectors.enumerated() {
      #expect(try await fixture.vector(at: UInt64(index)) == vector)
    }
    for index in [9, 10, UInt64(Int64.max), .max] {
      let problem = await fixture.problem(.vector(fixture.library, at: index))
      #expect(problem?.type == .cursorUnknown)
      #expect(problem?.status == 409)
    }
    let token = await fixture.problem(.vector(fixture.library, at: 99), token: "wrong")
    #expect(token?.type == .unauthorised, "which goes first")
  }

  @Test(arguments: StoreKind.all) func `a place before what is left of the log is compacted`(
    on kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind) { $0.logRetention = 0 }
    let vectors = try await fill(fixture)
    // Before the place are entries of all three; behind it one has some, one has one, and one has none any more.
    try await fixture.sendSnapshot(7, upTo: vectors[5].end)
    #expect(await fixture.problem(.pull(fixture.library, after: vectors[4].end)) != nil)
    for (index, vector) in vectors.enumerated() {
      guard index >= 5 else {
        let problem = await fixture.problem(.vector(fixture.library, at: UInt64(index)))
        #expect(problem?.type == .compacted)
        continue
      }
      #expect(try await fixture.vector(at: UInt64(index)) == vector)
    }
    #expect(await fixture.problem(.vector(fixture.library, at: 9))?.type == .cursorUnknown)
  }

  @Test(arguments: StoreKind.all) func `a log of no entries has one place`(
    on kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    #expect(try await fixture.vector(at: 0) == fixture.vector())
    #expect(await fixture.problem(.vector(fixture.library, at: 1))?.type == .cursorUnknown)
  }
}
