internal import Foundation
internal import Glibc

/// A proxy on a port of its own that passes bytes both ways, and cuts the connection once so many have come back.
package final class CuttingProxy: Sendable {
  package let address: String
  private let listener: Int32
  private let state: State

  /// What the connections share.
  private final class State: @unchecked Sendable {
    private let lock = NSLock()
    private var count = 0
    private var limit = Int.max

    /// The bytes that have come back from the hub so far.
    var returnedByteCount: Int { lock.withLock { count } }

    func setLimit(_ limit: Int) {
      lock.withLock {
        count = 0
        self.limit = limit
      }
    }

    /// Counts bytes that came back, and returns how many of them are passed on.
    func pass(_ number: Int) -> Int {
      lock.withLock {
        let passed = min(number, limit - count)
        count += passed
        return passed
      }
    }
  }

  /// Passes what comes to the hub at `port`.
  package init(toPort port: Int) throws {
    let state = State()
    self.state = state
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    guard let own = Self.listen(on: listener) else { throw POSIXError(.EADDRINUSE) }
    address = "http://127.0.0.1:\(own)"
    Thread.detachNewThread {
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        let hub = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard Self.connect(hub, toPort: UInt16(port)) else {
          close(client)
          continue
        }
        Thread.detachNewThread {
          Self.pump(from: client, to: hub) { $0 }
          shutdown(hub, Int32(SHUT_WR))
        }
        Thread.detachNewThread {
          Self.pump(from: hub, to: client) { state.pass($0) }
          shutdown(client, Int32(SHUT_RDWR))
          shutdown(hub, Int32(SHUT_RDWR))
        }
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  /// Lets so many bytes come back from now on, and then cuts every connection.
  package func cut(after limit: Int) { state.setLimit(limit) }

  /// The bytes that have come back since the limit was set.
  package var returnedByteCount: Int { state.returnedByteCount }

  private static func pump(from source: Int32, to target: Int32, _ pass: (Int) -> Int) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(source, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      let passed = pass(count)
      var sent = 0
      while sent < passed {
        let number = buffer[sent..<passed].withUnsafeBytes {
          send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        guard number > 0 else { return }
        sent += number
      }
      guard passed == count else { return }
    }
  }

  private static func withLoopback<T>(
    port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> T
  ) -> T {
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_port = port.bigEndian
    name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }

  private static func connect(_ descriptor: Int32, toPort port: UInt16) -> Bool {
    withLoopback(port: port) { Glibc.connect(descriptor, $0, $1) == 0 }
  }

  /// Listens on a free port and returns it.
  private static func listen(on descriptor: Int32) -> UInt16? {
    guard withLoopback(port: 0, { bind(descriptor, $0, $1) }) == 0,
      Glibc.listen(descriptor, 8) == 0
    else { return nil }
    var name = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(descriptor, $0, &size)
      }
    }
    return result == 0 ? UInt16(bigEndian: name.sin_port) : nil
  }
}
