internal import Gloss
internal import GlossCore
internal import GlossStore

/// What a template can say of a record. What only articles have is that of the article that a highlight or note belongs to.
enum ItemField: String, CaseIterable {
  /// The whole identifier; the first digits, by which a person names it.
  case id, name
  case kind
  /// What to call the record: a title, a quote, a note's first line.
  case headline
  case title, url, author, site, lang, published, state, favourite, archived, progress
  case tags
  /// `2026-11-24 13:42`, `2026-11-24`, `2026-11-24T13:42:07.123Z`.
  case saved
  case savedDay = "saved-day"
  case savedExact = "saved-exact"
  case edited
  case editedDay = "edited-day"
  case editedExact = "edited-exact"
  /// A highlight's.
  case quote, colour
  /// A note's.
  case body
  /// The identifier of the article that the record belongs to; of an article its own.
  case article
  /// The place that answers a search.
  case passage

  /// Whether it is the article's, so that the article of a highlight or note has to be read.
  var isOfArticle: Bool {
    switch self {
    case .title, .url, .author, .site, .lang, .published, .state, .favourite, .archived, .progress:
      true
    default: false
    }
  }

  /// The field's text of a record, safe to print; empty where the record has nothing there.
  ///
  /// - Parameters:
  ///   - article: The article that the record is or belongs to.
  ///   - name: The record's short name.
  ///   - passage: The place that answers a search.
  func text(of item: Item, article: Article?, name: String, passage: Passage?) -> String {
    let entry = item.entry
    switch self {
    case .id: return "\(entry.id)"
    case .name: return name
    case .kind: return item.kind.rawValue
    case .headline: return Text.line(item.headline)
    case .tags: return entry.tags.map { Text.line($0) }.joined(separator: ", ")
    case .saved, .savedDay, .savedExact: return time(UInt64(max(0, entry.saved)))
    case .edited, .editedDay, .editedExact: return entry.edited.map(time) ?? ""
    case .quote, .colour: return highlightText(item)
    case .body:
      if case .note(let note) = item { return Text.safe(note.body) }
      return ""
    case .article: return item.articleID.map { "\($0)" } ?? ""
    case .passage: return Text.line(passage?.text ?? "")
    default: return article.map(articleText) ?? ""
    }
  }

  private func time(_ milliseconds: UInt64) -> String {
    switch self {
    case .savedDay, .editedDay: CivilTime.day(milliseconds)
    case .savedExact, .editedExact: CivilTime.exact(milliseconds)
    default: CivilTime.minute(milliseconds)
    }
  }

  private func highlightText(_ item: Item) -> String {
    guard case .highlight(let highlight) = item else { return "" }
    return self == .quote
      ? Text.safe(highlight.anchor?.quote ?? "") : Text.line(highlight.colour ?? "")
  }

  private func articleText(_ article: Article) -> String {
    let text: String? =
      switch self {
      case .title: article.title
      case .url: article.url
      case .author: article.author
      case .site: article.site
      case .lang: article.language
      case .published: article.published
      case .state: article.state.name
      case .favourite: article.isFavourite ? "yes" : "no"
      case .archived: article.isArchived ? "yes" : "no"
      default: "\(article.progress)"
      }
    return Text.line(text ?? "")
  }
}

extension Item {
  /// The article that the record is or belongs to.
  var articleID: RecordID? {
    switch self {
    case .article(let article): article.id
    case .highlight(let highlight): highlight.article
    case .note(let note): note.article
    }
  }
}
