public import GlossCore

/// A point of a record's history.
public enum HistoryPoint: Hashable, Sendable {
  /// As it is.
  case now
  /// After all that was made up to this time, in milliseconds since the Unix epoch, by the clocks of the machines that made it.
  case time(UInt64)
  /// After this change, and all that comes before it in the order of a history: by timestamps. It may be a change of another record.
  case change(Dot)
}

/// A field that shows something else at one point of a record's history than at another.
public struct FieldDifference: Hashable, Sendable {
  /// The field; ``GlossCore/Field/deleted`` where the record is deleted at one of the points.
  public let field: Name

  /// What it showed at the first one, `nil` for nothing.
  public let old: Value?

  /// What it showed at the second one, `nil` for nothing.
  public let new: Value?
}
