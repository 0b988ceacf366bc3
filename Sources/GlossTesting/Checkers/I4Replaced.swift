internal import GlossCore

extension Checkers {
  /// I4: no write replaces a version that its author was not shown, as it was made and as everybody has it in the end.
  ///
  /// Only where a register has more heads than it may keep does an edit name some that nobody was shown.
  package static func writesReplaceOnlyWhatWasShown(_ history: History) -> [InvariantBreach] {
    var breaches: [InvariantBreach] = []
    var finalByDot: [Dot: Change] = [:]
    for change in history.end.flatMap(\.changes) { finalByDot[change.dot] = change }
    for edit in history.acknowledged {
      for write in edit.change.writes where write.parents.count < Limits.heads {
        for parent in write.parents {
          guard edit.basis.heads[write.field]?.contains(parent) ?? false else {
            breaches.append(breach(edit, write.field, parent, "which the author was not shown"))
            continue
          }
          // The same identity may come to name another change, where a copy of the file went on unnoticed.
          guard finalByDot[edit.change.dot] == edit.change, let final = finalByDot[parent],
            let shown = edit.shown[parent], final != shown
          else { continue }
          breaches.append(breach(edit, write.field, parent, "which has become another change"))
        }
      }
      for covered in edit.change.covers where !edit.basis.dots.contains(covered) {
        breaches.append(breach(edit, Field.deleted, covered, "which the author was not shown"))
      }
    }
    return breaches
  }

  private static func breach(
    _ edit: History.Acknowledged, _ field: Name, _ parent: Dot, _ why: String
  ) -> InvariantBreach {
    InvariantBreach(
      "I4",
      "\(edit.change.dot) of \(edit.name) at step \(edit.step) replaces \(parent) in \(field), "
        + why)
  }
}
