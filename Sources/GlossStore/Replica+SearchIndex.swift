internal import GlossCore

/// How far bringing the full-text index up to date has come.
public struct SearchIndexProgress: Hashable, Sendable {
  /// The number of records looked at, and of all that have to be.
  public var doneCount: Int
  public var totalCount: Int
}

extension Replica {
  /// Brings the full-text index up to date, and makes it where there is none for this schema.
  ///
  /// It is done in steps, between which others may write, and each of which stays done: who is interrupted does the rest the next
  /// time. Where nothing is behind nothing is written.
  ///
  /// - Parameter willStep: Called before each step; what it throws ends the work, and is thrown.
  /// - Throws: As every write.
  public func updateSearchIndex(
    _ schema: SearchSchema, willStep: (SearchIndexProgress) throws -> Void = { _ in }
  ) throws {
    try updateSearchIndex(
      schema, recordsAtOnce: SearchIndex.stepRecordCount, willStep: willStep)
  }

  /// Does that in steps of so many records.
  func updateSearchIndex(
    _ schema: SearchSchema, recordsAtOnce limit: Int,
    willStep: (SearchIndexProgress) throws -> Void = { _ in }
  ) throws {
    let behind = try read { try $0.searchIndexLag(schema) }
    guard behind.isBehind else { return }
    var progress = SearchIndexProgress(doneCount: 0, totalCount: behind.recordCount)
    var hasMore = true
    while hasMore {
      try willStep(progress)
      try transact { transaction in
        let indexer = try SearchIndexer(schema, limit: limit, transaction)
        hasMore = try indexer.step()
        progress.doneCount = min(progress.doneCount + indexer.recordCount, progress.totalCount)
      }
    }
  }

  /// Removes the full-text index; ``updateSearchIndex(_:willStep:)`` makes it anew.
  public func dropSearchIndex() throws {
    try transact { try $0.dropSearchIndex() }
  }
}

/// What a full-text index lacks.
public struct SearchIndexLag: Hashable, Sendable {
  /// The number of changes that were not taken in; all of them where there is no index, or it is being made.
  public var changeCount: UInt64

  /// The number of large values that have arrived and were not taken in.
  public var blobCount: Int

  /// About how many records have to be looked at.
  public var recordCount: Int

  /// Whether ``Replica/updateSearchIndex(_:willStep:)`` has something to do.
  public var isBehind: Bool { changeCount > 0 || blobCount > 0 || recordCount > 0 }
}

extension Snapshot {
  /// Returns what the full-text index lacks.
  public func searchIndexLag(_ schema: SearchSchema) throws -> SearchIndexLag {
    let vector = try vector()
    let state = try transaction.searchState()
    guard let state, state.schema == Array(schema.description.utf8), state.sweep == nil,
      !state.totals.isWorn, try transaction.isOnTheWay(state)
    else {
      let recordCount = try schema.kinds.reduce(0) { sum, kind in
        var query = Query(kind)
        query.includesHidden = true
        return try sum + count(query)
      }
      let changeCount = vector.lastSeqByReplica.values.reduce(0, +)
      return SearchIndexLag(changeCount: changeCount, blobCount: 0, recordCount: recordCount)
    }
    var changeCount: UInt64 = 0
    for (replica, seq) in vector.lastSeqByReplica {
      let reached = state.reached[try transaction.number(of: replica)]?.seq ?? 0
      changeCount += seq - min(seq, reached)
    }
    let arrivals = try transaction.prepare(
      """
      SELECT count(*) FROM _search_waiting w JOIN _blob b ON b.digest = w.digest
      """)
    _ = try arrivals.step()
    let blobCount = Int(arrivals.integer(at: 0))
    return SearchIndexLag(
      changeCount: changeCount, blobCount: blobCount,
      recordCount: Int(clamping: changeCount) + blobCount)
  }
}

extension Transaction {
  /// Whether an index has all changes: what one lacks may have replaced words that it has still.
  func hasTakenInAll(_ state: SearchState) throws(StoreError) -> Bool {
    let replicas = try prepare("SELECT id, last_seq FROM _replica")
    while try replicas.step() {
      let reached = state.reached[replicas.integer(at: 0)]?.seq ?? 0
      if reached < replicas.seq(at: 1) { return false }
    }
    return state.sweep == nil
  }

  /// Whether the log is the one that an index has followed.
  func isOnTheWay(_ state: SearchState) throws(StoreError) -> Bool {
    for (replica, mark) in state.reached {
      let isSame = try searchMark(replica, mark.seq) == mark
      if !isSame { return false }
    }
    return true
  }
}
