internal import Gloss
internal import GlossSeal

/// Where passphrases come from: a file that `GLOSS_PASSPHRASE_FILE` names, a terminal, or lines of standard input.
///
/// Never an argument or the variable itself, which other users of the machine or every program started from here can see.
enum Passphrases {
  static let fileVariable = "GLOSS_PASSPHRASE_FILE"

  /// The passphrase in the file that the variable names: its first line, without the line's end; `nil` where none is named.
  static func inFile() throws -> Passphrase? {
    guard let path = Surroundings.variable(fileVariable) else { return nil }
    let bytes = try File.read(path, limit: 16_384)
    var line = bytes.prefix { $0 != UInt8(ascii: "\n") }
    if line.last == UInt8(ascii: "\r") { line.removeLast() }
    return try passphrase(try ImportedText.decode(line))
  }

  /// The passphrase that the library has: from the file, the terminal, or the next line of standard input.
  static func current() throws -> Passphrase {
    if let passphrase = try inFile() { return passphrase }
    return try passphrase(
      Prompt.isPossible ? try Prompt.secret("passphrase") : try Prompt.line())
  }

  /// A passphrase that the library gets: from the terminal, where it is asked for twice, or the next line of standard input.
  static func new() throws -> Passphrase {
    guard Prompt.isPossible else { return try passphrase(try Prompt.line()) }
    let first = try Prompt.secret("new passphrase")
    let passphrase = try passphrase(first)
    guard try Prompt.secret("the same again").utf8.elementsEqual(first.utf8) else {
      throw Failure(
        .badInput, "the two are not the same", hint: "nothing was changed; try again")
    }
    return passphrase
  }

  private static func passphrase(_ text: String) throws -> Passphrase {
    guard let passphrase = Passphrase(text) else {
      throw Failure(
        .badInput, "the passphrase is empty",
        hint: "enter one at a terminal, or as a line of standard input")
    }
    return passphrase
  }
}

extension Library {
  /// Unlocks a library whose key is under a passphrase, with the one in the file or one asked for at the terminal. Standard
  /// input that is no terminal is left alone: a sync has no input.
  func unlockIfLocked() throws {
    guard try isLocked() else { return }
    if let passphrase = try Passphrases.inFile() { return try unlock(passphrase) }
    guard Prompt.isPossible else { throw LibraryError.locked }
    try unlock(try Passphrases.current())
  }
}
