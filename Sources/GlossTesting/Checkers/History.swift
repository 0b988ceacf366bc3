package import GlossCore
package import GlossStore

/// What a simulated world has seen: all that the checkers of the invariants look at.
///
/// A checker is a function of this and of nothing else, so it can be shown to bite by giving it a history in which something
/// is broken.
package struct History: Sendable {
  /// A change that a machine has confirmed to the person before it.
  package struct Acknowledged: Sendable {
    package var step: Int
    package var name: String
    package var change: Change
    /// The heads that the author was shown.
    package var basis: Basis
    /// The changes that these were then.
    package var shown: [Dot: Change]
    /// What the change replaces or covers, as the machine had it when it confirmed the change: what was shown may have got other
    /// names since.
    package var replaced: [Dot: Change]

    package init(
      step: Int, name: String, change: Change, basis: Basis, shown: [Dot: Change],
      replaced: [Dot: Change] = [:]
    ) {
      self.step = step
      self.name = name
      self.change = change
      self.basis = basis
      self.shown = shown
      self.replaced = replaced
    }
  }

  /// A bundle in the hub's log.
  package struct LogEntry: Sendable {
    package var origin: ReplicaID
    package var first: UInt64
    package var last: UInt64
    package var changes: [Change]

    package init(origin: ReplicaID, first: UInt64, last: UInt64, changes: [Change]) {
      self.origin = origin
      self.first = first
      self.last = last
      self.changes = changes
    }
  }

  /// A log of the hub's.
  package struct Log: Sendable {
    package var entries: [LogEntry] = []
    /// Whether the hub was put back or lost everything before: then it lacks what later changes name, until somebody who has it
    /// syncs.
    package var isOfPutBackHub = false

    package init() {}
  }

  /// Where a replica stood in the hub's log at the end of a sync, and what it had then.
  package struct Standing: Sendable {
    package var step: Int
    package var name: String
    /// The entries before its place, of the log that it stands in.
    package var passed: [LogEntry]
    package var vector: Vector
    /// The last number of each origin that is kept aside.
    package var setAside: Vector

    package init(
      step: Int, name: String, passed: [LogEntry], vector: Vector, setAside: Vector
    ) {
      self.step = step
      self.name = name
      self.passed = passed
      self.vector = vector
      self.setAside = setAside
    }
  }

  /// The records that a replica had before and after something that may only add.
  package struct Records: Sendable {
    package var step: Int
    package var name: String
    package var before: Set<RecordKey>
    package var after: Set<RecordKey>

    package init(step: Int, name: String, before: Set<RecordKey>, after: Set<RecordKey>) {
      self.step = step
      self.name = name
      self.before = before
      self.after = after
    }
  }

  package var acknowledged: [Acknowledged] = []
  /// What somebody destroyed all copies of, by putting back a backup of the last file that had it.
  package var destroyed: Set<WriteSignature> = []
  /// The large values that somebody dropped with the values that were replaced: whoever holds the changes may lack them, but
  /// where they are heads.
  package var letGo: Set<BlobID> = []
  /// What was looked at on the way.
  package var looks: [ObservedReplica] = []
  /// Every replica, when all had synced until nothing was left to do.
  package var end: [ObservedReplica] = []
  package var standings: [Standing] = []
  package var syncs: [Records] = []
  /// The writes that any replica had when people stopped to edit, and in the end.
  package var writesAtRest: Set<WriteSignature> = []
  package var writesInTheEnd: Set<WriteSignature> = []
  /// Every log that the hub ever had, as it was last.
  package var logs: [Log] = []
  package var promises = Promises()

  package init() {}

  /// All observations.
  package var observations: [ObservedReplica] { looks + end }
}

/// Which promises hold under what went wrong. One that is not checked is named here, with the reason.
package struct Promises: Sendable {
  /// Where a machine was put back *and* the hub was, a large value may be gone although the change that names it was passed on:
  /// bundles and large values travel apart.
  package var areLargeValuesKept = true

  package init() {}
}
