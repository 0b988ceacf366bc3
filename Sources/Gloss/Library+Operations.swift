public import GlossCore
public import GlossStore

extension Library {
  /// Begins an operation: the edits from here on, up to the next beginning or ``endOperation()``, are one thing that a person does and
  /// that ``undo(_:)`` takes back as a whole. Nothing is recorded of one that changes nothing.
  ///
  /// - Parameter words: What is done: a command line, or what a menu says.
  public func beginOperation(_ words: String) {
    operation.withLock { $0 = Operation(words) }
  }

  /// Ends the operation that was begun: edits are part of none.
  public func endOperation() {
    operation.withLock { $0 = nil }
  }

  /// Returns what was done on this machine, the newest first. The newest 1,000 operations are kept, and a compaction forgets those
  /// that began before what it drops was replaced.
  public func operations(limit: Int? = nil) throws(LibraryError) -> [RecordedOperation] {
    try reading { try $0.operations(limit: limit) }
  }

  /// Returns how many records an operation of this machine wrote to.
  public func recordCount(ofOperation number: Int64) throws(LibraryError) -> Int {
    try reading { try $0.records(ofOperation: number).count }
  }

  /// Takes back what an operation of this machine changed, as an edit like any other: it syncs, and can be taken back itself.
  ///
  /// What was written since by anybody is left as it is, and so is a record that the operation made and something belongs to since.
  /// A conflict that the operation settled is open again, with the same values.
  ///
  /// - Parameters:
  ///   - number: The operation.
  ///   - progress: Is told how many of the records that it wrote to are done.
  /// - Returns: What came of each field and record, in the order in which they were written.
  /// - Throws: ``LibraryError/noSuchOperation(_:)``.
  @discardableResult
  public func undo(
    _ number: Int64, progress: WorkProgress? = nil
  ) throws(LibraryError) -> [UndoStep] {
    try writing { edits in
      guard let steps = try edits.undo(number, progress: progress) else {
        throw LibraryError.noSuchOperation(number)
      }
      return steps
    }
  }

  /// Takes back one change, whoever made it, by the same rules.
  ///
  /// - Returns: What came of each field.
  /// - Throws: `StoreError.noSuchChange`.
  @discardableResult
  public func undo(_ change: Dot) throws(LibraryError) -> [UndoStep] {
    try writing { try $0.undo(change) }
  }
}
