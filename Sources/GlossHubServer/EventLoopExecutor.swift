internal import NIOCore

/// Runs the tasks of a connection on the connection's own event loop.
///
/// A request then changes threads only where it waits for the store, instead of at each step between the socket and the code
/// that answers. Nothing that a request does elsewhere than in the store takes long.
final class EventLoopExecutor: TaskExecutor {
  private let eventLoop: any EventLoop

  init(_ eventLoop: any EventLoop) {
    self.eventLoop = eventLoop
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    eventLoop.execute {
      job.runSynchronously(on: self.asUnownedTaskExecutor())
    }
  }
}
