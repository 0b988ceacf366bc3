internal import CSQLite
internal import Glibc
public import GlossCore

/// One copy of a library in one SQLite file.
///
/// Calls are synchronous and may come from any thread; those of one replica run one after the other. Several processes may
/// have a file open: a write waits up to ``patienceMilliseconds`` for another one's to end, and reading waits for nobody.
/// What a write has done is on the disk when it returns.
public final class Replica: Sendable {
  /// The file.
  public let path: String

  /// The library that the file is a copy of.
  public let library: LibraryID

  /// The kinds that the program knows.
  public let schema: Schema

  /// How long a write waits for another process, in milliseconds.
  public static let patienceMilliseconds = 5_000

  let connection: Connection
  private let identity: Locked<Identity>
  private let observers = Locked(Observers())
  /// Whether ``compact(_:at:)`` is at work.
  let isCompacting = Locked(false)

  /// What a program may do with a file.
  public enum Access: Sendable {
    case readWrite
    case readOnly
  }

  private struct Identity: Sendable {
    var id: ReplicaID
    var renewal: Renewal?
  }

  init(
    connection: Connection, library: LibraryID, id: ReplicaID, schema: Schema
  ) {
    self.connection = connection
    path = connection.path
    self.library = library
    identity = Locked(Identity(id: id))
    self.schema = schema
  }

  /// This copy. It is another one once the file turns out to be a copy of one that is used elsewhere; see ``renewal``.
  public var id: ReplicaID { identity.withLock(\.id) }

  /// How the file came to be another replica since it was opened, `nil` where it did not.
  public var renewal: Renewal? { identity.withLock(\.renewal) }

  /// Notes that the file is another replica's now.
  func noteRenewal(_ renewal: Renewal) {
    identity.withLock { $0 = Identity(id: renewal.id, renewal: renewal) }
  }

  /// Returns what `body` reads in one consistent view.
  ///
  /// - Throws: `StoreError`, or what `body` throws.
  public func read<T>(_ body: (Snapshot) throws -> T) throws -> T {
    try connection.use { handle in
      try connection.transaction(.deferred, on: handle) {
        try body(Snapshot(transaction: transaction(on: handle)))
      }
    }
  }

  /// Does what `body` does in one transaction: all of it, on the disk when this returns, or nothing.
  ///
  /// - Parameters:
  ///   - now: Physical time in milliseconds since the Unix epoch. It may go backwards between calls.
  ///   - operation: What the changes are part of, so that they can be taken back; `nil` where nobody is to do so.
  /// - Throws: `StoreError`, or what `body` throws.
  public func write<T>(
    at now: UInt64, as operation: Operation? = nil, _ body: (inout Edits) throws -> T
  ) throws -> T {
    var number: Int64?
    let result = try transact { transaction in
      var edits = Edits(transaction: transaction, now: now)
      guard let operation else { return try body(&edits) }
      let before = try transaction.known(transaction.ownID()).lastSeq
      let result = try body(&edits)
      number = try transaction.record(operation, after: before, at: now, undoing: edits.undone)
      return result
    }
    // Only now: a transaction that fails records nothing.
    operation?.number = number
    return result
  }

  /// A new stream of the records that each later commit of this process has changed, by edits and merges alike.
  ///
  /// The stream ends when the replica is closed. What another process writes is not in it.
  public var changes: AsyncStream<Set<RecordKey>> {
    let (stream, continuation) = AsyncStream<Set<RecordKey>>.makeStream()
    let number = observers.withLock { $0.add(continuation) }
    continuation.onTermination = { [observers] _ in
      observers.withLock { _ = $0.continuations.removeValue(forKey: number) }
    }
    return stream
  }

  /// Closes the file; nothing may be read or written afterwards.
  ///
  /// A replica that is not closed loses nothing.
  public func close() throws {
    let continuations = observers.withLock { observers in
      defer { observers.continuations = [:] }
      return observers.continuations.values
    }
    for continuation in continuations { continuation.finish() }
    try connection.close()
  }

  /// Runs `body` in one writing transaction.
  func transact<T>(_ body: (Transaction) throws -> T) throws -> T {
    let (result, touched) = try FileLock.holding(
      path: Self.lockPath(of: path), patienceMilliseconds: Self.patienceMilliseconds
    ) { lock in
      let (result, place, touched) = try connection.use { try commit(body, on: $0) }
      if let place { lock.setPlace(place) }
      return (result, touched)
    }
    observers.withLock { observers in
      guard !touched.isEmpty, !observers.continuations.isEmpty else { return }
      let records = Set(touched)
      for continuation in observers.continuations.values { continuation.yield(records) }
    }
    return result
  }

  /// Returns what `body` returns, what the file beside the library is to say, and the records that changed. The transaction itself
  /// stays here: its statements end while nobody else uses the connection.
  private func commit<T>(
    _ body: (Transaction) throws -> T, on handle: OpaquePointer
  ) throws -> (T, Place?, [RecordKey]) {
    let (outcome, own) = try connection.transaction(.immediate, on: handle) {
      let transaction = transaction(on: handle)
      let result = try body(transaction)
      try transaction.finish()
      let outcome = (result, transaction.nextPlace, transaction.touched)
      return (outcome, try transaction.ownID())
    }
    // Only now: where the commit fails, the file is who it was.
    identity.withLock { $0.id = own }
    checkpointIfLong(handle)
    return outcome
  }

  /// The file whose lock a write holds.
  static func lockPath(of path: String) -> String { path + "-lock" }

  private func transaction(on handle: OpaquePointer) -> Transaction {
    Transaction(connection: handle, path: path, schema: schema)
  }

  /// Moves the write-ahead log into the file once it is long; automatic checkpoints are off, because a checkpoint has to
  /// hold the lock that a write holds.
  private func checkpointIfLong(_ handle: OpaquePointer) {
    var info = stat()
    guard stat(path + "-wal", &info) == 0, info.st_size > Self.longLogByteCount else { return }
    sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
  }

  /// Moves all of the write-ahead log into the file and cuts the log to nothing. Returns whether no reader was in the way.
  func emptyLog() throws -> Bool {
    try FileLock.holding(
      path: Self.lockPath(of: path), patienceMilliseconds: Self.patienceMilliseconds
    ) { _ in
      try connection.use { handle in
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        guard code == SQLITE_OK || code == SQLITE_BUSY else {
          throw StoreError(code: code, path: path, detail: "the log could not be emptied")
        }
        return code == SQLITE_OK
      }
    }
  }

  /// Writes the file anew without the room in it that nothing uses, and empties the write-ahead log. Other processes' writes
  /// wait meanwhile; where the disk is full the file stays as it was.
  func rewriteFile() throws {
    try FileLock.holding(
      path: Self.lockPath(of: path), patienceMilliseconds: Self.patienceMilliseconds
    ) { _ in
      try connection.use { handle in
        try connection.execute("VACUUM", on: handle)
        sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
      }
    }
  }

  private static let longLogByteCount = 32 * 1_024 * 1_024
}

/// Who is told of commits.
private struct Observers: Sendable {
  var continuations: [Int: AsyncStream<Set<RecordKey>>.Continuation] = [:]
  private var nextNumber = 0

  mutating func add(_ continuation: AsyncStream<Set<RecordKey>>.Continuation) -> Int {
    defer { nextNumber += 1 }
    continuations[nextNumber] = continuation
    return nextNumber
  }
}
