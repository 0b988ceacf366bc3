/// A query that a person gave a name, and that all machines of a library know.
public struct SavedQuery: Hashable, Sendable {
  /// What stands behind `@`.
  public let name: String
  /// The query as it was written.
  public let text: String

  public init(name: String, text: String) {
    self.name = name
    self.text = text
  }

  /// Whether a text can be a query's name: 1 to 64 bytes of letters, digits, `-`, `_`, `.` and `/`, the first a letter or digit.
  public static func isName(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.first.map { $0.isLetter || $0.isNumber } == true
      && text.allSatisfy { $0.isLetter || $0.isNumber || "-_./".contains($0) }
  }
}
