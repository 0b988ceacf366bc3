import GlossCore
import GlossHubServer
import GlossTesting
import GlossWire
import Testing

/// Clients that are slow, greedy or lie about where a request ends, and the good one beside them.
@Suite struct `Hostile clients` {
  private static let health = HTTPRequest(method: "GET", target: "/health")

  private static func configuration(
    _ timeouts: HubServer.Timeouts = HubServer.Timeouts()
  ) -> HubServer.Configuration {
    var configuration = HubServer.Configuration(
      host: "127.0.0.1", port: 0, timeouts: timeouts, stopSignal: .none)
    configuration.metrics = ("127.0.0.1", 0)
    return configuration
  }

  /// What the server says of itself.
  private static func figures(_ port: Int?) throws -> String {
    let request = HTTPRequest(method: "GET", target: "/metrics")
    let connection = try PlainConnection(port: try #require(port))
    connection.wait(milliseconds: 60_000)
    let reply = try connection.ask(request)
    #expect(reply.status == 200)
    return String(decoding: reply.body, as: UTF8.self)
  }

  @Test func `a head that drips in is cut off, however often a byte comes`() async throws {
    let fixture = try await HubFixture()
    let configuration = Self.configuration(.init(headSeconds: 1))
    try await serving(fixture, configuration) { ports in
      let slow = try PlainConnection(port: ports.hub)
      #expect(try slow.ask(Self.health).status == 200)
      slow.wait(milliseconds: 50)
      slow.send("GET /health HTTP/1.1\r\nhost: x\r\nx: ")
      var isClosed = false
      for _ in 0..<600 where !isClosed {
        slow.send("y")
        isClosed = slow.readToEnd().isClosed
      }
      #expect(isClosed)
      #expect(try Self.figures(ports.metrics).contains(#"closed_total{reason="slow-head"} 1"#))
    }
  }

  @Test func `heads of one connection may be far apart, and each has its own time`() async throws {
    let fixture = try await HubFixture()
    let configuration = Self.configuration(.init(headSeconds: 1))
    try await serving(fixture, configuration) { ports in
      let connection = try PlainConnection(port: ports.hub)
      for _ in 0..<2 {
        #expect(try connection.ask(Self.health).status == 200)
        connection.wait(milliseconds: 1_500)
        #expect(!connection.readToEnd().isClosed)
      }
    }
  }

  @Test func `the time for a reply begins with the reply`() async throws {
    let fixture = try await HubFixture(pageByteCount: 16 << 20)
    for seq in UInt64(1)...12 {
      _ = try await fixture.push([fixture.bundle(1, seq, seq, size: 1 << 20)])
    }
    let configuration = Self.configuration(.init(replySeconds: 2))
    try await serving(fixture, configuration) { ports in
      let connection = try PlainConnection(port: ports.hub, receiveByteCount: 65_536)
      connection.wait(milliseconds: 2_500)
      #expect(!connection.readToEnd().isClosed)
      let pull = HubRequest(.pull(fixture.library, after: nil), credential: HubFixture.token)
      #expect(try connection.ask(pull.http).body.count > 12 << 20)
    }
  }

  @Test func `who takes in nothing of a reply is let go of`() async throws {
    let fixture = try await HubFixture(pageByteCount: 16 << 20)
    for seq in UInt64(1)...12 {
      _ = try await fixture.push([fixture.bundle(1, seq, seq, size: 1 << 20)])
    }
    let configuration = Self.configuration(.init(replySeconds: 1))
    try await serving(fixture, configuration) { ports in
      let greedy = try PlainConnection(port: ports.hub, receiveByteCount: 65_536)
      let pull = HubRequest(.pull(fixture.library, after: nil), credential: HubFixture.token)
      greedy.send(PlainConnection.bytes(of: pull.http))
      let patience = ContinuousClock.now + .seconds(120)
      while try !Self.figures(ports.metrics).contains(#"{reason="slow-reader"} 1"#) {
        try #require(.now < patience, "the reader is noticed")
      }
      #expect(throws: PlainConnection.Failure.incompleteReply) { try greedy.readReply() }
    }
  }

  @Test func `a good client is answered beside hundreds that hold their requests back`()
    async throws
  {
    let fixture = try await HubFixture()
    let bundle = fixture.bundle(1, 1, 1)
    // Patient with them, so that all are still there at the end however slow the build and busy the machine.
    let patient = HubServer.Timeouts(idleSeconds: 600, headSeconds: 600, bodySeconds: 600)
    try await serving(fixture, Self.configuration(patient)) { ports in
      let slow = try (0..<300).map { number in
        let connection = try PlainConnection(port: ports.hub)
        connection.send(
          number.isMultiple(of: 2)
            ? "GET /health HTTP/1.1\r\nhost:"
            : "POST /v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 60000\r\n\r\n12")
        return connection
      }
      let good = try PlainConnection(port: ports.hub)
      good.wait(milliseconds: 60_000)
      guard
        case .page = try good.ask(.push(fixture.library, bundles: [bundle], after: nil)),
        case .page(let page) = try good.ask(.pull(fixture.library, after: nil))
      else {
        Issue.record("replies are of their action")
        return
      }
      #expect(page.bundles == [bundle])
      for connection in slow {
        connection.wait(milliseconds: 1)
        #expect(!connection.readToEnd().isClosed)
      }
      #expect(try Self.figures(ports.metrics).contains("gloss_hub_connections 301\n"))
    }
  }

  @Test func `connections above the limit wait for one that ends`() async throws {
    let fixture = try await HubFixture()
    var configuration = Self.configuration()
    configuration.connectionLimit = 8
    try await serving(fixture, configuration) { ports in
      var waiting = try (0..<40).map { _ in
        let connection = try PlainConnection(port: ports.hub)
        connection.send(PlainConnection.bytes(of: Self.health))
        return connection
      }
      var rounds = 0
      while !waiting.isEmpty {
        rounds += 1
        try #require(rounds <= 40, "each round serves somebody")
        for connection in waiting { connection.wait(milliseconds: waiting.count > 8 ? 20 : 5_000) }
        // The system hands out up to four at once.
        let answered = waiting.filter { (try? $0.readReply().status) == 200 }
        #expect(answered.count <= 8 + 3)
        waiting.removeAll { connection in answered.contains { $0 === connection } }
      }
      #expect(rounds > 1)
    }
  }

  /// Requests on whose end two programs could disagree: none may be answered as if nothing were wrong, and nothing behind
  /// one may count as a request of its own.
  @Test(arguments: [
    "content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding: chunked\r\ncontent-length: 4\r\n\r\n0\r\n\r\n",
    "content-length: 4\r\ncontent-length: 5\r\n\r\nabcde",
    "content-length: 4\r\ncontent-length: 4\r\n\r\nabcd",
    "content-length: 4, 4\r\n\r\nabcd",
    "content-length: +4\r\n\r\nabcd",
    "content-length: 0x4\r\n\r\nabcd",
    "content-length : 4\r\n\r\nabcd",
    "content-length:\r\n 4\r\n\r\nabcd",
    "transfer-encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding: xchunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "transfer-encoding: identity, chunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding : chunked\r\n\r\n0\r\n\r\n",
    "transfer-encoding: chunked\r\n\r\n-1\r\n\r\n",
    "transfer-encoding: chunked\r\n\r\n4\r\nabcdefgh\r\n0\r\n\r\n",
    "x: y\r\n folded\r\ncontent-length: 4\r\n\r\nabcd",
  ]) func `a request with an unclear end ends the connection`(rest: String) async throws {
    let fixture = try await HubFixture()
    try await serving(fixture) { port in
      let connection = try PlainConnection(port: port)
      connection.send(
        "POST /v1/x HTTP/1.1\r\nhost: x\r\n" + rest + "GET /health HTTP/1.1\r\nhost: x\r\n\r\n")
      let end = connection.readToEnd()
      #expect(end.isClosed)
      #expect(!end.text.contains("HTTP/1.1 200"), "\(end.text)")
      #expect(end.text.isEmpty || end.text.hasPrefix("HTTP/1.1 400"), "\(end.text)")
    }
  }
}
