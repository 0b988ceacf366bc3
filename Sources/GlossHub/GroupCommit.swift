/// Runs writes one group at a time, one durable commit for all that wait.
///
/// Every commit costs a flush to disk, which takes longer than the writes themselves. So whatever has come in while one
/// commit was under way becomes the next group, and everybody is answered once it is on disk. No timer is involved: a write
/// that comes alone is committed alone, at once.
///
/// The writer that finds nobody at it leads: it commits its own write with all that wait, and then passes the lead to
/// one of those who came meanwhile, so that nobody works for others after having its own answer.
actor GroupCommit<Write: Sendable, Outcome: Sendable> {
  private enum Turn: Sendable {
    case done(Outcome)
    case lead
  }

  private let commit: @Sendable ([Write]) async -> [Outcome]
  private var waiting: [(write: Write, continuation: CheckedContinuation<Turn, Never>)] = []
  private var isLed = false

  /// - Parameter commit: Commits a group and returns what became of each write, in their order.
  init(_ commit: @escaping @Sendable ([Write]) async -> [Outcome]) {
    self.commit = commit
  }

  /// Returns what became of `write`, once it is on disk or undone. Cancelling the caller's task does not stop it.
  func perform(_ write: Write) async -> Outcome {
    if isLed {
      let turn = await withCheckedContinuation { waiting.append((write, $0)) }
      if case .done(let outcome) = turn { return outcome }
    }
    isLed = true
    let group = waiting
    waiting = []
    let outcomes = await commit([write] + group.map(\.write))
    for (member, outcome) in zip(group, outcomes.dropFirst()) {
      member.continuation.resume(returning: .done(outcome))
    }
    if waiting.isEmpty {
      isLed = false
    } else {
      waiting.removeFirst().continuation.resume(returning: .lead)
    }
    return outcomes[0]
  }
}
