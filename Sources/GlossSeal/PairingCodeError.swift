/// Why a text was not read as a pairing code.
public enum PairingCodeError: Error, Equatable, Sendable {
  /// The text does not begin like a pairing code, or its maker was faulty: look for the one that
  /// begins with `gloss1-`.
  case notACode

  /// The code is whole and of this later version: update this program, then enter the code again.
  case newerVersion(UInt8)

  /// Characters are missing, most likely the end: copy the whole code, over all its lines.
  case cutShort

  /// A character is wrong, or there are too many: compare the code with the original, or copy it
  /// anew.
  case mistyped
}
