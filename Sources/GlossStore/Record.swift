public import GlossCore

/// A record as it was read: what is shown of it, and what an edit of it is based on.
public struct Record: Hashable, Sendable {
  /// Names the record.
  public let key: RecordKey

  /// The displayed values of the fields that the kind has, the cleared ones left out.
  public let values: [Name: Value]

  /// The members of each family whose displayed value is true, in the order of their bytes.
  public let membersByFamily: [Name: [String]]

  /// Whether the record is deleted.
  public let isHidden: Bool

  /// When the newest change to it was made, whatever that wrote; `nil` for a record of which nothing has arrived.
  public let edited: Timestamp?

  /// What the reader saw: give it back with an edit.
  public let basis: Basis

  /// Returns the members of a family whose displayed value is true, in the order of their bytes.
  public func members(of family: Name) -> [String] {
    membersByFamily[family] ?? []
  }
}
