/// What went wrong, in words, with what to do about it and the exit code.
struct Failure: Error {
  let status: Status
  let message: String
  let hint: String?
  /// Lines between message and hint: candidates, places.
  let details: [String]

  init(_ status: Status, _ message: String, details: [String] = [], hint: String? = nil) {
    self.status = status
    self.message = message
    self.details = details
    self.hint = hint
  }

  /// Prints it on standard error. A path or a word of the command line in it may be anything.
  func report() {
    Output.complain("gloss: " + Text.safe(message))
    for line in details { Output.complain("  " + Text.safe(line)) }
    if let hint { Output.complain("hint: " + Text.safe(hint)) }
  }

  /// The same with another hint.
  func hinting(_ hint: String) -> Failure {
    Failure(status, message, details: details, hint: hint)
  }

  /// Whether a person can still do otherwise, so that a conversation with them goes on.
  var isForAPerson: Bool {
    switch status {
    case .noMatch, .nothingWritten, .needsDecision, .usage, .badInput: true
    default: false
    }
  }
}
