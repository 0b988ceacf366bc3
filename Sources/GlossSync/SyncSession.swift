package import GlossCore
package import GlossWire

// One conversation with a hub
// ===========================
//
// Usually it is one request: a push of what is unsent, or a pull where nothing is. The hub's answer to either is a page of
// what it has after the cursor, so both directions move with each request, and pulls follow while the hub says that there is
// more.
//
// Some refusals are answered instead of ending the conversation. A gap or a fork at an origin comes with what the hub holds of
// it: where that is a place in our own run, the push goes on from there (a reply was lost, or the hub came back from a backup);
// where it is not, this replica's file or another one is a copy, and what the hub has is pulled before anything more is pushed,
// to see where the two went apart; where its log does not show that, the two vectors are compared once before the conversation
// gives up. An unknown cursor means that the log is another one: the two vectors are compared, the log is read from its start, and
// everything that the hub lacks is pushed, this replica's changes and others', and what is set aside here for others that can read
// it. The same is done where others' changes are held and no cursor is, because the replica was connected with another hub. Where the hub has dropped the log behind the
// cursor, because the replica was away for long, the vectors are compared likewise, and the newest snapshot takes the place of
// what is gone. A new replica whose first page is not the last one goes on with it too. Absence on the hub never means that
// anything was deleted. A body that is too large is halved. Large values go to the hub before the changes that name them, and
// come from it after all changes have come; what the hub lacks of them holds up nothing. Where a library may not grow any
// more, what others have sent is fetched all the same.

