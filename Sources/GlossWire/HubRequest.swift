public import GlossCore

/// What a client asks of a hub, before it is bound to HTTP.
public struct HubRequest: Equatable, Sendable {
  /// The bearer secret that authorises the request: a device's token, or an enrolment secret. Empty for none.
  public var credential: String

  /// What is asked.
  public var action: Action

  public init(_ action: Action, credential: String = "") {
    self.action = action
    self.credential = credential
  }

  /// The actions of the protocol. Each may be repeated: a repeat is answered as the first was.
  public enum Action: Equatable, Sendable {
    /// What the hub is and which sizes it takes.
    case describe
    /// Create a library whose first device has the request's credential as its token. A hub may want an invitation.
    case createLibrary(LibraryID, invitation: String? = nil)
    /// Let whoever knows the secret with this SHA-256 (32 bytes) enrol one device.
    case offerEnrolment(LibraryID, secretDigest: [UInt8])
    /// Enrol a device by the SHA-256 of its token; the credential is the enrolment secret.
    case enrol(LibraryID, tokenDigest: [UInt8])
    /// Append sealed bundles, and answer with what the log has after the cursor, these bundles left out.
    case push(LibraryID, bundles: [[UInt8]], after: Cursor?)
    /// What the log has after the cursor, from the start where there is none.
    ///
    /// Where there is nothing, the hub is asked to answer once there is, or when the seconds are over. It may wait for less
    /// or not at all: ``Page/hasWaited`` says so.
    case pull(LibraryID, after: Cursor?, waitSeconds: Int = 0)
    /// What the hub holds of each replica, or held when its log had so many entries.
    ///
    /// A hub of before this index answers as of now, so whoever gives one checks ``HubVector/end``.
    case vector(LibraryID, at: UInt64? = nil)
    /// Keep these pieces of sealed blobs, and say what is held of each.
    case uploadBlobs(LibraryID, parts: [BlobPart])
    /// What is held of these blobs, as far as it fits a page. At most ``HTTPBinding/wantCountLimit`` of them.
    case fetchBlobs(LibraryID, wants: [BlobWant])
    /// The devices that may use the library.
    case devices(LibraryID)
    /// Take the token with this SHA-256 from its device, which may be the one that asks.
    case revoke(LibraryID, tokenDigest: [UInt8])
    /// Show the others the card of the device that asks, whose token has this SHA-256.
    case putCard(LibraryID, tokenDigest: [UInt8], card: [UInt8])
    /// Begin an epoch of the keyring, the one after the newest.
    case putEntry(LibraryID, epoch: UInt32, entry: [UInt8])
    /// The entries of the keyring after an epoch, as many as fit a reply; 0 for all of them.
    case keyring(LibraryID, after: UInt32)
    /// Keep a sealed piece of a snapshot that is being sent.
    case putPiece(LibraryID, SnapshotID, index: UInt32, piece: [UInt8])
    /// All pieces of a snapshot are there: from now on it can be fetched.
    case completeSnapshot(LibraryID, SnapshotDescription)
    /// What the newest snapshot is.
    case latestSnapshot(LibraryID)
    /// A sealed piece of a snapshot.
    case piece(LibraryID, SnapshotID, index: UInt32)
  }
}

/// A hub's answer to the action of the same name.
public enum HubReply: Equatable, Sendable {
  /// To ``HubRequest/Action/describe``.
  case description(HubDescription)
  /// To an action that has nothing to tell.
  case done
  /// To a push or a pull.
  case page(Page)
  /// To ``HubRequest/Action/vector(_:at:)``.
  case vector(HubVector)
  /// To ``HubRequest/Action/uploadBlobs(_:parts:)``: one for each part.
  case holdings([BlobHolding])
  /// To ``HubRequest/Action/fetchBlobs(_:wants:)``: one for each wanted blob that is held as a whole, in the order of the wants.
  case blobParts([BlobPart])
  /// To ``HubRequest/Action/devices(_:)``, in the order of the digests.
  case devices([HubDevice])
  /// To ``HubRequest/Action/keyring(_:after:)``.
  case keyring(HubKeyring)
  /// To ``HubRequest/Action/latestSnapshot(_:)``.
  case snapshot(SnapshotDescription)
  /// To ``HubRequest/Action/piece(_:_:index:)``: the piece as it was sent.
  case piece([UInt8])
}

/// What a hub says of itself.
public struct HubDescription: Equatable, Sendable {
  /// The program's name and version.
  public var software: String
  /// The protocol versions that it speaks.
  public var versions: [UInt32]
  /// The greatest body of a request, in bytes.
  public var requestByteLimit: UInt64
  /// About how many bytes of bundles a page has at most; a page always has one bundle if there is one.
  public var pageByteLimit: UInt64
  /// For how long a pull may wait, in seconds; 0 where the hub answers each at once.
  public var waitLimitSeconds: UInt32

  public init(
    software: String, versions: [UInt32], requestByteLimit: UInt64, pageByteLimit: UInt64,
    waitLimitSeconds: UInt32 = 0
  ) {
    self.software = software
    self.versions = versions
    self.requestByteLimit = requestByteLimit
    self.pageByteLimit = pageByteLimit
    self.waitLimitSeconds = waitLimitSeconds
  }
}

/// A piece of a hub's log.
public struct Page: Equatable, Sendable {
  /// Sealed bundles, as they were pushed.
  public var bundles: [[UInt8]]
  /// Where the page ends.
  public var cursor: Cursor
  /// Whether the log goes on after it.
  public var hasMore: Bool
  /// Whether the hub did as it was asked to by a pull that waits. After an empty page of a hub that did not, it is the client
  /// that has to let time pass before it asks again.
  public var hasWaited = false
  /// The newest epoch in the hub's keyring, 0 where there is none.
  public var epoch: UInt32
  /// Whether the hub asks for a snapshot of the log up to ``cursor``.
  public var wantsSnapshot = false

  public init(bundles: [[UInt8]], cursor: Cursor, hasMore: Bool, epoch: UInt32 = 0) {
    self.bundles = bundles
    self.cursor = cursor
    self.hasMore = hasMore
    self.epoch = epoch
  }
}

/// A piece of a library's keyring. What is in an entry the hub cannot read.
public struct HubKeyring: Equatable, Sendable {
  /// Entries as they were put, of epochs one after another.
  public var entries: [[UInt8]]
  /// The newest epoch of all that the hub has, 0 where it has none.
  public var newest: UInt32

  public init(entries: [[UInt8]], newest: UInt32) {
    self.entries = entries
    self.newest = newest
  }
}

/// What a hub holds of each replica at a place in its log, which is the end of it unless another was asked for.
public struct HubVector: Equatable, Sendable {
  /// The last number and the tip commitment of each origin.
  public var origins: [ReplicaID: Held]
  /// The place in the log.
  public var end: Cursor

  public init(origins: [ReplicaID: Held], end: Cursor) {
    self.origins = origins
    self.end = end
  }

  /// The end of one replica's run of changes.
  public struct Held: Equatable, Sendable {
    /// The number of the last change.
    public var lastSeq: UInt64
    /// Its tip commitment: 32 bytes.
    public var tip: [UInt8]

    public init(lastSeq: UInt64, tip: [UInt8]) {
      self.lastSeq = lastSeq
      self.tip = tip
    }
  }
}
