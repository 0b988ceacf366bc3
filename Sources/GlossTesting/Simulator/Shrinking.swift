/// Makes a plan that fails shorter, as long as it fails in the same way.
///
/// The steps are left out in ever smaller runs (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002).
package struct Shrinking {
  /// How many plans are tried at most.
  package var budget: Int
  /// The shortest plan so far that fails.
  package private(set) var plan: SimulationPlan

  package init(_ plan: SimulationPlan, budget: Int = 300) {
    self.plan = plan
    self.budget = budget
  }

  /// Tries until nothing can be left out any more, or the budget is used up.
  ///
  /// - Parameter fails: Whether a plan fails as the first one did.
  package mutating func run(_ fails: (SimulationPlan) async throws -> Bool) async rethrows {
    var length = max(1, plan.steps.count / 2)
    while budget > 0 {
      var isShorter = false
      var start = 0
      while start < plan.steps.count, budget > 0 {
        var candidate = plan
        let end = min(start + length, plan.steps.count)
        candidate.steps.removeSubrange(start..<end)
        budget -= 1
        if try await fails(candidate) {
          plan = candidate
          isShorter = true
        } else {
          start = end
        }
      }
      if length == 1, !isShorter { return }
      length = max(1, length / 2)
    }
  }
}
