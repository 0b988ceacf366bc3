internal import GlossCore
internal import GlossStore

extension Checkers {
  /// I10: after a full sync all replicas agree on all heads, and on everything that follows from them.
  package static func replicasAgreeAfterAFullSync(_ history: History) -> [InvariantBreach] {
    guard let first = history.end.first else { return [] }
    let changes = Set(first.changes)
    return history.end.dropFirst().flatMap { replica -> [InvariantBreach] in
      var breaches: [InvariantBreach] = []
      let others = Set(replica.changes)
      if others != changes {
        let missing = changes.subtracting(others).map(\.dot).sorted()
        let extra = others.subtracting(changes).map(\.dot).sorted()
        breaches.append(
          InvariantBreach(
            "I10",
            "\(replica.name) lacks \(missing) of \(first.name), and has \(extra) besides"))
      }
      for (key, shown) in first.records.sorted(by: { $0.key < $1.key })
      where replica.schema[key.kind] != nil && replica.records[key]?.heads != shown.heads {
        breaches.append(
          InvariantBreach(
            "I10", "\(first.name) and \(replica.name) disagree about the heads of \(key)"))
      }
      return breaches
    }
  }
}
