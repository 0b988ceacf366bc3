public import GlossCore

/// What of a program's records is searchable.
///
/// ```swift
/// extension SearchSchema {
///   static let recipes = SearchSchema(
///     version: 1,
///     columns: [Column("name", weight: 8), Column("text", weight: 1)],
///     sources: [
///       Source("recipe", "title", in: "name"),
///       Source("recipe", "method", in: "text"),
///       Source("recipe", "steps", in: "text") { bytes in Steps(encoded: bytes)?.plainText },
///     ])
/// }
///
/// try replica.updateSearchIndex(.recipes)
/// var query = Query("recipe")
/// query.filters = [.matches(TextPattern("crème brûlée"))]
/// query.order = [.init(.relevance, descending: true)]
/// let found = try replica.read { try $0.records(query) }
/// ```
///
/// Of a field that is in conflict every side is searchable. Deleted records stay in the index, and are found by a ``Query``
/// that includes hidden ones.
public struct SearchSchema: Sendable {
  /// Part of what an index was made for: another number makes it anew. Change it when a source's closure reads otherwise.
  public let version: Int

  /// The columns, in order.
  public let columns: [Column]

  /// Where their texts come from.
  public let sources: [Source]

  /// Creates a schema.
  ///
  /// - Precondition: There is a column, no two have the same name, all are lowercase words, and sources go into columns.
  public init(version: Int, columns: [Column], sources: [Source]) {
    let names = Set(columns.map(\.name))
    precondition(!columns.isEmpty && names.count == columns.count, "columns are named once")
    precondition(names.allSatisfy(\.isWord), "columns are named by lowercase words")
    precondition(sources.allSatisfy { names.contains($0.column) }, "sources go into columns")
    self.version = version
    self.columns = columns
    self.sources = sources
  }

  /// A part of what is searchable, which can be asked for by itself.
  public struct Column: Hashable, Sendable {
    /// A lowercase word.
    public let name: Name

    /// How much more than 1 a word in this column says of what the record is about.
    public let weight: Double

    public init(_ name: Name, weight: Double) {
      self.name = name
      self.weight = weight
    }
  }

  /// A field whose texts go into a column.
  public struct Source: Sendable {
    public let kind: Name
    public let field: Name
    public let column: Name
    let decode: @Sendable ([UInt8]) -> String?

    /// Creates a source.
    ///
    /// - Parameters:
    ///   - field: A field of type text, bytes or blob.
    ///   - decode: Returns the text in a value of type bytes, or in the content of a large value; `nil` where there is none.
    public init(
      _ kind: Name, _ field: Name, in column: Name,
      decode: @escaping @Sendable ([UInt8]) -> String? = { String(decoding: $0, as: UTF8.self) }
    ) {
      self.kind = kind
      self.field = field
      self.column = column
      self.decode = decode
    }
  }

  /// Describes what an index depends on.
  var description: String {
    let columns = columns.map { "\($0.name):\($0.weight)" }.joined(separator: ",")
    let sources = sources.map { "\($0.kind).\($0.field)>\($0.column)" }.joined(separator: ",")
    return "\(SearchIndex.version)/\(version)/\(columns)/\(sources)"
  }

  /// The kinds that have sources, in order of their names.
  var kinds: [Name] { Set(sources.map(\.kind)).sorted() }
}
