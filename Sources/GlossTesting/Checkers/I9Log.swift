internal import GlossCore

extension Checkers {
  /// I9: the hub's log is a causal linear extension: what a change names stands before it, and each origin's changes are in
  /// order and without gaps.
  package static func logIsACausalExtension(_ history: History) -> [InvariantBreach] {
    var breaches: [InvariantBreach] = []
    for log in history.logs {
      var vector = Vector()
      for entry in log.entries {
        if entry.first != vector[entry.origin] + 1 {
          breaches.append(
            InvariantBreach(
              "I9",
              "the log has \(entry.origin) up to \(vector[entry.origin]) and then from "
                + "\(entry.first)"))
        }
        for change in entry.changes {
          vector[entry.origin] = change.dot.seq
          let named = Set(change.writes.flatMap(\.parents) + change.covers)
          for dot in named.sorted() where !vector.contains(dot) {
            guard !log.isOfPutBackHub else { continue }
            breaches.append(
              InvariantBreach("I9", "the log has \(change.dot) before \(dot), which it names"))
          }
        }
        vector[entry.origin] = entry.last
      }
    }
    return breaches
  }
}
