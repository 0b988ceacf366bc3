package import GlossWire

/// When a failed request is sent again: what may be better a moment later, a few times, with full jitter.
///
/// The wait before try *n* is drawn from 0 to min(``longest``, ``first`` · 2ⁿ), so that many clients of a hub that comes back
/// do not come back together ("Exponential Backoff And Jitter", AWS Architecture Blog, 2015). A hub that says how long to wait
/// is waited for at least as long.
package struct RetryPolicy: Sendable {
  /// How often a request is sent at most.
  package var tries = 4

  /// The greatest wait before the second try.
  package var first: Duration = .milliseconds(500)

  /// The greatest wait of all.
  package var longest: Duration = .seconds(30)

  package init() {}

  /// Returns how long to wait before the request is sent again, or `nil` where it is not.
  ///
  /// - Parameter failures: How often it has failed.
  package func wait(
    after failure: HubFailure, failures: Int, using generator: inout some RandomNumberGenerator
  ) -> Duration? {
    guard failures < tries else { return nil }
    var least: Duration = .zero
    switch failure {
    case .transport(.interrupted), .transport(.timedOut): break
    case .refused(let problem) where problem.type == .slowDown || problem.type == .unavailable:
      least = .seconds(problem.retryAfterSeconds ?? 0)
    default: return nil
    }
    guard least <= longest else { return nil }
    return least + jitter(failures: failures, using: &generator)
  }

  /// Returns a wait for somebody who has failed so often: from zero to a bound that doubles.
  func jitter(
    failures: Int, using generator: inout some RandomNumberGenerator
  ) -> Duration {
    let greatest = min(longest, first * (1 << min(failures - 1, 16)))
    return greatest * Double.random(in: 0...1, using: &generator)
  }
}
