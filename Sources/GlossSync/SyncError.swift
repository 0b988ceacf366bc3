public import GlossCore
public import GlossSeal
public import GlossStore
public import GlossWire

/// Why a sync did not come to its end. What it did until then stays done, and the next one goes on from there.
public enum SyncError: Error, Equatable, Sendable {
  /// The replica knows no hub.
  case notConnected
  /// Another process is syncing this library.
  case syncInProgress
  /// The hub refused, did not answer, or is not one.
  case hub(HubFailure)
  /// The replica's file could not be read or written.
  case store(StoreError)
  /// A bundle's seal does not open: it was changed on its way, or sealed with another key.
  case seal(SealError, origin: ReplicaID, first: UInt64)
  /// A bundle opened and is not what its header says.
  case malformedBundle(origin: ReplicaID, first: UInt64)
  /// A bundle was written by a newer version.
  case newerBundle(origin: ReplicaID, first: UInt64)
  /// The hub and this replica hold different changes of the same origin and number: one of the copies that write as this
  /// origin was cloned or restored, or the hub shows different things to different replicas.
  case diverged(origin: ReplicaID, seq: UInt64)
}

/// What a sync has done so far.
public struct SyncReport: Equatable, Sendable {
  /// The number of this replica's changes that the hub took in.
  public var pushedChanges = 0
  /// The number of changes of other replicas that were new here.
  public var pulledChanges = 0
  /// The number of requests sent, repeats included.
  public var requests = 0
  /// The records that the pulled changes touched.
  public var changedRecords: Set<RecordKey> { Set(touched) }

  /// The same, one after another, some of them more than once: a set is only made where one is asked for.
  var touched: [RecordKey] = []

  public init() {}
}
