import Foundation
import GlossCore
import GlossHub
import GlossHubServer
import GlossTesting
import GlossWire
import Testing

/// The head of a push whose body comes in chunks.
private func chunkedPush(to library: LibraryID, token: String) -> String {
  "POST /v1/libraries/\(library)/bundles HTTP/1.1\r\nhost: x\r\ngloss-protocol: 1\r\n"
    + "authorization: Bearer \(token)\r\ncontent-type: application/x-protobuf\r\n"
    + "transfer-encoding: chunked\r\n\r\n"
}

@Suite struct `The server` {
  @Test func `a library is made, filled and read over one connection`() async throws {
    let fixture = try await HubFixture()
    let library = LibraryID(0xC3)
    let bundle = fixture.bundle(1, 1, 4, size: 700_000, library: library)
    try await serving(fixture) { port in
      let connection = try Connection(port: port)
      #expect(try connection.ask(.createLibrary(library)) == .done)
      guard
        case .page(let page) = try connection.ask(.push(library, bundles: [bundle], after: nil)),
        case .page(let all) = try connection.ask(.pull(library, after: nil)),
        case .vector(let vector) = try connection.ask(.vector(library))
      else {
        Issue.record("replies are of their action")
        return
      }
      #expect(page.bundles.isEmpty)
      #expect(all.bundles == [bundle])
      #expect(all.cursor == page.cursor)
      #expect(vector.end == page.cursor)
      #expect(throws: HubFailure.self) { try connection.ask(.vector(library), token: "no") }
    }
  }

  @Test func `every reply says the date, and health is ok`() async throws {
    let fixture = try await HubFixture()
    try await serving(fixture) { port in
      let connection = try Connection(port: port)
      let health = try connection.ask(HTTPRequest(method: "GET", target: "/health"))
      #expect(health.status == 200)
      #expect(health.body == Array("ok\n".utf8))
      let token = HubRequest(.createLibrary(fixture.library), credential: HubFixture.token)
      for reply in [
        health, try connection.ask(HubRequest(.describe).http), try connection.ask(token.http),
        try connection.ask(HTTPRequest(method: "GET", target: "/nothing")),
        try connection.ask(HubRequest(.vector(fixture.library)).http),
      ] {
        #expect(reply.value(of: "date")?.hasSuffix("GMT") == true, "\(reply.status)")
      }
    }
  }

  @Test func `a pull that waits is answered by a push, on a connection that goes on`()
    async throws
  {
    let fixture = try await HubFixture()
    let bundle = fixture.bundle(1, 1, 1)
    try await serving(fixture) { port in
      let reader = try Connection(port: port)
      let writer = try Connection(port: port)
      let pull = HubRequest.Action.pull(fixture.library, after: nil, waitSeconds: 30)
      reader.send(HubRequest(pull, credential: HubFixture.token).http)
      blocking { await fixture.waiters(1) }
      _ = try writer.ask(.push(fixture.library, bundles: [bundle], after: nil))
      let reply = try reader.readReply()
      #expect(reply.value(of: "preference-applied") == "wait")
      guard case .page(let page) = try HubReply(http: reply, to: pull) else {
        Issue.record("a pull is answered by a page")
        return
      }
      #expect(page.bundles == [bundle])
      #expect(page.hasWaited)
      guard case .vector = try reader.ask(.vector(fixture.library)) else {
        Issue.record("the connection goes on")
        return
      }
    }
  }

  @Test func `a client that hangs up waits no longer`() async throws {
    let fixture = try await HubFixture()
    try await serving(fixture) { port in
      let pull = HubRequest.Action.pull(fixture.library, after: nil, waitSeconds: 30)
      do {
        let reader = try Connection(port: port)
        reader.send(HubRequest(pull, credential: HubFixture.token).http)
        blocking { await fixture.waiters(1) }
      }
      blocking { await fixture.waiters(0) }
    }
  }

  @Test func `a server that stops answers those who wait`() async throws {
    let fixture = try await HubFixture()
    let pull = HubRequest.Action.pull(fixture.library, after: nil, waitSeconds: 30)
    let (stop, stopping) = AsyncStream.makeStream(of: Never.self)
    try await serving(fixture, stopSignal: .end(of: stop)) { port in
      let reader = try Connection(port: port)
      reader.send(HubRequest(pull, credential: HubFixture.token).http)
      blocking { await fixture.waiters(1) }
      stopping.finish()
      guard case .page(let page) = try HubReply(http: reader.readReply(), to: pull) else {
        Issue.record("a pull is answered by a page")
        return
      }
      #expect(page.bundles.isEmpty)
      #expect(reader.readToEnd().isClosed)
    }
    #expect(await fixture.store.appends.count == 0)
  }

  @Test func `a path says which methods it takes`() async throws {
    let fixture = try await HubFixture()
    try await serving(fixture) { port in
      let connection = try Connection(port: port)
      var request = HubRequest(.pull(fixture.library, after: nil)).http
      request.method = "PUT"
      let reply = try connection.ask(request)
      #expect(reply.status == 405)
      #expect(reply.value(of: "allow") == "GET, POST")
      let plain = try connection.ask(HubRequest(.vector(fixture.library)).http)
      #expect(plain.status == 401)
      #expect(plain.value(of: "www-authenticate") == "Bearer")
    }
  }

