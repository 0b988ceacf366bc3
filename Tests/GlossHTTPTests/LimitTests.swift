import GlossCore
import GlossHTTP
import GlossWire
import Testing

/// Content codings, sizes and times.
@Suite(.timeLimit(.minutes(1))) struct LimitTests {
  private static let json = Array(#"{"software":"hub","versions":[1]}"#.utf8)

  private func encoded(_ coding: String, _ body: [UInt8]) throws -> ScriptedServer {
    try ScriptedServer(
      .send(
        reply("200 OK", "Content-Type: application/json", "Content-Encoding: \(coding)", body: body)
      )
    )
  }

  @Test func `a zstd body is decoded`() async throws {
    let server = try encoded("zstd", Zstandard.compress(Self.json))
    let result = try await withTransport(to: server) { try await $0.send(HubRequest(.describe)) }
    guard case .description(let description) = result else {
      Issue.record("\(result)")
      return
    }
    #expect(description.software == "hub")
  }

  @Test func `a zstd body that is cut, though its length is right, is refused`() async throws {
    let frame = Zstandard.compress(Self.json)
    for count in 0..<frame.count {
      let result = try await hubFailure(of: encoded("zstd", Array(frame[..<count])))
      #expect(result.isNotOurs, "\(count) bytes: \(String(describing: result))")
    }
  }

  @Test func `a zstd body that grows beyond the limit is refused`() async throws {
    let bomb = Zstandard.compress([UInt8](repeating: 0, count: 32 << 20))
    #expect(bomb.count < 100_000)
    let result = try await hubFailure(of: encoded("zstd", bomb)) {
      $0.decodedByteLimit = 1 << 20
    }
    #expect(result == .transport(.tooLarge(limit: 1 << 20)))
  }

  @Test(arguments: ["gzip", "br", "zstd, gzip", "zstd, zstd", "GZIP"])
  func `another content coding is refused`(coding: String) async throws {
    let result = try await hubFailure(of: encoded(coding, Zstandard.compress(Self.json)))
    #expect(result.isNotOurs, "\(String(describing: result))")
  }

  @Test func `an endless body ends at the limit`() async throws {
    let server = try ScriptedServer(
      .send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
      .sendForever(Array("400\r\n".utf8) + [UInt8](repeating: 65, count: 1_024) + [13, 10]))
    #expect(
      try await failure(of: server) { $0.replyByteLimit = 100_000 } == .tooLarge(limit: 100_000))
  }

  @Test func `a body of exactly the limit is taken and one byte more is not`() async throws {
    for count in [1_000, 1_001] {
      let server = try ScriptedServer(.send(reply(body: [UInt8](repeating: 1, count: count))))
      let result = try await failure(of: server) { $0.replyByteLimit = 1_000 }
      #expect(result == (count == 1_000 ? nil : .tooLarge(limit: 1_000)))
    }
  }

  @Test(arguments: ["1001", "99999999999999999999"])
  func `a length over the limit is refused before the body comes`(length: String) async throws {
    let server = try ScriptedServer(
      .send("HTTP/1.1 200 OK\r\nContent-Length: \(length)\r\n\r\n"), .stall)
    #expect(
      try await failure(of: server) { $0.replyByteLimit = 1_000 } == .tooLarge(limit: 1_000))
  }

  @Test func `endless headers end at the limit`() async throws {
    let server = try ScriptedServer(
      .send("HTTP/1.1 200 OK\r\n"), .sendForever(Array("X-More: of the same\r\n".utf8)))
    #expect(
      try await failure(of: server) { $0.headerByteLimit = 10_000 } == .tooLarge(limit: 10_000))
  }

  @Test func `a reply that stalls times out`() async throws {
    let server = try ScriptedServer(.send("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhe"), .stall)
    #expect(try await failure(of: server) { $0.stallTimeoutSeconds = 1 } == .timedOut)
  }

  @Test func `a hub that never answers times out`() async throws {
    let server = try ScriptedServer(.stall)
    #expect(try await failure(of: server) { $0.stallTimeoutSeconds = 1 } == .timedOut)
  }

  @Test func `a handshake that never ends times out`() async throws {
    let server = try ScriptedServer(.stall)
    var options = CurlTransport.Options(userAgent: "gloss/test")
    options.connectTimeoutMilliseconds = 300
    let transport = try CurlTransport(
      address: "https://127.0.0.1:\(server.port)", options: options)
    await #expect(throws: TransportError.timedOut) { try await transport.exchange(.get) }
    await transport.close()
    server.stop()
  }

  @Test func `what goes and comes is told byte by byte`() async throws {
    let told = Locked((sent: 0, received: 0))
    let server = try ScriptedServer(
      .send(reply(body: [UInt8](repeating: 1, count: 300_000))))
    let request = HTTPRequest(
      method: "POST", target: "/", body: [UInt8](repeating: 2, count: 200_000))
    let result = try await withTransport(to: server) { options in
      options.onBytes = { sent, received in
        told.withLock { $0 = ($0.sent + sent, $0.received + received) }
      }
    } _: {
      try await $0.exchange(request)
    }
    #expect(result.body.count == 300_000)
    let (sent, received) = told.withLock(\.self)
    #expect(sent == 200_000)
    #expect(received == 300_000)
  }
}
