internal import CGlossCurl
internal import Glibc
internal import GlossWire

/// What the transfer thread does: takes orders, lets libcurl work, reports what has ended, waits.
///
/// One value of it lives on one thread and owns everything of libcurl's there.
struct TransferLoop {
  private let inbox: TransferInbox
  private let address: HubAddress
  private let options: CurlTransport.Options
  private let multi: UnsafeMutableRawPointer
  private var running: [UnsafeMutableRawPointer: Transfer] = [:]
  /// Submissions over the limit of those under way, oldest first.
  private var waiting: [Submission] = []

  /// Serves `inbox` until it is closed.
  static func run(inbox: TransferInbox, address: HubAddress, options: CurlTransport.Options) {
    defer { inbox.announceEnd() }
    leaveSignalsToOthers()
    if let problem = gloss_curl_load() {
      inbox.refuse(with: .unreachable("libcurl cannot be used: \(String(cString: problem))"))
      return
    }
    guard let multi = gloss_curl_multi_init() else {
      inbox.refuse(with: .unreachable("libcurl cannot be used: out of memory"))
      return
    }
    _ = gloss_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, options.concurrentRequestLimit)
    var loop = TransferLoop(inbox: inbox, address: address, options: options, multi: multi)
    inbox.wakes(multi)
    let failure = loop.serve()
    inbox.refuse(with: failure)
    loop.failAll(with: failure)
    _ = gloss_curl_multi_cleanup(multi)
  }

  private init(
    inbox: TransferInbox, address: HubAddress, options: CurlTransport.Options,
    multi: UnsafeMutableRawPointer
  ) {
    self.inbox = inbox
    self.address = address
    self.options = options
    self.multi = multi
  }

  /// Returns with what all that is left, and all that is still to come, fails.
  private mutating func serve() -> TransportError {
    while true {
      let orders = inbox.takeOrders()
      waiting += orders.submissions
      if orders.isClosed { return .cancelled }
      for id in orders.cancelled { cancel(id) }
      startWaiting()
      var code = gloss_curl_multi_perform(multi)
      if code == CURLM_OK {
        finishEnded()
        // What starts here has a timer that is due, so that the wait below is none.
        startWaiting()
        code = gloss_curl_multi_poll(multi, Self.idleMilliseconds)
      }
      guard code == CURLM_OK else {
        return .interrupted("libcurl: \(String(cString: gloss_curl_multi_strerror(code)))")
      }
    }
  }

  /// How long the thread sleeps with nothing to do; orders wake it.
  private static let idleMilliseconds: Int32 = 60_000

  private mutating func startWaiting() {
    while running.count < options.concurrentRequestLimit, !waiting.isEmpty {
      let submission = waiting.removeFirst()
      guard let transfer = Transfer(submission, address: address, options: options) else {
        submission.resume(
          with: .failure(.unreachable("libcurl is out of memory or older than 7.87")))
        continue
      }
      let code = transfer.begin(on: multi)
      if code == CURLM_OK {
        running[transfer.easy] = transfer
      } else {
        let reason = String(cString: gloss_curl_multi_strerror(code))
        submission.resume(with: .failure(.unreachable("libcurl: \(reason)")))
      }
    }
  }

  private mutating func finishEnded() {
    var easy: UnsafeMutableRawPointer?
    var code = CURLE_OK
    while gloss_curl_multi_next_ended(multi, &easy, &code) {
      guard let easy, let transfer = running.removeValue(forKey: easy) else { continue }
      let outcome = transfer.outcome(code)
      transfer.end(on: multi)
      transfer.submission.resume(with: outcome)
    }
  }

  private mutating func cancel(_ id: UInt64) {
    if let index = waiting.firstIndex(where: { $0.id == id }) {
      waiting.remove(at: index).resume(with: .failure(.cancelled))
    } else if let transfer = running.values.first(where: { $0.submission.id == id }) {
      running[transfer.easy] = nil
      transfer.end(on: multi)
      transfer.submission.resume(with: .failure(.cancelled))
    }
  }

  private mutating func failAll(with failure: TransportError) {
    for transfer in running.values {
      transfer.end(on: multi)
      transfer.submission.resume(with: .failure(failure))
    }
    running = [:]
    for submission in waiting { submission.resume(with: .failure(failure)) }
    waiting = []
  }

  /// Blocks the signals that other threads handle. SIGPIPE above all: OpenSSL writes to sockets
  /// whose other side may be gone, and the signal would end the process.
  private static func leaveSignalsToOthers() {
    var signals = sigset_t()
    sigfillset(&signals)
    for fault in [SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT] { sigdelset(&signals, fault) }
    pthread_sigmask(SIG_BLOCK, &signals, nil)
  }
}
