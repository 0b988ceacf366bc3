internal import GlossCore
internal import GlossStore
internal import GlossSync
internal import GlossWire

/// A machine with a replica on it, and the person before it.
struct Machine {
  /// What somebody saw of a record.
  struct Sight {
    let record: Record
    /// The changes that the heads were then.
    let changes: [Dot: Change]
  }

  /// What a replica is in the middle of with its hub.
  struct Errand {
    let gate: Gate
    /// What it asks for and has no answer to.
    var request: HubRequest
    /// What the hub has answered, where the answer is still on its way.
    var reply: Result<HubReply, HubFailure>?
    /// The records that were here when it began.
    var records: Set<RecordKey>
    /// Whether the hub was put back since.
    var sawOtherHub = false
    /// Whether it is a sync.
    var isSync = true
  }

  /// A copy of all files of a replica.
  struct Backup {
    var bytesBySuffix: [String: [UInt8]]
    var hubGeneration: Int?
  }

  let name: String
  let path: String
  var replica: Replica
  var schema = SimulatedSchema.present
  var clock = SimulatedClock.right
  var errand: Errand?
  var backup: Backup?
  var sights: [RecordKey: Sight] = [:]
  /// Whether the hub has said that it does not know the machine's token.
  var isLockedOut = false
  /// Which of the hub's histories its place in the log is in; `nil` while that is not known.
  var hubGeneration: Int?
}
