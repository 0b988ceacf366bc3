internal import Glibc
internal import GlossCore

/// Where output goes, and what can be shown there.
struct Terminal {
  /// Whether it is a terminal, and no file or pipe.
  let isTerminal: Bool
  /// Its width in columns: 80 where it is none.
  let width: Int

  /// Standard output, as it was when the program began: a pager stands behind it later.
  static let output = Terminal(descriptor: STDOUT_FILENO)
  /// Standard error.
  static let messages = Terminal(descriptor: STDERR_FILENO)

  private init(descriptor: Int32) {
    isTerminal = isatty(descriptor) == 1
    var size = winsize()
    let isSized = isTerminal && ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0
    // Narrower ones break lines where they like.
    width = isSized ? max(20, Int(size.ws_col)) : 80
  }

  /// Whether colours are wanted here: what `--color` says, or else where this is a terminal that has them and `NO_COLOR` is not set
  /// (https://no-color.org).
  var takesColour: Bool {
    switch Wishes.current.withLock(\.colour) {
    case .always: true
    case .never: false
    case .auto:
      isTerminal && Surroundings.variable("NO_COLOR") == nil
        && Surroundings.variable("TERM").map { $0 != "dumb" } ?? false
    }
  }
}
