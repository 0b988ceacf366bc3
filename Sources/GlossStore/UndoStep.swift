public import GlossCore

/// What undoing came to for one field of a record, or for a record as a whole.
public struct UndoStep: Hashable, Sendable {
  /// The record.
  public let key: RecordKey

  /// The field; `nil` where it is about a record that the operation had created.
  public let field: Name?

  /// What came of it.
  public let outcome: Outcome

  public init(key: RecordKey, field: Name?, outcome: Outcome) {
    self.key = key
    self.field = field
    self.outcome = outcome
  }

  /// What came of it.
  public enum Outcome: Hashable, Sendable {
    /// The field shows the value that it showed before; `Value.null` where it had none.
    case restored(Value)
    /// The field has several values again, as before; the one that is shown comes last.
    case reopened([Value])
    /// The record is deleted: the operation had created it, or had brought it back.
    case deleted
    /// The record is shown again.
    case undeleted
    /// It was so already.
    case unchanged
    /// It is left as it is.
    case left(Reason)
  }

  /// Why something is left as it is.
  public enum Reason: Hashable, Sendable {
    /// These changes wrote to it since, and say something else.
    case writtenSince([Dot])
    /// These records belong to it and are not the operation's, or are left themselves.
    case inUse([RecordKey])
    /// The record that it belongs to is left.
    case parentLeft(RecordKey)
    /// The value that it had is not kept on this machine any more.
    case valueDropped
  }

  /// Whether the step changed anything.
  public var hasChanged: Bool {
    switch outcome {
    case .restored, .reopened, .deleted, .undeleted: true
    case .unchanged, .left: false
    }
  }
}
