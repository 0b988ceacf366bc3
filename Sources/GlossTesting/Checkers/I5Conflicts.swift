internal import GlossCore
internal import GlossStore

extension Checkers {
  /// I5: a conflict is shown exactly where two distinct values are heads of a field whose values are kept.
  ///
  /// A record that was deleted and edited, and a live child of a deleted record, are listed too.
  package static func conflictsAreShownWhereHeadsDiffer(_ history: History) -> [InvariantBreach] {
    var breaches: [InvariantBreach] = []
    for replica in history.observations {
      let expected = expectedConflicts(of: replica, schema: replica.schema)
      let shown = Set(replica.conflicts)
      for conflict in shown.subtracting(expected).sorted(by: { $0.key < $1.key }) {
        breaches.append(breach(replica, conflict, "is shown and there is none"))
      }
      for conflict in expected.subtracting(shown).sorted(by: { $0.key < $1.key }) {
        breaches.append(breach(replica, conflict, "is not shown"))
      }
    }
    return breaches
  }

  private static func breach(
    _ replica: ObservedReplica, _ conflict: OpenConflict, _ what: String
  ) -> InvariantBreach {
    InvariantBreach(
      "I5",
      "\(replica.name) at step \(replica.step): a conflict about \(conflict.field) of "
        + "\(conflict.key), \(conflict.reason), \(what)")
  }

  private static func expectedConflicts(
    of replica: ObservedReplica, schema: Schema
  ) -> Set<OpenConflict> {
    var expected: Set<OpenConflict> = []
    var views: [RecordKey: RecordView] = [:]
    for (key, model) in replica.models {
      if let kind = schema[key.kind] { views[key] = model.view(of: kind) }
    }
    for (key, view) in views {
      for conflict in view.conflicts {
        let reason: OpenConflict.Reason =
          conflict.reason == .values ? .values : .editedAndDeleted
        expected.insert(OpenConflict(key: key, field: conflict.field, reason: reason))
      }
      guard !view.isHidden, let kind = schema[key.kind] else { continue }
      for field in kind.fields {
        guard case .reference(let parentKind) = field.type,
          case .record(let id)? = view.values[field.name]
        else { continue }
        let parent = RecordKey(parentKind, id)
        if views[parent]?.isHidden == true {
          expected.insert(
            OpenConflict(key: key, field: field.name, reason: .parentDeleted(parent)))
        }
      }
    }
    return expected
  }
}
