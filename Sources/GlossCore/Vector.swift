/// Exactly what a replica has seen: for each replica, the number of its last change held.
///
/// Changes of one replica are held without gaps, so the last number tells them all.
public struct Vector: Hashable, Sendable {
  /// The last number held of each replica; a replica that is absent or at 0 has nothing held.
  public private(set) var lastSeqByReplica: [ReplicaID: UInt64]

  public init(_ lastSeqByReplica: [ReplicaID: UInt64] = [:]) {
    self.lastSeqByReplica = lastSeqByReplica.filter { $0.value > 0 }
  }

  /// The number of the last change held of `replica`, 0 for none. Setting it to 0 forgets the replica.
  public subscript(replica: ReplicaID) -> UInt64 {
    get { lastSeqByReplica[replica] ?? 0 }
    set { lastSeqByReplica[replica] = newValue == 0 ? nil : newValue }
  }

  /// Whether the change of this identity is held.
  public func contains(_ dot: Dot) -> Bool {
    dot.seq >= 1 && dot.seq <= self[dot.replica]
  }

  /// Whether everything that `other` holds is held here too.
  public func covers(_ other: Vector) -> Bool {
    other.lastSeqByReplica.allSatisfy { self[$0.key] >= $0.value }
  }

  /// The replicas of which something is held, in order.
  public var replicas: [ReplicaID] { lastSeqByReplica.keys.sorted() }
}
