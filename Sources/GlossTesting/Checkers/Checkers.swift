/// The checkers of the invariants of Documentation/Testing.md.
package enum Checkers {
  package typealias Checker = @Sendable (History) -> [InvariantBreach]

  /// All of them, by the invariant's name.
  package static let all: [(name: String, check: Checker)] = [
    ("I1", headsAreAFunctionOfTheChanges),
    ("I2", equalSetsGiveEqualExports),
    ("I3", acknowledgedValuesAreReachable),
    ("I4", writesReplaceOnlyWhatWasShown),
    ("I5", conflictsAreShownWhereHeadsDiffer),
    ("I6", changesAreConstantAtRest),
    ("I7", headsAreBounded),
    ("I8", timestampsGrowAlongParents),
    ("I9", logIsACausalExtension),
    ("I10", replicasAgreeAfterAFullSync),
    ("I11", recordsDisappearOnlyByDeletes),
    ("I12", cursorsPassOnlyWhatWasApplied),
  ]

  /// Returns every breach that one of them finds.
  package static func check(_ history: History) -> [InvariantBreach] {
    all.flatMap { $0.check(history) }
  }
}
