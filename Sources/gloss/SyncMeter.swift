internal import Gloss
internal import GlossCore
internal import GlossStore
internal import GlossSync

/// Shows how far a sync is where a person can see it: while more is sent than received with the share that the hub has of what was unsent, and else with the
/// bytes that came, of which nobody knows how many they will be.
final class SyncMeter: Sendable {
  private struct State {
    let bar: ProgressBar?
    var progress: SyncProgress
  }

  private let state = Locked<State?>(nil)

  /// Begins to show it.
  func begin(_ unsent: Unsent, _ bar: ProgressBar?) {
    state.withLock { $0 = State(bar: bar, progress: SyncProgress(unsent)) }
  }

  /// Takes in what is sent and received while a request goes on.
  @Sendable func note(sent: Int, received: Int) {
    show { $0.note(sent: sent, received: received) }
  }

  /// Takes in what the requests have come to so far.
  @Sendable func note(_ report: SyncReport) {
    show { $0.note(report) }
  }

  private func show(_ change: (inout SyncProgress) -> Void) {
    let state = state.withLock { state in
      if state != nil { change(&state!.progress) }
      return state
    }
    guard let state else { return }
    let now = state.progress.now
    state.bar?.advance(to: now.done, of: now.total)
  }
}

/// How far a sync is, in bytes.
struct SyncProgress {
  /// What there is to send, as it is here: it travels compressed and sealed.
  private let unsent: Unsent
  /// How much of that the hub has, and how many bytes were sent for it.
  private var confirmed = 0
  private var sentForConfirmed = 0
  private var sent = 0
  private var received = 0
  /// The same of the request under way.
  private var request = (sent: 0, received: 0)

  init(_ unsent: Unsent) { self.unsent = unsent }

  mutating func note(sent: Int, received: Int) {
    self.sent += sent
    self.received += received
    request.sent += sent
    request.received += received
  }

  mutating func note(_ report: SyncReport) {
    func share(_ byteCount: Int, _ part: Int, of count: Int) -> Int {
      count > 0 ? Int(Double(byteCount) * Double(min(part, count)) / Double(count)) : 0
    }
    confirmed =
      share(unsent.byteCount, report.pushedChanges, of: unsent.changeCount)
      + share(unsent.blobByteCount, report.sentBlobs, of: unsent.blobCount)
    sentForConfirmed = sent
    request = (0, 0)
  }

  /// How many bytes are done, of how many where that is known.
  var now: (done: Int, total: Int?) {
    let total = unsent.byteCount + unsent.blobByteCount
    guard confirmed < total, request.sent >= request.received else { return (received, nil) }
    // Until the hub has something, as much as text mostly comes to.
    let ratio = confirmed > 0 ? Double(confirmed) / Double(max(sentForConfirmed, 1)) : 2
    return (min(total, confirmed + Int(Double(sent - sentForConfirmed) * ratio)), total)
  }
}
