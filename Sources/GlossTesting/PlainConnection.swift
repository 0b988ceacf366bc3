package import GlossWire

#if canImport(Glibc)
  internal import Glibc
#endif

/// A TCP connection to a port of this machine, spoken to in plain bytes and blocking.
package final class PlainConnection: Sendable {
  package enum Failure: Error { case refused, incompleteReply }

  private let socket: Int32

  /// - Parameter receiveByteCount: About how much the system takes in before anybody reads; `nil` for its own choice.
  /// - Throws: ``Failure/refused`` where nobody listens on `port`.
  package init(port: Int, receiveByteCount: Int32? = nil) throws(Failure) {
    // Not a property yet: where all are set, an error ends in `deinit`, which closes, too.
    let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    if var size = receiveByteCount {
      setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      Glibc.close(socket)
      throw .refused
    }
    self.socket = socket
    wait(milliseconds: 10_000)
  }

  deinit { Glibc.close(socket) }

  /// Sets how long reading waits for the other side.
  package func wait(milliseconds: Int) {
    var limit = timeval(tv_sec: milliseconds / 1_000, tv_usec: milliseconds % 1_000 * 1_000)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  package func send(_ bytes: [UInt8]) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      rest = rest.dropFirst(count)
    }
  }

  package func send(_ text: String) { send(Array(text.utf8)) }

  /// Reads until the other side closes, or nothing comes for as long as reading waits (then `isClosed` is false).
  package func readToEnd() -> (text: String, isClosed: Bool) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = recv(socket, &buffer, buffer.count, 0)
      guard count > 0 else {
        return (String(decoding: bytes, as: UTF8.self), count == 0 || errno == ECONNRESET)
      }
      bytes += buffer[..<count]
    }
  }

  /// Reads one reply with a Content-Length, or none.
  package func readReply() throws(Failure) -> HTTPReply {
    var bytes: [UInt8] = []
    while !bytes.suffix(4).elementsEqual("\r\n\r\n".utf8) {
      var byte: UInt8 = 0
      guard recv(socket, &byte, 1, 0) == 1 else { throw .incompleteReply }
      bytes.append(byte)
    }
    let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\r\n")
    guard let status = lines.first?.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { throw .incompleteReply }
    var reply = HTTPReply(status: status)
    for line in lines.dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      reply.headers.append((parts[0].lowercased(), String(parts[1].drop { $0 == " " })))
    }
    let count = Int(reply.value(of: "content-length") ?? "0") ?? 0
    while reply.body.count < count {
      var part = [UInt8](repeating: 0, count: count - reply.body.count)
      let read = recv(socket, &part, part.count, 0)
      guard read > 0 else { throw .incompleteReply }
      reply.body += part[..<read]
    }
    return reply
  }

  /// Sends `request` and returns the reply.
  package func ask(_ request: HTTPRequest) throws(Failure) -> HTTPReply {
    send(request)
    return try readReply()
  }

  package func send(_ request: HTTPRequest) { send(Self.bytes(of: request)) }

  /// Returns `request` as HTTP/1.1 writes it.
  package static func bytes(of request: HTTPRequest) -> [UInt8] {
    var text = "\(request.method) \(request.target) HTTP/1.1\r\nhost: x\r\n"
    for (name, value) in request.headers { text += "\(name): \(value)\r\n" }
    if request.method != "GET" { text += "content-length: \(request.body.count)\r\n" }
    return Array((text + "\r\n").utf8) + request.body
  }
}
