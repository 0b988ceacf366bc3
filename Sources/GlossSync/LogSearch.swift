internal import GlossCore
internal import GlossStore
internal import GlossWire

// Finding a place in the hub's log
// ================================
//
// The hub says what it held of each origin when its log had so many entries. What it holds only grows, and once its tip of an
// origin is not this replica's own, no later one is, because each tip is a hash over all before it. So both "the hub has change
// n of this origin" and "the hub's record of this origin is another one" are false up to some place in the log and true from
// there on, and halving finds the place in as many requests as the length of the log has binary digits.

/// What is known of a hub's log while places in it are looked for.
struct LogSearch {
  /// What the hub holds now.
  let end: HubVector
  /// The first place that is kept, as far as is known.
  var start: UInt64 = 0
  /// What the hub said of places.
  var vectors: [UInt64: HubVector]

  init(end: HubVector) {
    self.end = end
    vectors = [end.end.index: end]
  }

  /// The first place at which something holds: that, and the one before, unless the hub dropped it.
  struct Place {
    var before: HubVector?
    var at: HubVector
  }
}

extension SyncEngine {
  /// Asks the hub what it holds now.
  func beginSearch(_ conversation: inout Conversation) async throws(SyncError) -> LogSearch {
    let reply = try await send(.vector(replica.library), &conversation)
    guard case .vector(let end) = reply else { throw .unexpectedReply }
    return LogSearch(end: end)
  }

  /// Returns what the hub held at a place, or `nil` where it dropped that.
  func vector(
    at index: UInt64, _ search: inout LogSearch, _ conversation: inout Conversation
  ) async throws(SyncError) -> HubVector? {
    if let known = search.vectors[index] { return known }
    guard index >= search.start else { return nil }
    do throws(SyncError) {
      let reply = try await send(.vector(replica.library, at: index), &conversation)
      guard case .vector(let vector) = reply else { throw SyncError.unexpectedReply }
      // A hub of before this question answers another one.
      guard vector.end.index == index else { throw SyncError.hub(.refused(.noEarlierVector)) }
      search.vectors[index] = vector
      return vector
    } catch .hub(.refused(let problem)) where problem.type == .compacted {
      search.start = max(search.start, index + 1)
      return nil
    }
  }

  /// Returns the first place at which `holds` is true, which it is at the end of the log and from that place on.
  func firstPlace(
    _ search: inout LogSearch, _ conversation: inout Conversation,
    where holds: (HubVector) throws(SyncError) -> Bool
  ) async throws(SyncError) -> LogSearch.Place {
    var place = LogSearch.Place(before: nil, at: search.end)
    var (low, high) = (search.start, search.end.end.index)
    while low < high {
      let middle = low + (high - low) / 2
      guard let vector = try await vector(at: middle, &search, &conversation) else {
        low = middle + 1
        continue
      }
      if try holds(vector) {
        (place.at, high) = (vector, middle)
      } else {
        low = middle + 1
      }
    }
    guard high > 0 else { return place }
    place.before = try await vector(at: high - 1, &search, &conversation)
    return place
  }

  /// Returns the page of the log behind a place, opened as far as that is possible.
  func page(
    after cursor: Cursor, _ conversation: inout Conversation
  ) async throws(SyncError) -> [ReceivedBundle] {
    let reply = try await send(.pull(replica.library, after: cursor), &conversation)
    guard case .page(let page) = reply else { throw .unexpectedReply }
    guard page.isWhole(after: cursor) else { throw .pageOutOfPlace }
    var bundles: [ReceivedBundle] = []
    for bundle in page.bundles { bundles.append(try receive(bundle)) }
    return bundles
  }

  func newConversation() throws(SyncError) -> Conversation {
    try loadKeys()
    guard let remote = try stored({ try replica.remote() }) else { throw .notConnected }
    return Conversation(
      remote: remote, session: try newSession(.leave), massDeletes: .refuse, largeValues: .leave)
  }
}

extension Problem {
  /// What a replica reports of a hub that does not say what it held earlier.
  fileprivate static let noEarlierVector = Problem(
    .upgradeRequired, status: 406,
    detail: "it is of a version that does not say what it held before")
}
