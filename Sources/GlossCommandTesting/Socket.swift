internal import Foundation
internal import Glibc

/// Plain calls of the system on connections to this machine.
package enum Socket {
  /// Sends all of it. Returns whether the other side took it.
  @discardableResult
  package static func send(_ bytes: [UInt8], to target: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let number = bytes[sent...].withUnsafeBytes {
        Glibc.send(target, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard number > 0 else { return false }
      sent += number
    }
    return true
  }

  /// Closes a connection that no other thread uses.
  package static func end(_ descriptor: Int32) {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  /// Returns a connection to a port, `nil` where nobody listens there.
  package static func connected(toPort port: UInt16) -> Int32? {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard withLoopback(port: port, { Glibc.connect(descriptor, $0, $1) == 0 }) else {
      close(descriptor)
      return nil
    }
    return descriptor
  }

  /// Sends a request on a connection of its own and returns the reply, `nil` where none came whole.
  package static func exchange(_ request: [UInt8], withPort port: UInt16) -> [UInt8]? {
    guard let hub = connected(toPort: port) else { return nil }
    defer { end(hub) }
    send(request, to: hub)
    return message(from: hub)
  }

  /// Reads one message of HTTP whose length is said, `nil` where it does not come whole.
  package static func message(from descriptor: Int32) -> [UInt8]? {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    var length: Int?
    while true {
      if length == nil, let end = Data(bytes).range(of: Data("\r\n\r\n".utf8))?.upperBound {
        let head = String(decoding: bytes[..<end], as: UTF8.self).lowercased()
        let field = head.components(separatedBy: "\r\n").first { $0.hasPrefix("content-length:") }
        let body = field.flatMap { Int($0.dropFirst(15).trimmingCharacters(in: .whitespaces)) }
        length = end + (body ?? 0)
      }
      if let length, bytes.count >= length { return bytes }
      let count = recv(descriptor, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
    }
  }

  /// Listens on a free port of this machine, and hands each connection to `serve` on a thread that accepts them.
  ///
  /// - Returns: What listens, for ``end(_:)``, and its port.
  package static func listen(
    _ serve: @escaping @Sendable (Int32) -> Void
  ) throws -> (listener: Int32, port: UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    guard let port = listen(on: listener) else {
      close(listener)
      throw POSIXError(.EADDRINUSE)
    }
    Thread.detachNewThread {
      while true {
        let client = accept(listener, nil, nil)
        guard client >= 0 else { return }
        serve(client)
      }
    }
    return (listener, port)
  }

  private static func listen(on descriptor: Int32) -> UInt16? {
    guard withLoopback(port: 0, { bind(descriptor, $0, $1) }) == 0,
      Glibc.listen(descriptor, 64) == 0
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
}
