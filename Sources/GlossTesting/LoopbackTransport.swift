package import GlossHub
package import GlossWire

/// Hands requests to a hub in the same process, through the HTTP binding both ways, and counts them.
package actor LoopbackTransport: HubTransport {
  /// One request and the reply to it, as HTTP carries them.
  package struct Exchange: Sendable {
    package let request: HTTPRequest
    package let reply: HTTPReply
  }

  private var hub: Hub?

  /// Every exchange so far, the oldest first.
  package private(set) var exchanges: [Exchange] = []

  /// Creates a transport to `hub`.
  package init(_ hub: Hub) {
    self.hub = hub
  }

  /// Reaches another hub from now on, or none.
  package func connect(to hub: Hub?) {
    self.hub = hub
  }

  /// Forgets the exchanges so far.
  package func forget() {
    exchanges = []
  }

  /// The number of bytes of all requests and replies, written as HTTP/1.1.
  package var byteCount: Int {
    exchanges.reduce(0) { $0 + $1.request.byteCountAsText + $1.reply.byteCountAsText }
  }

  package func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    guard let hub else { throw .transport(.unreachable("no hub")) }
    let http = request.http
    let reply = await Self.answer(to: http, by: hub)
    exchanges.append(Exchange(request: http, reply: reply))
    return try HubReply(http: reply, to: request.action)
  }

  private static func answer(to http: HTTPRequest, by hub: Hub) async -> HTTPReply {
    do throws(Problem) {
      let limit = hub.limits.requestByteCount
      guard http.body.count <= limit else {
        throw Problem(
          .tooLarge, status: 413, detail: "the body is over \(limit) bytes", limit: UInt64(limit))
      }
      return try await hub.reply(to: HubRequest(http: http)).http()
    } catch {
      return error.http
    }
  }
}

extension HTTPRequest {
  /// The number of bytes of the request as HTTP/1.1 writes it, to a host with a name of usual length.
  package var byteCountAsText: Int {
    let line = "\(method) \(target) HTTP/1.1\r\n".utf8.count
    let host = "host: hub.example.org:8765\r\n".utf8.count
    return line + host + textByteCount(of: headers, body: body)
  }
}

extension HTTPReply {
  /// The number of bytes of the reply as HTTP/1.1 writes it, with the date that every reply carries.
  package var byteCountAsText: Int {
    let line = "HTTP/1.1 \(status) OK\r\n".utf8.count
    let date = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n".utf8.count
    return line + date + textByteCount(of: headers, body: body)
  }
}

private func textByteCount(of headers: [(name: String, value: String)], body: [UInt8]) -> Int {
  let length = "content-length: \(body.count)\r\n\r\n".utf8.count
  return headers.reduce(length + body.count) { $0 + "\($1.name): \($1.value)\r\n".utf8.count }
}
