public import GlossCore

/// A record as it was read: what is shown of it, and what an edit of it is based on.
public struct Record: Hashable, Sendable {
  /// Names the record.
  public let key: RecordKey

  /// What is shown, in the order of the kind's fields: there are few, and looking for one takes less than hashing its name.
  private let shown: [Shown]

  /// The members of each family, in the order of the kind's families.
  private let families: [Members]

  /// Whether the record is deleted.
  public let isHidden: Bool

  /// When the newest change to it was made, whatever that wrote; `nil` for a record of which nothing has arrived.
  public let edited: Timestamp?

  /// What the reader saw: give it back with an edit.
  public let basis: Basis

  /// A field and its value.
  struct Shown: Hashable {
    let field: Name
    let value: Value
  }

  /// A family and its members, in the order of their bytes.
  struct Members: Hashable {
    let family: Name
    let members: [String]
  }

  init(
    key: RecordKey, shown: [Shown], families: [Members], isHidden: Bool, edited: Timestamp?,
    basis: Basis
  ) {
    self.key = key
    self.shown = shown
    self.families = families
    self.isHidden = isHidden
    self.edited = edited
    self.basis = basis
  }

  /// The displayed value of a field, `nil` where it was cleared or the kind has none of the name.
  public subscript(field: Name) -> Value? {
    // An iterator would copy each value on the way.
    for place in shown.indices where shown[place].field == field { return shown[place].value }
    return nil
  }

  /// The displayed values of the fields that the kind has, the cleared ones left out.
  public var values: [Name: Value] {
    Dictionary(uniqueKeysWithValues: shown.map { ($0.field, $0.value) })
  }

  /// The members of each family whose displayed value is true, in the order of their bytes.
  public var membersByFamily: [Name: [String]] {
    Dictionary(uniqueKeysWithValues: families.map { ($0.family, $0.members) })
  }

  /// Returns the members of a family whose displayed value is true, in the order of their bytes.
  public func members(of family: Name) -> [String] {
    families.first { $0.family == family }?.members ?? []
  }
}
