#if PostgreSQL
  import GlossCore
  import GlossHub
  import GlossWire
  import Testing

  @Suite(
    .enabled(if: PostgresServer.isInstalled, "Debian's package postgresql is not installed"),
    .timeLimit(.minutes(15)))
  struct `Hubs that share a PostgreSQL database` {
    /// Two hubs over one database.
    private func pair() async throws -> (HubFixture, HubFixture) {
      let first = try await HubFixture(.postgres)
      return (first, try await HubFixture(.postgres, seed: 2, database: first.database))
    }

    @Test func `what one appends the other has`() async throws {
      let (first, second) = try await pair()
      let bundles = [first.bundle(1, 1, 1), first.bundle(1, 2, 2)]
      let page = try await first.push([bundles[0]])
      #expect(try await second.push([bundles[1]], after: page.cursor).bundles.isEmpty)
      #expect(try await first.wholeLog().bundles == bundles)
      #expect(try await second.vector() == first.vector())
      #expect(
        await second.refusal(of: [first.bundle(1, 3, 3, branch: "x", after: "x")])?.type
          == .bundleFork)
    }

    @Test func `pushes through both at once lose and skip nothing`() async throws {
      let (first, second) = try await pair()
      let total = 2 * 12 * 8
      // One who reads all the while, as a client does: from cursor to cursor.
      async let read = {
        var bundles: [[UInt8]] = []
        var cursor: Cursor?
        while bundles.count < total {
          let page = try await second.pull(after: cursor)
          bundles += page.bundles
          cursor = page.cursor
          #expect(page.cursor.hash == HubFixture.hash(of: bundles))
        }
        return bundles
      }()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for origin in 1...24 {
          let hub = origin.isMultiple(of: 2) ? first : second
          group.addTask {
            for seq in 1...8 as ClosedRange<UInt64> {
              _ = try await hub.push([hub.bundle(UInt128(origin), seq, seq)])
            }
          }
        }
        try await group.waitForAll()
      }
      let log = try await first.wholeLog()
      #expect(log.bundles.count == total)
      #expect(Set(log.bundles).count == total)
      #expect(try await read == log.bundles)
      #expect(try await first.store.check())
    }

    @Test func `pushes to many libraries through both at once block nobody for good`() async throws
    {
      let (first, second) = try await pair()
      let libraries = (1...16).map { LibraryID(UInt128($0) << 96) }
      for library in libraries { _ = try await first.ask(.createLibrary(library)) }
      try await withThrowingTaskGroup(of: Void.self) { group in
        for (number, library) in (libraries + libraries.reversed()).enumerated() {
          let hub = number.isMultiple(of: 2) ? first : second
          group.addTask {
            for seq in 1...6 as ClosedRange<UInt64> {
              let bundle = hub.bundle(UInt128(number + 1), seq, seq, library: library)
              _ = try await hub.ask(.push(library, bundles: [bundle], after: nil))
            }
          }
        }
        try await group.waitForAll()
      }
      for library in libraries {
        guard case .vector(let vector) = try await second.ask(.vector(library)) else {
          Issue.record("a vector answers")
          continue
        }
        #expect(vector.end.index == 12)
      }
      #expect(first.reports.count + second.reports.count == 0)
    }

    @Test func `a push through one wakes who waits at the other`() async throws {
      let (first, second) = try await pair()
      async let waiting = second.wait()
      await second.waiters(1)
      let bundle = first.bundle(1, 1, 1)
      _ = try await first.push([bundle])
      #expect(try await waiting.bundles == [bundle])
    }

    @Test func `one secret used at both enrols one device`() async throws {
      let (first, second) = try await pair()
      let library = first.library
      _ = try await first.ask(
        .offerEnrolment(library, secretDigest: HubFixture.digest("secret")))
      let enrolled = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<8 {
          let hub = number.isMultiple(of: 2) ? first : second
          let token = HubFixture.digest("token \(number)")
          group.addTask {
            await hub.problem(.enrol(library, tokenDigest: token), token: "secret") == nil
          }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(enrolled == 1)
    }

    @Test func `a hub goes on after all its connections broke, and so do those who wait`()
      async throws
    {
      let (first, second) = try await pair()
      let bundles = [first.bundle(1, 1, 1), first.bundle(1, 2, 2)]
      let cursor = try await first.push([bundles[0]]).cursor
      async let waiting = second.wait(after: cursor)
      await second.waiters(1)
      let database = try #require(first.database)
      try await PostgresServer.shared.disconnectAll(from: database)
      #expect(try await first.push([bundles[1]]).cursor.index == 2)
      #expect(try await waiting.bundles == [bundles[1]])
    }

    @Test func `tables of the first version are brought up, with all that is in them`() async throws
    {
      let old = try await HubFixture(.postgres)
      let database = try #require(old.database)
      let bundle = old.bundle(1, 1, 1)
      _ = try await old.push([bundle])
      try await old.store.close()
      let first = "'gloss_hub', 'library', 'invitation', 'device', 'enrolment', 'origin', 'entry'"
      try await PostgresServer.shared.run(
        """
        DO $$ DECLARE name text; BEGIN FOR name IN SELECT tablename FROM pg_tables \
        WHERE schemaname = 'public' AND tablename NOT IN (\(first)) \
        LOOP EXECUTE 'DROP TABLE ' || name; END LOOP; UPDATE gloss_hub SET version = 1; END $$
        """, in: database)
      let new = try await HubFixture(.postgres, database: database)
      #expect(try await new.wholeLog().bundles == [bundle])
      _ = try await new.upload(new.blob(1))
      #expect(try await new.fetch((1, 0)) == [new.part(of: new.blob(1))])
    }

    @Test func `a closed store is unavailable, and a database that is not there an error`()
      async throws
    {
      let fixture = try await HubFixture(.postgres)
      try await fixture.store.close()
      #expect(await fixture.problem(.vector(fixture.library))?.type == .unavailable)
      #expect(await fixture.refusal(of: [fixture.bundle(1, 1, 1)])?.type == .unavailable)
      let conninfo = try await PostgresServer.shared.conninfo("no_such_database")
      await #expect(throws: PostgresStorage.Failure.self) {
        try await PostgresStorage(conninfo: conninfo, report: { _ in })
      }
    }
  }
#endif
