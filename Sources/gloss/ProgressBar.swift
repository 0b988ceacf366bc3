internal import GlossCore
internal import GlossFormats
internal import GlossStore

/// Shows a ``Progress`` on the last line of a terminal, once it lasts, until it ends.
final class ProgressBar: Sendable {
  private struct State {
    var progress: Progress
    /// When it was drawn last; `nil` while it is not.
    var drawn: UInt64?
  }

  private let state: Locked<State>
  private let began: UInt64
  private let columns: Int
  private let clock: @Sendable () -> UInt64
  private let write: @Sendable (String) -> Void

  /// What lasts less than this many milliseconds shows nothing.
  static let patience: UInt64 = 500
  /// The milliseconds between two drawings.
  static let interval: UInt64 = 100

  /// The one that is shown, which other messages have to go before.
  private static let current = Locked<ProgressBar?>(nil)

  /// - Parameters:
  ///   - title: What is done, in a word.
  ///   - unit: What is counted, in the plural.
  ///   - columns: The terminal's width.
  ///   - clock: Milliseconds, from any moment on.
  ///   - write: Writes to the terminal at once.
  init(
    _ title: String, unit: String, columns: Int, clock: @escaping @Sendable () -> UInt64,
    write: @escaping @Sendable (String) -> Void
  ) {
    began = clock()
    state = Locked(State(progress: Progress(title, unit: unit, at: began)))
    self.columns = columns
    self.clock = clock
    self.write = write
  }

  /// Takes in how much is done, and shows it where it is time to.
  func advance(to done: Int, of total: Int?) {
    let now = clock()
    let line = state.withLock { state -> String? in
      state.progress.advance(to: done, of: total, at: now)
      guard now >= began + Self.patience, now >= (state.drawn ?? 0) + Self.interval else {
        return nil
      }
      state.drawn = now
      return state.progress.line(columns: columns, at: now)
    }
    if let line { write("\r" + line + "\u{1B}[K") }
  }

  /// Takes in how far an export, an import or a backup is.
  func advance(_ progress: ExportProgress) {
    advance(
      to: Int(clamping: progress.doneCount), of: progress.totalCount.map { Int(clamping: $0) })
  }

  /// Takes it off the terminal. It may come back.
  func erase() {
    let isDrawn = state.withLock { state in
      defer { state.drawn = nil }
      return state.drawn != nil
    }
    if isDrawn { write("\r\u{1B}[K") }
  }

  /// Does something that may last, with a bar where a person can see one: standard error is a terminal, and nobody wants silence.
  static func during<T>(
    _ title: String, unit: String = "records", _ work: (ProgressBar?) throws -> T
  ) rethrows -> T {
    let bar = begin(title, unit: unit)
    defer { end(bar) }
    return try work(bar)
  }

  /// Does something asynchronous that may last.
  static func during<T>(
    _ title: String, unit: String = "records", _ work: (ProgressBar?) async throws -> T
  ) async rethrows -> T {
    let bar = begin(title, unit: unit)
    defer { end(bar) }
    return try await work(bar)
  }

  /// Takes what is shown off the terminal, before something else is written to it.
  static func clear() { current.withLock(\.self)?.erase() }

  /// Begins a bar, which ``end(_:)`` takes off, where a person can see one.
  static func begin(_ title: String, unit: String = "records") -> ProgressBar? {
    guard Terminal.messages.isTerminal, !Wishes.current.withLock(\.isQuiet) else { return nil }
    let bar = ProgressBar(
      title, unit: unit, columns: Terminal.messages.width, clock: Surroundings.clock,
      write: Output.draw)
    current.withLock { $0 = bar }
    return bar
  }

  static func end(_ bar: ProgressBar?) {
    guard let bar else { return }
    bar.erase()
    current.withLock { $0 = nil }
  }
}
