/// The identity of a change: the replica that made it and its place among that replica's changes.
public struct Dot: Hashable, Comparable, Sendable {
  /// The replica that made the change.
  public let replica: ReplicaID

  /// The change's number among its replica's changes: 1 for the first, without gaps, at most ``Limits/seq``.
  public let seq: UInt64

  public init(_ replica: ReplicaID, _ seq: UInt64) {
    self.replica = replica
    self.seq = seq
  }

  public static func < (left: Dot, right: Dot) -> Bool {
    (left.replica, left.seq) < (right.replica, right.seq)
  }
}

extension Dot: CustomStringConvertible {
  /// The replica's first eight digits and the number: `3f2a90c1:17`.
  public var description: String { "\(replica.description.prefix(8)):\(seq)" }
}
