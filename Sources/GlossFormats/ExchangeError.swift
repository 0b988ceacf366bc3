public import GlossCore
public import GlossStore

/// Why something could not be written out or read back. What was taken in before stays, and is passed over when it comes again.
public enum ExchangeError: Error, Equatable, Sendable {
  /// The cursor is of another library.
  case cursorOfOtherLibrary
  /// The file does not begin as an export does.
  case notAnExport
  /// The file is of a version that this program does not know.
  case newerVersion(Int)
  /// The file is of this library, and not the one that it is read into.
  case otherLibrary(LibraryID)
  /// A line is not what an export has there; lines are counted from 1.
  case badLine(Int, reason: String)
  /// Something in these lines is not as it was written.
  case altered(lines: ClosedRange<Int>)
  /// The file ends behind this line, and not at its end.
  case cutShort(line: Int)
  /// The file begins with a change of a replica that continues what is not here.
  case gap(line: Int, replica: ReplicaID, held: UInt64, first: UInt64)
  /// The file has another history of a replica than the library, from some change on.
  case contradicts(line: Int, Dot)
  /// The file is one of the library's own.
  case isLibrary(path: String)
  /// There is a file of this name already.
  case exists(path: String)
  /// The operating system refused to read or write; its number for why.
  case file(path: String, code: Int32)
  /// A backup cannot be made or restored: what is in it is damaged.
  case damaged(Verification)
  /// What was written is not what is read back.
  case unreadable(path: String)
  /// All of the file was taken in, and the library's state is not the one that the file says.
  case otherState(expected: String, found: String)
}
