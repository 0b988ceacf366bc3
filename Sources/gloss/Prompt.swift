@preconcurrency internal import Glibc
internal import Gloss

/// Asking the person at the terminal for a secret.
enum Prompt {
  /// Whether somebody can be asked: standard input is a terminal.
  static var isPossible: Bool { isatty(STDIN_FILENO) == 1 }

  /// Asks on standard error and returns the line that is typed, which the terminal does not show.
  static func secret(_ name: String) throws -> String {
    try SilentTerminal.ask("\(name) (not shown): ") { try line() }
  }

  /// Returns the next line of standard input without its end, and takes nothing of what follows.
  static func line(limit: Int = 16_384) throws -> String {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count <= limit {
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw Failure(.inputOutput, "standard input: \(String(cString: strerror(errno)))")
      }
      guard count == 1, byte != UInt8(ascii: "\n") else {
        return try ImportedText.decode(bytes[...])
      }
      bytes.append(byte)
    }
    throw Failure(.badInput, "a line of standard input is over the limit of \(limit) bytes")
  }
}
