import Foundation
import GlossCore
import GlossHub
import GlossWire
import Testing

private func failure(_ directory: String) -> HubStore.Failure? {
  do throws(HubStore.Failure) {
    try HubStore(directory: directory).close()
    return nil
  } catch {
    return error
  }
}

@Suite struct `The hub's file` {
  @Test func `what was confirmed is there after opening again`() async throws {
    let directory = try TemporaryDirectory()
    let first = try await HubFixture(in: directory)
    let bundles = [first.bundle(1, 1, 2), first.bundle(2, 1, 1)]
    let page = try await first.push(bundles)
    try first.store.close()
    let second = try await HubFixture(in: directory, seed: 2)
    #expect(try await second.wholeLog().bundles == bundles)
    #expect(try await second.pull(after: page.cursor).bundles.isEmpty)
    #expect(try await second.store.check())
  }

  @Test func `what was confirmed is in the files before they are closed`() async throws {
    let directory = try TemporaryDirectory()
    let first = try await HubFixture(in: directory)
    let page = try await first.push([first.bundle(1, 1, 2)])
    let copy = try TemporaryDirectory()
    for name in ["hub.sqlite", "hub.sqlite-wal"] {
      try FileManager.default.createDirectory(
        atPath: copy.path + "/data", withIntermediateDirectories: true)
      try FileManager.default.copyItem(
        atPath: directory.path + "/data/" + name, toPath: copy.path + "/data/" + name)
    }
    let second = try await HubFixture(in: copy)
    #expect(try await second.vector().end == page.cursor)
  }

  @Test func `only the owner may read the directory`() async throws {
    let fixture = try await HubFixture()
    let attributes = try FileManager.default.attributesOfItem(
      atPath: fixture.directory.path + "/data")
    #expect(attributes[.posixPermissions] as? Int == 0o700)
  }

  @Test func `a second process is kept out`() async throws {
    let fixture = try await HubFixture()
    let path = fixture.directory.path + "/data"
    #expect(failure(path) == .busy(path: path))
    try fixture.store.close()
    #expect(failure(path) == nil)
  }

  @Test func `a file of a newer version is left alone`() async throws {
    let fixture = try await HubFixture()
    try fixture.store.close()
    let path = fixture.directory.path + "/data/hub.sqlite"
    var file = try Data(contentsOf: URL(fileURLWithPath: path))
    file[63] = 2  // The last byte of user_version in SQLite's header.
    try file.write(to: URL(fileURLWithPath: path))
    #expect(
      failure(fixture.directory.path + "/data") == .newer(path: path, version: 2, known: 1))
  }

  @Test func `a directory or a file of something else is refused`() throws {
    let directory = try TemporaryDirectory()
    let plain = directory.path + "/plain"
    try Data("x".utf8).write(to: URL(fileURLWithPath: plain))
    guard case .directory = failure(plain) else {
      Issue.record("a file is no directory")
      return
    }
    let name = directory.path + "/hub.sqlite"
    try Data(String(repeating: "no database ", count: 100).utf8).write(
      to: URL(fileURLWithPath: name))
    guard case .database = failure(directory.path) else {
      Issue.record("text is no database")
      return
    }
  }

  @Test func `a full disk refuses, keeps nothing by halves, and the hub goes on`() async throws {
    let fixture = try await HubFixture(pageLimit: 60)
    _ = try await fixture.ask(.createLibrary(fixture.library))
    var held: [[UInt8]] = []
    var problem: Problem?
    for seq in 1...60 as ClosedRange<UInt64> where problem == nil {
      let bundle = fixture.bundle(1, seq, seq, size: 8_000)
      problem = await fixture.refusal(of: [bundle])
      if problem == nil { held.append(bundle) }
    }
    #expect(problem?.type == .unavailable)
    #expect(problem?.status == 503)
    #expect(problem?.retryAfterSeconds != nil)
    #expect(fixture.reports.count == 1)
    #expect(held.count > 5)
    let next = UInt64(held.count + 1)
    let many = (0..<8).map { fixture.bundle(1, next + $0, next + $0, size: $0 == 0 ? 150 : 8_000) }
    #expect(await fixture.refusal(of: many)?.type == .unavailable)
    let log = try await fixture.wholeLog()
    #expect(log.bundles == held)
    #expect(try await fixture.vector().origins[ReplicaID(1)]?.lastSeq == UInt64(held.count))
    #expect(await fixture.refusal(of: [held[0]]) == nil, "repeats need no room")
    #expect(try await fixture.store.check())
  }

  @Test func `a full disk in the middle of a group harms only whom it must`() async throws {
    let fixture = try await HubFixture(pageLimit: 100)
    _ = try await fixture.ask(.createLibrary(fixture.library))
    let confirmed = await withTaskGroup(of: [UInt8]?.self) { group in
      for origin in 1...40 {
        let bundle = fixture.bundle(UInt128(origin), 1, 1, size: 20_000)
        group.addTask { await fixture.refusal(of: [bundle]) == nil ? bundle : nil }
      }
      return await group.reduce(into: Set<[UInt8]>()) { if let bundle = $1 { $0.insert(bundle) } }
    }
    #expect(confirmed.count < 40)
    #expect(Set(try await fixture.wholeLog().bundles) == confirmed)
  }

  @Test func `a closed store is unavailable`() async throws {
    let fixture = try await HubFixture()
    try fixture.store.close()
    #expect(await fixture.problem(.vector(fixture.library))?.type == .unavailable)
    #expect(await fixture.refusal(of: [fixture.bundle(1, 1, 1)])?.type == .unavailable)
  }
}
