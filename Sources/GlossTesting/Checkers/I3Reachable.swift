package import GlossCore
internal import GlossStore

extension Checkers {
  /// I3: every acknowledged value is a head, or an ancestor of a head, on every replica in the end.
  ///
  /// That the ancestor's descendants were made by somebody who saw it is what I4 checks of each of them.
  package static func acknowledgedValuesAreReachable(_ history: History) -> [InvariantBreach] {
    history.end.flatMap { replica in
      unreachable(history, on: replica).map { edit, write in
        InvariantBreach(
          "I3",
          "\(replica.name) lost \(WriteSignature(edit.change, write)), which \(edit.name) "
            + "confirmed at step \(edit.step) as \(edit.change.dot)")
      }
    }
  }

  /// Returns the acknowledged writes that a replica lost.
  package static func unreachable(
    _ history: History, on replica: ObservedReplica
  ) -> [(edit: History.Acknowledged, write: Write)] {
    var reachable: Set<WriteSignature> = []
    for model in replica.models.values {
      for (field, heads) in model.heads {
        for head in heads {
          for dot in model.ancestors(of: head, in: field) {
            guard let change = model.changes[dot], let write = change.write(to: field) else {
              continue
            }
            if history.promises.areLargeValuesKept, case .blob(let blob) = write.value,
              !replica.blobs.contains(blob), dot == head || !history.letGo.contains(blob)
            {
              continue
            }
            reachable.insert(WriteSignature(change, write))
          }
        }
      }
    }
    var lost: [(History.Acknowledged, Write)] = []
    for edit in history.acknowledged {
      for write in edit.change.writes {
        let signature = WriteSignature(edit.change, write)
        if !reachable.contains(signature), !history.destroyed.contains(signature) {
          lost.append((edit, write))
        }
      }
    }
    return lost
  }
}
