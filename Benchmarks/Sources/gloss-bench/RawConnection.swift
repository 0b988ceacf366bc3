import CEpoll
import Glibc

/// A connection to a hub over a plain socket, spoken to in plain bytes.
///
/// It costs as little as it can: what a generator of load takes of the machine, the hub under test does not get. It is read when
/// bytes are there (``Poll``), and whole replies come out.
final class RawConnection {
  /// A whole reply, with a status and a body.
  struct Reply {
    var status: Int
    var body: ArraySlice<UInt8>
  }

  let socket: Int32
  private var received: [UInt8] = []

  init(port: UInt16) {
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard result == 0 else {
      fatalError("no connection to the hub: \(String(cString: strerror(errno)))")
    }
  }

  deinit { close(socket) }

  /// Sends a request, which has to be small enough for the system to take it at once.
  func send(_ request: [UInt8]) {
    let count = request.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, 0) }
    guard count == request.count else { fatalError("the hub takes in no request") }
  }

  /// Reads what is there, waiting for the first of it, and returns the reply that is whole now, if one is.
  func receive() -> Reply? {
    let count = withUnsafeTemporaryAllocation(byteCount: 16_384, alignment: 16) { buffer in
      let count = recv(socket, buffer.baseAddress, buffer.count, 0)
      if count > 0 { received += UnsafeRawBufferPointer(rebasing: buffer[..<count]) }
      return count
    }
    guard count > 0 else { fatalError("the hub closed a connection") }
    return wholeReply()
  }

  /// Sends a request and waits for the reply.
  func ask(_ request: [UInt8]) -> Reply {
    send(request)
    return receiveWhole()
  }

  /// Waits for a whole reply.
  func receiveWhole() -> Reply {
    while true {
      if let reply = receive() { return reply }
    }
  }

  private func wholeReply() -> Reply? {
    guard let head = Head(received) else { return nil }
    let end = head.byteCount + head.bodyByteCount
    guard received.count >= end else { return nil }
    // One request at a time: nothing comes behind its reply.
    guard received.count == end else { fatalError("the hub sent more than a reply") }
    let body = received[head.byteCount...]
    received = []
    return Reply(status: head.status, body: body)
  }

  /// What stands in front of a reply's body.
  private struct Head {
    var status = 0
    var byteCount = 0
    var bodyByteCount = 0

    /// - Returns: `nil` where the head is not whole yet.
    init?(_ bytes: [UInt8]) {
      var lineStart = 0
      for place in bytes.indices.dropFirst() where bytes[place] == 10 && bytes[place - 1] == 13 {
        let line = bytes[lineStart..<(place - 1)]
        if line.isEmpty {
          byteCount = place + 1
          return
        }
        if lineStart == 0 {
          guard line.starts(with: "HTTP/1.1 ".utf8) else { fatalError("the hub speaks no HTTP") }
          status = Self.number(line.dropFirst(9).prefix(3))
        } else if line.count > 15, line[lineStart + 14] == UInt8(ascii: ":"),
          zip(line, "content-length".utf8).allSatisfy({ $0 | 0x20 == $1 | 0x20 })
        {
          bodyByteCount = Self.number(line.dropFirst(15).drop { $0 == UInt8(ascii: " ") })
        }
        lineStart = place + 1
      }
      return nil
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int {
      digits.reduce(0) { $0 * 10 + Int($1 & 15) }
    }
  }
}

/// Waits for bytes on many connections at once.
struct Poll: ~Copyable {
  private let poll = epoll_create1(0)
  private var events = [epoll_event](repeating: epoll_event(), count: 256)

  /// Watches a socket. Its number comes back from ``wait(milliseconds:)``.
  mutating func add(_ connection: RawConnection, number: Int) {
    var event = epoll_event()
    event.events = EPOLLIN.rawValue
    event.data.u64 = UInt64(number)
    guard epoll_ctl(poll, EPOLL_CTL_ADD, connection.socket, &event) == 0 else {
      fatalError("a socket cannot be watched")
    }
  }

  /// Returns the numbers of connections that have something to read, none where the time is over.
  mutating func wait(milliseconds: Int32) -> [Int] {
    let count = epoll_wait(poll, &events, Int32(events.count), milliseconds)
    return events.prefix(Int(max(count, 0))).map { Int($0.data.u64) }
  }

  deinit { close(poll) }
}
