public import GlossCore
public import GlossStore

/// What a comparison of a replica with its hub found.
public struct HubVerification: Equatable, Sendable {
  /// Changes that the two have differently, in the order of origins.
  public var differences: [Difference] = []

  /// How many changes are here and not at the hub, by their origins. That is no damage: a sync sends them.
  public var unsentByOrigin: [ReplicaID: UInt64] = [:]

  /// How many changes are at the hub and not here, by their origins. That is no damage: a sync brings them.
  public var unreceivedByOrigin: [ReplicaID: UInt64] = [:]

  /// The origins of which a tip could not be compared, because values that were replaced are not here.
  public var uncompared: [ReplicaID] = []

  /// Whether the hub's log is the one that this replica has read: a hub that was restored or made anew has another.
  public var isSameLog = true

  /// The number of requests sent, repeats included.
  public var requests = 0

  /// Whether nothing contradicts, whatever one side has alone.
  public var isInOrder: Bool { differences.isEmpty }

  public init() {}

  /// Changes of one origin that the hub has differently.
  public struct Difference: Equatable, Sendable {
    /// The replica that made them.
    public var origin: ReplicaID
    /// The numbers that differ first; later ones may, too.
    public var range: ClosedRange<UInt64>
    /// What is known of them.
    public var reason: Reason

    public init(origin: ReplicaID, range: ClosedRange<UInt64>, reason: Reason) {
      self.origin = origin
      self.range = range
      self.reason = reason
    }
  }

  /// How changes differ.
  public enum Reason: Equatable, Sendable {
    /// These records were written differently.
    case records([RecordKey])
    /// The hub's tip is another, and the changes that it has are those of here: one of the two is wrong about what it has.
    case tip
    /// What the hub has cannot be opened.
    case unreadable
    /// The hub dropped that part of its log.
    case compacted
  }
}

/// What a repair has put back.
public struct RepairReport: Equatable, Sendable {
  /// The number of changes that were damaged and are whole again.
  public var restoredChanges = 0
  /// The number of large values that were damaged or missing and are here again.
  public var restoredBlobs = 0
  /// What could not be put back, and why.
  public var failures: [Failure] = []
  /// The number of requests sent, repeats included.
  public var requests = 0

  public init() {}

  /// Something that could not be put back. It stays as it is.
  public enum Failure: Equatable, Sendable {
    /// Changes that were never sent: no other machine has them.
    case unsent(ReplicaID, ClosedRange<UInt64>)
    /// Changes that the hub does not have, or not any more.
    case notAtHub(ReplicaID, ClosedRange<UInt64>)
    /// The hub has other changes than those that the tips in the file stand for.
    case contradicted(ReplicaID, ClosedRange<UInt64>)
    /// A large value that the hub does not have, or has differently.
    case blob(BlobID)
  }
}
