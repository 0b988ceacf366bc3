internal import GlossCore
internal import GlossStore

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
          guard edit.showed(parent, in: write.field) else {
            breaches.append(breach(edit, write.field, parent, "which the author was not shown"))
            continue
          }
          // The same identity may come to name another change, where a copy of the file went on unnoticed.
          guard finalByDot[edit.change.dot] == edit.change, let final = finalByDot[parent],
            let shown = edit.replaced[parent] ?? edit.shown[parent], !final.isSame(as: shown)
          else { continue }
          breaches.append(breach(edit, write.field, parent, "which has become another change"))
        }
      }
      for covered in edit.change.covers where !edit.showed(covered) {
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

extension History.Acknowledged {
  /// Whether a change that is replaced wrote to a field what one did that the author was shown: what they saw may have other names
  /// by now.
  fileprivate func showed(_ parent: Dot, in field: Name) -> Bool {
    let seen = basis.heads[field] ?? []
    guard let replaced = replaced[parent] else { return seen.contains(parent) }
    return seen.contains { dot in
      guard let change = shown[dot] else { return false }
      let value = replaced.write(to: field)?.value
      // An edit names every head that says what its author saw: an undo says again what was there before.
      if value == change.write(to: field)?.value { return true }
      // What has been replaced meanwhile may have been dropped.
      return change.timestamp == replaced.timestamp && value?.isLeftOut == true
    }
  }

  /// Whether a change that is covered says what one says that the author was shown.
  fileprivate func showed(_ covered: Dot) -> Bool {
    guard let replaced = replaced[covered] else { return basis.dots.contains(covered) }
    func signatures(_ change: Change) -> Set<WriteSignature> {
      Set(change.writes.map { WriteSignature(change, $0) })
    }
    return basis.dots.contains { shown[$0].map(signatures) == signatures(replaced) }
  }
}
