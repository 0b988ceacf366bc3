internal import Gloss
internal import GlossStore

extension LibraryOptions {
  /// Opens the library and reads a query. Where that asks for texts the full-text index is brought up to date; where the file may
  /// not be written to, it is said that the newest changes are not found.
  ///
  /// - Parameters:
  ///   - query: The query as the command line has it.
  ///   - others: What has to be true as well.
  func open(
    _ access: Replica.Access, reading query: [String], and others: [Filter] = []
  ) throws -> (library: Library, filter: Filter) {
    let library = try open(access)
    let query = try library.filter(parsing: QueryArguments.query(query))
    let filter = Filter.all(of: [query] + others)
    guard filter.asksForTexts, try library.searchIndexLag().isBehind else {
      return (library, filter)
    }
    do {
      let writable = access == .readWrite ? library : try open()
      try ProgressBar.during("indexing") { bar in
        try writable.updateSearchIndex { bar?.advance(to: $0.doneCount, of: $0.totalCount) }
      }
      return (writable, filter)
    } catch LibraryError.store(.readOnly) {
      Output.note("the file may not be written to: the newest changes are not found")
      return (library, filter)
    }
  }
}
