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

  /// What the reader saw: give it back with an edit.
  public let basis: Basis

  /// Returns the members of a family whose displayed value is true, in the order of their bytes.
  public func members(of family: Name) -> [String] {
    membersByFamily[family] ?? []
  }
}

/// Which records of one kind to read, and in which order.
public struct Query: Hashable, Sendable {
  /// The kind of the records.
  public var kind: Name

  /// What all of them satisfy.
  public var filters: [Filter] = []

  /// The order, the most significant field first; records that are equal in all of them come in the order in which they came
  /// to this replica.
  public var order: [Order] = []

  /// The greatest number of records, `nil` for all.
  public var limit: Int?

  /// Whether deleted records are read too.
  public var includesHidden = false

  public init(_ kind: Name) {
    self.kind = kind
  }

  /// Something that a record satisfies or not.
  public enum Filter: Hashable, Sendable {
    /// The field displays this value.
    case equals(Name, Value)
    /// The field displays no value.
    case isNull(Name)
    /// The member of the family is set.
    case hasMember(family: Name, member: String)
  }

  /// A field to order by.
  public struct Order: Hashable, Sendable {
    /// The field.
    public var field: Name

    /// Whether the greatest comes first. Records without a value come where SQLite puts NULL: before the least.
    public var isDescending: Bool

    public init(_ field: Name, descending isDescending: Bool = false) {
      self.field = field
      self.isDescending = isDescending
    }
  }
}
