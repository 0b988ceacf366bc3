import GlossCore
import GlossStore
import GlossSync
import Testing

@testable import gloss

/// What a bar shows, and when.
@Suite struct ProgressTests {
  private func progress(_ steps: [(UInt64, Int)], of total: Int?) -> Progress {
    var progress = Progress("checking", unit: "records", at: 0)
    for (time, done) in steps { progress.advance(to: done, of: total, at: time) }
    return progress
  }

  @Test func `a line has bar, share, rate and the time that is left`() {
    let half = progress([(1_000, 500), (2_000, 1_000)], of: 2_000)
    #expect(half.rate == 500)
    #expect(half.secondsLeft == 2)
    #expect(
      half.line(columns: 80, at: 2_000)
        == "checking  [####################--------------------]   50%  500/s  0:02 left")
  }

  @Test(arguments: [20, 30, 40, 60, 80, 160]) func `no line reaches a terminal's last column`(
    columns: Int
  ) {
    let totals: [Int?] = [nil, 0, 1, 2_000, 3_000_000_000]
    for total in totals {
      for done in [0, 1, 1_000, 12_345_678] {
        let line = progress([(1_000, done)], of: total).line(columns: columns, at: 7_000)
        #expect(line.count < columns, "\(line)")
        #expect(line.hasPrefix("checking"))
      }
    }
  }

  @Test func `in 40 columns the rate goes first and the bar stays`() {
    let half = progress([(1_000, 500), (2_000, 1_000)], of: 2_000)
    #expect(half.line(columns: 40, at: 2_000) == "checking  [#####-----]   50%  0:02 left")
    #expect(half.line(columns: 24, at: 2_000) == "checking   50%")
  }

  @Test func `where nobody knows how much there is it counts`() {
    let some = progress([(1_000, 12_000), (61_000, 732_000)], of: nil)
    #expect(some.line(columns: 80, at: 61_000) == "checking  732k records  12k/s  1:01")
    #expect(some.secondsLeft == nil)
  }

  @Test func `a rate is smoothed, so that one slow step is no other forecast`() throws {
    let slow = progress([(1_000, 1_000), (2_000, 2_000), (3_000, 2_000)], of: 10_000)
    let rate = try #require(slow.rate)
    #expect(rate > 600 && rate < 1_000)
    // After a long while only what is now counts.
    let other = progress([(1_000, 1_000), (60_000, 1_000)], of: 10_000)
    #expect(other.rate.map { $0 < 1 } ?? false)
  }

  @Test func `more than was foretold is all, and a clock that goes back harms nothing`() {
    let over = progress([(1_000, 30), (500, 40)], of: 20)
    #expect(over.line(columns: 80, at: 500).contains("100%"))
  }

  @Test func `what is counted anew has a rate of its own`() {
    var progress = progress([(1_000, 500_000), (2_000, 1_000_000)], of: 2_000_000)
    progress.advance(to: 10, of: nil, at: 3_000)
    #expect(progress.rate == nil)
    progress.advance(to: 110, of: nil, at: 4_000)
    #expect(progress.line(columns: 80, at: 4_000) == "checking  110 records  100/s  0:04")
  }

  @Test func `a sync shows its share of what is unsent, and what comes`() {
    var unsent = Unsent()
    (unsent.changeCount, unsent.byteCount) = (10, 1_000)
    (unsent.blobCount, unsent.blobByteCount) = (4, 9_000)
    var sync = SyncProgress(unsent)
    func isNow(_ done: Int, _ total: Int?) -> Bool { sync.now == (done, total) }
    #expect(isNow(0, 10_000))
    // A page comes, and is here.
    sync.note(sent: 50, received: 40)
    sync.note(sent: 0, received: 4_000)
    #expect(isNow(4_040, nil))
    var report = SyncReport()
    sync.note(report)
    // Two of the texts go, compressed to a third.
    sync.note(sent: 1_000, received: 0)
    #expect(isNow(2_000, 10_000))
    sync.note(sent: 500, received: 0)
    report.sentBlobs = 2
    sync.note(report)
    #expect(isNow(4_500, 10_000))
    sync.note(sent: 310, received: 0)
    let done = sync.now.done
    #expect(done > 5_300 && done < 5_500)
    sync.note(sent: 1_000_000, received: 0)
    #expect(isNow(10_000, 10_000))
    (report.sentBlobs, report.pushedChanges) = (4, 10)
    sync.note(report)
    sync.note(sent: 100, received: 60)
    #expect(isNow(4_100, nil))
  }

  /// A clock that is set, and what was drawn.
  private final class Stage: Sendable {
    private let state = Locked((now: UInt64(0), drawn: [String]()))
    var now: UInt64 {
      get { state.withLock(\.now) }
      set { state.withLock { $0.now = newValue } }
    }
    var drawn: [String] { state.withLock(\.drawn) }
    func draw(_ text: String) { state.withLock { $0.drawn.append(text) } }
  }

  private func bar(on stage: Stage) -> ProgressBar {
    ProgressBar(
      "checking", unit: "records", columns: 80, clock: { stage.now }, write: { stage.draw($0) })
  }

  @Test func `what lasts less than half a second shows nothing`() {
    let stage = Stage()
    let bar = bar(on: stage)
    for time in stride(from: 0, to: 500, by: 50) {
      stage.now = UInt64(time)
      bar.advance(to: time, of: 1_000)
    }
    bar.erase()
    #expect(stage.drawn.isEmpty)
  }

  @Test func `it is drawn ten times a second at most, and leaves nothing`() {
    let stage = Stage()
    let bar = bar(on: stage)
    for time in 0...1_000 {
      stage.now = UInt64(time)
      bar.advance(to: time, of: 1_000)
    }
    #expect(stage.drawn.count == 6)
    #expect(stage.drawn.allSatisfy { $0.hasPrefix("\rchecking  [") && $0.hasSuffix("\u{1B}[K") })
    bar.erase()
    bar.erase()
    #expect(stage.drawn.count == 7)
    #expect(stage.drawn.last == "\r\u{1B}[K")
  }
}
