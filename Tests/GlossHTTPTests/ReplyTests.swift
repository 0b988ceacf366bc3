import GlossHTTP
import GlossWire
import Testing

/// What a transport makes of the bytes that come back.
@Suite(.timeLimit(.minutes(1))) struct ReplyTests {
  @Test func `a complete reply arrives with its status, headers and body`() async throws {
    let server = try ScriptedServer(
      .send(reply("200 OK", "X-Colour:  blue \t", "X-Empty:", body: Array("hello".utf8))))
    let result = try await withTransport(to: server) { try await $0.exchange(.get) }
    #expect(result.status == 200)
    #expect(result.body == Array("hello".utf8))
    #expect(result.value(of: "x-colour") == "blue")
    #expect(result.value(of: "x-empty") == "")
  }

  @Test func `interim replies and trailers are left out`() async throws {
    let server = try ScriptedServer(
      .send(
        """
        HTTP/1.1 103 Early Hints\r\nX-Interim: 1\r\n\r\nHTTP/1.1 200 OK\r\n\
        Transfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\nX-Trailer: 1\r\n\r\n
        """))
    let result = try await withTransport(to: server) { try await $0.exchange(.get) }
    #expect(result.status == 200)
    #expect(result.body == Array("ab".utf8))
    #expect(result.headers.map(\.name) == ["transfer-encoding"])
  }

  @Test func `a reply that is cut at any byte is interrupted`() async throws {
    let whole = reply("200 OK", "X-A: b", body: Array("0123456789".utf8))
    for count in 0..<whole.count {
      let server = try ScriptedServer(.send(Array(whole[..<count])), .close)
      let result = try await failure(of: server)
      #expect(result.isInterrupted, "\(count) bytes: \(String(describing: result))")
    }
  }

  @Test func `a chunked reply that is cut at any byte is interrupted`() async throws {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    let whole = Array((head + "5\r\nhello\r\n5\r\nworld\r\n0\r\n\r\n").utf8)
    // Without the very last line end everything has arrived that counts.
    for count in head.utf8.count..<whole.count - 4 {
      let server = try ScriptedServer(.send(Array(whole[..<count])), .close)
      let result = try await failure(of: server)
      #expect(result.isInterrupted, "\(count) bytes: \(String(describing: result))")
    }
  }

  @Test(arguments: [
    "Content-Length: 6\r\n\r\nhello", "\r\nhello",
    "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    "Content-Length: 5, 5\r\n\r\nhello", "Content-Length: -1\r\n\r\nhello",
    "Transfer-Encoding: gzip, chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
  ])
  func `a reply that does not say truly how long it is is refused`(rest: String) async throws {
    let server = try ScriptedServer(.send("HTTP/1.1 200 OK\r\n" + rest), .close)
    let result = try await failure(of: server)
    #expect(result.isInterrupted, "\(String(describing: result))")
  }

  @Test func `what follows a reply is not taken for the next one`() async throws {
    let server = try ScriptedServer { index in
      [.send(index == 0 ? reply(body: "one") + reply(body: "forged") : reply(body: "two"))]
    }
    let bodies = try await withTransport(to: server) { transport in
      [try await transport.exchange(.get).body, try await transport.exchange(.get).body]
    }
    #expect(bodies == [Array("one".utf8), Array("two".utf8)])
  }

  @Test(arguments: ["SSH-2.0-OpenSSH_9.2\r\n", "\u{0}\u{1}\u{2}\u{3}", "<html></html>"])
  func `what is not HTTP is no reply`(garbage: String) async throws {
    let result = try await failure(of: ScriptedServer(.send(garbage), .close))
    #expect(result.isInterrupted, "\(String(describing: result))")
  }

  @Test func `a page of another server is not ours`() async throws {
    let result = try await hubFailure(
      of: ScriptedServer(.send(reply("200 OK", "Content-Type: text/html", body: [60, 62]))))
    #expect(result.isNotOurs, "\(String(describing: result))")
  }

  @Test func `a redirect is not followed`() async throws {
    let server = try ScriptedServer { index in
      [
        .send(
          index == 0
            ? reply("302 Found", "Location: /elsewhere", body: []) : reply(body: "followed"))
      ]
    }
    let result = try await hubFailure(of: server)
    #expect(result.isNotOurs, "\(String(describing: result))")
    #expect(server.requests.count == 1)
  }

  @Test func `a problem keeps its type and how long to wait`() async throws {
    let document = #"{"type":"urn:gloss:problem:unauthorised","status":401,"detail":"no"}"#
    let refused = try await hubFailure(
      of: ScriptedServer(
        .send(
          reply(
            "401 Unauthorized", "Content-Type: application/problem+json", "Retry-After: 7",
            body: Array(document.utf8)))))
    #expect(
      refused
        == .refused(Problem(.unauthorised, status: 401, detail: "no", retryAfterSeconds: 7)))
  }

  @Test func `a proxy's plain 503 is unavailable and says how long to wait`() async throws {
    let result = try await hubFailure(
      of: ScriptedServer(
        .send("HTTP/1.0 503 Service Unavailable\r\nRetry-After: 120\r\n\r\nbusy"), .close))
    guard case .refused(let problem) = result else {
      Issue.record("\(String(describing: result))")
      return
    }
    #expect(problem.type == .unavailable)
    #expect(problem.retryAfterSeconds == 120)
  }
}
