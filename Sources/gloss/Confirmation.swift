internal import ArgumentParser
internal import GlossStore

/// Whether a command that touches much has to ask.
struct ConfirmationOptions: ParsableArguments {
  @Flag(name: .customLong("yes"), help: "Do not ask, however many records it changes.")
  var isConfirmed = false

  /// How many records are changed without a question.
  static let limit = 3

  /// Asks at a terminal whether to go on, where more records are touched than ``limit``.
  ///
  /// - Parameters:
  ///   - deed: What would be done, as in `this deletes 4 articles`.
  ///   - count: How many records it touches.
  /// - Throws: Where the answer is no, or nobody can be asked.
  func confirm(_ deed: @autoclosure () -> String, touching count: Int) throws {
    guard count > Self.limit, !isConfirmed else { return }
    guard Prompt.isPossible else {
      throw Failure(
        .needsDecision, deed() + "; nothing was done", hint: "give --yes where that is meant")
    }
    guard try Prompt.isAgreed(deed() + ". Go on?") else {
      throw Failure(
        .nothingWritten, "nothing was changed", hint: "name fewer records, or give --yes")
    }
  }

  /// Asks whether to go on with all that a deed touches, what belongs to the records that were named too.
  ///
  /// - Parameter deed: What is done to them, as in `this deletes`.
  func confirm(_ deed: String, _ keys: [RecordKey]) throws {
    let all = Set(keys)
    try confirm("\(deed) \(Shown.counts(all))", touching: all.count)
  }
}

extension Prompt {
  /// Asks a question on standard error; everything but `y` and `yes` is no.
  static func isAgreed(_ question: String) throws -> Bool {
    ["y", "yes"].contains(try answer(question + " [y/N] ")?.lowercased())
  }
}
