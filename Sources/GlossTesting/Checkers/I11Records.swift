internal import GlossCore
internal import GlossStore

extension Checkers {
  /// I11: no record disappears without a delete: a sync takes none away, and what is hidden was deleted by somebody.
  package static func recordsDisappearOnlyByDeletes(_ history: History) -> [InvariantBreach] {
    var breaches: [InvariantBreach] = []
    for sync in history.syncs {
      for key in sync.before.subtracting(sync.after).sorted() {
        breaches.append(
          InvariantBreach("I11", "\(key) was gone from \(sync.name) after step \(sync.step)"))
      }
    }
    for replica in history.observations {
      let models = replica.models
      for (key, shown) in replica.records.sorted(by: { $0.key < $1.key }) where shown.isHidden {
        let isDeleted = models[key]?.view(of: replica.schema[key.kind]).isHidden ?? false
        if !isDeleted {
          breaches.append(
            InvariantBreach(
              "I11",
              "\(replica.name) at step \(replica.step) hides \(key), which nobody deleted as it is")
          )
        }
      }
    }
    return breaches
  }
}
