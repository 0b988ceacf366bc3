extension Checkers {
  /// I6: the number of changes is constant while nobody edits.
  ///
  /// A copy that finds out makes its changes again under another identifier; they are the same writes.
  package static func changesAreConstantAtRest(_ history: History) -> [InvariantBreach] {
    let new = history.writesInTheEnd.subtracting(history.writesAtRest)
    let gone = history.writesAtRest.subtracting(history.writesInTheEnd)
    return new.map { InvariantBreach("I6", "\($0) came although nobody edited") }
      + gone.map { InvariantBreach("I6", "\($0) went although nobody edited") }
  }
}
