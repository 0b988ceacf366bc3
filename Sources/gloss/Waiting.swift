internal import Dispatch
internal import GlossCore

/// Waits for the network in commands that seldom do.
///
/// A command that is asynchronous as a whole runs on a thread of its own, which takes a twentieth of a short one's time.
enum Waiting {
  /// Returns what asynchronous work comes to, while this thread does nothing.
  static func result<T: Sendable>(
    of work: @escaping @Sendable () async throws -> T
  ) throws -> T {
    let outcome = Locked<Result<T, any Error>?>(nil)
    let end = DispatchSemaphore(value: 0)
    Task.detached {
      let result: Result<T, any Error>
      do { result = .success(try await work()) } catch { result = .failure(error) }
      outcome.withLock { $0 = result }
      end.signal()
    }
    end.wait()
    guard let result = outcome.withLock(\.self) else {
      preconditionFailure("who signals has told the outcome")
    }
    return try result.get()
  }
}
