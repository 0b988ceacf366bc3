internal import GlossCore

/// One action of a person, such as a command: the changes that are taken back together.
///
/// It may span several transactions, of one thread at a time, and is recorded with the first of them that changes anything. See
/// ``Edits/undo(_:)``.
public final class Operation: Sendable {
  /// What was done, in words: a command line, or what a menu says. Content, which is shown to people and to nobody else.
  public let words: String

  /// What the file calls it, once it is recorded.
  private let recorded = Locked<Int64?>(nil)

  /// Creates an operation that nothing is recorded of yet.
  ///
  /// - Parameter words: What is over ``wordsByteCount`` is cut off.
  public init(_ words: String) {
    self.words = words.utf8.count <= Self.wordsByteCount ? words : Self.cut(words)
  }

  /// The greatest number of UTF-8 bytes of ``words``.
  public static let wordsByteCount = 400

  /// The operation's number in its file, `nil` while nothing is recorded.
  public internal(set) var number: Int64? {
    get { recorded.withLock { $0 } }
    set { recorded.withLock { $0 = newValue } }
  }

  private static func cut(_ words: String) -> String {
    var result = ""
    var count = 3
    for character in words {
      count += character.utf8.count
      if count > wordsByteCount { break }
      result.append(character)
    }
    return result + "…"
  }
}

/// An operation as the file has it.
public struct RecordedOperation: Hashable, Sendable {
  /// Names the operation on this machine. Later ones have greater numbers.
  public let number: Int64

  /// When it began, in milliseconds since the Unix epoch.
  public let milliseconds: UInt64

  /// What was done, in words.
  public let words: String

  /// The number of the operation that this one took back, `nil` for most.
  public let undone: Int64?

  /// The number of its changes.
  public let changeCount: Int
}
