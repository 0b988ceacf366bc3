public import GlossCore

/// Which records of one kind to read, and in which order.
public struct Query: Hashable, Sendable {
  /// The kind of the records.
  public var kind: Name

  /// What all of them satisfy.
  public var filters: [Condition] = []

  /// The order, the most significant first. Records that are equal in all of it come in the order in which they came to this
  /// replica, backwards where the first of ``order`` descends; ``Order/Key/identifier`` at the end gives an order that is the
  /// same on every replica.
  public var order: [Order] = []

  /// The greatest number of records, `nil` for all.
  public var limit: Int?

  /// How many records are left out at the start.
  public var offset = 0

  /// Whether deleted records are read too.
  public var includesHidden = false

  public init(_ kind: Name) {
    self.kind = kind
  }

  /// Something to order by.
  public struct Order: Hashable, Sendable {
    /// What is compared.
    public var key: Key

    /// Whether the greatest comes first. Records without a value come where SQLite puts NULL: before the least.
    public var isDescending: Bool

    public init(_ key: Key, descending isDescending: Bool = false) {
      self.key = key
      self.isDescending = isDescending
    }

    public init(_ field: Name, descending isDescending: Bool = false) {
      self.init(.field(field), descending: isDescending)
    }

    /// What records are compared by.
    public enum Key: Hashable, Sendable {
      /// What the field displays: numbers by size, texts by their bytes. Nothing for a field that the kind does not have.
      case field(Name)
      /// What the field displays, a text, where letters that differ in case, accents or width only are the same. Records without
      /// a value come last, either way.
      case folded(Name)
      /// When the newest change to the record was made.
      case edited
      /// How well the record answers the patterns that it has to match, or may (``Condition/matches(_:)``); 0 where it matches none.
      case relevance
      /// The identifier, which is the same on every replica.
      case identifier
    }
  }
}
