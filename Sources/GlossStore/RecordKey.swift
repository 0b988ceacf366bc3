public import GlossCore

/// Names a record: its kind and its identifier.
public struct RecordKey: Hashable, Sendable {
  /// The record's kind.
  public let kind: Name

  /// The record's identifier, unique within its kind.
  public let id: RecordID

  public init(_ kind: Name, _ id: RecordID) {
    self.kind = kind
    self.id = id
  }
}

extension RecordKey: Comparable, CustomStringConvertible {
  public static func < (left: RecordKey, right: RecordKey) -> Bool {
    (left.kind, left.id) < (right.kind, right.id)
  }

  /// The kind and 32 digits: `note/3f2a90c1…`.
  public var description: String { "\(kind)/\(id)" }
}
