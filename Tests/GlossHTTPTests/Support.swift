import GlossCore
import GlossHTTP
import GlossWire
import Testing

/// Runs `body` with a transport to `server`, and ends both.
func withTransport<Result: Sendable>(
  to server: ScriptedServer, path: String = "",
  changing change: (inout CurlTransport.Options) -> Void = { _ in },
  _ body: (CurlTransport) async throws -> Result
) async throws -> Result {
  var options = CurlTransport.Options(userAgent: "gloss/test")
  change(&options)
  let transport = try CurlTransport(address: server.address + path, options: options)
  do {
    let result = try await body(transport)
    await transport.close()
    server.stop()
    return result
  } catch {
    await transport.close()
    server.stop()
    throw error
  }
}

/// Returns the failure that one exchange with `server` ends with, or `nil` if it has a reply.
func failure(
  of server: ScriptedServer, changing change: (inout CurlTransport.Options) -> Void = { _ in }
) async throws -> TransportError? {
  try await withTransport(to: server, changing: change) { transport in
    do throws(TransportError) {
      _ = try await transport.exchange(.get)
      return nil
    } catch {
      return error
    }
  }
}

/// Returns the failure that asking `server` for its description ends with.
func hubFailure(
  of server: ScriptedServer, changing change: (inout CurlTransport.Options) -> Void = { _ in }
) async throws -> HubFailure? {
  try await withTransport(to: server, changing: change) { transport in
    do throws(HubFailure) {
      _ = try await transport.send(HubRequest(.describe))
      return nil
    } catch {
      return error
    }
  }
}

/// Returns a reply of HTTP/1.1 with these header lines and this body, and its length.
func reply(_ status: String = "200 OK", _ lines: String..., body: [UInt8]) -> [UInt8] {
  let head = ["HTTP/1.1 \(status)", "Content-Length: \(body.count)"] + lines
  return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
}

func reply(_ status: String = "200 OK", body: String) -> [UInt8] {
  reply(status, body: Array(body.utf8))
}

extension HTTPRequest {
  static let get = HTTPRequest(method: "GET", target: "/page")
}

extension Optional where Wrapped == TransportError {
  var isInterrupted: Bool { if case .interrupted = self { true } else { false } }
  var isUnreachable: Bool { if case .unreachable = self { true } else { false } }
}

extension Optional where Wrapped == HubFailure {
  var isNotOurs: Bool { if case .notOurs = self { true } else { false } }
}
