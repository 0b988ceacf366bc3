internal import GlossWire

/// A request on its way to the transfer thread, with whoever waits for its outcome.
struct Submission: Sendable {
  /// Names the request among those of its transport.
  let id: UInt64
  let request: HTTPRequest
  /// Resumed exactly once.
  let continuation: CheckedContinuation<Result<HTTPReply, TransportError>, Never>

  func resume(with outcome: Result<HTTPReply, TransportError>) {
    continuation.resume(returning: outcome)
  }
}
