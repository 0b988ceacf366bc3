import Foundation
import GRDB
import GlossCore
import GlossHub
import GlossWire
import Testing

/// The number of bytes held of each blob, and whether it is whole.
private func shown(_ holdings: [BlobHolding]) -> [String] {
  holdings.map { "\($0.name[0]):\($0.held)\($0.isComplete ? " whole" : "")" }
}

@Suite struct `Blobs on a hub` {
  @Test(arguments: StoreKind.all) func `what is uploaded is fetched, by its name`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    let blobs = [fixture.blob(1), fixture.blob(2, size: 137), fixture.blob(3, size: 5_000)]
    #expect(
      shown(try await fixture.upload(blobs.map { fixture.part(of: $0) }))
        == ["1:400 whole", "2:137 whole", "3:5000 whole"])
    // In the order of the wants, and what is not held is left out.
    let parts = try await fixture.fetch((3, 0), (9, 0), (1, 0), (2, 100))
    #expect(
      parts == [
        fixture.part(of: blobs[2]), fixture.part(of: blobs[0]),
        fixture.part(of: blobs[1], 100..<137),
      ])
    #expect(try await fixture.fetch((9, 0)) == [])
    #expect(try await fixture.upload([]) == [])
  }

  @Test(arguments: StoreKind.all) func `an upload goes on where it ended`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    let blob = fixture.blob(1, size: 1_000)
    func upload(_ range: Range<Int>) async throws -> [String] {
      shown(try await fixture.upload([fixture.part(of: blob, range)]))
    }
    #expect(try await upload(0..<0) == ["1:0"])
    #expect(try await upload(0..<300) == ["1:300"])
    #expect(try await upload(0..<0) == ["1:300"], "a question changes nothing")
    #expect(try await upload(400..<500) == ["1:300"], "what has a gap in front changes nothing")
    #expect(try await upload(100..<250) == ["1:300"], "what is held changes nothing")
    var other = fixture.part(of: blob, 300..<400)
    other.size += 1
    #expect(shown(try await fixture.upload([other])) == ["1:300"], "it cannot be of another size")
    #expect(try await fixture.fetch((1, 0)) == [], "what is not whole is not there")
    #expect(try await upload(200..<600) == ["1:600"], "what overlaps adds what is new")
    #expect(try await upload(600..<1_000) == ["1:1000 whole"])
    #expect(try await upload(0..<1_000) == ["1:1000 whole"], "a repeat is answered as the first")
    #expect(try await fixture.fetch((1, 0)) == [fixture.part(of: blob)])
    #expect(
      shown(try await fixture.upload([BlobPart(asking: fixture.part(of: blob).name)]))
        == ["1:1000 whole"])
  }

  @Test(arguments: StoreKind.all) func `the parts of one request follow one another`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    let blob = fixture.blob(1, size: 1_000)
    let parts = [0..<400, 400..<800, 800..<1_000].map { fixture.part(of: blob, $0) }
    #expect(shown(try await fixture.upload(parts)) == Array(repeating: "1:1000 whole", count: 3))
    #expect(try await fixture.fetch((1, 0)) == [fixture.part(of: blob)])
  }

  @Test(arguments: StoreKind.all)
  func `two devices' seals of one blob do not mix, and the first whole one stays`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    let (one, two) = (fixture.blob(1, size: 1_000), fixture.blob(1, size: 900, filling: 7))
    _ = try await fixture.upload([fixture.part(of: one, 0..<500)])
    #expect(shown(try await fixture.upload([fixture.part(of: two, 0..<600)])) == ["1:600"])
    #expect(shown(try await fixture.upload([fixture.part(of: one, 0..<0)])) == ["1:500"])
    #expect(
      shown(try await fixture.upload([fixture.part(of: two, 600..<900)])) == ["1:900 whole"])
    #expect(
      shown(try await fixture.upload([fixture.part(of: one, 500..<1_000)])) == ["1:900 whole"])
    #expect(try await fixture.fetch((1, 0)) == [fixture.part(of: two)])
  }

  @Test(arguments: StoreKind.all)
  func `a page has as many bytes as fit, and says what it has none of`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind, pageByteCount: 500)
    let blobs = [fixture.blob(1), fixture.blob(2), fixture.blob(3)]
    _ = try await fixture.upload(blobs.map { fixture.part(of: $0) })
    #expect(
      try await fixture.fetch((1, 0), (2, 0), (3, 0)) == [
        fixture.part(of: blobs[0]), fixture.part(of: blobs[1], 0..<100),
        fixture.part(of: blobs[2], 0..<0),
      ])
    #expect(
      try await fixture.fetch((2, 100), (3, 0)) == [
        fixture.part(of: blobs[1], 100..<400), fixture.part(of: blobs[2], 0..<200),
      ])
    #expect(try await fixture.fetch((3, 400)) == [fixture.part(of: blobs[2], 400..<400)])
    // Somebody has more of it than there is: of another seal.
    #expect(try await fixture.fetch((3, 5_000)) == [fixture.part(of: blobs[2], 400..<400)])
  }

  @Test(arguments: StoreKind.all)
  func `what is not what it says is refused when it is whole, and may come again`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    let blob = fixture.blob(1, size: 1_000)
    var bad = fixture.part(of: blob, 0..<500)
    bad.bytes[70] ^= 1
    let good = fixture.blob(2)
    _ = try await fixture.upload([bad])
    let last = fixture.part(of: blob, 500..<1_000)
    let problem = await fixture.problem(
      .uploadBlobs(fixture.library, parts: [fixture.part(of: good), last]))
    #expect(problem?.type == .malformed && problem?.status == 400)
    // What was in front of it stays; of the bad one nothing does.
    #expect(shown(try await fixture.upload([fixture.part(of: good, 0..<0)])) == ["2:400 whole"])
    #expect(shown(try await fixture.upload([fixture.part(of: blob, 0..<0)])) == ["1:0"])
    #expect(shown(try await fixture.upload(blob)) == ["1:1000 whole"])
  }

  @Test(arguments: StoreKind.all) func `a blob of another name or library is none`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    var misnamed = fixture.part(of: fixture.blob(1))
    misnamed.name = [UInt8](repeating: 2, count: 32)
    for part in [misnamed, fixture.part(of: fixture.blob(1, library: LibraryID(5)))] {
      let problem = await fixture.problem(.uploadBlobs(fixture.library, parts: [part]))
      #expect(problem?.type == .malformed)
    }
    #expect(try await fixture.fetch((1, 0), (2, 0)) == [])
  }

  @Test(arguments: StoreKind.all) func `blobs count, and a library is as large as it may be`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind, libraryByteCount: 1_000)
    _ = try await fixture.push([fixture.bundle(1, 1, 1, size: 200)])
    let problem = await fixture.problem(
      .uploadBlobs(
        fixture.library,
        parts: [fixture.blob(1), fixture.blob(2, size: 401)].map { fixture.part(of: $0) }))
    #expect(problem?.type == .quotaExceeded && problem?.limit == 1_000)
    #expect(
      shown(try await fixture.upload([fixture.part(of: fixture.blob(1), 0..<0)])) == ["1:400 whole"]
    )
    // What is not whole counts as well, until it is given up or another seal of it is whole.
    let large = fixture.blob(3, size: 5_000)
    _ = try await fixture.upload([fixture.part(of: large, 0..<300)])
    #expect(await fixture.refusal(of: [fixture.bundle(1, 2, 2, size: 150)])?.type == .quotaExceeded)
    #expect(
      await fixture.problem(
        .uploadBlobs(fixture.library, parts: [fixture.part(of: large, 300..<500)]))?
        .type == .quotaExceeded)
    _ = try await fixture.upload([fixture.part(of: fixture.blob(3, size: 100), 0..<100)])
    _ = try await fixture.push([fixture.bundle(1, 2, 2, size: 300)])
    #expect(await fixture.refusal(of: [fixture.bundle(1, 3, 3, size: 120)])?.type == .quotaExceeded)
  }

  @Test(arguments: StoreKind.all) func `what nobody goes on with is forgotten after a day`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind, libraryByteCount: 1_000)
    let (old, kept) = (fixture.blob(1, size: 2_000), fixture.blob(2, size: 2_000))
    _ = try await fixture.upload([fixture.part(of: old, 0..<500), fixture.part(of: kept, 0..<400)])
    fixture.clock.advance(by: 24 * 60 * 60 * 1_000 - 1)
    _ = try await fixture.upload([fixture.part(of: kept, 400..<410)])
    #expect(shown(try await fixture.upload([fixture.part(of: old, 0..<0)])) == ["1:500"])
    fixture.clock.advance(by: 1)
    _ = try await fixture.upload([fixture.part(of: kept, 410..<420)])
    #expect(shown(try await fixture.upload([fixture.part(of: old, 0..<0)])) == ["1:0"])
    #expect(shown(try await fixture.upload([fixture.part(of: kept, 0..<0)])) == ["2:420"])
    // And no longer counts.
    _ = try await fixture.push([fixture.bundle(1, 1, 1, size: 570)])
  }

  @Test(arguments: StoreKind.all) func `blobs are their library's, and for who has its token`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    _ = try await fixture.upload(fixture.blob(1))
    let other = LibraryID(2)
    _ = try await fixture.ask(.createLibrary(other), token: "other")
    let wants = [BlobWant(name: [UInt8](repeating: 1, count: 32))]
    #expect(
      try await fixture.ask(.fetchBlobs(other, wants: wants), token: "other") == .blobParts([]))
    let parts = [fixture.part(of: fixture.blob(2))]
    for token in ["other", "nobody's"] {
      #expect(
        await fixture.problem(.fetchBlobs(fixture.library, wants: wants), token: token)?.type
          == .unauthorised)
      for parts in [parts, [fixture.part(of: fixture.blob(1), 0..<0)]] {
        #expect(
          await fixture.problem(.uploadBlobs(fixture.library, parts: parts), token: token)?.type
            == .unauthorised)
      }
    }
    #expect(try await fixture.fetch((2, 0)) == [])
  }

  @Test(arguments: StoreKind.all) func `devices that upload at once do not harm one another`(
    kind: StoreKind
  ) async throws {
    let fixture = try await HubFixture(kind)
    let blobs = (1...6).map { fixture.blob($0, size: 900) }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for device in 0..<4 {
        group.addTask {
          for blob in device.isMultiple(of: 2) ? blobs : blobs.reversed() {
            for range in [0..<300, 300..<600, 600..<900] {
              _ = try await fixture.upload([fixture.part(of: blob, range)])
            }
          }
        }
        group.addTask {
          _ = try await fixture.push([fixture.bundle(UInt128(device + 1), 1, 1)])
        }
      }
      try await group.waitForAll()
    }
    #expect(
      try await fixture.fetch((1, 0), (2, 0), (3, 0), (4, 0), (5, 0), (6, 0))
        == blobs.map { fixture.part(of: $0) })
    if kind == .sqlite {
      let report = try SQLiteInspection(at: fixture.directory.path + "/data").verify()
      #expect(report.findings.isEmpty && report.blobCount == 6)
    }
  }

  @Test func `a copy has the blobs, and they are there after opening again`() async throws {
    let fixture = try await HubFixture()
    let blob = fixture.blob(1, size: 900)
    _ = try await fixture.upload([fixture.part(of: blob, 0..<500)])
    let place = try TemporaryDirectory()
    try FileManager.default.createDirectory(
      atPath: place.path + "/data", withIntermediateDirectories: true)
    _ = try SQLiteInspection(at: fixture.directory.path + "/data").copy(
      to: place.path + "/data/hub.sqlite")
    let restored = try await HubFixture(in: place)
    #expect(
      shown(try await restored.upload([restored.part(of: blob, 500..<900)])) == ["1:900 whole"])
    #expect(try await restored.fetch((1, 0)) == [restored.part(of: blob)])
  }

  @Test func `a hub's file of version 3 opens, and takes blobs`() async throws {
    // Written by gloss-hub 0.1.0, version 3: what one machine sent of an article with its text.
    let directory = try TemporaryDirectory()
    let file = directory.path + "/data/hub.sqlite"
    try FileManager.default.createDirectory(
      atPath: directory.path + "/data", withIntermediateDirectories: true)
    let old = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Files/hub-3.sqlite")
    try FileManager.default.copyItem(at: old, to: URL(fileURLWithPath: file))
    let before = try SQLiteInspection(at: file).verify()
    #expect(before.findings.isEmpty && before.bundleCount == 2 && before.blobCount == 0)
    let fixture = try await HubFixture(in: directory)
    _ = try await fixture.upload(fixture.blob(1))
    let after = try SQLiteInspection(at: file).verify()
    #expect(after.findings.isEmpty && after.bundleCount == 2 && after.blobCount == 1)
    #expect(after.byteCount == before.byteCount + 400)
  }
}
