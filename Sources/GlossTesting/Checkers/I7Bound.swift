internal import GlossCore

extension Checkers {
  /// I7: heads per register never exceed 32 + the number of replicas.
  package static func headsAreBounded(_ history: History) -> [InvariantBreach] {
    history.observations.flatMap { replica in
      let bound = Limits.heads + Set(replica.changes.map(\.dot.replica)).count
      return replica.records.flatMap { key, shown in
        shown.heads.filter { $0.value.count > bound }.map { field, heads in
          InvariantBreach(
            "I7", "\(replica.name): \(field) of \(key) has \(heads.count) heads, over \(bound)")
        }
      }
    }
  }
}