/// One conversation with a hub, as a value: no clock, no socket, no database.
package struct SyncSession: Equatable, Sendable {
  /// What the driver should do next.
  package enum Step: Equatable, Sendable {
    /// Push a bundle of one replica's changes from a number on, of about this many bytes.
    case push(origin: ReplicaID, from: UInt64, byteLimit: Int, after: Cursor?)
    /// Pull what the log has after the cursor.
    case pull(after: Cursor?)
    /// Ask what the hub holds of each replica. Then the hub may lack every large value.
    case compareVectors
    /// Upload some of the large values that the hub is not known to have, about this many bytes in each request.
    case sendBlobs(byteLimit: Int)
    /// Fetch some of the large values that are wanted.
    case fetchBlobs
    /// Push what the hub lacks of the bundles that could not be taken in here.
    case pushSetAside(after: Cursor?)
    /// Take in the hub's newest snapshot.
    case takeSnapshot
    /// Both sides hold the same.
    case done
  }

  /// About how many bytes of values a bundle has at most. Bodies under a mebibyte pass every proxy.
  package static let bundleByteLimit = 768 * 1_024

  /// A bundle is not halved below this.
  package static let leastBundleByteLimit = 4 * 1_024

  private let vector: Vector
  private let authors: [ReplicaID]
  /// Of each replica whose changes go to the hub: the last one that it holds.
  private var heldSeqByOrigin: [ReplicaID: UInt64]
  private var cursor: Cursor?
  private var isComparing = false
  private var isAtStart: Bool
  private var needsSnapshot: Bool
  private var hasNoSnapshot = false
  private var isRebuilding = false
  /// Whether the hub has something else of what is here, and the log is to be read before anything more is pushed.
  private var isContradicted = false
  private var hasComparedAgain = false
  private var isFull = false
  private var hasMore = true
  private var hasUnsentBlobs: Bool
  private var hasUnsentAside = false
  private var fetchesBlobs: Bool
  /// Whether the hub has to show that it knows the cursor before it gets large values.
  private var looksFirst: Bool
  private var byteLimit = Self.bundleByteLimit
  private var refusalCount = 0

  /// Begins a conversation.
  ///
  /// - Parameters:
  ///   - vector: What the replica that talks holds.
  ///   - pushedSeqByOrigin: The last of its changes that the hub has acknowledged, and of those that it made as another
  ///     replica, before it turned out to be a copy.
  ///   - authors: Those that it was while it made these, the first one first, and itself behind them.
  ///   - cursor: Up to where it has applied the hub's log.
  ///   - hasUnsentBlobs: Whether it has large values that the hub is not known to have.
  ///   - fetchesBlobs: Whether it is to have every large value that a change names.
  ///   - isMidSnapshot: Whether it has taken in part of a snapshot.
  ///   - hasAside: Whether it has bundles that it could not take in and that may go to a hub that lacks them.
  ///   - looksFirst: Whether it sends no large value before the hub has shown that it knows the cursor: one that lost its keyring
  ///     may have another one by now, with whose keys the value is to be sealed.
  package init(
    vector: Vector, pushedSeqByOrigin: [ReplicaID: UInt64], authors: [ReplicaID] = [],
    cursor: Cursor?, hasUnsentBlobs: Bool = false, fetchesBlobs: Bool = false,
    isMidSnapshot: Bool = false, hasAside: Bool = false, looksFirst: Bool = false
  ) {
    self.vector = vector
    self.authors = authors
    self.cursor = cursor
    self.hasUnsentBlobs = hasUnsentBlobs
    self.fetchesBlobs = fetchesBlobs
    self.looksFirst = looksFirst && cursor != nil
    heldSeqByOrigin = pushedSeqByOrigin
    let hasOthers = hasAside || vector.replicas.contains { pushedSeqByOrigin[$0] == nil }
    isComparing = cursor == nil && hasOthers
    isAtStart = cursor == nil && !isComparing
    needsSnapshot = isMidSnapshot
  }

  /// Returns what the driver should do next.
  package func next() -> Step {
    if isComparing { return .compareVectors }
    if needsSnapshot { return .takeSnapshot }
    if hasUnsentBlobs, looksFirst { return .pull(after: cursor) }
    if hasUnsentBlobs { return .sendBlobs(byteLimit: byteLimit) }
    if let (origin, held) = unsent {
      // What was made since names what was made before. Whether the hub has that, and not something else of the same numbers,
      // tells only its log, read to its end.
      let mayName =
        isRebuilding || isContradicted || origin != authors.first && authors.contains(origin)
      if mayName, hasMore { return .pull(after: cursor) }
      return .push(origin: origin, from: held + 1, byteLimit: byteLimit, after: cursor)
    }
    if hasUnsentAside { return .pushSetAside(after: cursor) }
    if hasMore { return .pull(after: cursor) }
    return fetchesBlobs ? .fetchBlobs : .done
  }

  /// Takes in that a large value was added meanwhile, maybe by a change that was about to be pushed.
  package mutating func didFindUnsentBlobs() {
    hasUnsentBlobs = true
  }

  /// Takes in that large values were uploaded.
  ///
  /// - Parameter hasMore: Whether there are others that the hub is not known to have.
  package mutating func didSendBlobs(hasMore: Bool) {
    hasUnsentBlobs = hasMore
    refusalCount = 0
  }

  /// Takes in that large values were fetched.
  ///
  /// - Parameter hasMore: Whether there are others that are wanted and that this conversation did not ask for.
  package mutating func didFetchBlobs(hasMore: Bool) {
    fetchesBlobs = hasMore
  }

  /// The first replica whose changes the hub lacks, and the last of them that it holds.
  ///
  /// Others come before those that this file was, and these in the order in which it was them: what was made later may name what
  /// was made before, and nobody is to meet it first.
  private var unsent: (origin: ReplicaID, held: UInt64)? {
    func place(_ origin: ReplicaID) -> Int { authors.firstIndex(of: origin) ?? -1 }
    return heldSeqByOrigin.filter { $0.value < vector[$0.key] }
      .min { (place($0.key), $0.key) < (place($1.key), $1.key) }
      .map { ($0.key, $0.value) }
  }

  /// Takes in that the hub holds a replica's changes up to a number: they were pushed and accepted.
  package mutating func didPush(_ origin: ReplicaID, through last: UInt64) {
    heldSeqByOrigin[origin] = last
    refusalCount = 0
  }

  /// Takes in that the page up to this place is applied.
  package mutating func didApply(upTo cursor: Cursor, hasMore: Bool) {
    self.cursor = cursor
    self.hasMore = hasMore
    looksFirst = false
    if !hasMore, isContradicted, !hasComparedAgain {
      // Nothing of the log does: the refusal, or the log, was not what the hub has.
      hasComparedAgain = true
      isComparing = true
    }
    // A log that fits a page is read faster than a snapshot.
    if isAtStart, hasMore { needsSnapshot = true }
    isAtStart = false
  }

  /// Takes in that what is set aside and the hub lacks was pushed, as far as it took it.
  package mutating func didPushSetAside() {
    hasUnsentAside = false
    hasMore = true
  }

  /// Takes in that the last reply's page was not applied: the log is read from where it began.
  package mutating func didSkipPage() {
    hasMore = true
  }

  /// Whether the place that the log was read up to may be kept for the next conversation.
  ///
  /// Not while the hub lacks something that it once had: the conversation may end before all of that is pushed, and the next
  /// one compares again only if it begins at a place that the hub does not know.
  package var mayKeepCursor: Bool {
    if isComparing || isRebuilding && isFull { return false }
    return !isRebuilding || unsent == nil && !hasUnsentBlobs && !hasUnsentAside
  }

  /// Takes in that nothing may be pushed in this conversation.
  package mutating func stopPushing() {
    isFull = true
    heldSeqByOrigin = [:]
    hasUnsentBlobs = false
    hasUnsentAside = false
    hasMore = true
  }

  /// Whether a snapshot that ends at this place brings anything that is not read yet.
  package func gains(from place: Cursor) -> Bool {
    cursor.map { $0.log != place.log || $0.index < place.index } ?? true
  }

  /// Takes in that the hub's newest snapshot, which ends at this place, is taken in.
  package mutating func didTakeSnapshot(upTo cursor: Cursor) {
    needsSnapshot = false
    self.cursor = cursor
    hasMore = true
  }

  /// Takes in that the hub has no snapshot, or none that can be taken in: what there is of the log is read instead.
  package mutating func didFindNoSnapshot() {
    needsSnapshot = false
    hasNoSnapshot = true
  }

  /// Takes in the hub's vector.
  ///
  /// - Parameters:
  ///   - hasBlobs: Whether there are large values here: the hub may lack each of them.
  ///   - hasAside: Whether bundles are set aside here that the hub lacks.
  package mutating func didCompare(
    _ hub: HubVector, hasBlobs: Bool = false, hasAside: Bool = false
  ) {
    isComparing = false
    isContradicted = false
    looksFirst = false
    hasUnsentBlobs = hasBlobs && !isFull
    hasUnsentAside = hasAside && !isFull
    isRebuilding = true
    hasMore = true
    for origin in vector.replicas where !isFull {
      heldSeqByOrigin[origin] = hub.origins[origin]?.lastSeq ?? 0
    }
  }

  /// Takes in a refusal.
  ///
  /// - Parameter holdsOurs: For a gap or a fork, whether what the hub holds of the origin is a place in its run as it is here.
  /// - Returns: Whether the conversation goes on; otherwise the refusal is its end.
  package mutating func didRefuse(_ problem: Problem, holdsOurs: Bool) -> Bool {
    refusalCount += 1
    guard refusalCount <= Self.patience else { return false }
    switch problem.type {
    case .bundleGap, .bundleFork:
      guard let held = problem.held, let origin = ReplicaID(bytes: held.origin),
        heldSeqByOrigin[origin] != nil
      else { return false }
      // What is not pushed any more is left to what the pull shows; so is what this file made since, which may name it.
      heldSeqByOrigin[origin] = holdsOurs ? held.lastSeq : nil
      if !holdsOurs {
        isContradicted = true
        if let place = authors.firstIndex(of: origin) {
          for later in authors[place...] { heldSeqByOrigin[later] = nil }
        }
      }
      hasMore = true
      return true
    case .cursorUnknown:
      guard cursor != nil else { return false }
      cursor = nil
      isComparing = true
      return true
    case .compacted:
      guard !hasNoSnapshot else { return false }
      // The hub cannot tell any more whether the place was one of its log.
      if cursor != nil { isComparing = true }
      cursor = nil
      needsSnapshot = true
      return true
    case .tooLarge:
      guard isSending, byteLimit > Self.leastBundleByteLimit else { return false }
      byteLimit /= 2
      return true
    case .quotaExceeded:
      guard isSending else { return false }
      stopPushing()
      return true
    default:
      return false
    }
  }

  private var isSending: Bool {
    switch next() {
    case .push, .pushSetAside, .sendBlobs: true
    default: false
    }
  }

  /// How many refusals in a row are answered.
  private static let patience = 16
}
