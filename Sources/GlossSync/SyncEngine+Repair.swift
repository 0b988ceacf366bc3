internal import GlossCore
public import GlossStore
internal import GlossWire

extension SyncEngine {
  /// Fetches again what is damaged or missing in the replica's file, as far as the hub has it, and makes what is shown anew.
  ///
  /// Only what the tips and names that the file keeps vouch for is put in. What cannot be put back stays as it is.
  ///
  /// - Parameter found: What `Replica.verify()` found.
  public func repair(_ found: Verification) async throws(SyncError) -> RepairReport {
    let lock = try lockSyncing()
    let report = try await putBack(found)
    lock.release()
    return report
  }

  private func putBack(_ found: Verification) async throws(SyncError) -> RepairReport {
    var report = RepairReport()
    var conversation = try newConversation()
    if !found.damagedRuns.isEmpty {
      var search = try await beginSearch(&conversation)
      for run in found.damagedRuns {
        try await restore(run, &search, &conversation, &report)
      }
    }
    let blobs = found.damagedBlobs
    try stored { try replica.wantAgain(blobs) }
    for id in blobs {
      if try await fetch(id, counting: &conversation.report.requests) == .held {
        report.restoredBlobs += 1
      } else {
        report.failures.append(.blob(id))
      }
    }
    try stored { _ = try replica.repair() }
    report.requests = conversation.report.requests
    return report
  }

  private func restore(
    _ run: DamagedRun, _ search: inout LogSearch, _ conversation: inout Conversation,
    _ report: inout RepairReport
  ) async throws(SyncError) {
    let own = try stored { try replica.pushedSeqByReplica() }
    let held = search.end.origins[run.origin]?.lastSeq ?? 0
    guard held >= run.range.upperBound else {
      report.failures.append(
        own[run.origin] != nil && held < run.range.lowerBound
          ? .unsent(run.origin, run.range) : .notAtHub(run.origin, run.range))
      return
    }
    var changes = try await changes(of: run, &search, &conversation)
    if changes == nil { changes = try await snapshotChanges(of: run, &conversation) }
    guard let changes else {
      report.failures.append(.notAtHub(run.origin, run.range))
      return
    }
    let damaged = try stored { try replica.readableChanges(of: run.origin, run.range) }
    if try stored({ try replica.restore([changes]) }).isEmpty {
      report.failures.append(.contradicted(run.origin, run.range))
    } else {
      report.restoredChanges += changes.count(where: { damaged[$0.dot.seq] != $0 })
    }
  }

  /// Returns the changes of a run from the hub's log, or `nil` where it does not have all of them, or they cannot be opened.
  private func changes(
    of run: DamagedRun, _ search: inout LogSearch, _ conversation: inout Conversation
  ) async throws(SyncError) -> [Change]? {
    var changes: [Change] = []
    var next = run.range.lowerBound
    while next <= run.range.upperBound {
      let place = try await firstPlace(&search, &conversation) { vector throws(SyncError) in
        vector.origins[run.origin].map { $0.lastSeq >= next } ?? false
      }
      guard let before = place.before else { return nil }
      let start = next
      for bundle in try await page(after: before.end, &conversation)
      where bundle.header.origin == run.origin {
        guard case .success(let content) = bundle.content else { return nil }
        for change in content.changes where change.dot.seq == next {
          if next <= run.range.upperBound { changes.append(change) }
          next += 1
        }
      }
      guard next > start else { return nil }
    }
    return changes
  }

  /// Returns the changes of a run from the hub's newest snapshot, or `nil` where that does not have all of them.
  private func snapshotChanges(
    of run: DamagedRun, _ conversation: inout Conversation
  ) async throws(SyncError) -> [Change]? {
    do throws(SyncError) {
      let reply = try await send(.latestSnapshot(replica.library), &conversation)
      guard case .snapshot(let snapshot) = reply else { throw SyncError.unexpectedReply }
      var changes: [Change] = []
      for index in 0..<snapshot.pieceCount where changes.count < run.range.count {
        let content = try await open(index + 1, of: snapshot.id, &conversation)
        guard let piece = try? SnapshotPiece(decoding: content) else { return nil }
        for part in piece.runs where part.origin == run.origin {
          changes += part.content.changes.filter { run.range.contains($0.dot.seq) }
        }
      }
      return changes.count == run.range.count ? changes : nil
    } catch .hub(.refused(let problem)) where problem.type == .noSnapshot {
      return nil
    } catch .snapshotUnusable {
      return nil
    }
  }
}
