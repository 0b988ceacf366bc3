import Foundation
import Glibc

/// A server on a free port of this machine that answers each request with the bytes of a script.
///
/// All that it shares between threads is behind one lock.
final class ScriptedServer: Sendable {
  /// What to do about a request.
  enum Step: Sendable {
    case send([UInt8])
    /// Send these bytes again and again, until the other side goes.
    case sendForever([UInt8])
    /// Close the connection.
    case close
    /// Do nothing until the other side goes or the server stops.
    case stall
    /// Do nothing until so many requests have come in.
    case awaitRequests(Int)

    static func send(_ text: String) -> Step { .send(Array(text.utf8)) }
  }

  /// A request as it came.
  struct Request: Sendable {
    var head: String
    var body: [UInt8]
  }

  private struct State {
    var acceptedCount = 0
    var requests: [Request] = []
    var goneCount = 0
    var connections: Set<Int32> = []
    var isStopped = false
  }

  let port: UInt16
  private let listener: Int32
  private let script: @Sendable (_ requestIndex: Int) -> [Step]
  private let lock = NSCondition()
  nonisolated(unsafe) private var state = State()

  /// Starts a server whose script is told how many requests came before, on all connections.
  init(_ script: @escaping @Sendable (_ requestIndex: Int) -> [Step]) throws {
    self.script = script
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = listener
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length) == 0 && listen(listener, 128) == 0
          && getsockname(listener, $0, &length) == 0
      }
    }
    guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { self.accept() }
  }

  /// A server that answers every request with the same steps.
  convenience init(_ steps: Step...) throws {
    try self.init { _ in steps }
  }

  var address: String { "http://127.0.0.1:\(port)" }
  var acceptedCount: Int { with { $0.acceptedCount } }
  var requests: [Request] { with { $0.requests } }

  func stop() {
    with { state in
      state.isStopped = true
      shutdown(listener, Int32(SHUT_RDWR))
      for connection in state.connections { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  /// How many connections and requests there have been.
  struct Counts: Sendable {
    var accepted: Int
    var requests: Int
    /// Connections that have ended.
    var gone: Int
  }

  /// Waits until `condition` holds; returns whether it did within ten seconds.
  ///
  /// The wait has a thread of its own: one of the few that tasks share must not block.
  func wait(until condition: @escaping @Sendable (Counts) -> Bool) async -> Bool {
    await withCheckedContinuation { continuation in
      Thread.detachNewThread { continuation.resume(returning: self.block(until: condition)) }
    }
  }

  private func block(until condition: (Counts) -> Bool) -> Bool {
    let deadline = Foundation.Date(timeIntervalSinceNow: 10)
    lock.lock()
    defer { lock.unlock() }
    while true {
      let counts = Counts(
        accepted: state.acceptedCount, requests: state.requests.count, gone: state.goneCount)
      if condition(counts) { return true }
      guard !state.isStopped, lock.wait(until: deadline) else { return false }
    }
  }

  private func with<Result>(_ body: (inout State) -> Result) -> Result {
    lock.lock()
    defer {
      lock.broadcast()
      lock.unlock()
    }
    return body(&state)
  }

  private func accept() {
    while true {
      let connection = Glibc.accept(listener, nil, nil)
      guard connection >= 0 else { break }
      let isStopped = with { state in
        state.acceptedCount += 1
        state.connections.insert(connection)
        return state.isStopped
      }
      if isStopped {
        Glibc.close(connection)
        break
      }
      Thread.detachNewThread { self.serve(connection) }
    }
    Glibc.close(listener)
  }

  private func serve(_ connection: Int32) {
    while let request = read(connection) {
      let index = with { state in
        state.requests.append(request)
        return state.requests.count - 1
      }
      guard script(index).allSatisfy({ perform($0, connection) }) else { break }
    }
    with { state in
      state.connections.remove(connection)
      state.goneCount += 1
      Glibc.close(connection)
    }
  }

  /// Returns whether the connection is to be used further.
  private func perform(_ step: Step, _ connection: Int32) -> Bool {
    switch step {
    case .send(let bytes): return write(bytes, connection)
    case .sendForever(let bytes):
      while write(bytes, connection) {}
      return false
    case .close: return false
    case .stall:
      var byte: UInt8 = 0
      while recv(connection, &byte, 1, 0) > 0 {}
      return false
    case .awaitRequests(let count): return block { $0.requests >= count }
    }
  }

  private func write(_ bytes: [UInt8], _ connection: Int32) -> Bool {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  private func read(_ connection: Int32) -> Request? {
    var bytes: [UInt8] = []
    let blank = Array("\r\n\r\n".utf8)
    var chunk = [UInt8](repeating: 0, count: 65_536)
    var end: Int?
    var bodyCount = 0
    while true {
      if let end, bytes.count >= end + bodyCount {
        let head = String(decoding: bytes[..<end], as: UTF8.self)
        return Request(head: head, body: Array(bytes[end...]))
      }
      let count = recv(connection, &chunk, chunk.count, 0)
      guard count > 0 else { return nil }
      bytes += chunk[..<count]
      if end == nil, let found = bytes.firstRange(of: blank) {
        end = found.upperBound
        let head = String(decoding: bytes[..<found.upperBound], as: UTF8.self).lowercased()
        let line = head.split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        bodyCount = line.flatMap { Int($0.dropFirst(15).filter(\.isNumber)) } ?? 0
      }
    }
  }
}
