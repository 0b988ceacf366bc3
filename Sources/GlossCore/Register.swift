/// A write that no known write replaces.
public struct Head: Hashable, Sendable {
  /// The change that made the write.
  public let dot: Dot

  /// When the change was made.
  public let timestamp: Timestamp

  public init(_ dot: Dot, _ timestamp: Timestamp) {
    self.dot = dot
    self.timestamp = timestamp
  }
}

extension Head: Comparable {
  /// Orders heads by time, then replica, then number: the greatest is displayed.
  public static func < (left: Head, right: Head) -> Bool {
    (left.timestamp, left.dot) < (right.timestamp, right.dot)
  }
}

/// The state of one field of one record: the dots of its writes, less all dots that any of them names as a parent.
///
/// - Invariant: ``heads`` descend, and no dot is both a head and an early parent.
public struct Register: Hashable, Sendable {
  /// The heads, the displayed one first. One: settled. Several: concurrent.
  public private(set) var heads: [Head]

  /// Parents that were named before they arrived, remembered so that they are no heads when they come. In order.
  public private(set) var earlyParents: [EarlyParent]

  package init(heads: [Head] = [], earlyParents: [EarlyParent] = []) {
    self.heads = heads.sorted(by: >)
    self.earlyParents = earlyParents.sorted { $0.dot < $1.dot }
  }

  /// A parent that has not arrived yet.
  public struct EarlyParent: Hashable, Sendable {
    /// The change that is awaited.
    public let dot: Dot

    /// The oldest of the changes that name it: what the parent has to be older than.
    public let child: Timestamp

    public init(_ dot: Dot, child: Timestamp) {
      self.dot = dot
      self.child = child
    }
  }

  /// Returns the head of this identity.
  func head(_ dot: Dot) -> Head? {
    heads.first { $0.dot == dot }
  }

  func earlyParent(_ dot: Dot) -> EarlyParent? {
    earlyParents.first { $0.dot == dot }
  }

  /// Adds a write that was not added before.
  ///
  /// - Parameter isKnown: Whether a parent that is no head has arrived.
  mutating func add(_ head: Head, parents: [Dot], isKnown: (Dot) -> Bool) {
    if earlyParent(head.dot) == nil {
      let place = heads.firstIndex { $0 < head } ?? heads.endIndex
      heads.insert(head, at: place)
    }
    for parent in parents {
      if let index = heads.firstIndex(where: { $0.dot == parent }) {
        heads.remove(at: index)
      } else if !isKnown(parent) {
        expect(parent, child: head.timestamp)
      }
    }
  }

  /// Forgets that the change was awaited: it has arrived.
  mutating func forgetEarlyParent(_ dot: Dot) {
    if let index = earlyParents.firstIndex(where: { $0.dot == dot }) {
      earlyParents.remove(at: index)
    }
  }

  private mutating func expect(_ parent: Dot, child: Timestamp) {
    let place = earlyParents.firstIndex { $0.dot >= parent } ?? earlyParents.endIndex
    if place < earlyParents.endIndex, earlyParents[place].dot == parent {
      let oldest = min(child, earlyParents[place].child)
      earlyParents[place] = EarlyParent(parent, child: oldest)
    } else {
      earlyParents.insert(EarlyParent(parent, child: child), at: place)
    }
  }
}
