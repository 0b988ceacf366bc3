/// Which records a person asks for: the query language of `gloss list` and `gloss search` as a value.
///
/// ```swift
/// let filter = try Filter(parsing: #"tag:reading -is:read saved:2w author:"Le Guin""#)
/// let items = try library.items(matching: filter, at: TimeReference(now: now))
/// ```
///
/// `Documentation/Queries.md` has the grammar. What ``description`` prints is read as the same filter, for every filter that
/// ``init(parsing:)`` can return: one whose conjunctions and alternatives have two members or more and none of their own kind. Only
/// a text that has to be quoted may make it longer than ``byteLimit``.
public indirect enum Filter: Hashable, Sendable {
  /// Every record.
  case all
  /// The record's texts have this word, or these words one after the other; the last of them may go on where a `*` stands behind.
  case text(String)
  /// The record has the tag.
  case tag(String)
  /// The record is of the kind.
  case kind(ReadingKind)
  /// The record, or the article that it belongs to, has this in a field.
  case field(Field, String)
  /// The claim is true of the record, or, where it is about reading, of the article that it belongs to.
  case claim(Claim)
  /// The record has this.
  case has(Part)
  /// What the field says when lies in this time.
  case time(TimeField, TimeExpression)
  /// What the saved query of this name finds.
  case query(String)
  case not(Filter)
  case and([Filter])
  case or([Filter])

  /// A field with a text; `title:` in the language.
  public enum Field: String, CaseIterable, Sendable {
    case title, author, site
    case language = "lang"
    case colour
  }

  /// What can be true of a record; `is:` in the language.
  public enum Claim: String, CaseIterable, Sendable {
    case unread, reading, read, archived, favourite, conflicted, orphaned, deleted
  }

  /// What a record can have; `has:` in the language.
  public enum Part: String, CaseIterable, Sendable {
    case notes, highlights, text, tags, url
  }

  /// A field that says when; `saved:` in the language.
  public enum TimeField: String, CaseIterable, Sendable {
    /// When the record was added.
    case saved
    /// When it was changed last, in whatever field.
    case edited
    /// When the article came out.
    case published
  }

  /// The greatest number of bytes of a filter's text.
  public static let byteLimit = 8_192
  /// The greatest number of terms, those of saved queries included.
  public static let termLimit = 40
  /// How deep parentheses, negations and saved queries may stand within each other.
  public static let depthLimit = 24
}

extension Filter {
  /// Returns the filter for what all of these find.
  public static func all(of filters: [Filter]) -> Filter {
    let filters = filters.filter { $0 != .all }
    return filters.count < 2 ? filters.first ?? .all : .and(filters)
  }

  /// The kinds to look among where nobody says: articles, or all where it asks for what not only these are or have.
  public var kinds: [ReadingKind] { asksForKinds ? ReadingKind.allCases : [.article] }

  /// Whether the filter asks about deleted records, which are left out where it does not.
  public var asksForDeleted: Bool {
    contains { $0 == .claim(.deleted) }
  }

  /// Whether it asks for what not only articles are or have: a kind, a colour, conflicts, orphans or deleted records.
  public var asksForKinds: Bool {
    contains { term in
      switch term {
      case .kind, .field(.colour, _), .claim(.conflicted), .claim(.orphaned), .claim(.deleted):
        true
      default: false
      }
    }
  }

  /// Whether it asks for texts, which the full-text index has to be up to date for (``Library/updateSearchIndex(willStep:)``).
  public var asksForTexts: Bool {
    contains { if case .text = $0 { true } else { false } }
  }

  /// The texts that it searches for; those that must not be there are left out.
  public var texts: [String] {
    switch self {
    case .text(let text): [text]
    case .and(let members), .or(let members): members.flatMap(\.texts)
    default: []
    }
  }

  /// Whether one of its terms is such.
  func contains(_ isSuch: (Filter) -> Bool) -> Bool {
    switch self {
    case .not(let filter): filter.contains(isSuch)
    case .and(let members), .or(let members): members.contains { $0.contains(isSuch) }
    default: isSuch(self)
    }
  }
}
