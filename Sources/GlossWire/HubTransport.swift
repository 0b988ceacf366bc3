/// Takes requests to one hub and brings back its replies.
///
/// The order of concurrent requests is not kept. A request may have taken effect although it failed: every action may be
/// repeated.
public protocol HubTransport: Sendable {
  /// Sends `request` and returns the reply to it.
  func send(_ request: HubRequest) async throws(HubFailure) -> HubReply
}

/// Why a request has no reply.
public enum HubFailure: Error, Equatable, Sendable {
  /// The hub understood and said no.
  case refused(Problem)
  /// No complete reply came back.
  case transport(TransportError)
  /// A complete reply came back that is not of this protocol; the text says what is wrong with it.
  case notOurs(String)
}

/// Why no complete reply came back.
public enum TransportError: Error, Equatable, Sendable {
  /// No connection: no such host, refused, no route.
  case unreachable(String)
  /// The connection ended, or what it promised did not all arrive.
  case interrupted(String)
  /// Nothing happened for as long as the transport waits.
  case timedOut
  /// The other side's certificate or the TLS session is not acceptable.
  case insecure(String)
  /// More bytes than the transport takes in.
  case tooLarge(limit: Int)
  /// The address is not one that can be connected to.
  case badAddress(String)
  /// The caller's task was cancelled.
  case cancelled
}

/// A refusal by the hub (RFC 9457).
public struct Problem: Error, Equatable, Sendable {
  /// What is wrong, for programs.
  public var type: Kind
  /// The HTTP status that it travels with.
  public var status: Int
  /// What is wrong with this very request, for people; from the hub, so not to be trusted.
  public var detail: String
  /// With `bundleGap` and `bundleFork`: the origin, and what the hub holds of it.
  public var held: Held?
  /// With `tooLarge` and `quotaExceeded`: the greatest size accepted, in bytes.
  public var limit: UInt64?
  /// How long to wait before another try, in seconds, where the hub said.
  public var retryAfterSeconds: Int?

  public init(
    _ type: Kind, status: Int, detail: String, held: Held? = nil, limit: UInt64? = nil,
    retryAfterSeconds: Int? = nil
  ) {
    self.type = type
    self.status = status
    self.detail = detail
    self.held = held
    self.limit = limit
    self.retryAfterSeconds = retryAfterSeconds
  }

  /// What a hub holds of the origin of a refused bundle.
  public struct Held: Equatable, Sendable {
    /// The origin: 16 bytes.
    public var origin: [UInt8]
    /// The number of the last change held, 0 for none.
    public var lastSeq: UInt64
    /// The tip commitment there: 32 bytes, empty for none.
    public var tip: [UInt8]

    public init(origin: [UInt8], lastSeq: UInt64, tip: [UInt8]) {
      self.origin = origin
      self.lastSeq = lastSeq
      self.tip = tip
    }
  }

  /// The types of problem.
  public enum Kind: String, CaseIterable, Sendable {
    /// 400: the request is not of this protocol.
    case malformed = "urn:gloss:problem:malformed"
    /// 401: no such token, or one that was revoked.
    case unauthorised = "urn:gloss:problem:unauthorised"
    /// 403: the enrolment secret is unknown, used or too old.
    case enrolmentRefused = "urn:gloss:problem:enrolment-refused"
    /// 403: the hub creates libraries only for who is invited, and this invitation is none, used or too old.
    case registrationClosed = "urn:gloss:problem:registration-closed"
    /// 404: nothing is at this address.
    case notFound = "urn:gloss:problem:not-found"
    /// 405: the address takes other methods.
    case methodNotAllowed = "urn:gloss:problem:method-not-allowed"
    /// 406: the hub speaks no version of the protocol that the client does.
    case upgradeRequired = "urn:gloss:problem:upgrade-required"
    /// 409: there is a library of this identifier, with another token.
    case libraryExists = "urn:gloss:problem:library-exists"
    /// 409: the cursor is not a place in this log.
    case cursorUnknown = "urn:gloss:problem:cursor-unknown"
    /// 409: the log begins after this place: the entries behind it were dropped, and a snapshot holds what they brought.
    case compacted = "urn:gloss:problem:compacted"
    /// 404: the hub has no snapshot, or none of this identifier any more.
    case noSnapshot = "urn:gloss:problem:no-snapshot"
    /// 409: the snapshot lacks a piece, or is no newer than the one that the hub has.
    case snapshotRefused = "urn:gloss:problem:snapshot-refused"
    /// 409: a bundle starts after the end of what the hub holds of its origin.
    case bundleGap = "urn:gloss:problem:bundle-gap"
    /// 409: a bundle does not continue what the hub holds of its origin, or says something else about it.
    case bundleFork = "urn:gloss:problem:bundle-fork"
    /// 409: an entry of the keyring is not of the epoch after the newest, or another one is there.
    case keyringConflict = "urn:gloss:problem:keyring-conflict"
    /// 413: the body is over the hub's limit.
    case tooLarge = "urn:gloss:problem:too-large"
    /// 507: the library would be over the bytes that the hub keeps for it.
    case quotaExceeded = "urn:gloss:problem:quota-exceeded"
    /// 429: too many requests.
    case slowDown = "urn:gloss:problem:slow-down"
    /// 500 and 503: the hub could not; it may later.
    case unavailable = "urn:gloss:problem:unavailable"
    /// A type that this version does not know.
    case unknown = "about:blank"
  }
}
