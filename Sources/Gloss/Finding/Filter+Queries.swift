internal import GlossCore

extension Filter {
  /// Returns the filter with the saved queries that it names in the place of their names.
  ///
  /// - Parameters:
  ///   - queries: All that there are.
  ///   - name: The query that this filter is, for finding out that it is part of itself.
  /// - Throws: ``FilterError`` without a place, for a name that no query has, for queries that are part of themselves, and for
  ///   ones that do not work or come to too much.
  public func expanded(
    with queries: [SavedQuery], beginningWith name: String? = nil
  ) throws(FilterError) -> Filter {
    guard contains({ if case .query = $0 { true } else { false } }) else { return self }
    var expansion = Expansion(queries: queries, path: name.map { [$0] } ?? [])
    return try expansion.expanded(self)
  }

  /// Puts queries in the place of their names.
  private struct Expansion {
    let queries: [SavedQuery]
    /// The names that led here.
    var path: [String]
    var termCount = 0
    var depth = 0

    mutating func expanded(_ filter: Filter) throws(FilterError) -> Filter {
      depth += 1
      defer { depth -= 1 }
      guard depth <= 3 * Filter.depthLimit else { throw Self.error(.tooDeep) }
      switch filter {
      case .query(let name): return try query(name)
      case .not(let filter): return .not(try expanded(filter))
      case .and(let members): return .and(try expanded(members))
      case .or(let members): return .or(try expanded(members))
      default:
        termCount += 1
        guard termCount <= Filter.termLimit else { throw Self.error(.tooManyTerms) }
        return filter
      }
    }

    private mutating func expanded(_ members: [Filter]) throws(FilterError) -> [Filter] {
      var result: [Filter] = []
      for member in members { result.append(try expanded(member)) }
      return result
    }

    private mutating func query(_ name: String) throws(FilterError) -> Filter {
      if let start = path.firstIndex(where: { $0.hasSameBytes(as: name) }) {
        throw Self.error(.cycle(path[start...] + [name]))
      }
      guard let query = queries.first(where: { $0.name.hasSameBytes(as: name) }) else {
        let suggestion = Spelling.nearest(to: name, among: queries.map(\.name))
        throw Self.error(.noSuchQuery(name: name, suggestion: suggestion))
      }
      let parsed: Filter
      do {
        parsed = try Filter(parsing: query.text)
      } catch {
        throw Self.error(.savedQuery(name: name, text: query.text, error))
      }
      path.append(name)
      defer { path.removeLast() }
      do {
        return try expanded(parsed)
      } catch {
        // The place of a missing name is in the text of the query that has it.
        guard case .noSuchQuery = error.problem else { throw error }
        throw Self.error(.savedQuery(name: name, text: query.text, error.placed(in: query.text)))
      }
    }

    private static func error(_ problem: FilterError.Problem) -> FilterError {
      FilterError(place: 0..<0, problem: problem)
    }
  }
}
