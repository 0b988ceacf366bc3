/// What is shown of a record.
public struct RecordView: Hashable, Sendable {
  /// The displayed value of each field; a field that was cleared has ``Value/null``.
  public var values: [Name: Value]

  /// The conflicts, in the order of their fields.
  public var conflicts: [Conflict]

  /// Whether the record is deleted and nothing written since by somebody who did not see the delete keeps it.
  public var isHidden: Bool

  public init(values: [Name: Value], conflicts: [Conflict], isHidden: Bool) {
    self.values = values
    self.conflicts = conflicts
    self.isHidden = isHidden
  }
}

/// A register that a person has to decide about.
public struct Conflict: Hashable, Sendable {
  /// The field; ``Field/deleted`` where the question is whether the record stays.
  public var field: Name

  /// What is at odds.
  public var reason: Reason

  public init(field: Name, reason: Reason) {
    self.field = field
    self.reason = reason
  }

  /// What is at odds.
  public enum Reason: Hashable, Sendable {
    /// Heads of different values.
    case values
    /// The record was deleted by somebody who had not seen these writes.
    case editedAndDeleted
  }
}

extension RecordState {
  /// Computes what is shown of the record.
  ///
  /// - Parameters:
  ///   - kind: The record's kind; `nil` for one that the program does not know, of which nothing is at odds.
  ///   - change: Returns a change that the state holds.
  public func view<Failure: Error>(
    of kind: Kind?, change: (Dot) throws(Failure) -> Change
  ) throws(Failure) -> RecordView {
    var values: [Name: Value] = [:]
    var conflicts: [Conflict] = []
    for (field, register) in registers {
      guard let displayed = register.heads.first else { continue }
      let value = try change(displayed.dot).write(to: field)?.value
      values[field] = value
      guard kind?.policy(of: field) == .keep else { continue }
      for head in register.heads.dropFirst() {
        if try change(head.dot).write(to: field)?.value != value {
          conflicts.append(Conflict(field: field, reason: .values))
          break
        }
      }
    }
    var isHidden = false
    if values[Field.deleted] == .bool(true) {
      isHidden = try isCovered(keptFieldsOf: kind, change: change)
      if isHidden {
        conflicts.removeAll { $0.field != Field.deleted }
      } else if kind != nil {
        conflicts.removeAll { $0.field == Field.deleted }
        conflicts.append(Conflict(field: Field.deleted, reason: .editedAndDeleted))
      }
    }
    conflicts.sort { $0.field < $1.field }
    return RecordView(values: values, conflicts: conflicts, isHidden: isHidden)
  }

  /// Whether the deletes that are heads cover every head of the fields whose values are kept.
  private func isCovered<Failure: Error>(
    keptFieldsOf kind: Kind?, change: (Dot) throws(Failure) -> Change
  ) throws(Failure) -> Bool {
    var covered: Set<Dot> = []
    var kept: Set<Dot> = []
    for (field, register) in registers {
      if field == Field.deleted {
        for head in register.heads { covered.formUnion(try change(head.dot).covers) }
      } else if (kind?.policy(of: field) ?? .keep) == .keep {
        kept.formUnion(register.heads.lazy.map(\.dot))
      }
    }
    return kept.isSubset(of: covered)
  }
}
