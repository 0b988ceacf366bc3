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
  /// The hub and this replica hold different changes of the same origin and number, and nothing that the hub shows tells where
  /// they went apart. All else is synced.
  case diverged(origin: ReplicaID, seq: UInt64)
  /// The hub's keyring goes up to this epoch, and this replica cannot follow it. All is synced that the keys which it has can open;
  /// after `.notForThisDevice` nothing was sent.
  case keyring(KeyringError, epoch: UInt32)
  /// The hub has dropped the log that this replica has not read, and its snapshot cannot be taken in.
  case snapshotUnusable(SetAside.Reason)
}

/// What a sync does where the hub would have it delete much of the library at once: 20 records or more, and half of those that
/// were here when the last sync was complete.
public enum MassDeletePolicy: Sendable {
  /// It stops with `StoreError.massDelete` before it takes in the page that would do so.
  case refuse
  /// It deletes them.
  case accept
}

/// What a sync does about the large values that changes name and that are not here, such as the texts of articles.
public enum LargeValues: Sendable {
  /// It fetches all of them.
  case fetch
  /// It leaves them on the hub, until ``SyncEngine/fetch(_:)`` or another sync fetches them.
  case leave
}

/// What a fetch of one large value came to.
public enum LargeValueOutcome: Equatable, Sendable {
  /// It is here, now or since before.
  case held
  /// The hub does not have it: the device that has it did not send it yet.
  case missing
  /// What the hub has of it is not what the change names.
  case refused
}

/// What a sync has done so far. Which records it changed is told by `Replica.changes`, page by page, so that this stays small
/// however much comes.
public struct SyncReport: Equatable, Sendable {
  /// The number of this replica's changes that the hub took in.
  public var pushedChanges = 0
  /// The number of changes of other replicas that were new here.
  public var pulledChanges = 0
  /// How the replica's file turned out to be a copy in this sync, `nil` where it did not.
  public var renewal: Renewal?
  /// The bundles that are here and could not be taken in yet.
  public var setAside: [SetAside] = []
  /// The number of large values that the hub took in or had already, of those that it was not known to have.
  public var sentBlobs = 0
  /// The number of large values that came.
  public var receivedBlobs = 0
  /// The number of large values that changes name and that are not here after the sync: the hub lacks them, or was not asked
  /// for them.
  public var missingBlobs = 0
  /// The large values of which the hub has something else than what the changes name. They count as missing, too.
  public var refusedBlobs: Set<BlobID> = []
  /// Whether a snapshot was made for the hub, which had asked for one.
  public var hasMadeSnapshot = false
  /// The number of requests sent, repeats included.
  public var requests = 0

  public init() {}
}
