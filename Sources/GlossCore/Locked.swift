internal import Glibc

/// A value behind a lock, for small state that several threads need at once.
///
/// It stands in for `Synchronization.Mutex`, about which the thread sanitizer gives false reports on Linux. That is why it
/// is unchecked: the compiler cannot see that `value` is only touched under `mutex`.
package final class Locked<Value: Sendable>: @unchecked Sendable {
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private var value: Value

  package init(_ value: Value) {
    self.value = value
    mutex = .allocate(capacity: 1)
    var attributes = pthread_mutexattr_t()
    pthread_mutexattr_init(&attributes)
    pthread_mutexattr_settype(&attributes, Int32(PTHREAD_MUTEX_ERRORCHECK))
    pthread_mutex_init(mutex, &attributes)
    pthread_mutexattr_destroy(&attributes)
  }

  deinit {
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Runs `body` with the value, and nobody else meanwhile.
  ///
  /// - Precondition: `body` does not ask for the same value again.
  package func withLock<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
    let code = pthread_mutex_lock(mutex)
    // Who waits for a value that it has would wait for ever.
    precondition(code == 0)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value)
  }
}
