internal import CGlossCurl
internal import Glibc
internal import GlossCore
internal import GlossWire

/// What goes from any thread to the one that transfers; the only state that threads share.
///
/// The lock guards all of it. Continuations are resumed outside of the lock.
final class TransferInbox: Sendable {
  /// What the transfer thread has to do next.
  struct Orders {
    var submissions: [Submission] = []
    var cancelled: [UInt64] = []
    var isClosed = false
  }

  private enum Phase {
    case unstarted
    case running
    case ended(TransportError)
  }

  /// The handle in it is one of those that libcurl lets any thread wake.
  private struct State: @unchecked Sendable {
    var phase = Phase.unstarted
    var lastID: UInt64 = 0
    var orders = Orders()
    /// The handle to wake, from when the thread has made it to when it lets go of it.
    var multi: UnsafeMutableRawPointer?
    var isThreadAlive = false
    var endWaiters: [CheckedContinuation<Void, Never>] = []
  }

  private let address: HubAddress
  private let options: CurlTransport.Options
  private let state = Locked(State())

  init(address: HubAddress, options: CurlTransport.Options) {
    self.address = address
    self.options = options
  }

  /// Returns an id that no other request of this inbox has.
  func nextID() -> UInt64 {
    state.withLock {
      $0.lastID += 1
      return $0.lastID
    }
  }

  /// Hands a request over, and starts the thread if it is the first. Its continuation is resumed
  /// whatever happens.
  func submit(_ submission: Submission) {
    let failure: TransportError? = state.withLock { state in
      switch state.phase {
      case .ended(let failure): return failure
      case .unstarted:
        guard start() else { return .unreachable("the system gives no more threads") }
        state.phase = .running
        state.isThreadAlive = true
      case .running: break
      }
      state.orders.submissions.append(submission)
      wake(state)
      return nil
    }
    if let failure { submission.resume(with: .failure(failure)) }
  }

  /// Ends a request, if it is not over.
  func cancel(_ id: UInt64) {
    state.withLock { state in
      guard case .running = state.phase else { return }
      state.orders.cancelled.append(id)
      wake(state)
    }
  }

  /// Lets the thread end. May be called more than once.
  func close() {
    state.withLock { state in
      switch state.phase {
      case .unstarted: state.phase = .ended(.cancelled)
      case .running:
        state.orders.isClosed = true
        wake(state)
      case .ended: break
      }
    }
  }

  /// Returns when the thread has ended, at once if it never ran.
  func ended() async {
    await withCheckedContinuation { continuation in
      let isOver = state.withLock { state in
        if state.isThreadAlive { state.endWaiters.append(continuation) }
        return !state.isThreadAlive
      }
      if isOver { continuation.resume() }
    }
  }

  // MARK: For the transfer thread

  /// From here on, whoever gives an order wakes this handle.
  func wakes(_ multi: UnsafeMutableRawPointer) {
    state.withLock { $0.multi = multi }
  }

  /// Takes all orders out.
  func takeOrders() -> Orders {
    state.withLock { state in
      let orders = state.orders
      state.orders = Orders(isClosed: orders.isClosed)
      return orders
    }
  }

  /// Wakes no handle any more, and fails what was submitted and what ever will be.
  func refuse(with failure: TransportError) {
    let orders = state.withLock { state in
      state.multi = nil
      state.phase = .ended(failure)
      defer { state.orders = Orders() }
      return state.orders
    }
    for submission in orders.submissions { submission.resume(with: .failure(failure)) }
  }

  /// Tells those who wait that the thread has nothing left to do.
  func announceEnd() {
    let waiters = state.withLock { state in
      state.isThreadAlive = false
      defer { state.endWaiters = [] }
      return state.endWaiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// Starts the thread, and returns whether the system gave one.
  private func start() -> Bool {
    let inbox = Unmanaged.passRetained(self)
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { inbox in
        guard let inbox else { return nil }
        Unmanaged<TransferInbox>.fromOpaque(inbox).takeRetainedValue().run()
        return nil
      }, inbox.toOpaque())
    guard code == 0 else {
      inbox.release()
      return false
    }
    pthread_detach(thread)
    return true
  }

  private func run() {
    TransferLoop.run(inbox: self, address: address, options: options)
  }

  private func wake(_ state: State) {
    if let multi = state.multi { _ = gloss_curl_multi_wakeup(multi) }
  }
}
