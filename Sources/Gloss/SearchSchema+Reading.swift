public import GlossCore
public import GlossStore

extension SearchSchema {
  /// What of a reading library is searchable: titles, authors and sites, texts, the quotes of highlights, and notes.
  public static let reading = SearchSchema(
    version: 1,
    columns: [
      Column(SearchColumn.title, weight: 8), Column(SearchColumn.about, weight: 3),
      Column(SearchColumn.quote, weight: 4), Column(SearchColumn.note, weight: 4),
      Column(SearchColumn.text, weight: 1),
    ],
    sources: [
      Source(ReadingKind.article.name, ReadingField.title, in: SearchColumn.title),
      Source(ReadingKind.article.name, ReadingField.author, in: SearchColumn.about),
      Source(ReadingKind.article.name, ReadingField.site, in: SearchColumn.about),
      Source(ReadingKind.article.name, ReadingField.text, in: SearchColumn.text),
      Source(ReadingKind.highlight.name, ReadingField.anchor, in: SearchColumn.quote) { bytes in
        Anchor(encoded: bytes)?.quote
      },
      Source(ReadingKind.note.name, ReadingField.body, in: SearchColumn.note),
    ])
}

/// The names of the columns of ``GlossStore/SearchSchema/reading``.
public enum SearchColumn {
  public static let title: Name = "title"
  /// Author and site of an article.
  public static let about: Name = "about"
  /// The words that a highlight marks.
  public static let quote: Name = "quote"
  public static let note: Name = "note"
  /// The text of an article.
  public static let text: Name = "text"
}
