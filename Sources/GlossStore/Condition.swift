public import GlossCore

/// Something that a record satisfies or not.
///
/// Conditions look at what a record displays. A field that its kind does not have displays no value, so that one condition
/// may be asked of several kinds. A comparison with no value is false, and `not` of it true.
///
/// ```swift
/// var query = Query("article")
/// query.filters = [
///   .compares("saved", .isAtLeast, .integer(1_700_000_000_000)),
///   .or([.contains("title", "marginalia"), .hasMember(family: "tag", member: "reading")]),
///   .not(.isReferredTo(by: "note", through: "article", where: .and([]))),
/// ]
/// ```
public indirect enum Condition: Hashable, Sendable {
  /// The field displays this value.
  case equals(Name, Value)
  /// The field displays a value that compares so with this one: numbers by size, texts and bytes by their bytes.
  case compares(Name, Comparison, Value)
  /// The field displays no value.
  case isNull(Name)
  /// The field displays a text that begins with these bytes.
  case hasPrefix(Name, String)
  /// The field displays a text that has this one in it, where letters that differ in case, accents or width only are the same.
  case contains(Name, String)
  /// The field displays an address with this host, or with one below it: `example.org` is that of `https://www.example.org/a`.
  case hasHost(Name, String)
  /// The member of the family is set.
  case hasMember(family: Name, member: String)
  /// Any member of the family is set.
  case hasMembers(family: Name)
  /// The field refers to a record that satisfies the condition, deleted or not. One that has not arrived satisfies none.
  case refers(through: Name, where: Condition)
  /// A record of the kind, not deleted, refers to this one through the field and satisfies the condition.
  case isReferredTo(by: Name, through: Name, where: Condition)
  /// A field has several values at once, or an edit and a delete did not see each other.
  case hasConflict
  /// The record is live and one that it refers to is deleted.
  case isOrphaned
  /// The record is deleted; such are read only where ``Query/includesHidden`` says so.
  case isHidden
  /// The identifier is one of these.
  case isOneOf(Set<RecordID>)
  /// The newest change to the record was made in this time, in milliseconds since the Unix epoch.
  case edited(Range<UInt64>)
  /// What is searchable of the record has these words; see ``SearchSchema``. What the index has not taken in yet is not found.
  case matches(TextPattern)
  /// All of these are satisfied; none of them is always satisfied.
  case and([Condition])
  /// One of these is satisfied; none of them never is.
  case or([Condition])
  /// The condition is not satisfied.
  case not(Condition)

  /// How a displayed value compares with another.
  public enum Comparison: Hashable, Sendable, CaseIterable {
    case isLess, isAtMost, isAtLeast, isGreater
  }

  /// How many conditions a query may have; see ``StoreError/conditionTooLarge``.
  public static let countLimit = 1_000
}
