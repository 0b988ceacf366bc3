internal import Glibc
public import GlossCore
public import GlossSeal
public import GlossStore
public import GlossSync
public import GlossWire

extension Library {
  /// The address of the hub that the library syncs with, or `nil` where it has none.
  public func hubAddress() throws(LibraryError) -> String? {
    try Self.translating(replica.path) { try replica.remote()?.address }
  }

  /// The bundles of other machines that are here and could not be taken in yet.
  public func setAside() throws(LibraryError) -> [SetAside] {
    try Self.translating(replica.path) { try replica.setAside() }
  }

  /// Makes the library on a hub, with this machine as its first.
  ///
  /// - Parameters:
  ///   - invitation: What a hub's operator gave out, where the hub takes in no library without.
  ///   - transport: Reaches the hub at `address`.
  public func connect(
    to address: String, invitation: String? = nil, over transport: any HubTransport
  ) async throws(LibraryError) {
    // Without the key the hub gets no card of this machine's, which the next sync puts there.
    let root = try? rootKey()
    var generator = AnyGenerator(randomness())
    do {
      try await HubSetup.connect(
        replica, root: root, to: address, invitation: invitation, over: transport, using: &generator
      )
    } catch {
      throw .sync(error)
    }
    try describeDevice()
  }

  /// Lets one more machine join, and returns the code that it joins with.
  public func pairingCode(over transport: any HubTransport) async throws(LibraryError)
    -> PairingCode
  {
    let root = try rootKey()
    var generator = AnyGenerator(randomness())
    do {
      return try await HubSetup.pairingCode(
        for: replica, root: root, over: transport, using: &generator)
    } catch {
      throw .sync(error)
    }
  }

  /// Makes a copy of the code's library in a new file and lets the hub know it. It is empty until it syncs.
  ///
  /// Where the hub cannot be asked, no file is left.
  ///
  /// - Parameter transport: Reaches the hub at the code's address.
  public static func join(
    at path: String, with code: PairingCode, deviceName: String, over transport: any HubTransport,
    clock: @escaping @Sendable () -> UInt64, randomness: @escaping Randomness
  ) async throws(LibraryError) -> Library {
    let library = try make(
      at: path, library: code.library, root: code.root, deviceName: nil, clock: clock,
      randomness: randomness)
    var generator = AnyGenerator(randomness())
    do {
      try await HubSetup.join(library.replica, with: code, over: transport, using: &generator)
    } catch {
      try? library.replica.close()
      removeFiles(at: path)
      throw .sync(error)
    }
    try library.describeDevice(name: deviceName)
    return library
  }

  /// Lets the hub know this copy again: after its token was revoked, or the hub was lost. What is here stays, and a key that is
  /// missing from the file is put back.
  ///
  /// - Parameter code: A code of the same library.
  /// - Parameter transport: Reaches the hub at the code's address.
  public func rejoin(
    with code: PairingCode, over transport: any HubTransport
  ) async throws(LibraryError) {
    var generator = AnyGenerator(randomness())
    let wasAlone = try hubAddress() == nil
    do {
      try await HubSetup.join(replica, with: code, over: transport, using: &generator)
    } catch {
      throw .sync(error)
    }
    // A library that was made of an export has a key of its own until it meets the others.
    if wasAlone, try !isKeyless() { try replaceUnusedKey(with: code.root) }
    if try isKeyless() {
      try Self.translating(replica.path) {
        try replica.setSetting(Self.rootKeySetting, to: code.root.bytes)
      }
    }
    try describeDevice()
  }

  /// Sends what the hub lacks and takes in what it has.
  ///
  /// - Parameters:
  ///   - transport: Reaches the hub at ``hubAddress()``.
  ///   - massDeletes: What to do where the hub's changes delete much of the library.
  ///   - texts: What to do about texts of articles that are not here.
  ///   - sleep: Waits; `Task.sleep(for:)` outside tests.
  ///   - progress: Is told what was done after each step that asked the hub something.
  public func sync(
    over transport: any HubTransport, massDeletes: MassDeletePolicy = .refuse,
    texts: LargeValues = .fetch, sleep: @escaping @Sendable (Duration) async throws -> Void,
    progress: (@Sendable (SyncReport) -> Void)? = nil
  ) async throws(LibraryError) -> SyncReport {
    let engine = try describedEngine(over: transport, sleep: sleep)
    let outcome: Result<SyncReport, SyncError>
    do {
      outcome = .success(
        try await engine.sync(massDeletes: massDeletes, largeValues: texts, progress: progress))
    } catch {
      outcome = .failure(error)
    }
    // A sync that did not come to its end may have found that the file is a copy, too.
    try nameRenewedDevice()
    try describeDevice()
    do {
      return try outcome.get()
    } catch {
      throw .sync(error)
    }
  }

  /// Syncs, and again whenever the hub has something new or somebody has written to the library, in this process or another
  /// one, until the task is cancelled.
  ///
  /// - Parameters:
  ///   - transport: Reaches the hub at ``hubAddress()``.
  ///   - massDeletes: What to do where the hub's changes delete much of the library.
  ///   - texts: What to do about texts of articles that are not here.
  ///   - sleep: Waits; `Task.sleep(for:)` outside tests.
  ///   - onEvent: Is told of every sync and every failure, in order.
  /// - Throws: What does not get better by waiting.
  public func watch(
    over transport: any HubTransport, massDeletes: MassDeletePolicy = .refuse,
    texts: LargeValues = .fetch, sleep: @escaping @Sendable (Duration) async throws -> Void,
    onEvent: @Sendable (WatchEvent) -> Void
  ) async throws(LibraryError) {
    let engine = try describedEngine(over: transport, sleep: sleep)
    do {
      try await engine.watch(massDeletes: massDeletes, largeValues: texts) { event in
        try? nameRenewedDevice()
        onEvent(event)
      }
    } catch {
      throw .sync(error)
    }
  }

  /// Fetches a text that was left on the hub.
  ///
  /// - Parameters:
  ///   - transport: Reaches the hub at ``hubAddress()``.
  ///   - sleep: Waits; `Task.sleep(for:)` outside tests.
  /// - Throws: ``LibraryError/sync(_:)`` where the hub cannot be asked.
  public func fetchText(
    _ id: BlobID, over transport: any HubTransport,
    sleep: @escaping @Sendable (Duration) async throws -> Void
  ) async throws(LibraryError) -> LargeValueOutcome {
    let engine = SyncEngine(
      replica: replica, root: try rootKey(), transport: transport, using: randomness(),
      sleep: sleep)
    do {
      return try await engine.fetch(id)
    } catch {
      throw .sync(error)
    }
  }

  /// The number of texts that belong to articles, now or in their history, and that are not here.
  public func missingTextCount() throws(LibraryError) -> Int {
    try Self.translating(replica.path) { try replica.wantedBlobCount() }
  }

  private func describedEngine(
    over transport: any HubTransport, sleep: @escaping @Sendable (Duration) async throws -> Void
  ) throws(LibraryError) -> SyncEngine {
    let root = try rootKey()
    try describeDevice()
    return SyncEngine(
      replica: replica, root: root, transport: transport,
      history: { (try? self.snapshotHistory()) ?? .whole }, using: randomness(), sleep: sleep)
  }
}