  @Test func `health takes GET and HEAD, and says so`() async throws {
    let fixture = try await HubFixture()
    try await serving(fixture) { port in
      for method in ["POST", "TRACE", "OPTIONS"] {
        let reply = try Connection(port: port).ask(HTTPRequest(method: method, target: "/health"))
        #expect(reply.status == 405)
        #expect(reply.value(of: "allow") == "GET, HEAD")
      }
    }
  }

  @Test func `a request without a secret is unauthorised, whatever it asks`() async throws {
    let fixture = try await HubFixture()
    try await serving(fixture) { port in
      let connection = try Connection(port: port)
      let digest = [UInt8](repeating: 7, count: 32)
      for action: HubRequest.Action in [
        .createLibrary(fixture.library), .offerEnrolment(fixture.library, secretDigest: digest),
        .enrol(fixture.library, tokenDigest: digest), .pull(fixture.library, after: nil),
        .push(fixture.library, bundles: [], after: nil), .vector(fixture.library),
      ] {
        let reply = try connection.ask(HubRequest(action).http)
        #expect(reply.status == 401)
        #expect(reply.value(of: "www-authenticate") == "Bearer")
      }
    }
  }

  @Test func `a body that is announced too large is refused before it comes`() async throws {
    let fixture = try await HubFixture()
    try await serving(fixture) { port in
      let connection = try Connection(port: port)
      connection.send(
        "POST /v1/libraries/\(fixture.library)/bundles HTTP/1.1\r\nhost: x\r\n"
          + "content-length: 16777217\r\n\r\n")
      let reply = try connection.readReply()
      #expect(reply.status == 413)
      #expect(reply.value(of: "connection") == "close")
      #expect(throws: HubFailure.self) { try HubReply(http: reply, to: .describe) }
      #expect(String(decoding: reply.body, as: UTF8.self).contains(#""limit":"16777216""#))
    }
  }

  @Test func `a body in chunks is refused once it is too large`() async throws {
    let fixture = try await HubFixture()
    try await serving(fixture) { port in
      let connection = try Connection(port: port)
      connection.send(chunkedPush(to: fixture.library, token: HubFixture.token))
      let chunk = Array("100000\r\n".utf8) + [UInt8](repeating: 0, count: 1 << 20) + [13, 10]
      for _ in 0..<17 { connection.send(chunk) }
      #expect(try connection.readReply().status == 413)
    }
  }

  @Test func `of a stranger no large body is taken in`() async throws {
    let fixture = try await HubFixture()
    try await serving(fixture) { port in
      let chunked = try Connection(port: port)
      chunked.send(chunkedPush(to: fixture.library, token: "nobody's"))
      chunked.send(Array("11000\r\n".utf8) + [UInt8](repeating: 0, count: 0x11000))
      #expect(try chunked.readReply().status == 401)
      let announced = try Connection(port: port)
      announced.send(
        chunkedPush(to: fixture.library, token: "nobody's").replacing(
          "transfer-encoding: chunked", with: "content-length: 70000"))
      #expect(try announced.readReply().status == 401)
      let other = try Connection(port: port)
      other.send(
        "PUT /v1/libraries/\(fixture.library) HTTP/1.1\r\nhost: x\r\ngloss-protocol: 1\r\n"
          + "content-length: 70000\r\n\r\n")
      #expect(try other.readReply().status == 413)
    }
  }

  @Test(arguments: [
    "garbage\r\n\r\n",
    "GET / HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n",
    "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "GET /health HTTP/1.1\r\nhost: x\r\nx: \(String(repeating: "y", count: 100_000))\r\n\r\n",
  ]) func `what is no request ends the connection`(text: String) async throws {
    let fixture = try await HubFixture()
    try await serving(fixture) { port in
      let connection = try Connection(port: port)
      connection.send(text)
      let end = connection.readToEnd()
      #expect(end.isClosed)
      #expect(end.text.isEmpty || end.text.hasPrefix("HTTP/1.1 400"), "\(end.text)")
      let next = try Connection(port: port).ask(HTTPRequest(method: "GET", target: "/health"))
      #expect(next.status == 200)
    }
  }

  @Test func `a slow body and an idle connection are closed`() async throws {
    let fixture = try await HubFixture()
    let timeouts = HubServer.Timeouts(idleSeconds: 1, bodySeconds: 1)
    try await serving(fixture, timeouts: timeouts) { port in
      let slow = try Connection(port: port)
      slow.send("POST /v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12")
      let idle = try Connection(port: port)
      #expect(slow.readToEnd().isClosed)
      #expect(idle.readToEnd().isClosed)
    }
  }

  @Test func `a port in use is an error of its own`() async throws {
    let fixture = try await HubFixture()
    try await serving(fixture) { port in
      let done = DispatchSemaphore(value: 0)
      Task {
        let second = HubServer(
          hub: fixture.hub,
          configuration: HubServer.Configuration(host: "127.0.0.1", port: port, stopSignal: .none),
          log: HubLog(level: .error, clock: { 0 }))
        await #expect(throws: HubServer.Failure.addressUnavailable("Address already in use")) {
          try await second.run { _ in }
        }
        done.signal()
      }
      #expect(done.wait(timeout: .now() + 120) == .success)
    }
  }
}
