import Glibc
import GlossHTTP
import GlossWire
import Testing

/// Connections, requests as they are sent, and lifetimes.
@Suite(.timeLimit(.minutes(1))) struct ConnectionTests {
  @Test func `requests that follow each other share a connection`() async throws {
    let server = try ScriptedServer(.send(reply(body: "ok")))
    try await withTransport(to: server) { transport in
      for _ in 0..<20 { _ = try await transport.exchange(.get) }
    }
    #expect(server.requests.count == 20)
    #expect(server.acceptedCount == 1)
  }

  @Test func `a kept connection that the hub closed is replaced`() async throws {
    let server = try ScriptedServer(.send(reply(body: "ok")), .close)
    try await withTransport(to: server) { transport in
      for count in 1...5 {
        _ = try await transport.exchange(
          HTTPRequest(method: "POST", target: "/", body: [UInt8](repeating: 7, count: 1_000)))
        #expect(await server.wait { $0.gone == count })
      }
    }
    #expect(server.requests.map(\.body.count) == [1_000, 1_000, 1_000, 1_000, 1_000])
  }

  @Test func `32 requests at once use no more connections than allowed`() async throws {
    // Nothing is answered before four requests are there at once.
    let server = try ScriptedServer { _ in [.awaitRequests(4), .send(reply(body: "ok"))] }
    let count = try await withTransport(to: server, changing: requestLimit(4)) { transport in
      try await withThrowingTaskGroup(of: [UInt8].self) { group in
        for _ in 0..<32 { group.addTask { try await transport.exchange(.get).body } }
        return try await group.reduce(0) { $1 == Array("ok".utf8) ? $0 + 1 : $0 }
      }
    }
    #expect(count == 32)
    #expect(server.requests.count == 32)
    #expect((1...4).contains(server.acceptedCount))
  }

  @Test func `a body of several MiB is sent whole and at once`() async throws {
    let body = (0..<3 << 20).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let server = try ScriptedServer(.send(reply("204 No Content", body: [])))
    try await withTransport(to: server) { transport in
      _ = try await transport.exchange(HTTPRequest(method: "POST", target: "/", body: body))
    }
    let request = try #require(server.requests.first)
    #expect(request.body == body)
    #expect(!request.head.lowercased().contains("expect:"))
  }

  @Test func `a request carries what it was given and nothing of its own making`() async throws {
    let server = try ScriptedServer(.send(reply(body: "ok")))
    try await withTransport(to: server, path: "/notes/") { transport in
      let headers = [("authorization", "Bearer t"), ("x-empty", "")]
      _ = try await transport.exchange(
        HTTPRequest(method: "PUT", target: "/v1/a?b=%2F", headers: headers))
      _ = try await transport.exchange(HTTPRequest(method: "GET", target: "/b"))
    }
    let place = "127.0.0.1:\(server.port)"
    #expect(
      server.requests.map { $0.head.lowercased().split(separator: "\r\n").sorted() } == [
        [
          "accept: */*", "authorization: bearer t", "content-length: 0", "host: \(place)",
          "put /notes/v1/a?b=%2f http/1.1", "user-agent: gloss/test", "x-empty:",
        ],
        [
          "accept: */*", "get /notes/b http/1.1", "host: \(place)", "user-agent: gloss/test",
        ],
      ])
  }

  @Test func `a refused connection names host and port`() async throws {
    let server = try ScriptedServer(.close)
    let port = server.port
    server.stop()
    // The listener is gone once a connection to it fails; until then it may still be accepted.
    var result: TransportError?
    let transport = try CurlTransport(
      address: server.address, options: CurlTransport.Options(userAgent: "gloss/test"))
    for _ in 0..<1_000 where !result.isUnreachable {
      do throws(TransportError) { _ = try await transport.exchange(.get) } catch { result = error }
    }
    await transport.close()
    guard case .unreachable(let text) = result else {
      Issue.record("\(String(describing: result))")
      return
    }
    #expect(text.contains("127.0.0.1:\(port)"))
  }

  @Test func `a server that speaks no TLS is insecure`() async throws {
    let server = try ScriptedServer(.close)
    // The hello of TLS has no blank line; the server waits for one until the client gives up, so
    // it is let go from here.
    let transport = try CurlTransport(
      address: "https://127.0.0.1:\(server.port)",
      options: CurlTransport.Options(userAgent: "gloss/test"))
    async let reply = transport.exchange(.get)
    #expect(await server.wait { $0.accepted == 1 })
    server.stop()
    do {
      _ = try await reply
      Issue.record("a reply without TLS")
    } catch TransportError.insecure(let text) {
      #expect(text.contains("127.0.0.1:\(server.port)"))
    }
    await transport.close()
  }

  @Test func `cancelling the task ends the transfer and its connection`() async throws {
    let server = try ScriptedServer(.stall)
    try await withTransport(to: server) { transport in
      await withTaskGroup(of: TransportError?.self) { group in
        group.addTask {
          do throws(TransportError) {
            _ = try await transport.exchange(.get)
            return nil
          } catch {
            return error
          }
        }
        #expect(await server.wait { $0.requests == 1 })
        group.cancelAll()
        #expect(await group.next() == .some(.cancelled))
      }
      #expect(await server.wait { $0.gone == 1 })
    }
  }

  @Test func `a task that is already cancelled gets no reply`() async throws {
    let server = try ScriptedServer(.stall)
    try await withTransport(to: server) { transport in
      await withTaskGroup(of: Bool.self) { group in
        group.cancelAll()
        group.addTask {
          do throws(TransportError) {
            _ = try await transport.exchange(.get)
            return false
          } catch {
            return error == .cancelled
          }
        }
        #expect(await group.next() == true)
      }
    }
  }

  @Test func `closing fails what is out, what waits and what comes later`() async throws {
    let server = try ScriptedServer(.stall)
    try await withTransport(to: server, changing: requestLimit(2)) { transport in
      try await withThrowingTaskGroup(of: TransportError?.self) { group in
        for _ in 0..<6 {
          group.addTask {
            do throws(TransportError) {
              _ = try await transport.exchange(.get)
              return nil
            } catch {
              return error
            }
          }
        }
        #expect(await server.wait { $0.requests == 2 })
        await transport.close()
        for try await result in group { #expect(result == .cancelled) }
      }
      await #expect(throws: TransportError.cancelled) { try await transport.exchange(.get) }
    }
  }

  @Test func `letting go of a transport closes its connections`() async throws {
    let server = try ScriptedServer(.send(reply(body: "ok")))
    do {
      let transport = try CurlTransport(
        address: server.address, options: CurlTransport.Options(userAgent: "gloss/test"))
      _ = try await transport.exchange(.get)
    }
    #expect(await server.wait { $0.gone == 1 })
    server.stop()
  }

  @Test func `a proxy that the environment names is not used`() async {
    // A process of its own, for the environment belongs to all threads.
    await #expect(processExitsWith: .success) {
      for name in ["http_proxy", "all_proxy", "ALL_PROXY"] { setenv(name, "http://127.0.0.1:1", 1) }
      let server = try ScriptedServer(.send(reply(body: "ok")))
      let body = try await withTransport(to: server) { try await $0.exchange(.get).body }
      try #require(body == Array("ok".utf8))
    }
  }

  @Test func `a proxy that is an argument is used`() async throws {
    let proxy = try ScriptedServer(.send(reply(body: "from the proxy")))
    let options = {
      var options = CurlTransport.Options(userAgent: "gloss/test")
      options.proxy = proxy.address
      return options
    }()
    let transport = try CurlTransport(address: "http://hub.invalid/base", options: options)
    #expect(try await transport.exchange(.get).body == Array("from the proxy".utf8))
    #expect(proxy.requests.first?.head.hasPrefix("GET http://hub.invalid/base/page ") == true)
    await transport.close()
    proxy.stop()
  }

  @Test func `a libcurl that is missing or another library is a reported error`() throws {
    #expect(CurlLibrary.problem(loading: "libcurl.so.4") == nil)
    #expect(try #require(CurlLibrary.problem(loading: "libnone.so.9")).contains("libnone.so.9"))
    #expect(try #require(CurlLibrary.problem(loading: "libc.so.6")).contains("curl_global_init"))
  }

  private func requestLimit(_ count: Int) -> (inout CurlTransport.Options) -> Void {
    { $0.concurrentRequestLimit = count }
  }
}
