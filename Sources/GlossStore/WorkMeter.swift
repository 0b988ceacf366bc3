/// Is told how much of a long piece of work is done, and of how much.
public typealias WorkProgress = @Sendable (_ done: Int, _ total: Int) -> Void

/// Counts the steps of a long piece of work, and tells of every thousandth or so.
final class WorkMeter {
  private let total: Int
  private let tell: WorkProgress?
  private var done = 0

  init(total: Int, _ tell: WorkProgress?) {
    self.total = total
    self.tell = tell
  }

  func advance(by steps: Int = 1) {
    let before = done
    done += steps
    if before >> 10 != done >> 10 { tell?(min(done, total), total) }
  }
}

extension Transaction {
  /// The number of all changes.
  func changeCount() throws(StoreError) -> Int {
    let statement = try prepare("SELECT coalesce(sum(last_seq), 0) FROM _replica")
    _ = try statement.step()
    return Int(statement.integer(at: 0))
  }
}
