internal import GlossCore
internal import GlossCrypto
package import GlossWire

/// A hub: a request in, a reply out, over a store.
///
/// It stores and forwards sealed bundles and never learns a key. Whatever it confirms is durable.
package struct Hub: Sendable {
  /// What the hub holds its clients to.
  package let limits: HubLimits

  let storage: any HubStorage
  private let software: String
  let clock: @Sendable () -> Int64
  private let sleep: @Sendable (Duration) async throws -> Void
  private let randomness: Randomness
  private let sightings = Sightings()
  let snapshotRequests: SnapshotRequests
  private let registration: Registration
  private let pushRates: PushRates?
  let report: @Sendable (any Error) -> Void

  /// Creates a hub.
  ///
  /// - Parameters:
  ///   - software: The program's name and version, which every client may read.
  ///   - clock: Milliseconds since the Unix epoch.
  ///   - sleep: Lets the time pass for which a pull waits.
  ///   - generator: Where the names of new logs come from.
  ///   - report: Takes the error behind a reply of `unavailable`, which tells the client nothing about the disk.
  package init(
    storage: any HubStorage, limits: HubLimits, registration: Registration = .open,
    software: String,
    clock: @escaping @Sendable () -> Int64,
    sleep: @escaping @Sendable (Duration) async throws -> Void = { try await Task.sleep(for: $0) },
    generator: some RandomNumberGenerator & Sendable,
    report: @escaping @Sendable (any Error) -> Void
  ) {
    self.storage = storage
    self.limits = limits
    self.registration = registration
    self.pushRates = limits.bundlesPerMinute.map { PushRates(perMinute: $0) }
    snapshotRequests = SnapshotRequests(bundleCount: limits.snapshotBundleCount)
    self.software = software
    self.clock = clock
    self.sleep = sleep
    self.randomness = Randomness(generator)
    self.report = report
  }

  /// Does what is asked and returns the reply.
  ///
  /// A pull that waits ends at once where the task is cancelled, with the page that there is.
  ///
  /// - Throws: Why not. After `unavailable` nothing of the request is kept; after `bundleGap` and `bundleFork` the
  ///   bundles in front of the refused one are.
  package func reply(to request: HubRequest) async throws(Problem) -> HubReply {
    let token = sha256(Array(request.credential.utf8))
    switch request.action {
    case .describe: return .description(description)
    case .createLibrary(let library, let invitation):
      guard !request.credential.isEmpty else { throw .unauthorised }
      let log = await randomness.nextLogName()
      return try await done {
        try await storage.createLibrary(
          library, token: token, log: log, admission: try admission(invitation), now: clock())
      }
    case .offerEnrolment(let library, let secret):
      return try await done {
        try await storage.offerEnrolment(
          library, secret: secret, token: token, now: clock(), expiry: enrolmentExpiry)
      }
    case .enrol(let library, let newToken):
      return try await done {
        try await storage.enrol(
          library, token: newToken, secret: token, now: clock(), expiry: enrolmentExpiry)
      }
    case .push(let library, let bundles, let cursor):
      let page = try await push(bundles, to: library, token: token, after: cursor)
      return .page(await settled(page, of: library, token: token))
    case .pull(let library, let cursor, let seconds):
      let page = try await pull(library, token: token, after: cursor, waitSeconds: seconds)
      return .page(await settled(page, of: library, token: token))
    case .vector(let library, let index):
      return .vector(
        try await noted(library, token) {
          try await storage.vector(of: library, at: index, token: token)
        })
    case .devices(let library): return .devices(try await devices(of: library, token: token))
    case .revoke(let library, let device):
      return try await done { try await storage.revoke(device, of: library, token: token) }
    case .uploadBlobs(let library, let parts):
      return .holdings(try await keep(parts, of: library, token: token))
    case .fetchBlobs(let library, let wants):
      return .blobParts(try await blobs(wants, of: library, token: token))
    case .putCard(let library, let device, let card):
      // A card of somebody else's is refused like a token that is none.
      guard device == token else { throw .unauthorised }
      return try await done { try await storage.putCard(card, of: library, token: token) }
    case .putEntry(let library, let epoch, let entry):
      return try await done {
        try await storage.putEntry(entry, epoch: epoch, of: library, token: token)
      }
    case .keyring(let library, let epoch):
      return .keyring(try await keyring(of: library, after: epoch, token: token))
    case .putPiece(let library, let snapshot, let index, let piece):
      return try await done {
        try await keep(piece, index, of: snapshot, in: library, token: token)
      }
    case .completeSnapshot(let library, let snapshot):
      return try await done {
        try await storage.complete(snapshot, of: library, token: token, now: clock())
        await tidy(library)
      }
    case .latestSnapshot(let library):
      return .snapshot(
        try await stored { try await storage.newestSnapshot(of: library, token: token) })
    case .piece(let library, let snapshot, let index):
      return .piece(
        try await stored {
          try await storage.piece(index, of: snapshot, in: library, token: token)
        })
    }
  }

  /// Returns where the request's credential is a token of the library that it names, or where none is needed.
  ///
  /// A server asks this before it takes in a large body.
  ///
  /// - Throws: `unauthorised`.
  package func authorise(_ request: HubRequest) async throws(Problem) {
    let library: LibraryID
    switch request.action {
    case .push(let asked, _, _), .uploadBlobs(let asked, _), .putPiece(let asked, _, _, _):
      library = asked
    default: return
    }
    let token = sha256(Array(request.credential.utf8))
    try await stored { try await storage.authorise(token, for: library) }
  }

  /// Writes down what waits to be written, and closes the store.
  package func close() async throws {
    await record(await sightings.takeAll())
    try await storage.close()
  }

  /// What the hub says of itself.
  package var description: HubDescription {
    HubDescription(
      software: software, versions: [HTTPBinding.protocolVersion],
      requestByteLimit: UInt64(limits.requestByteCount),
      pageByteLimit: UInt64(limits.pageByteCount),
      waitLimitSeconds: UInt32(limits.waitSeconds))
  }

  private func push(
    _ bundles: [[UInt8]], to library: LibraryID, token: [UInt8], after cursor: Cursor?
  ) async throws(Problem) -> Page {
    let pushed: [PushedBundle]
    do throws(Problem) {
      pushed = try PushedBundle.all(bundles, of: library)
    } catch {
      // Who has no token learns nothing else, and a cursor that is unknown goes before a body that is malformed.
      _ = try await page(of: library, token: token, after: cursor)
      throw error
    }
    guard !pushed.isEmpty else {
      return try await page(of: library, token: token, after: cursor)
    }
    let push = Push(
      pushed, to: library, token: token, after: cursor, libraryByteLimit: limits.libraryByteCount,
      pageByteLimit: limits.pageByteCount)
    let page = try await stored { try await append(push) }
    await note(library, token, page.cursor, after: cursor)
    return page
  }

  /// Returns the page after the cursor, once there is something in it or `waitSeconds` are over.
  private func pull(
    _ library: LibraryID, token: [UInt8], after cursor: Cursor?, waitSeconds: Int
  ) async throws(Problem) -> Page {
    let seconds = min(waitSeconds, limits.waitSeconds)
    guard seconds > 0 else { return try await page(of: library, token: token, after: cursor) }
    // A new epoch is told from this one; who asks knows of it from the page before.
    let first = try await page(of: library, token: token, after: cursor)
    let appends = storage.appends
    let subscription = await appends.subscribe(to: library)
    async let _: Void = end(subscription, after: seconds)
    let outcome = await firstPage(
      of: library, token: token, after: cursor, epoch: first.epoch, while: subscription)
    await appends.unsubscribe(subscription)
    return try outcome.get()
  }

  private func end(_ subscription: Appends.Subscription, after seconds: Int) async {
    try? await sleep(.seconds(seconds))
    subscription.end()
  }

  /// Returns the first page after the cursor that has a bundle or tells of a new epoch, or an empty one once there is no more
  /// news.
  private func firstPage(
    of library: LibraryID, token: [UInt8], after cursor: Cursor?, epoch: UInt32,
    while subscription: Appends.Subscription
  ) async -> Result<Page, Problem> {
    do throws(Problem) {
      var page = try await page(of: library, token: token, after: cursor)
      var news = subscription.news.makeAsyncIterator()
      while page.bundles.isEmpty, page.epoch == epoch, await news.next() != nil {
        page = try await self.page(of: library, token: token, after: cursor)
      }
      page.hasWaited = true
      return .success(page)
    } catch {
      return .failure(error)
    }
  }

  private func append(_ push: Push) async throws -> Page {
    guard let pushRates else { return try await storage.append(push) }
    let (library, count) = (push.library, push.bundles.count)
    let seconds = await pushRates.wait(of: library, now: clock())
    if seconds > 0 {
      // Who has no token does not learn that others push.
      try await storage.authorise(push.token, for: library)
      throw Problem.slowDown(seconds)
    }
    let page: Page
    do {
      page = try await storage.append(push)
    } catch let problem as Problem where problem.type == .unauthorised {
      throw problem
    } catch {
      await pushRates.take(count, from: library, now: clock())
      throw error
    }
    await pushRates.take(count, from: library, now: clock())
    return page
  }

  /// What an invitation lets happen.
  private func admission(_ secret: String?) throws -> Admission {
    guard case .invited(let key) = registration else { return .open }
    guard let secret, let key = try key(), let invitation = Invitation(secret: secret, key: key),
      Int64(invitation.lastSecond) * 1_000 >= clock()
    else { return .closed }
    return .invitation(invitation.id)
  }

  private func page(
    of library: LibraryID, token: [UInt8], after cursor: Cursor?
  ) async throws(Problem) -> Page {
    let page = try await stored {
      try await storage.page(
        of: library, token: token, after: cursor, byteLimit: limits.pageByteCount)
    }
    // A reply that is lost is asked for again, with the cursor of before, and that is noted then.
    await note(library, token, page.cursor, after: cursor)
    return page
  }

  private func devices(of library: LibraryID, token: [UInt8]) async throws(Problem) -> [HubDevice] {
    // Only of a device that may ask is it noted that it did.
    _ = try await noted(library, token) { try await storage.devices(of: library, token: token) }
    await record(await sightings.takeAll())
    return try await stored { try await storage.devices(of: library, token: token) }
  }

  private func keep(
    _ parts: [BlobPart], of library: LibraryID, token: [UInt8]
  ) async throws(Problem) -> [BlobHolding] {
    try await noted(library, token) {
      try await storage.keep(
        parts, of: library, token: token, now: clock(),
        expiry: clock() - limits.uploadMilliseconds, byteLimit: limits.libraryByteCount)
    }
  }

  private func blobs(
    _ wants: [BlobWant], of library: LibraryID, token: [UInt8]
  ) async throws(Problem) -> [BlobPart] {
    try await noted(library, token) {
      try await storage.blobs(wants, of: library, token: token, byteLimit: limits.pageByteCount)
    }
  }

  private func keyring(
    of library: LibraryID, after epoch: UInt32, token: [UInt8]
  ) async throws(Problem) -> HubKeyring {
    try await stored {
      try await storage.keyring(
        of: library, after: epoch, byteLimit: limits.pageByteCount, token: token)
    }
  }

  private var enrolmentExpiry: Int64 { clock() - limits.enrolmentMilliseconds }

  /// Notes that a device was here.
  ///
  /// - Parameters:
  ///   - sent: Where the page ends that it was sent, if it was sent one.
  ///   - applied: The cursor that it asked for that page with.
  private func note(
    _ library: LibraryID, _ token: [UInt8], _ sent: Cursor? = nil, after applied: Cursor? = nil
  ) async {
    let sighting = Sighting(
      library: library, token: token, milliseconds: clock(), cursorIndex: sent?.index,
      appliedIndex: sent.map { _ in applied?.index ?? 0 })
    await record(await sightings.add(sighting))
  }

  /// Writes sightings down, if the store can: nobody's request fails for them.
  private func record(_ sightings: [Sighting]) async {
    guard !sightings.isEmpty else { return }
    do {
      try await storage.record(sightings)
    } catch {
      report(error)
    }
  }

  /// Has the store do something that there is nothing to tell of.
  private func done(_ body: () async throws -> Void) async throws(Problem) -> HubReply {
    try await stored(body)
    return .done
  }

  /// Asks the store, and notes that the device was here if it may ask.
  private func noted<Value: Sendable>(
    _ library: LibraryID, _ token: [UInt8], _ body: () async throws -> Value
  ) async throws(Problem) -> Value {
    let value = try await stored(body)
    await note(library, token)
    return value
  }

  /// Asks the store, and says `unavailable` where it fails.
  func stored<Value: Sendable>(
    _ body: () async throws -> Value
  ) async throws(Problem) -> Value {
    do {
      return try await body()
    } catch let problem as Problem {
      throw problem
    } catch {
      report(error)
      throw .unavailable
    }
  }
}

/// The generator, for one caller at a time.
private actor Randomness {
  private var generator: any RandomNumberGenerator & Sendable

  init(_ generator: some RandomNumberGenerator & Sendable) {
    self.generator = generator
  }

  /// Returns 16 bytes that name a new log.
  func nextLogName() -> [UInt8] {
    (0..<2).flatMap { _ in
      let number = generator.next()
      return (0..<8).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
    }
  }
}
