internal import ArgumentParser
internal import Foundation

/// How `gloss-hub` ends when it does not do what it was asked to, after sysexits.h.
enum ExitReason: Int32 {
  case damaged = 65
  case noDatabase = 66
  case addressUnavailable = 69
  case failed = 70
  case unwritable = 73
  case tlsUnusable = 78
}

/// Says why on standard error, in one line, and returns what ends the command.
func failure(_ reason: ExitReason, _ words: String) -> ExitCode {
  let line = String(words.map { $0.isNewline ? " " : $0 })
  try? FileHandle.standardError.write(contentsOf: Data("gloss-hub: \(line)\n".utf8))
  return ExitCode(reason.rawValue)
}

/// Writes a line to standard output at once, also where that is a pipe.
func say(_ line: String) {
  try? FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
}
