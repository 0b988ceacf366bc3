internal import GlossCore
internal import GlossStore

// A filter is asked of records of all kinds, and a person who asks for `author:"Le Guin" kind:highlight` means highlights in her
// articles. So what only articles have is asked of the article that a highlight or note belongs to. Tags, the time of saving and
// of the last edit, conflicts, deletion and what a record has are its own.

extension Filter {
  /// Returns the filter as the store's condition for records of a kind. Saved queries have been put in place of their names.
  func condition(for kind: ReadingKind, at reference: TimeReference) -> Condition {
    switch self {
    case .all: .and([])
    case .not(.not(let filter)): filter.condition(for: kind, at: reference)
    case .not(let filter): .not(filter.condition(for: kind, at: reference))
    case .and(let members): .and(members.map { $0.condition(for: kind, at: reference) })
    case .or(let members): .or(members.map { $0.condition(for: kind, at: reference) })
    case .text(let text): .matches(Self.pattern(text))
    case .tag(let tag): .hasMember(family: ReadingField.tags.name, member: tag)
    case .kind(let asked): asked == kind ? .and([]) : .or([])
    case .field(.colour, let colour): Self.anyOf(ReadingField.colour, Self.spellings(colour))
    case .field(let field, let text): Self.ofArticle(Self.matching(field, text), kind)
    case .claim(let claim): Self.matching(claim, kind)
    case .has(let part): Self.matching(part, kind)
    case .time(.published, let time):
      Self.ofArticle(Self.published(time.range(at: reference), reference), kind)
    case .time(.saved, let time): Self.saved(time.range(at: reference))
    case .time(.edited, let time): Self.edited(time.range(at: reference))
    case .query: .or([])
    }
  }

  /// A condition on the article that a record is or belongs to.
  private static func ofArticle(_ condition: Condition, _ kind: ReadingKind) -> Condition {
    kind == .article ? condition : .refers(through: ReadingField.article, where: condition)
  }

  /// `margin*` finds what begins so.
  private static func pattern(_ text: String) -> TextPattern {
    TextPattern(text, isPrefix: text.hasSuffix("*"))
  }

  private static func matching(_ field: Field, _ text: String) -> Condition {
    switch field {
    case .title: .contains(ReadingField.title, text)
    case .author: .contains(ReadingField.author, text)
    case .site: .or([.contains(ReadingField.site, text), .hasHost(ReadingField.url, text)])
    case .language:
      .or(
        [anyOf(ReadingField.language, languages(text))]
          + languages(text).map { .hasPrefix(ReadingField.language, $0 + "-") })
    case .colour: anyOf(ReadingField.colour, spellings(text))
    }
  }

  /// What was typed, and the same in lowercase, as most write these words.
  private static func spellings(_ text: String) -> [String] {
    let lowercase = text.lowercased()
    return lowercase.utf8.elementsEqual(text.utf8) ? [text] : [text, lowercase]
  }

  /// A language tag as it is given, in small letters, and as it is usually written: `zh-Hant`, `en-GB` (RFC 5646, 2.1.1).
  private static func languages(_ text: String) -> [String] {
    let parts = text.lowercased().split(separator: "-", omittingEmptySubsequences: false)
    let usual = parts.enumerated().map { index, part in
      switch (index, part.count) {
      case (1..., 2): part.uppercased()
      case (1..., 4): part.prefix(1).uppercased() + part.dropFirst()
      default: String(part)
      }
    }.joined(separator: "-")
    return Set(spellings(text) + [usual]).sorted()
  }

  private static func anyOf(_ field: Name, _ texts: [String]) -> Condition {
    texts.count == 1
      ? .equals(field, .text(texts[0])) : .or(texts.map { .equals(field, .text($0)) })
  }

  private static func matching(_ claim: Claim, _ kind: ReadingKind) -> Condition {
    func state(_ state: ReadState) -> Condition {
      .equals(ReadingField.state, .integer(state.rawValue))
    }
    switch claim {
    case .unread: return ofArticle(.or([state(.unread), .isNull(ReadingField.state)]), kind)
    case .reading: return ofArticle(state(.reading), kind)
    case .read: return ofArticle(state(.read), kind)
    case .archived: return ofArticle(.equals(ReadingField.archived, .bool(true)), kind)
    case .favourite: return ofArticle(.equals(ReadingField.favourite, .bool(true)), kind)
    // Those whose parent is deleted are listed as conflicts, too.
    case .conflicted: return .or([.hasConflict, .isOrphaned])
    case .orphaned: return .isOrphaned
    case .deleted: return .isHidden
    }
  }

  private static func matching(_ part: Part, _ kind: ReadingKind) -> Condition {
    switch (part, kind) {
    case (.notes, .article): refersHere(.note, ReadingField.article)
    case (.notes, .highlight): refersHere(.note, ReadingField.highlight)
    case (.highlights, .article): refersHere(.highlight, ReadingField.article)
    case (.notes, .note), (.highlights, _): .or([])
    case (.tags, _): .hasMembers(family: ReadingField.tags.name)
    case (.text, .article): .not(.isNull(ReadingField.text))
    case (.url, .article): .not(.isNull(ReadingField.url))
    case (.text, _), (.url, _): .or([])
    }
  }

  private static func refersHere(_ kind: ReadingKind, _ field: Name) -> Condition {
    .isReferredTo(by: kind.name, through: field, where: .and([]))
  }

  private static func saved(_ range: TimeRange) -> Condition {
    bounds(ReadingField.saved, range.start.map(Value.integer), range.end.map(Value.integer))
  }

  private static func edited(_ range: TimeRange) -> Condition {
    let start = UInt64(clamping: range.start ?? 0)
    return .edited(start..<max(start, UInt64(clamping: range.end ?? .max)))
  }

  /// An article may say no more than its year or month, which counts as the first day of that: as `2026` and `2026-01` come
  /// before `2026-01-01` in the order of their bytes, and after all of 2025, the shortest form of a bound is right for all three.
  private static func published(_ range: TimeRange, _ reference: TimeReference) -> Condition {
    // A day counts where the range has any part of it.
    let first = range.start.map { reference.date(at: $0).shortestText }
    let next = range.end.map { end in
      let last = reference.date(at: end - 1)
      return CivilDate(daysSinceEpoch: last.daysSinceEpoch + 1)
    }
    let end = next.flatMap { $0.year > 9_999 ? nil : $0.shortestText }
    return bounds(ReadingField.published, first.map(Value.text), end.map(Value.text))
  }

  private static func bounds(_ field: Name, _ start: Value?, _ end: Value?) -> Condition {
    .and(
      [.not(.isNull(field))] + (start.map { [.compares(field, .isAtLeast, $0)] } ?? [])
        + (end.map { [.compares(field, .isLess, $0)] } ?? []))
  }
}

extension CivilDate {
  /// The day, without what the first day of a month or year has anyway: `2026`, `2026-03`, `2026-03-02`.
  fileprivate var shortestText: String {
    String(description.prefix(day > 1 ? 10 : month > 1 ? 7 : 4))
  }
}
