internal import GlossCore
internal import GlossSeal
public import GlossStore

/// One person's articles, highlights and notes, as one copy on this machine has them.
///
/// Calls are synchronous and may come from any thread. An edit is durable when its call returns, or has thrown and left
/// everything as it was. Time and randomness are arguments, so that a test decides them.
///
/// ```swift
/// var draft = ArticleDraft()
/// draft.title = "On marginalia"
/// draft.text = "Every reader writes in the margin."
/// let added = try library.add(draft)
/// try library.highlight("in the margin", in: added.id)
/// var article = try library.article(added.id)
/// article?.state = .read
/// if let article { try library.save(article) }
/// ```
public final class Library: Sendable {
  /// Makes a source of random numbers; a cryptographic one outside tests.
  public typealias Randomness = @Sendable () -> any RandomNumberGenerator & Sendable

  /// The file.
  public let replica: Replica

  let clock: @Sendable () -> UInt64
  let randomness: Randomness
  /// The key, once a passphrase has opened it.
  let unlockedKey = Locked<RootKey?>(nil)
  /// What edits are part of.
  let operation = Locked<Operation?>(nil)

  private init(
    _ replica: Replica, clock: @escaping @Sendable () -> UInt64, randomness: @escaping Randomness
  ) {
    self.replica = replica
    self.clock = clock
    self.randomness = randomness
  }

  /// Makes a new library in a new file, whose folder exists.
  ///
  /// - Parameters:
  ///   - deviceName: What histories call this machine.
  ///   - clock: The milliseconds since the Unix epoch.
  public static func create(
    at path: String, deviceName: String, clock: @escaping @Sendable () -> UInt64,
    randomness: @escaping Randomness
  ) throws(LibraryError) -> Library {
    var generator = AnyGenerator(randomness())
    return try make(
      at: path, library: .random(using: &generator), root: .random(using: &generator),
      deviceName: deviceName, clock: clock, randomness: randomness)
  }

  /// Opens the library in a file.
  ///
  /// A file that was copied, moved to another file system or put back from a backup goes on as another device, which is named
  /// after the one that it was; ``renewal`` says so.
  ///
  /// - Parameter progress: Is told how far it is where what an earlier version wrote is computed anew.
  public static func open(
    at path: String, access: Replica.Access = .readWrite,
    clock: @escaping @Sendable () -> UInt64, randomness: @escaping Randomness,
    progress: WorkProgress? = nil
  ) throws(LibraryError) -> Library {
    var generator = AnyGenerator(randomness())
    let replica = try translating(path) {
      try Replica.open(
        at: path, schema: .reading, access: access, using: &generator, progress: progress)
    }
    let library = Library(replica, clock: clock, randomness: randomness)
    try library.nameRenewedDevice()
    return library
  }

  /// How the file came to be another device's since it was opened, `nil` where it did not.
  public var renewal: Renewal? { replica.renewal }

  /// Closes the file. A library that is not closed loses nothing.
  public func close() throws(LibraryError) {
    try Self.translating(replica.path) { try replica.close() }
  }

  /// The records that each later commit of this process changed, its own edits and what a sync brought.
  public var changes: AsyncStream<Set<RecordKey>> { replica.changes }

  static func make(
    at path: String, library: LibraryID, root: RootKey, deviceName: String?,
    clock: @escaping @Sendable () -> UInt64, randomness: @escaping Randomness
  ) throws(LibraryError) -> Library {
    var generator = AnyGenerator(randomness())
    let id = ReplicaID.random(using: &generator)
    return try translating(path) {
      let replica = try Replica.create(at: path, library: library, id: id, schema: .reading)
      do {
        try replica.setSetting(rootKeySetting, to: root.bytes)
        let library = Library(replica, clock: clock, randomness: randomness)
        if let deviceName { try library.nameDevice(deviceName) }
        return library
      } catch {
        try? replica.close()
        removeFiles(at: path)
        throw error
      }
    }
  }
}

// MARK: - Transactions

extension Library {
  /// Reads in one consistent view.
  func reading<T>(_ body: (Snapshot) throws -> T) throws(LibraryError) -> T {
    try Self.translating(replica.path) { try replica.read(body) }
  }

  /// Edits in one transaction, as part of the operation that was begun.
  func writing<T>(_ body: (inout Edits) throws -> T) throws(LibraryError) -> T {
    let operation = operation.withLock { $0 }
    return try Self.translating(replica.path) {
      try replica.write(at: clock(), as: operation, body)
    }
  }

  func randomRecord() -> RecordID {
    var generator = AnyGenerator(randomness())
    return .random(using: &generator)
  }

  static func translating<T>(
    _ path: String, _ body: () throws -> T
  ) throws(LibraryError) -> T {
    do {
      return try body()
    } catch let error as LibraryError {
      throw error
    } catch let error as StoreError {
      throw .store(error)
    } catch {
      throw .store(.io(path: path, detail: String(describing: error)))
    }
  }
}
