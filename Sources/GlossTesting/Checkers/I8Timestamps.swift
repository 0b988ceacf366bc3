internal import GlossCore

extension Checkers {
  /// I8: timestamps grow along every parent edge, of all changes that count.
  package static func timestampsGrowAlongParents(_ history: History) -> [InvariantBreach] {
    var breaches: [InvariantBreach] = []
    for replica in history.observations {
      let timestamps = Dictionary(
        replica.changes.map { ($0.dot, $0.timestamp) }, uniquingKeysWith: { first, _ in first })
      for change in replica.changes where !replica.quarantined.contains(change.dot) {
        for parent in change.writes.flatMap(\.parents) {
          guard let timestamp = timestamps[parent], !change.timestamp.mayFollow(timestamp) else {
            continue
          }
          breaches.append(
            InvariantBreach(
              "I8",
              "\(replica.name): \(change.dot) at \(change.timestamp) replaces \(parent) at "
                + "\(timestamp)"))
        }
      }
    }
    return breaches
  }
}
