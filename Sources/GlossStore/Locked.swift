internal import Foundation

/// A value behind a lock, for small state that several threads need at once.
///
/// It stands in for `Synchronization.Mutex`, about which the thread sanitizer gives false reports on Linux. That is why it
/// is unchecked: the compiler cannot see that `value` is only touched under `lock`.
package final class Locked<Value: Sendable>: @unchecked Sendable {
  private let lock = NSLock()
  private var value: Value

  package init(_ value: Value) {
    self.value = value
  }

  /// Runs `body` with the value, and nobody else meanwhile.
  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    try lock.withLock { try body(&value) }
  }
}
