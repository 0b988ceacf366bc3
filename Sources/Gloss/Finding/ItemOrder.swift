/// What a list of records is ordered by.
public struct ItemOrder: Hashable, Sendable {
  /// What is compared.
  public var key: Key
  /// Whether the greatest comes first.
  public var isDescending: Bool

  /// What records are compared by. Those that have nothing there come last, either way.
  public enum Key: String, CaseIterable, Sendable {
    case saved, edited, published, title, author, site
    /// How well a record answers the texts that are searched for.
    case relevance
  }

  /// - Parameter isDescending: `nil` for what people expect: the newest first, and texts from A to Z.
  public init(_ key: Key, descending isDescending: Bool? = nil) {
    self.key = key
    self.isDescending = isDescending ?? [.saved, .edited, .published, .relevance].contains(key)
  }

  /// The newest first.
  public static let newest = ItemOrder(.saved)
}
