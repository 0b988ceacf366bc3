import Foundation
import Glibc
import GlossCommandTesting
import GlossCore

/// A proxy on a port of its own in front of a hub, which does to each connection what it was told to.
final class FaultyProxy: Sendable {
  let address: String
  private let listener: Int32
  private let state: Locked<State>

  /// What the connections share.
  private struct State {
    var waiting: [NetworkFault] = []
    var counts: [String: Int] = [:]
    var offsets: Set<Int> = []
    var killClient: @Sendable () -> Void = {}
    var killHub: @Sendable () -> Void = {}

    mutating func next() -> NetworkFault { waiting.isEmpty ? .none : waiting.removeFirst() }

    /// Notes that a fault took place.
    mutating func note(_ fault: NetworkFault, at offset: Int? = nil) {
      counts[fault.name, default: 0] += 1
      if let offset { offsets.insert(offset) }
    }
  }

  /// Passes what comes to the hub at `port`.
  init(toPort port: Int) throws {
    let state = Locked(State())
    self.state = state
    let (listener, own) = try Socket.listen { client in
      Thread.detachNewThread { Self.serve(client, hubPort: UInt16(port), state) }
    }
    self.listener = listener
    address = "http://127.0.0.1:\(own)"
  }

  deinit { Socket.end(listener) }

  /// Says what happens to the next connections, in order; those that follow are passed on as they are.
  func plan(
    _ faults: [NetworkFault], killingClient: @escaping @Sendable () -> Void = {},
    killingHub: @escaping @Sendable () -> Void = {}
  ) {
    state.withLock {
      $0.waiting = faults
      $0.killClient = killingClient
      $0.killHub = killingHub
    }
  }

  /// How often each fault took place, and at which offsets something was cut or killed.
  var tally: (counts: [String: Int], offsets: Set<Int>) {
    state.withLock { ($0.counts, $0.offsets) }
  }

  private static func serve(_ client: Int32, hubPort: UInt16, _ state: Locked<State>) {
    let fault = state.withLock { $0.next() }
    var first: [UInt8] = []
    switch fault {
    case .repeated, .status:
      guard let request = Socket.message(from: client) else { return Socket.end(client) }
      first = request
    default: break
    }
    if case .status(let status, let hubHasIt) = fault {
      if hubHasIt { _ = Socket.exchange(first, withPort: hubPort) }
      state.withLock { $0.note(fault) }
      let body = "<html>\(status)</html>"
      Socket.send(
        Array(
          ("HTTP/1.1 \(status) Trouble\r\nContent-Type: text/html\r\nRetry-After: 0\r\n"
            + "Connection: close\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)").utf8),
        to: client)
      return Socket.end(client)
    }
    if case .repeated = fault {
      _ = Socket.exchange(first, withPort: hubPort)
      state.withLock { $0.note(fault) }
    }
    guard let hub = Socket.connected(toPort: hubPort) else { return Socket.end(client) }
    Socket.send(first, to: hub)
    let towards = Thread {
      pump(from: client, to: hub, fault, isReply: false, state)
      shutdown(hub, Int32(SHUT_WR))
    }
    towards.start()
    pump(from: hub, to: client, fault, isReply: true, state)
    // The other thread uses both until it sees the end; the descriptors are closed by nobody before that.
    shutdown(client, Int32(SHUT_RDWR))
    shutdown(hub, Int32(SHUT_RDWR))
    while !towards.isFinished { usleep(1_000) }
    close(client)
    close(hub)
  }

  /// Passes bytes on until one side ends or the fault ends it.
  private static func pump(
    from source: Int32, to target: Int32, _ fault: NetworkFault, isReply: Bool,
    _ state: Locked<State>
  ) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var passed = 0
    if case .delay = fault, isReply { state.withLock { $0.note(fault) } }
    if case .throttle = fault, isReply { state.withLock { $0.note(fault) } }
    while true {
      // At offset 0 too: the connection is made and ends.
      if let limit = limit(of: fault, isReply: isReply), passed >= limit {
        state.withLock { $0.note(fault, at: limit) }
        switch fault {
        case .killClient: state.withLock(\.killClient)()
        case .killHub: state.withLock(\.killHub)()
        default: break
        }
        shutdown(source, Int32(SHUT_RDWR))
        shutdown(target, Int32(SHUT_RDWR))
        return
      }
      var wanted = buffer.count
      if let limit = limit(of: fault, isReply: isReply) { wanted = min(wanted, limit - passed) }
      if case .throttle(let count) = fault { wanted = min(wanted, count) }
      let count = recv(source, &buffer, wanted, 0)
      guard count > 0 else { return }
      if case .delay(let milliseconds) = fault { usleep(UInt32(milliseconds) * 1_000) }
      guard Socket.send(Array(buffer[..<count]), to: target) else { return }
      passed += count
    }
  }

  private static func limit(of fault: NetworkFault, isReply: Bool) -> Int? {
    switch fault {
    case .cutReply(let limit), .killClient(let limit): isReply ? limit : nil
    case .cutRequest(let limit), .killHub(let limit): isReply ? nil : limit
    default: nil
    }
  }
}
