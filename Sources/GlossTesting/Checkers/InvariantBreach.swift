/// An invariant that does not hold, and where.
package struct InvariantBreach: Error, Hashable, Sendable, CustomStringConvertible {
  /// `I1` to `I12`, or another short name of what was expected.
  package let invariant: String
  package let detail: String

  package init(_ invariant: String, _ detail: String) {
    self.invariant = invariant
    self.detail = detail
  }

  package var description: String { "\(invariant): \(detail)" }
}
