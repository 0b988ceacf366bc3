internal import GlossCore

/// Changes of one replica that stand next to each other.
struct OperationRun: Hashable {
  let replica: ReplicaID
  let numbers: ClosedRange<UInt64>

  /// The runs with the names that the changes have after renamings, one after another.
  func renamed(by renamings: some Sequence<Renaming>) -> [OperationRun] {
    var runs = [self]
    for renaming in renamings {
      runs = runs.flatMap { run -> [OperationRun] in
        let (first, last) = (run.numbers.lowerBound, run.numbers.upperBound)
        guard renaming.origin == run.replica, renaming.first <= last else { return [run] }
        let start = max(first, renaming.first)
        let moved = OperationRun(
          replica: renaming.branch,
          numbers: start - renaming.first + 1...last - renaming.first + 1)
        guard start > first else { return [moved] }
        return [OperationRun(replica: run.replica, numbers: first...start - 1), moved]
      }
    }
    return runs
  }
}
