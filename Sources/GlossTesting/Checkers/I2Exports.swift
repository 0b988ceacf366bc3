internal import GlossCore

extension Checkers {
  /// I2: whoever holds the same changes shows the same, byte for byte, at any two moments.
  package static func equalSetsGiveEqualExports(_ history: History) -> [InvariantBreach] {
    var firstBySet: [Set<Change>: ObservedReplica] = [:]
    var breaches: [InvariantBreach] = []
    for replica in history.observations {
      let set = Set(replica.changes)
      guard let first = firstBySet[set] else {
        firstBySet[set] = replica
        continue
      }
      guard !first.export.utf8.elementsEqual(replica.export.utf8) else { continue }
      breaches.append(
        InvariantBreach(
          "I2",
          "\(first.name) at step \(first.step) and \(replica.name) at step \(replica.step) hold "
            + "the same and show\n\(first.export)\nand\n\(replica.export)"))
    }
    return breaches
  }
}
