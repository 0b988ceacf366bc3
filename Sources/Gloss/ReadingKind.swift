public import GlossCore

/// The kinds of record that a reader makes.
public enum ReadingKind: String, CaseIterable, Sendable {
  case article
  case highlight
  case note

  /// The kind's name in the schema.
  public var name: Name { Name(rawValue) }

  /// Returns the kind of this name, or `nil`.
  public init?(_ name: Name) {
    guard let kind = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = kind
  }
}

/// How far an article has been read.
public enum ReadState: Int64, CaseIterable, Sendable {
  case unread = 0
  case reading = 1
  case read = 2
}
