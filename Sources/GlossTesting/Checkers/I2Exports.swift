internal import GlossCore

extension Checkers {
  /// I2: whoever holds the same changes shows the same, byte for byte, at any two moments.
  package static func equalSetsGiveEqualExports(_ history: History) -> [InvariantBreach] {
    // What is shown depends on the kinds that a program knows, too.
    struct Basis: Hashable {
      let changes: Set<Change>
      let kinds: [Name]
      let fields: [Name]
    }
    var firstBySet: [Basis: ObservedReplica] = [:]
    var breaches: [InvariantBreach] = []
    for replica in history.observations {
      let set = Basis(
        changes: Set(replica.changes), kinds: replica.schema.kinds.map(\.name),
        fields: replica.schema.kinds.flatMap(\.fields).map(\.name))
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
