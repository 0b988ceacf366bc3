/// What a simulation does: everything in it follows from the seed, and each step holds all the chance that it needs.
///
/// So a plan without some of its steps can be run too, which is how a failure is made short.
package struct SimulationPlan: Equatable, Sendable {
  /// Something that happens.
  package struct Step: Equatable, Sendable {
    /// Its place in the whole plan, from 1: what it writes says so, whichever other steps are done.
    package var number: Int
    package var event: SimulatorEvent
    /// What the event's own choices are made of.
    package var salt: UInt64
  }

  /// What world it happens in.
  package var world: UInt64
  package var replicaCount: Int
  package var steps: [Step]

  /// Makes the plan of a seed.
  ///
  /// Each seed has some of the faults only, so that those which would hide others are absent often enough (Groce et al.,
  /// "Swarm testing", 2012).
  ///
  /// - Parameters:
  ///   - only: The faults that there are, `nil` for all.
  ///   - without: Those of them that there are not.
  package init(
    seed: UInt64, stepCount: Int, replicaCount: Int, only: Set<SimulatorEvent>? = nil,
    without: Set<SimulatorEvent> = []
  ) {
    var generator = SeededGenerator(seed: seed)
    world = generator.next()
    self.replicaCount = replicaCount
    // Of chance of their own, so that a seed without them is what it was before there were any.
    var storageGenerator = SeededGenerator(seed: ~seed)
    let hasFailingDisks = storageGenerator.happens(percent: 40)
    var weights: [(event: SimulatorEvent, weight: Int)] = []
    for event in SimulatorEvent.allCases {
      let isDrawn =
        event.isOfStorage
        ? hasFailingDisks && storageGenerator.happens(percent: 60)
        : generator.happens(percent: 60)
      let isWanted = only.map { $0.contains(event) } ?? isDrawn
      if event.isFault, !isWanted || without.contains(event) { continue }
      weights.append((event, event.weight))
    }
    let sum = weights.reduce(0) { $0 + $1.weight }
    steps = (1...max(1, stepCount)).map { number in
      var rest = Int.random(in: 0..<sum, using: &generator)
      let salt = generator.next()
      for (event, weight) in weights {
        rest -= weight
        if rest < 0 { return Step(number: number, event: event, salt: salt) }
      }
      preconditionFailure("the weights add up to their sum")
    }
  }

  /// Returns the plan with these steps of it only.
  package func keeping(_ numbers: Set<Int>) -> SimulationPlan {
    var plan = self
    plan.steps = steps.filter { numbers.contains($0.number) }
    return plan
  }
}
