public import GlossCore
public import GlossStore

/// A record of any of the kinds that a reader makes.
public enum Item: Sendable {
  case article(Article)
  case highlight(Highlight)
  case note(Note)

  /// The record, whatever its kind.
  public var entry: any Entry {
    switch self {
    case .article(let article): article
    case .highlight(let highlight): highlight
    case .note(let note): note
    }
  }

  /// The record's kind.
  public var kind: ReadingKind {
    switch self {
    case .article: .article
    case .highlight: .highlight
    case .note: .note
    }
  }

  /// Names the record among those of its kind.
  public var id: RecordID {
    switch self {
    case .article(let article): article.id
    case .highlight(let highlight): highlight.id
    case .note(let note): note.id
    }
  }

  /// Names the record.
  public var key: RecordKey { RecordKey(kind.name, id) }

  /// What to call the record in a list: an article's title or address, a highlight's quote, a note's first line.
  public var headline: String {
    switch self {
    case .article(let article): Article.headline(title: article.title, url: article.url)
    case .highlight(let highlight): Highlight.headline(quote: highlight.anchor?.quote)
    case .note(let note): Note.headline(body: note.body)
    }
  }

  /// The record of these fields, or `nil` where its kind is not one of the reader's.
  init?(_ fields: RecordFields) {
    switch ReadingKind(fields.key.kind) {
    case .article: self = .article(Article(fields))
    case .highlight: self = .highlight(Highlight(fields))
    case .note: self = .note(Note(fields))
    case nil: return nil
    }
  }
}

extension Article {
  static func headline(title: String?, url: @autoclosure () -> String?) -> String {
    title ?? url() ?? "untitled"
  }
}

extension Highlight {
  static func headline(quote: String?) -> String { quote ?? "highlight" }
}

extension Note {
  static func headline(body: String) -> String { String(body.prefix { !$0.isNewline }) }
}
