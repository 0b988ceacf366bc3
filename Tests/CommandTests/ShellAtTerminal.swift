import Foundation
import GlossCommandTesting
import Testing

/// A shell that controls a terminal of the system's own making, so that keys such as Ctrl-C reach what runs in it.
enum ShellAtTerminal {
  /// What a test does once the terminal shows some text, counted from where the one before was found.
  struct Step {
    var text: String
    var action: Action
  }

  enum Action: Sendable {
    case type(String)
    /// Sends a signal to what runs in the foreground.
    case signal(Int32)
  }

  /// Runs a script, with job control, in which `$GLOSS` is the command, and `tell` prints a line with the last status, and
  /// `echo` where the terminal shows what is typed, `-echo` where it does not.
  ///
  /// - Returns: All that the terminal showed.
  static func run(_ script: String, on machine: Machine, _ steps: [Step]) throws -> String {
    var own: Int32 = -1
    var terminal: Int32 = -1
    try #require(openpty(&own, &terminal, nil, nil, nil) == 0)
    var isOpen = true
    defer { if isOpen { close(own) } }
    for descriptor in [own, terminal] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    let process = Process()
    // What ran the tests in the background made them ignore keys, and a shell cannot undo that.
    process.executableURL = URL(filePath: "/usr/bin/env")
    let prelude = """
      set -m
      ulimit -c 0
      trap : INT
      tell() { echo "status $?, $(stty -a | tr ' ' '\\n' | grep -x -e echo -e -echo)"; }

      """
    process.arguments = [
      "--default-signal=INT,QUIT,HUP,TERM,TSTP", "setsid", "--ctty", "--wait", "sh", "-c",
      prelude + script,
    ]
    process.environment = [
      "GLOSS": try Machine.executable("gloss"), "GLOSS_LIBRARY": machine.libraryPath,
      "HOME": machine.folder, "SWIFT_BACKTRACE": "enable=no",
      "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
    ]
    let file = FileHandle(fileDescriptor: terminal, closeOnDealloc: false)
    process.standardInput = file
    process.standardOutput = file
    process.standardError = file
    try process.run()
    close(terminal)
    var shown = ""
    var place = shown.startIndex
    var steps = steps[...]
    var buffer = [UInt8](repeating: 0, count: 4_096)
    // Reading fails once nobody has the terminal open any more. What waits for keys that no step has is hung up on.
    var waiting = pollfd(fd: own, events: Int16(POLLIN), revents: 0)
    while poll(&waiting, 1, 60_000) == 1,
      case let count = read(own, &buffer, buffer.count), count > 0
    {
      let offset = shown.utf8.distance(from: shown.startIndex, to: place)
      shown += String(decoding: buffer[..<count], as: UTF8.self)
      place = shown.utf8.index(shown.startIndex, offsetBy: offset)
      while let step = steps.first, let found = shown[place...].range(of: step.text) {
        place = found.upperBound
        steps.removeFirst()
        switch step.action {
        case .type(let keys): try #require(write(own, keys, keys.utf8.count) == keys.utf8.count)
        case .signal(let number): try #require(kill(-tcgetpgrp(own), number) == 0)
        }
      }
    }
    close(own)
    isOpen = false
    process.waitUntilExit()
    #expect(steps.isEmpty, "the terminal never showed \(steps.first?.text ?? "")")
    return shown.replacing("\r\n", with: "\n")
  }
}
