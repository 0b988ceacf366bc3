internal import GlossCore
internal import GlossSeal
internal import GlossStore
internal import GlossWire

// What came from the hub, or was set aside before, on its way into the file.

extension SyncEngine {
  /// Takes bundles in; where they contradict what is here, that is made again first.
  func take(
    _ bundles: [ReceivedBundle], upTo cursor: Cursor?, _ conversation: inout Conversation,
    progress: SnapshotProgress? = nil
  ) throws(SyncError) {
    while true {
      do throws(SyncError) {
        let merged = try merge(bundles, upTo: cursor, progress, conversation)
        conversation.report.pulledChanges += merged.changeCount
        conversation.hidden.formUnion(merged.hidden)
        return
      } catch .store(.contradicted(let origin, let agreedSeq)) {
        let renewal = try stored {
          try replica.renew(
            as: newReplicaID(), after: agreedSeq, of: origin, given: bundles)
        }
        if let renewal { conversation.report.renewal = renewal }
        conversation.divergedSeqByOrigin = [:]
        conversation.sentSeqByFormer[origin] = nil
        try beginSession(&conversation)
      }
    }
  }

  private func merge(
    _ bundles: [ReceivedBundle], upTo cursor: Cursor?, _ progress: SnapshotProgress?,
    _ conversation: Conversation
  ) throws(SyncError) -> MergeReport {
    let massDeletes: MassDeletes =
      switch conversation.massDeletes {
      case .accept: .accept
      case .refuse: .refuse(hiddenCount: conversation.hidden.count)
      }
    return try stored {
      try replica.merge(
        bundles, upTo: cursor, progress: progress, massDeletes: massDeletes,
        commitment: sealer.commitment(toTip:)
      ) { bundle in
        guard case .success(let content) = bundle.content else { return [] }
        return seal(content, behind: bundle.header)
      }
    }
  }

  /// Takes in what keys of this conversation open of what was set aside. Returns whether the conversation goes on with that.
  func takeInWithNewKeys(_ conversation: inout Conversation) throws(SyncError) -> Bool {
    guard conversation.hasNewKeys else { return false }
    conversation.hasNewKeys = false
    return try retrySetAside(&conversation)
  }

  /// Takes in what was set aside and can be read by now. Returns whether there was any: the session begins anew then.
  @discardableResult
  func retrySetAside(_ conversation: inout Conversation) throws(SyncError) -> Bool {
    var bundles: [ReceivedBundle] = []
    var unreadable: ReplicaID?
    for bytes in try stored({ try replica.bundlesToRetry() }) {
      let bundle = try receive(bytes)
      if bundle.header.origin == unreadable { continue }
      if case .failure = bundle.content {
        unreadable = bundle.header.origin
        continue
      }
      bundles.append(bundle)
    }
    guard !bundles.isEmpty else { return false }
    try take(bundles, upTo: nil, &conversation)
    try beginSession(&conversation)
    return true
  }
}
