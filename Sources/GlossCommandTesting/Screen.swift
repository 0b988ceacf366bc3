internal import Foundation

/// A terminal of the system's own making with a width, at which commands run and a test types.
package struct Screen: Sendable {
  /// What a test types once the terminal shows some text, counted from where the one before was found.
  package struct Answer: Sendable {
    let question: String
    let keys: String

    /// Types `keys` when `question` stands on the screen. A line ends with `\n`.
    package init(to question: String, _ keys: String) {
      self.question = question
      self.keys = keys
    }
  }

  package let columns: Int

  package init(columns: Int = 80) { self.columns = columns }

  /// Runs the command with a machine's library. There is no pager and there are colours, unless `environment` says otherwise.
  ///
  /// - Returns: Its status, and as its output all that the terminal showed, standard error included, with plain line ends.
  package func gloss(
    _ arguments: String..., on machine: Machine, environment: [String: String] = [:],
    typing answers: [Answer] = []
  ) throws -> Outcome {
    try run(arguments, on: machine, environment: environment, typing: answers)
  }

  /// Does what ``gloss(_:on:environment:typing:)`` does, with arguments that were put together.
  package func run(
    _ arguments: [String], on machine: Machine, environment: [String: String] = [:],
    typing answers: [Answer] = []
  ) throws -> Outcome {
    var own: Int32 = -1
    var terminal: Int32 = -1
    var size = winsize(ws_row: 40, ws_col: UInt16(columns), ws_xpixel: 0, ws_ypixel: 0)
    guard openpty(&own, &terminal, nil, nil, &size) == 0 else { throw Unmet("no terminal") }
    defer { close(own) }
    for descriptor in [own, terminal] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/setsid")
    process.arguments = ["--ctty", "--wait", try Machine.executable("gloss")] + arguments
    process.currentDirectoryURL = URL(filePath: machine.folder)
    process.environment = [
      "GLOSS_LIBRARY": machine.libraryPath, "HOME": machine.folder, "TMPDIR": machine.folder,
      "PATH": "/usr/bin:/bin", "TERM": "xterm-256color", "PAGER": "",
      "SWIFT_BACKTRACE": "enable=no",
    ].merging(environment) { $1 }
    let file = FileHandle(fileDescriptor: terminal, closeOnDealloc: false)
    process.standardInput = file
    process.standardOutput = file
    process.standardError = file
    do { try process.run() } catch {
      close(terminal)
      throw error
    }
    close(terminal)
    let shown = try read(own, typing: answers)
    process.waitUntilExit()
    return Outcome(
      status: process.terminationStatus, output: shown.replacing("\r\n", with: "\n"), messages: "")
  }

  /// Reads until nobody has the terminal open any more; a minute of silence is an error.
  private func read(_ own: Int32, typing answers: [Answer]) throws -> String {
    var bytes: [UInt8] = []
    var place = 0
    var answers = answers[...]
    var buffer = [UInt8](repeating: 0, count: 4_096)
    while true {
      var waiting = pollfd(fd: own, events: Int16(POLLIN), revents: 0)
      guard poll(&waiting, 1, 60_000) == 1 else {
        throw Unmet("silence after: \(String(decoding: bytes, as: UTF8.self))")
      }
      let count = Foundation.read(own, &buffer, buffer.count)
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += buffer[..<count]
      while let answer = answers.first,
        let found = bytes[place...].firstRange(of: Array(answer.question.utf8))
      {
        place = found.upperBound
        answers.removeFirst()
        guard write(own, answer.keys, answer.keys.utf8.count) == answer.keys.utf8.count else {
          throw Unmet("nobody reads \(answer.keys)")
        }
      }
    }
  }
}

extension Outcome {
  /// The output without the colours of the program, and without the bar that it draws over itself while something lasts.
  package var plain: String {
    output.replacing(/\r[^\r\n\u{1B}]*\u{1B}\[K/, with: "")
      .replacing(/\u{1B}\[[0-9;]*m/, with: "")
  }

  /// Whether the output has nothing that a terminal would act on but the program's own colours, line ends and tabs, and nothing that
  /// changes the direction of text.
  package var isSafe: Bool {
    plain.unicodeScalars.allSatisfy { scalar in
      switch scalar.value {
      case 0x09, 0x0A: true
      case 0..<0x20, 0x7F..<0xA0, 0x061C, 0x200E, 0x200F, 0x2028...0x202E, 0x2066...0x2069,
        0xFFF9...0xFFFB, 0xE0000...0xE007F:
        false
      default: true
      }
    }
  }
}
