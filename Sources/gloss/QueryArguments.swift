internal import Gloss

// A query on a command line
// =========================
//
// A shell takes quotes away, so `author:"Le Guin"` arrives as one argument, `author:Le Guin`, and `-tag:done` looks like an option.
// Both are made what they were meant to be: an argument that is a field and nothing else but words is one value, and a negated
// term becomes `not` and the term before the parser of options sees it.

/// Turns the arguments of a command line into a query.
enum QueryArguments {
  /// The commands whose arguments are a query.
  private static let commands = ["list", "search", "query", "conflicts", "resolve", "export"]
  /// Options that take the argument behind them.
  private static let options = [
    "--library", "--color", "--kind", "--tag", "--sort", "--limit", "--offset", "--format",
    "--field", "--keep", "--value", "--since",
  ]
  /// What may stand together behind one hyphen.
  private static let flags = "0qh"

  /// Returns the arguments of the program with `not` in the place of a hyphen before a term.
  static func prepared(_ arguments: [String]) -> [String] {
    var result: [String] = []
    var isQuery = false
    var isValue = false
    for (place, argument) in arguments.enumerated() {
      if argument == "--" { return result + arguments[place...] }
      let isName = isQueryName(place, of: arguments)
      if !isValue, !argument.hasPrefix("-"), !isQuery {
        guard commands.contains(argument) else { return arguments }
        isQuery = true
      }
      if isQuery, !isValue, !isName, isNegatedTerm(argument) {
        result += ["not", String(argument.dropFirst())]
      } else {
        result.append(argument)
      }
      isValue = !isValue && options.contains(argument)
    }
    return result
  }

  /// Whether an argument stands where `gloss query save` and `remove` have a name.
  private static func isQueryName(_ place: Int, of arguments: [String]) -> Bool {
    place > 1 && arguments[place - 2] == "query"
      && ["save", "remove"].contains(arguments[place - 1])
  }

  private static func isNegatedTerm(_ argument: String) -> Bool {
    argument.hasPrefix("-") && !argument.hasPrefix("--") && argument.utf8.count > 2
      && !argument.dropFirst().allSatisfy { flags.contains($0) }
  }

  /// Returns the query that the arguments are together.
  static func query(_ arguments: [String]) -> String {
    arguments.map { isValueAlone($0) ? quoted($0) : $0 }.joined(separator: " ")
  }

  /// Whether the argument is a term with a field, or a saved query's name.
  static func isTerm(_ argument: String) -> Bool {
    argument.hasPrefix("@")
      || Filter.fieldNames.contains { argument.lowercased().hasPrefix($0 + ":") }
  }

  /// Says how an argument was read that could have been read otherwise, where nothing was found.
  static func explainNothing(_ arguments: [String]) {
    guard let argument = arguments.first(where: isValueAlone) else { return }
    Output.note(
      "hint: this was read as \(Text.line(query([argument]), width: 60)); quote single terms apart from each other"
    )
  }

  /// Whether the argument is a field and words, which a shell has taken the quotes from.
  static func isValueAlone(_ argument: String) -> Bool {
    guard let colon = argument.firstIndex(of: ":"),
      Filter.fieldNames.contains(argument[..<colon].lowercased())
    else { return false }
    let words = argument[argument.index(after: colon)...].split(
      omittingEmptySubsequences: false, whereSeparator: \.isWhitespace)
    return words.count > 1 && words.allSatisfy(isPlain)
  }

  private static func isPlain(_ word: Substring) -> Bool {
    !word.contains { "()\"".contains($0) } && !word.hasPrefix("-") && !word.hasPrefix("@")
      && !["or", "and", "not"].contains(word.lowercased())
      && !Filter.fieldNames.contains { word.lowercased().hasPrefix($0 + ":") }
  }

  /// The term with its value between quotation marks.
  static func quoted(_ term: String) -> String {
    guard let colon = term.firstIndex(of: ":") else { return term }
    let value = term[term.index(after: colon)...]
    return term[...colon] + "\""
      + value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
  }
}
