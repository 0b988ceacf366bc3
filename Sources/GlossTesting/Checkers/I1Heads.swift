internal import GlossCore
internal import GlossStore

extension Checkers {
  /// I1: heads are a function of the delivered set of changes: those that the naive model computes of it.
  package static func headsAreAFunctionOfTheChanges(_ history: History) -> [InvariantBreach] {
    var breaches: [InvariantBreach] = []
    for replica in history.observations {
      let models = replica.models
      for (key, shown) in replica.records.sorted(by: { $0.key < $1.key }) {
        let expected = (models[key]?.heads ?? [:]).filter { !$0.value.isEmpty }
        if shown.heads != expected {
          breaches.append(
            InvariantBreach(
              "I1",
              "\(replica.name) at step \(replica.step): \(key) has the heads "
                + "\(sorted(shown.heads)) instead of \(sorted(expected))"))
        }
      }
      for (key, model) in models where replica.schema[key.kind] != nil {
        if replica.records[key] == nil, model.heads.contains(where: { !$0.value.isEmpty }) {
          breaches.append(
            InvariantBreach("I1", "\(replica.name) at step \(replica.step): \(key) is missing"))
        }
      }
    }
    return breaches
  }

  private static func sorted(_ heads: [Name: [Dot]]) -> [String] {
    heads.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
  }
}
