internal import GRDB
internal import GlossWire

/// Runs writes on one connection, one durable commit for all that wait.
///
/// Every commit costs a flush to disk, which takes longer than the writes themselves. So whatever has come in while one
/// commit was under way becomes the next transaction, a savepoint for each write, and everybody is answered once it
/// is on disk. No timer is involved: a write that comes alone is committed alone, at once.
///
/// The writer that finds nobody at it leads: it commits its own write with all that wait, and then passes the lead to
/// one of those who came meanwhile, so that nobody works for others after having its own answer.
actor GroupCommit {
  /// A write. It returns why it was refused, which keeps what it wrote, and throws to undo what it wrote.
  typealias Work = @Sendable (Database) throws -> Problem?
  /// What became of a write: on disk, perhaps refused, or undone.
  typealias Outcome = Result<Problem?, any Error>

  private enum Turn: Sendable {
    case done(Outcome)
    case lead
  }

  private let writer: any DatabaseWriter
  private var waiting: [(work: Work, continuation: CheckedContinuation<Turn, Never>)] = []
  private var isLed = false

  init(_ writer: any DatabaseWriter) {
    self.writer = writer
  }

  /// Runs `work` and returns once it is on disk or undone. Cancelling the caller's task does not stop it.
  func perform(_ work: @escaping Work) async -> Outcome {
    if isLed {
      let turn = await withCheckedContinuation { waiting.append((work, $0)) }
      if case .done(let outcome) = turn { return outcome }
    }
    isLed = true
    let group = waiting
    waiting = []
    let outcomes = await commit([work] + group.map(\.work))
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

  /// Commits the group on the writer's own queue: SQLite blocks, and the cooperative pool must not.
  private func commit(_ group: [Work]) async -> [Outcome] {
    await withCheckedContinuation { continuation in
      writer.asyncWriteWithoutTransaction { database in
        var outcomes: [Outcome] = []
        do {
          try database.inTransaction(.immediate) {
            outcomes = try group.map { try Self.outcome(of: $0, in: database) }
            return .commit
          }
        } catch {
          outcomes = group.map { _ in .failure(error) }
        }
        continuation.resume(returning: outcomes)
      }
    }
  }

  /// Runs one write in a savepoint.
  ///
  /// - Throws: What made SQLite give up the whole transaction, as a full disk may.
  private static func outcome(of work: Work, in database: Database) throws -> Outcome {
    do {
      var problem: Problem?
      try database.inSavepoint {
        problem = try work(database)
        return .commit
      }
      return .success(problem)
    } catch {
      guard database.isInsideTransaction else { throw error }
      return .failure(error)
    }
  }
}
