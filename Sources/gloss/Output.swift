@preconcurrency internal import Glibc
internal import GlossCore

/// What goes to standard output and standard error.
enum Output {
  /// Writes data to standard output. What is content has gone through ``Text/safe(_:)`` or through the JSON writer.
  static func write(_ text: String) {
    put(text, to: stdout)
  }

  /// Writes bytes to standard output: what is content in them is escaped.
  static func write(bytes: [UInt8]) {
    bytes.withUnsafeBytes { _ = fwrite($0.baseAddress, 1, $0.count, stdout) }
  }

  /// Writes a line to standard output.
  static func line(_ text: String = "") {
    put(text, to: stdout)
    putc(0x0A, stdout)
  }

  /// Writes a line that is not data to standard error, unless `--quiet` asks for silence.
  ///
  /// Where a pager shows what was printed, it comes when that has ended: the two would write over each other.
  static func note(_ text: String) {
    guard !Wishes.current.withLock(\.isQuiet) else { return }
    if Pager.isRunning { waitingNotes.withLock { $0.append(text) } } else { complain(text) }
  }

  private static let waitingNotes = Locked<[String]>([])

  /// Writes about what went wrong to standard error: on a terminal in lines that fit.
  static func complain(_ text: String) {
    let terminal = Terminal.messages
    let lines = terminal.isTerminal ? Text.lines(text, width: terminal.width) : [text]
    for line in lines { put(line + "\n", to: stderr) }
  }

  /// Writes out what is buffered, before something is asked about it.
  static func flush() { fflush(stdout) }

  /// Writes to standard error at once, what is drawn over what was drawn before.
  static func draw(_ text: String) {
    put(text, to: stderr, isMessage: false)
    fflush(stderr)
  }

  /// Asks something on standard error, where the answer stands behind it.
  static func ask(_ question: String) {
    put(question, to: stderr)
  }

  /// Writes out what is buffered, and waits for the pager; ends the program where standard output does not take it.
  static func finish() {
    guard fflush(stdout) == 0, ferror(stdout) == 0 else {
      Failure(
        .inputOutput, "standard output could not be written: \(String(cString: strerror(errno)))",
        hint: "what it goes to is closed, or its disk is full"
      ).report()
      exit(Status.inputOutput.rawValue)
    }
    Pager.finish()
    for note in waitingNotes.withLock(\.self) { complain(note) }
    waitingNotes.withLock { $0 = [] }
  }

  /// - Parameter isMessage: Whether it takes a line of its own, which a bar has to make room for.
  private static func put(
    _ text: String, to file: UnsafeMutablePointer<FILE>?, isMessage: Bool = true
  ) {
    if isMessage { ProgressBar.clear() }
    var text = text
    text.withUTF8 { buffer in
      _ = fwrite(buffer.baseAddress, 1, buffer.count, file)
    }
  }
}
