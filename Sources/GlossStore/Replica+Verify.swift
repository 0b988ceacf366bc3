internal import GlossCore

// Whether a file is as it was written
// ===================================
//
// The log is the truth, and the tips vouch for it: each is a hash over all changes of a replica up to some number, kept where a
// bundle began or ended. So reading every change once, in order, and coming to every kept tip proves that all are there and
// none is altered. (Of a thin run, which came without some of its values, only the numbers can be checked.) Everything else is
// computed from the log: each record's state is computed once more from its changes and compared with its rows, and rows
// that no record accounts for are counted. Large values are hashed. The few tables that nothing vouches for have hashes of their
// own (`VouchedTable`). What is left is what SQLite checks of its own structures, and what it does not say of its log
// (`WriteAheadLog`).
//
// All of this reads one consistent state of the file, and keeps one record's changes in memory at a time.

extension Replica {
  /// Reads the whole file and checks that everything in it is as it was written, and fits together.
  ///
  /// - Parameter progress: Is told how far it is.
  /// - Complexity: O(*n* log *n*) in the number of changes: they are read once by replica and once by record.
  public func verify(progress: WorkProgress? = nil) throws -> Verification {
    var verification = Verification()
    try read { snapshot in
      let transaction = snapshot.transaction
      let meter = WorkMeter(total: 2 * (try transaction.changeCount()), progress)
      let audit = Audit(transaction: transaction, meter: meter)
      let checks = [
        audit.checkFile, audit.checkVouched, audit.checkLog, audit.checkRecords, audit.checkBlobs,
        audit.checkSearchIndex,
      ]
      for check in checks {
        do throws(StoreError) {
          try check(&verification)
        } catch {
          guard case .corrupt(_, let detail) = error else { throw error }
          verification.damages.append(.file(detail))
        }
      }
    }
    verification.namedBlobs = []
    return verification
  }

  /// Computes everything anew that is computed from the changes, unless a change is damaged: what is shown may be all that is
  /// left of it. No change and no large value is touched. The full-text index goes, to be made anew by whoever searches. Returns
  /// what was found before.
  ///
  /// - Parameter progress: Is told how far it is, first with checking, then with computing.
  @discardableResult
  public func repair(progress: WorkProgress? = nil) throws -> Verification {
    let found = try verify(progress: progress)
    guard found.damagedRuns.isEmpty else { return found }
    try transact { transaction in
      try transaction.rebuildTables(progress: progress)
      try transaction.dropSearchIndex()
      guard found.damages.contains(.strayRows(table: "_unsent")) else { return }
      try transaction.execute("DELETE FROM _unsent WHERE digest NOT IN (SELECT digest FROM _blob)")
      try transaction.offerAllBlobs()
    }
    return found
  }
}
