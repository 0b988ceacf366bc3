internal import ArgumentParser
internal import Gloss
internal import GlossStore

/// Which records a command changes, where they are not named.
struct MatchingOptions: ParsableArguments {
  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "In place of names: all records that this query finds.", valueName: "query"),
    completion: .query)
  var matching: String?

  /// Opens the library and returns the records of these names, or those that the query finds: what others belong to before them.
  ///
  /// - Parameter others: What has to be true as well of those that are found.
  /// - Throws: Where there are names and a query, or neither, or nothing is found.
  func opened(
    _ options: LibraryOptions, named names: [String], finding others: [Filter] = []
  ) throws -> (library: Library, items: [Item]) {
    guard let matching else {
      guard !names.isEmpty else {
        throw Failure(
          .usage, "say which records",
          hint: "name them by their first digits as gloss list shows them, or give --matching QUERY"
        )
      }
      let library = try options.open()
      return (library, try library.named(names))
    }
    guard names.isEmpty else {
      throw Failure(
        .usage, "--matching stands in the place of names",
        hint: "leave out \(Text.line(names.joined(separator: " "), width: 60)), or --matching")
    }
    guard matching.contains(where: { !$0.isWhitespace }) else {
      throw Failure(
        .usage, "the query is empty", hint: "saved:..now finds all there is, if that is meant")
    }
    let (library, filter) = try options.open(.readWrite, reading: [matching], and: others)
    let items = try library.items(matching: filter, kinds: filter.kinds)
    guard !items.isEmpty else {
      throw Failure(
        .noMatch, "nothing matches \(Text.line(matching, width: 60))",
        hint: "gloss list \(others.map { "\($0) " }.joined())QUERY shows what a query finds")
    }
    return (library, ReadingKind.allCases.flatMap { kind in items.filter { $0.kind == kind } })
  }
}
