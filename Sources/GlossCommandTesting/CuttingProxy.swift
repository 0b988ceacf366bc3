internal import Foundation
internal import Glibc
internal import GlossCore

/// A proxy on a port of its own that passes bytes both ways, and cuts the connection once so many have come back.
package final class CuttingProxy: Sendable {
  package let address: String
  private let listener: Int32
  private let returned: Locked<Returned>

  /// What has come back from the hub on all connections.
  private struct Returned {
    var byteCount = 0
    var limit = Int.max

    /// Counts bytes that came back, and returns how many of them are passed on.
    mutating func pass(_ number: Int) -> Int {
      let passed = min(number, limit - byteCount)
      byteCount += passed
      return passed
    }
  }

  /// Passes what comes to the hub at `port`.
  package init(toPort port: Int) throws {
    let returned = Locked(Returned())
    self.returned = returned
    let (listener, own) = try Socket.listen { client in
      guard let hub = Socket.connected(toPort: UInt16(port)) else {
        close(client)
        return
      }
      Thread.detachNewThread {
        Self.pump(from: client, to: hub) { $0 }
        shutdown(hub, Int32(SHUT_WR))
      }
      Thread.detachNewThread {
        Self.pump(from: hub, to: client) { number in returned.withLock { $0.pass(number) } }
        shutdown(client, Int32(SHUT_RDWR))
        shutdown(hub, Int32(SHUT_RDWR))
      }
    }
    self.listener = listener
    address = "http://127.0.0.1:\(own)"
  }

  deinit { Socket.end(listener) }

  /// Lets so many bytes come back from now on, and then cuts every connection.
  package func cut(after limit: Int) {
    returned.withLock { $0 = Returned(limit: limit) }
  }

  /// The bytes that have come back since the limit was set.
  package var returnedByteCount: Int { returned.withLock(\.byteCount) }

  private static func pump(from source: Int32, to target: Int32, _ pass: (Int) -> Int) {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = recv(source, &buffer, buffer.count, 0)
      guard count > 0 else { return }
      let passed = pass(count)
      guard Socket.send(Array(buffer[..<passed]), to: target) else { return }
      guard passed == count else { return }
    }
  }
}
