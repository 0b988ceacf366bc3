import Foundation
import Glibc

/// A server that gives the same bytes to everybody and hangs up.
final class FakeHub: Sendable {
  let address: String
  private let listener: Int32

  init(replying reply: String) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    self.listener = listener
    var name = sockaddr_in()
    name.sin_family = sa_family_t(AF_INET)
    name.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let port = withUnsafeMutablePointer(to: &name) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address -> UInt16? in
        guard bind(listener, address, size) == 0, listen(listener, 8) == 0,
          getsockname(listener, address, &size) == 0
        else { return nil }
        return UInt16(bigEndian: UnsafeRawPointer(address).load(fromByteOffset: 2, as: UInt16.self))
      }
    }
    guard let port else { throw POSIXError(.EADDRINUSE) }
    address = "http://127.0.0.1:\(port)"
    let bytes = Array(reply.utf8)
    Thread.detachNewThread {
      while true {
        let connection = accept(listener, nil, nil)
        guard connection >= 0 else { return }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var request: [UInt8] = []
        // Enough of the protocol for requests without a body, or with one that comes along with its head.
        while !request.contains(sequence: Array("\r\n\r\n".utf8)) {
          let count = recv(connection, &buffer, buffer.count, 0)
          guard count > 0 else { break }
          request += buffer[..<count]
        }
        _ = send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
        shutdown(connection, Int32(SHUT_WR))
        while recv(connection, &buffer, buffer.count, 0) > 0 {}
        close(connection)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }
}

extension [UInt8] {
  fileprivate func contains(sequence wanted: [UInt8]) -> Bool {
    guard count >= wanted.count else { return false }
    return (0...count - wanted.count).contains { Array(self[$0..<$0 + wanted.count]) == wanted }
  }
}
