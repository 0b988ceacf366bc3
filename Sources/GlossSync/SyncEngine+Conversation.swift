internal import GlossCore
internal import GlossStore
internal import GlossWire

extension SyncEngine {
  /// One conversation and what it has come to.
  struct Conversation {
    var remote: Remote
    var session: SyncSession
    let massDeletes: MassDeletePolicy
    let largeValues: LargeValues
    var report = SyncReport()
    /// The records that it has deleted so far.
    var hidden: Set<RecordKey> = []
    /// The last change sent of each replica that this file was. A hub that has others of these numbers may take them for repeats,
    /// so they count as sent only once the log was read to its end and nothing in it contradicts them.
    var sentSeqByFormer: [ReplicaID: UInt64] = [:]
    /// What the hub said where the library may not grow any more.
    var quota: Problem?
    /// Up to where the large values that are wanted were asked for, in the order of their names.
    var fetchedUpTo: BlobID?
    /// What of them came.
    var fetch = BlobFetch()
    /// What was sent of large values, and not confirmed since.
    var unconfirmedBlobs: [BlobID] = []
    /// How often the hub was asked whether it has what was sent.
    var confirmationCount = 0
    /// Why this replica cannot follow the hub's keyring.
    var keyringError: SyncError?
    /// Whether the hub has an epoch of a number under which this replica has another one.
    var hasOtherKeyring = false
    /// Whether keys have come that may open what was set aside.
    var hasNewKeys = false
    /// What is set aside here, with the key proven to be its origin's, and the hub lacks.
    var asideToPush: [SetAside] = []
    /// Where the hub's record of an origin and this replica's went apart.
    var divergedSeqByOrigin: [ReplicaID: UInt64] = [:]
    /// Whether the hub asked for a snapshot.
    var wantsSnapshot = false
    /// How often the hub's newest snapshot was begun, and why one could not be taken in.
    var snapshotCount = 0
    var snapshotFault: SetAside.Reason?
    /// Whether the hub had one when it was asked last.
    var hasFoundSnapshot = false
  }
}
