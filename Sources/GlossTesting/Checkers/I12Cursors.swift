internal import GlossCore

extension Checkers {
  /// I12: no cursor passes a change that was not applied, or kept aside where it could not be.
  package static func cursorsPassOnlyWhatWasApplied(_ history: History) -> [InvariantBreach] {
    var breaches: [InvariantBreach] = []
    for standing in history.standings {
      for entry in standing.passed {
        let held = max(standing.vector[entry.origin], standing.setAside[entry.origin])
        guard held < entry.last else { continue }
        breaches.append(
          InvariantBreach(
            "I12",
            "\(standing.name) at step \(standing.step) is past \(entry.origin) "
              + "\(entry.first)-\(entry.last) and holds \(held)"))
      }
    }
    return breaches
  }
}
