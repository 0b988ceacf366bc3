internal import GlossCore
internal import GlossSeal
internal import GlossWire

/// What brings a replica's keyring and the hub's to the same, as a value: no socket, no database.
///
/// The replica takes in the entries that it lacks, and puts back those that the hub has lost, in order. Neither goes back: an
/// entry that contradicts an epoch of this replica's is refused, because a device that was revoked could have made it.
struct KeyringExchange {
  /// What the driver should do next.
  enum Step: Equatable {
    /// Fetch the entries after an epoch.
    case fetch(after: UInt32)
    /// Fetch the entries after an epoch, to see whether those that are here follow on them.
    case compare(after: UInt32)
    /// Put the entry of an epoch back.
    case put(epoch: UInt32, entry: [UInt8])
    /// Both sides have the same.
    case done
  }

  /// The replica's keys as they are now.
  private(set) var keys: LocalKeys
  /// The entries that it has, by their epochs.
  private(set) var entries: [UInt32: [UInt8]]
  /// The newest epoch at the hub, `nil` while it is not known.
  private var hubEpoch: UInt32?
  private var fetched: [[UInt8]] = []
  private let comparesAll: Bool
  /// Up to which epoch the hub's entries were seen to be those that are here.
  private var comparedEpoch: UInt32 = 1
  /// Why what was fetched does not follow on the entries that are here: because the hub has others in their place, or because a hub or
  /// a stranger made it, which comparing tells.
  private var refusal: KeyringError?

  /// Begins an exchange.
  ///
  /// - Parameters:
  ///   - hubEpoch: What a page said of the hub's keyring, `nil` to ask.
  ///   - comparesAll: Whether all entries are compared, and not only where some are to be put back: for who is about to add one.
  init(
    keys: LocalKeys, entries: [UInt32: [UInt8]], hubEpoch: UInt32?, comparesAll: Bool = false
  ) {
    self.comparesAll = comparesAll
    self.keys = keys
    self.entries = entries
    self.hubEpoch = hubEpoch
  }

  /// Returns what the driver should do next.
  func next() -> Step {
    if refusal != nil { return .compare(after: comparedEpoch) }
    let end = entries.keyringEnd
    guard let hubEpoch, hubEpoch <= end else {
      return .fetch(after: end + UInt32(fetched.count))
    }
    let missing = max(hubEpoch, 1) + 1
    let lost = entries[missing]
    // What does not follow on the hub's entries is nobody else's history.
    if comparedEpoch < hubEpoch, comparesAll || lost != nil {
      return .compare(after: comparedEpoch)
    }
    return lost.map { .put(epoch: missing, entry: $0) } ?? .done
  }

  /// Takes in a piece of the hub's keyring that this replica should have.
  ///
  /// - Throws: ``KeyringError/otherEpoch`` where it has something else; where it does not, what was refused before.
  mutating func didCompare(_ piece: HubKeyring) throws(SyncError) {
    guard !piece.entries.isEmpty else {
      throw .hub(.notOurs("a keyring that leaves out an epoch"))
    }
    for entry in piece.entries {
      comparedEpoch += 1
      guard let own = entries[comparedEpoch], own != entry else { continue }
      throw .keyring(.otherEpoch, epoch: piece.newest)
    }
    if let refusal, comparedEpoch >= entries.keyringEnd {
      throw .keyring(refusal, epoch: piece.newest)
    }
    hubEpoch = piece.newest
  }

  /// Takes in a piece of the hub's keyring.
  mutating func didFetch(_ piece: HubKeyring) throws(SyncError) {
    fetched += piece.entries
    hubEpoch = piece.newest
    let start = entries.keyringEnd
    let end = start + UInt32(fetched.count)
    if end < piece.newest {
      guard !piece.entries.isEmpty else {
        throw .hub(.notOurs("a keyring that leaves out an epoch"))
      }
      return
    }
    guard fetched.isEmpty || end == piece.newest else {
      throw .hub(.notOurs("a keyring with more epochs than it says"))
    }
    do throws(KeyringError) {
      var new: [KeyringEntry] = []
      for (index, bytes) in fetched.enumerated() {
        let entry = try KeyringEntry(bytes: bytes)
        guard entry.epoch == start + UInt32(index) + 1 else { throw .malformed }
        new.append(entry)
      }
      try keys.keyring.take(new, for: keys.device)
      for entry in new { entries[entry.epoch] = entry.bytes }
    } catch {
      guard start > 1, error == .notByAMember || error == .badLink else {
        throw .keyring(error, epoch: piece.newest)
      }
      refusal = error
    }
    fetched = []
  }

  /// Takes in that the hub has the entry of an epoch again.
  mutating func didPut(_ epoch: UInt32) {
    hubEpoch = epoch
    comparedEpoch = epoch
  }

  /// Takes in that the hub is of a version that keeps no keyring.
  mutating func didMeetOlderHub() {
    hubEpoch = entries.keyringEnd
    comparedEpoch = entries.keyringEnd
  }
}

extension [UInt32: [UInt8]] {
  /// The last epoch up to which all entries are here: 1 where there is none.
  var keyringEnd: UInt32 {
    var end: UInt32 = 1
    while self[end + 1] != nil { end += 1 }
    return end
  }
}

extension KeyringExchange {
  /// Does what an exchange says, and returns it at its end.
  ///
  /// - Parameter send: Asks the hub.
  func finished(
    of library: LibraryID, isolation: isolated (any Actor)? = #isolation,
    send: (HubRequest.Action) async throws(SyncError) -> HubReply
  ) async throws(SyncError) -> KeyringExchange {
    var exchange = self
    while true {
      do throws(SyncError) {
        switch exchange.next() {
        case .done: return exchange
        case .fetch(let epoch):
          guard case .keyring(let piece) = try await send(.keyring(library, after: epoch)) else {
            throw SyncError.unexpectedReply
          }
          try exchange.didFetch(piece)
        case .compare(let epoch):
          guard case .keyring(let piece) = try await send(.keyring(library, after: epoch)) else {
            throw SyncError.unexpectedReply
          }
          try exchange.didCompare(piece)
        case .put(let epoch, let entry):
          _ = try await send(.putEntry(library, epoch: epoch, entry: entry))
          exchange.didPut(epoch)
        }
      } catch .hub(.refused(let problem)) {
        switch problem.type {
        case .notFound, .methodNotAllowed: exchange.didMeetOlderHub()
        case .keyringConflict: throw .keyring(.otherEpoch, epoch: exchange.entries.keyringEnd)
        default: throw .hub(.refused(problem))
        }
      }
    }
  }
}
