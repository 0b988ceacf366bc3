/// Why a text is no query.
public struct FilterError: Error, Hashable, Sendable {
  /// The bytes of the text that are not understood; empty where something is missing.
  public let place: Range<Int>

  /// What is wrong there.
  public let problem: Problem

  package init(place: Range<Int>, problem: Problem) {
    self.place = place
    self.problem = problem
  }

  /// What can be wrong with a query.
  public enum Problem: Hashable, Sendable {
    /// A term is missing: at the end, before `or`, or between parentheses.
    case missingTerm
    /// There is nothing behind `tag:`; the field.
    case missingValue(field: String)
    /// There is no such field; one that may have been meant.
    case unknownField(suggestion: String?)
    /// The field has no such value; one that may have been meant, and all that there are.
    case unknownValue(field: String, suggestion: String?, known: [String])
    /// The value should be a time.
    case time(TimeTextError.Problem)
    /// The parenthesis is not closed.
    case unclosedParenthesis
    /// Nothing was opened that this closes.
    case unopenedParenthesis
    /// The quotation mark is not closed.
    case unclosedQuote
    /// There is a control character, which no text has.
    case controlCharacter
    /// What stands behind `@` is no name.
    case notAQueryName
    /// No query is saved under this name; one that may have been meant.
    case noSuchQuery(name: String, suggestion: String?)
    /// The query is part of itself; the names on the way, the first one again at the end.
    case cycle([String])
    /// A saved query that this one is made of does not work.
    indirect case savedQuery(name: String, text: String, FilterError)
    /// The text has more than ``Filter/byteLimit`` bytes.
    case tooLong
    /// More stands within each other than ``Filter/depthLimit``.
    case tooDeep
    /// There are more terms than ``Filter/termLimit``.
    case tooManyTerms
  }
}
