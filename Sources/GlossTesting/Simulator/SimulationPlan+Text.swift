// A plan as text: a line about the world, and a line a step. It says what was drawn and not the seed that it was drawn from, so it
// stays the same when seeds come to mean other plans, because there are other events or weights.

extension SimulationPlan {
  /// The plan as text.
  package var text: String {
    let lines = steps.map { "\($0.number) \($0.event.rawValue) \($0.salt)" }
    return (["world \(world) replicas \(replicaCount)"] + lines).joined(separator: "\n") + "\n"
  }

  /// Reads such a text, in which lines that begin with `#` are comments; `nil` where it is none.
  package init?(text: String) {
    var plan: SimulationPlan?
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      let words = line.split(separator: " ")
      if plan == nil {
        guard words.count == 4, words[0] == "world", words[2] == "replicas",
          let world = UInt64(words[1]), let count = Int(words[3])
        else { return nil }
        plan = SimulationPlan(world: world, replicaCount: count)
        continue
      }
      guard words.count == 3, let number = Int(words[0]), let salt = UInt64(words[2]),
        let event = SimulatorEvent(rawValue: String(words[1]))
      else { return nil }
      plan?.steps.append(Step(number: number, event: event, salt: salt))
    }
    guard let plan else { return nil }
    self = plan
  }

  private init(world: UInt64, replicaCount: Int) {
    self.world = world
    self.replicaCount = replicaCount
    steps = []
  }
}
