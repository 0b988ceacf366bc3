/// What one input is given to: a decoder, and the properties that hold whatever the bytes are.
struct Target: Sendable {
  /// Takes one input. A property that does not hold ends the process.
  let run: @Sendable (_ input: [UInt8]) -> Void

  /// All targets, by the names that `make fuzz` knows them by.
  static let all: [String: Target] = [
    "bundle": Target(run: fuzzBundle),
    "card": Target(run: fuzzCard),
    "code": Target(run: fuzzCode),
    "compressed": Target(run: fuzzCompressed),
    "filter": Target(run: fuzzFilter),
    "head": Target(run: fuzzHead),
    "headers": Target(run: fuzzHeaders),
    "keyring": Target(run: fuzzKeyring),
    "merge": Target(run: fuzzMerge),
    "piece": Target(run: fuzzPiece),
    "reply": Target(run: fuzzReply),
    "request": Target(run: fuzzRequest),
    "seal": Target(run: fuzzSeal),
    "wrapped": Target(run: fuzzWrapped),
  ]
}

/// Ends the process where a property does not hold; libFuzzer keeps the input.
func check(_ holds: Bool, _ property: @autoclosure () -> String) {
  if !holds { fatalError("property broken: \(property())") }
}
