public import GlossCore

/// What ``Replica/verify()`` found.
public struct Verification: Hashable, Sendable {
  /// What is not as it was written, in the order in which it was found; empty where all is well.
  public internal(set) var damages: [Damage] = []

  /// The number of changes that were read and checked.
  public internal(set) var changeCount = 0

  /// The number of records whose state was computed from their changes and compared.
  public internal(set) var recordCount = 0

  /// The number of large values that were hashed.
  public internal(set) var blobCount = 0

  /// Whether the write-ahead log ends in a commit that is not whole.
  ///
  /// A power failure leaves that, and nobody was told of that commit; or else the disk altered the last one.
  public internal(set) var hasRemainsOfCommit = false

  /// The runs of changes, from a tip that is kept to the next, in which one is missing, unreadable or altered.
  package internal(set) var damagedRuns: [DamagedRun] = []

  /// The large values that changes name, while they are read.
  var namedBlobs: Set<BlobID> = []
}

/// Changes of which one at least is not as it was received, between two tips that say what they have to be.
package struct DamagedRun: Hashable, Sendable {
  package var origin: ReplicaID
  package var range: ClosedRange<UInt64>
}

extension Verification {
  /// The large values that are altered or missing.
  package var damagedBlobs: [BlobID] {
    damages.compactMap { damage in
      switch damage {
      case .alteredBlob(let id), .missingBlob(let id): id
      default: nil
      }
    }
  }
}

/// Something in a library's file that is not as it was written.
public enum Damage: Hashable, Sendable {
  /// SQLite finds its file out of order; in its own words.
  case file(String)
  /// Changes are missing that the file says it holds.
  case missingChanges(of: ReplicaID, ClosedRange<UInt64>)
  /// A change cannot be read.
  case unreadableChange(Dot)
  /// One of these changes of a replica is not the one that was received: the tip behind them is another.
  case alteredChanges(of: ReplicaID, ClosedRange<UInt64>)
  /// What is shown of a record, or is at odds in it, is not what its changes come to. ``Replica/repair()`` mends it.
  case otherState(RecordKey)
  /// A table that is computed from the changes has rows that none of them gives. ``Replica/repair()`` mends it.
  case strayRows(table: String)
  /// A large value is not what its name says.
  case alteredBlob(BlobID)
  /// A large value that a change names is neither here nor known to be missing.
  case missingBlob(BlobID)
  /// A table of the library's own affairs (its hub, its keys, what is set aside) is not as it was written.
  case alteredTable(String)
  /// The write-ahead log is damaged, and SQLite passes over this many commits behind the damage.
  case lostCommits(Int)

  /// Whether computing the tables anew mends it.
  public var isMendedByRepair: Bool {
    switch self {
    case .otherState, .strayRows: true
    case .file, .missingChanges, .unreadableChange, .alteredChanges, .alteredBlob, .missingBlob,
      .alteredTable, .lostCommits:
      false
    }
  }
}
