@preconcurrency internal import Glibc

/// The terminal at standard input while it does not show what is typed.
///
/// However the program ends meanwhile (Ctrl-C, a lost connection, `kill`), the terminal shows again what is typed before it does, and
/// the shell learns which signal it was; `readpassphrase(3)` does the same. A program that was stopped (Ctrl-Z) and goes on asks again.
/// What is told to end the program and ignored, as below `nohup`, stays so.
///
/// A handler does all of this itself, with calls that a handler may make, because the thread that waits for an answer need not
/// be the one that hears of the signal.
enum SilentTerminal {
  /// What a handler needs.
  private struct State {
    /// The terminal as it was.
    var shown = termios()
    /// Whether the answer is still waited for.
    var isAsking = false
    var question: UnsafeMutablePointer<CChar>?
    var questionSize = 0
  }

  // A handler can take no lock. This is written as a whole while no handler is installed; meanwhile only `isAsking` is, a byte that a
  // handler sees as it was or as it is, and either is true at that moment.
  nonisolated(unsafe) private static var state = State()

  private static let endings = [SIGINT, SIGQUIT, SIGTERM, SIGHUP]

  /// Asks on standard error and runs `answer` while the terminal is silent. One at a time.
  static func ask<Answer>(_ question: String, answer: () throws -> Answer) rethrows -> Answer {
    let text = strdup(question)
    var shown = termios()
    tcgetattr(STDIN_FILENO, &shown)
    state = State(
      shown: shown, isAsking: true, question: text, questionSize: text.map { strlen($0) } ?? 0)
    let former = (endings + [SIGTSTP]).map { ($0, handle($0)) }
    defer {
      state.isAsking = false
      show()
      for (signal, action) in former {
        guard var action else { continue }
        sigaction(signal, &action, nil)
      }
      state = State()
      free(text)
    }
    begin()
    return try answer()
  }

  /// Lets a signal end or stop the program only once the terminal is as it was. Returns what it did before, or `nil` where it was
  /// ignored, and is.
  private static func handle(_ signal: Int32) -> sigaction? {
    var former = sigaction()
    guard sigaction(signal, nil, &former) == 0 else { return nil }
    // `SIG_IGN` cannot be compared, only its address.
    let isIgnored =
      former.sa_flags & SA_SIGINFO == 0
      && unsafeBitCast(former.__sigaction_handler.sa_handler, to: Int.self) == 1
    if isIgnored { return nil }
    var action = sigaction()
    // The handler raises its own signal again, and what was being read is read on after a stop.
    action.sa_flags = SA_NODEFER | SA_RESTART
    action.__sigaction_handler.sa_handler = { signal in
      let code = errno
      SilentTerminal.show()
      Glibc.signal(signal, SIG_DFL)
      raise(signal)
      // It was a stop, and it is over.
      _ = SilentTerminal.handle(signal)
      if SilentTerminal.state.isAsking { SilentTerminal.begin() }
      errno = code
    }
    sigaction(signal, &action, nil)
    return former
  }

  /// Makes the terminal silent and asks. What was typed before is thrown away, and nothing of what is typed afterwards.
  private static func begin() {
    var silent = state.shown
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
    _ = write(STDERR_FILENO, state.question, state.questionSize)
  }

  private static func show() {
    var shown = state.shown
    tcsetattr(STDIN_FILENO, TCSANOW, &shown)
    var end = UInt8(ascii: "\n")
    _ = write(STDERR_FILENO, &end, 1)
  }
}
