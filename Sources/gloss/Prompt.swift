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

  /// Asks on standard error and returns the words that are typed, or `nil` where the person ended the input.
  static func answer(_ question: String) throws -> String? {
    Output.ask(question)
    return try reply()
  }

  /// Returns the next line that a person types without white space around it, and `nil` once there is no more.
  static func reply() throws -> String? {
    guard let line = try nextLine(limit: lineByteCount) else { return nil }
    let words = line.split(whereSeparator: \.isWhitespace)
    return words.joined(separator: " ")
  }

  /// Returns the next line of standard input without its end, and takes nothing of what follows; nothing where it has ended.
  static func line() throws -> String { try nextLine(limit: lineByteCount) ?? "" }

  private static let lineByteCount = 16_384

  private static func nextLine(limit: Int) throws -> String? {
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count <= limit {
      let count = read(STDIN_FILENO, &byte, 1)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw Failure(
          .inputOutput, "standard input: \(String(cString: strerror(errno)))",
          hint: "give it a file or a pipe that can be read")
      }
      if count == 0, bytes.isEmpty { return nil }
      guard count == 1, byte != UInt8(ascii: "\n") else {
        return try ImportedText.decode(bytes[...])
      }
      bytes.append(byte)
    }
    throw Failure(
      .badInput, "a line of standard input is over the limit of \(limit) bytes",
      hint: "a code or a passphrase stands on one line")
  }
}
