import GlossCommandTesting

/// What a command may end with.
enum Judgement {
  /// The exit codes that `gloss --help` lists, without the one for a wrong command line.
  static let gloss: Set<Int32> = [0, 1, 2, 3, 65, 66, 69, 70, 73, 74, 75, 76, 77, 78]
  /// Those of `gloss-hub --help`.
  static let hub: Set<Int32> = [0, 65, 66, 69, 70, 73, 78]

  /// Says what is wrong with how a command ended, `nil` where nothing is.
  ///
  /// - Parameter canSpeak: Whether what it writes comes out.
  static func fault(
    in outcome: Outcome, killed: Bool, canSpeak: Bool = true, program: String = "gloss",
    codes: Set<Int32> = gloss
  ) -> String? {
    for words in ["Fatal error", "Illegal instruction", "Segmentation", "Crash:"]
    where outcome.messages.contains(words) {
      return "it crashed"
    }
    if killed {
      return [0, 9, 137].contains(outcome.status) || codes.contains(outcome.status)
        ? nil : "it ended with \(outcome.status)"
    }
    guard codes.contains(outcome.status) else {
      return outcome.status == 137 || outcome.status == 9
        ? "it did not end" : "it ended with \(outcome.status), which is not documented"
    }
    guard outcome.status == 0 || !canSpeak || outcome.messages.contains(program + ": ") else {
      return "it ended with \(outcome.status) and did not say why"
    }
    return nil
  }
}
