internal import GlossCore
internal import GlossSeal
internal import GlossStore
internal import GlossWire

// Snapshots
// =========
//
// A snapshot holds all that a hub's log holds up to a place, as runs of changes in sealed pieces. A new replica takes it in
// instead of a log that is longer than a page, and so does one that was away for so long that the hub dropped what it has not
// read. A run is taken in by the rules of a bundle: what is held is passed over, tips are compared, copies and forks are
// noticed. So a snapshot never replaces anything, and may be taken in at any time, in part, and again.
//
// The place that it ends at is kept only once everything is here that its head lists. Until then the replica notes how many
// pieces it has, so that a first sync that is interrupted goes on where it was.
//
// The hub asks for one when the log has grown by so much since the last. The device that it asks makes it at the end of that
// sync if it and the hub are of one mind about everything, as its head vouches for; otherwise another one is asked later. The
// sync itself is over by then, and does not fail where making one does.

extension SyncEngine {
  /// Takes in the hub's newest snapshot, as far as that is possible.
  func takeSnapshot(
    _ conversation: inout Conversation, _ progress: (@Sendable (SyncReport) -> Void)?
  ) async throws(SyncError) {
    do throws(SyncError) {
      conversation.snapshotCount += 1
      conversation.hasFoundSnapshot = false
      let reply = try await send(.latestSnapshot(replica.library), &conversation)
      guard case .snapshot(let description) = reply else { throw SyncError.unexpectedReply }
      conversation.hasFoundSnapshot = true
      guard conversation.session.gains(from: description.cursor) else {
        try stored { try replica.forgetSnapshotProgress() }
        return conversation.session.didFindNoSnapshot()
      }
      let head = try await head(of: description, &conversation)
      if try stored({ try !replica.holds(head, orAside: false) }) {
        try await takePieces(of: description, &conversation, progress)
        guard try stored({ try replica.holds(head, orAside: true) }) else {
          throw SyncError.snapshotUnusable(.malformed)
        }
      }
      // Else the hub lacks something, and the place must not be kept before it has that; see `SyncSession`.
      if conversation.session.mayKeepCursor { try take([], upTo: head.cursor, &conversation) }
      conversation.session.didTakeSnapshot(upTo: head.cursor)
    } catch {
      switch error {
      case .hub(.refused(let problem)) where problem.type == .noSnapshot:
        // A newer one may have taken its place meanwhile.
        if conversation.hasFoundSnapshot, conversation.snapshotCount < Self.snapshotPatience {
          return
        }
      case .hub(.refused(let problem)) where problem.type == .notFound: break
      case .snapshotUnusable(let reason): conversation.snapshotFault = reason
      case .store(.bundleGap): conversation.snapshotFault = .malformed
      default: throw error
      }
      try stored { try replica.forgetSnapshotProgress() }
      conversation.session.didFindNoSnapshot()
    }
  }

  /// How often a snapshot is begun in one conversation.
  private static let snapshotPatience = 4

  private func head(
    of description: SnapshotDescription, _ conversation: inout Conversation
  ) async throws(SyncError) -> SnapshotHead {
    let content = try await open(0, of: description.id, &conversation)
    let head: SnapshotHead
    do throws(BundleContent.Malformed) {
      head = try SnapshotHead(decoding: content)
    } catch {
      throw .snapshotUnusable(error == .newerVersion ? .newer : .malformed)
    }
    guard head.cursor == description.cursor, head.pieceCount == description.pieceCount else {
      throw .snapshotUnusable(.tampered)
    }
    return head
  }

  private func takePieces(
    of description: SnapshotDescription, _ conversation: inout Conversation,
    _ progress: (@Sendable (SyncReport) -> Void)?
  ) async throws(SyncError) {
    var done = SnapshotProgress(snapshot: description.id)
    if let before = try stored({ try replica.snapshotProgress() }),
      before.snapshot == description.id, before.pieceCount < description.pieceCount
    {
      done = before
    }
    while done.pieceCount < description.pieceCount {
      done.pieceCount += 1
      let content = try await open(done.pieceCount, of: description.id, &conversation)
      let piece: SnapshotPiece
      do throws(BundleContent.Malformed) {
        piece = try SnapshotPiece(decoding: content)
      } catch {
        throw .snapshotUnusable(error == .newerVersion ? .newer : .malformed)
      }
      try take(piece.runs.map(received), upTo: nil, &conversation, progress: done)
      progress?(conversation.report)
    }
  }

