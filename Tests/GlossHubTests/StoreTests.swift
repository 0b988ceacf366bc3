import Foundation
import GlossCore
import GlossHub
import GlossWire
import Testing

private func failure(_ directory: String) -> SQLiteStorage.Failure? {
  do throws(SQLiteStorage.Failure) {
    try SQLiteStorage(directory: directory).close()
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
    try await first.store.close()
    let second = try await HubFixture(in: directory, seed: 2)
    #expect(try await second.wholeLog().bundles == bundles)
    #expect(try await second.pull(after: page.cursor).bundles.isEmpty)
    #expect(try await second.store.check())
  }

  @Test func `a hub that closes writes down who was seen`() async throws {
    let directory = try TemporaryDirectory()
    let first = try await HubFixture(in: directory)
    let created = first.clock.now
    first.clock.advance(by: 5_000)
    _ = try await first.pull()
    try await first.hub.close()
    let second = try await HubFixture(in: directory)
    let token = HubFixture.digest(HubFixture.token)
    let devices = try await second.store.devices(of: second.library, token: token)
    #expect(devices.first?.lastSeenMilliseconds == UInt64(created + 5_000))
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
    try await fixture.store.close()
    #expect(failure(path) == nil)
  }

  @Test func `who is kept out closes nobody else's file`() async throws {
    let fixture = try await HubFixture()
    let path = fixture.directory.path + "/data"
    // Whoever closes a number twice closes what another thread was given it for meanwhile.
    let others = Task.detached {
      var lostCount = 0
      while !Task.isCancelled {
        let file = open("/dev/null", O_RDONLY | O_CLOEXEC)
        for _ in 0..<20 { sched_yield() }
        if close(file) != 0 { lostCount += 1 }
      }
      return lostCount
    }
    for _ in 0..<2_000 { try #require(failure(path) == .busy(path: path)) }
    others.cancel()
    #expect(await others.value == 0)
  }

  @Test func `a file of a newer version is left alone`() async throws {
    let fixture = try await HubFixture()
    try await fixture.store.close()
    let path = fixture.directory.path + "/data/hub.sqlite"
    var file = try Data(contentsOf: URL(fileURLWithPath: path))
    file[63] = 9  // The last byte of user_version in SQLite's header.
    try file.write(to: URL(fileURLWithPath: path))
    #expect(
      failure(fixture.directory.path + "/data") == .newer(path: path, version: 9, known: 5))
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
    try await fixture.store.close()
    #expect(await fixture.problem(.vector(fixture.library))?.type == .unavailable)
    #expect(await fixture.refusal(of: [fixture.bundle(1, 1, 1)])?.type == .unavailable)
  }

  @Test func `no token and no secret is in the files`() async throws {
    let fixture = try await HubFixture()
    _ = try await fixture.ask(
      .offerEnrolment(fixture.library, secretDigest: HubFixture.digest("the-secret")))
    let enrol = HubRequest.Action.enrol(
      fixture.library, tokenDigest: HubFixture.digest("the-other-token"))
    _ = try await fixture.ask(enrol, token: "the-secret")
    let needle = Data(HubFixture.digest(HubFixture.token))
    var isDigestFound = false
    let data = fixture.directory.path + "/data"
    for name in try FileManager.default.contentsOfDirectory(atPath: data) {
      let file = try Data(contentsOf: URL(fileURLWithPath: data + "/" + name))
      for secret in [HubFixture.token, "the-secret", "the-other-token"] {
        #expect(file.range(of: Data(secret.utf8)) == nil, "\(name) holds \(secret)")
      }
      if file.range(of: needle) != nil { isDigestFound = true }
    }
    #expect(isDigestFound, "the search finds what is there")
  }

  @Test func `a file of the first version opens, with all that is in it`() async throws {
    // Written by gloss-hub 0.1.0: a library with two devices, one offered secret that is open, and three bundles.
    let directory = try TemporaryDirectory()
    let old = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "Files/hub-1.sqlite")
    try FileManager.default.createDirectory(
      atPath: directory.path + "/data", withIntermediateDirectories: true)
    try FileManager.default.copyItem(
      at: old, to: URL(fileURLWithPath: directory.path + "/data/hub.sqlite"))
    let fixture = try await HubFixture(in: directory)
    let bundles = [fixture.bundle(1, 1, 2), fixture.bundle(2, 1, 1), fixture.bundle(1, 3, 3)]
    let log = try await fixture.wholeLog()
    #expect(log.bundles == bundles)
    #expect(log.end.hash == HubFixture.hash(of: bundles))
    #expect(try await fixture.push([fixture.bundle(1, 4, 4)], after: log.end).cursor.index == 4)
    let devices = try await fixture.devices()
    #expect(
      Set(devices.map(\.tokenDigest))
        == [HubFixture.digest(HubFixture.token), HubFixture.digest("second")])
    let second = devices.first { $0.tokenDigest == HubFixture.digest("second") }
    #expect(second?.lastSeenMilliseconds == second?.createdMilliseconds)
    #expect(second?.cursorIndex == 0)
    #expect(await fixture.problem(.vector(fixture.library), token: "second") == nil)
    #expect(try await fixture.store.check())
  }
}
