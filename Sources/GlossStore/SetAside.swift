public import GlossCore
internal import GlossWire

/// A bundle that was received and could not be taken in.
///
/// It is kept as it came, and tried again with each sync: once the key or the program that reads it is here, it is taken in,
/// and so is what its origin made after it. Nobody else's changes wait for it.
public struct SetAside: Hashable, Sendable {
  /// The replica that made the changes.
  public let origin: ReplicaID

  /// The number of the first change.
  public let first: UInt64

  /// The number of the last change.
  public let last: UInt64

  /// Why it could not be taken in.
  public let reason: Reason

  package init(origin: ReplicaID, first: UInt64, last: UInt64, reason: Reason) {
    self.origin = origin
    self.first = first
    self.last = last
    self.reason = reason
  }

  /// Why a bundle could not be taken in.
  public enum Reason: String, Error, Hashable, Sendable {
    /// Its seal ends too early.
    case truncated
    /// It is sealed with the key of an epoch that is not here.
    case unknownEpoch
    /// It is sealed with another key, or its header was altered.
    case wrongKey
    /// It was altered after it was sealed.
    case tampered
    /// It is not padded as it should be: the program that sealed it is faulty.
    case badPadding
    /// It opened and is not what its header says: the program that made it is faulty.
    case malformed
    /// A newer version of the program wrote it.
    case newer
    /// It does not continue what is held of its origin: there are two histories of one replica.
    case fork
    /// One before it of the same origin is set aside.
    case behind
  }
}

extension Replica {
  /// Returns the bundles that could not be taken in yet, in the order of origins and numbers.
  public func setAside() throws -> [SetAside] {
    try read { snapshot in
      let transaction = snapshot.transaction
      // A file of an earlier version that may only be read has no such table.
      let table = try transaction.prepare("SELECT 1 FROM sqlite_schema WHERE name = '_aside'")
      guard try table.step() else { return [] }
      let statement = try transaction.prepare(
        "SELECT origin, first, last, reason FROM _aside ORDER BY origin, first")
      var bundles: [SetAside] = []
      while try statement.step() {
        bundles.append(
          SetAside(
            origin: try statement.identifier(as: ReplicaID.self, at: 0),
            first: statement.seq(at: 1), last: statement.seq(at: 2),
            reason: SetAside.Reason(rawValue: statement.text(at: 3)) ?? .malformed))
      }
      return bundles
    }
  }

  /// Returns the bytes of the bundles that are worth another try: all but those of a second history.
  package func bundlesToRetry() throws -> [[UInt8]] {
    try read { snapshot in
      let statement = try snapshot.transaction.prepare(
        "SELECT bundle FROM _aside WHERE reason <> 'fork' ORDER BY origin, first")
      var bundles: [[UInt8]] = []
      while try statement.step() { bundles.append(statement.bytes(at: 0)) }
      return bundles
    }
  }

  /// Returns the bundles that may go to a hub that lost them: those that the key opened, so that they are their origin's.
  package func bundlesToForward() throws -> [SetAside] {
    try setAside().filter { [.newer, .malformed, .behind].contains($0.reason) }
  }

  /// Returns a bundle that could not be taken in, as it came, or `nil` where it was taken in meanwhile.
  package func bytes(of aside: SetAside) throws -> [UInt8]? {
    try read { snapshot in
      let statement = try snapshot.transaction.prepare(
        "SELECT bundle FROM _aside WHERE origin = ? AND first = ? AND last = ?")
      statement.bind(aside.origin, at: 1)
      statement.bind(Int64(aside.first), at: 2)
      statement.bind(Int64(aside.last), at: 3)
      return try statement.step() ? statement.bytes(at: 0) : nil
    }
  }
}

extension Transaction {
  func setAside(_ bundle: ReceivedBundle, _ reason: SetAside.Reason) throws(StoreError) {
    try willChange(.aside)
    let statement = try prepare(
      """
      INSERT OR REPLACE INTO _aside(origin, first, last, reason, bundle) VALUES (?, ?, ?, ?, ?)
      """)
    statement.bind(bundle.header.origin, at: 1)
    statement.bind(Int64(bundle.header.first), at: 2)
    statement.bind(Int64(bundle.header.last), at: 3)
    statement.bind(reason.rawValue, at: 4)
    statement.bind(bundle.bytes, at: 5)
    try statement.run()
  }

  func hasSetAside(of origin: ReplicaID) throws(StoreError) -> Bool {
    let statement = try prepared(
      &statements.selectSetAside, "SELECT 1 FROM _aside WHERE origin = ? LIMIT 1")
    statement.bind(origin, at: 1)
    defer { statement.reset() }
    return try statement.step()
  }

  /// Forgets a bundle that turned out to be a repeat of what is held.
  func removeSetAside(_ bundle: ReceivedBundle) throws(StoreError) {
    guard try hasSetAside(of: bundle.header.origin) else { return }
    try willChange(.aside)
    let statement = try prepare("DELETE FROM _aside WHERE origin = ? AND first = ? AND last = ?")
    statement.bind(bundle.header.origin, at: 1)
    statement.bind(Int64(bundle.header.first), at: 2)
    statement.bind(Int64(bundle.header.last), at: 3)
    try statement.run()
  }

  /// Forgets bundles of an origin whose changes are held by now.
  func removeSetAside(of origin: ReplicaID, upTo last: UInt64) throws(StoreError) {
    guard try hasSetAside(of: origin) else { return }
    try willChange(.aside)
    let statement = try prepared(
      &statements.deleteSetAside, "DELETE FROM _aside WHERE origin = ? AND last <= ?")
    statement.bind(origin, at: 1)
    statement.bind(Int64(last), at: 2)
    try statement.run()
  }
}
