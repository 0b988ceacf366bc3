public import GlossCore

/// What is held of one replica.
public struct HeldOrigin: Hashable, Sendable {
  /// The replica that made the changes.
  public let replica: ReplicaID

  /// The number of its changes.
  public let changeCount: UInt64

  /// When it made the last of them, by its own clock, in milliseconds since the Unix epoch.
  public let lastMilliseconds: UInt64
}

/// What the hub is not known to have, all of it where there is no hub.
public struct Unsent: Hashable, Sendable {
  /// The number of changes that this replica made.
  public var changeCount = 0

  /// The bytes that they have here. They travel compressed and sealed.
  public var byteCount = 0

  /// The number of large values.
  public var blobCount = 0

  /// Their bytes.
  public var blobByteCount = 0

  /// Nothing.
  public init() {}
}

extension Snapshot {
  /// Returns the replicas of which changes are held, in the order in which this one heard of them.
  public func origins() throws -> [HeldOrigin] {
    let statement = try transaction.prepare(
      """
      SELECT r.uuid, r.last_seq, c.timestamp FROM _replica r
      JOIN _change c ON c.id = (r.id << 40 | r.last_seq) ORDER BY r.id
      """)
    var origins: [HeldOrigin] = []
    while try statement.step() {
      let timestamp = Timestamp(rawValue: UInt64(bitPattern: statement.integer(at: 2)))
      origins.append(
        HeldOrigin(
          replica: try statement.identifier(as: ReplicaID.self, at: 0),
          changeCount: statement.seq(at: 1), lastMilliseconds: timestamp.milliseconds))
    }
    return origins
  }

  /// Returns how much the hub is not known to have.
  public func unsent() throws -> Unsent {
    var unsent = Unsent()
    let changes = try transaction.prepare(
      """
      SELECT count(*), coalesce(sum(length(c.body)), 0) FROM _replica r
      JOIN _change c ON c.id > (r.id << 40 | ?2) AND c.id <= (r.id << 40 | r.last_seq)
      WHERE r.uuid = ?1
      """)
    for (replica, pushed) in try transaction.pushedSeqs() {
      changes.bind(replica, at: 1)
      changes.bind(Int64(clamping: pushed), at: 2)
      if try changes.step() {
        unsent.changeCount += Int(changes.integer(at: 0))
        unsent.byteCount += Int(changes.integer(at: 1))
      }
      changes.reset()
    }
    let blobs = try transaction.prepare(
      """
      SELECT count(*), coalesce(sum(length(b.content)), 0) FROM _unsent u
      JOIN _blob b ON b.digest = u.digest
      """)
    if try blobs.step() {
      unsent.blobCount = Int(blobs.integer(at: 0))
      unsent.blobByteCount = Int(blobs.integer(at: 1))
    }
    return unsent
  }
}