  /// Returns a run as if it had come as a bundle.
  private func received(_ run: SnapshotPiece.Run) -> ReceivedBundle {
    let header = BundleHeader(
      library: replica.library, epoch: sealer.currentEpoch, origin: run.origin, first: run.first,
      last: run.last, previousTip: sealer.commitment(toTip: run.previousTip),
      tip: sealer.commitment(toTip: run.tip))
    var content = run.content
    content.statedTip = run.tip
    return ReceivedBundle(header: header, bytes: [], content: .success(content))
  }

  /// Fetches a piece and opens its seal.
  func open(
    _ index: UInt32, of snapshot: SnapshotID, _ conversation: inout Conversation
  ) async throws(SyncError) -> [UInt8] {
    let reply = try await send(
      .piece(replica.library, snapshot, index: index), &conversation)
    guard case .piece(let bytes) = reply else { throw .unexpectedReply }
    let header: SnapshotHeader
    do {
      header = try SnapshotHeader(of: bytes)
    } catch {
      if case .unknownSuite = error { throw .snapshotUnusable(.newer) }
      throw .snapshotUnusable(.truncated)
    }
    guard header.library == replica.library, header.snapshot == snapshot, header.index == index
    else { throw .snapshotUnusable(.tampered) }
    if !keyring.epochs.contains(header.epoch) {
      // No page has told of the keyring yet: the hub refused to send one. A code brings the newest epoch's secret only.
      try await followKeyring(to: max(header.epoch, keyring.newestEpoch), &conversation)
    }
    do {
      return try sealer.open(
        bytes[SnapshotHeader.byteCount...], as: .snapshot, authenticating: header.bytes,
        epoch: header.epoch)
    } catch {
      throw .snapshotUnusable(SetAside.Reason(error))
    }
  }

  // MARK: - Making one

  /// Makes a snapshot where the hub asked for one and everything fits.
  func makeSnapshot(_ conversation: inout Conversation) async {
    guard conversation.wantsSnapshot, conversation.report.setAside.isEmpty else { return }
    do throws(SyncError) {
      conversation.report.hasMadeSnapshot = try await sendSnapshot(&conversation)
    } catch {
      // The sync is complete, and the hub will ask again.
    }
  }

  private func sendSnapshot(_ conversation: inout Conversation) async throws(SyncError) -> Bool {
    let library = replica.library
    let policy = history()
    if policy == .whole, try stored({ try replica.leavesSnapshotToOthers() }) { return false }
    let cursor = try stored { try replica.remote()?.cursor }
    let reply = try await send(.vector(library), &conversation)
    guard case .vector(let hub) = reply, hub.end == cursor,
      var plan = try stored({
        try replica.snapshotPlan(
          of: hub, isThin: policy == .current, commitment: sealer.commitment(toTip:))
      })
    else { return false }
    // Bundles of before large values went by themselves have them inside, and may be dropped now.
    try stored { try replica.offerAllBlobs() }
    while try hasUnsentBlobs() {
      try await sendBlobs(byteLimit: SyncSession.bundleByteLimit, &conversation)
    }
    let id = SnapshotID(newReplicaID().value)
    var count: UInt32 = 0
    while let piece = try stored({
      try replica.nextPiece(of: &plan, byteLimit: pieceByteCount)
    }) {
      guard count < SnapshotDescription.pieceLimit else { return false }
      count += 1
      try await send(piece.encoded(), count, of: id, &conversation)
    }
    // What replaced a value that was left out may have been written meanwhile.
    if plan.isThin, try stored({ try !replica.covers(plan) }) { return false }
    let isWhole = try stored { try !plan.isThin && !replica.lacksValues() }
    let head = SnapshotHead(
      cursor: hub.end, pieceCount: count, ends: plan.ends, isWhole: isWhole)
    try await send(head.encoded(), 0, of: id, &conversation)
    let description = SnapshotDescription(id: id, cursor: hub.end, pieceCount: count)
    _ = try await send(.completeSnapshot(library, description), &conversation)
    try stored { try replica.noteSnapshotMade() }
    return true
  }

  private func send(
    _ content: [UInt8], _ index: UInt32, of snapshot: SnapshotID,
    _ conversation: inout Conversation
  ) async throws(SyncError) {
    let header = SnapshotHeader(
      library: replica.library, epoch: sealer.currentEpoch, snapshot: snapshot, index: index
    ).bytes
    let sealed = sealer.seal(
      content, as: .snapshot, authenticating: header, epoch: sealer.currentEpoch, using: &generator)
    _ = try await send(
      .putPiece(replica.library, snapshot, index: index, piece: header + sealed), &conversation)
  }
}
