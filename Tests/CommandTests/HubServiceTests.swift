import Foundation
import GlossCommandTesting
import GlossCore
import GlossTesting
import GlossWire
import Testing

/// `gloss-hub serve` as whoever operates it meets it: settings, log, figures, limits, stopping.
@Suite struct HubServiceTests {
  private static let library = LibraryID(0x00C0_FFEE_00C0_FFEE)
  private static let token = "the-token-that-nobody-may-read-in-a-log"
  private static let health = HTTPRequest(method: "GET", target: "/health")

  private func serve(_ arguments: String..., environment: [String: String] = [:]) throws -> Outcome
  {
    let machine = try Machine()
    return try machine.run(
      Machine.executable("gloss-hub"), ["serve"] + arguments, environment: environment)
  }

  private static func request(_ action: HubRequest.Action) -> HTTPRequest {
    HubRequest(action, credential: token).http
  }

  // MARK: Settings

  @Test(
    arguments: [
      (["--data", "d"], [:], "--listen, or the variable GLOSS_HUB_LISTEN"),
      (["--listen", "127.0.0.1:0"], [:], "--data, or the variable GLOSS_HUB_DATA"),
      (["--data", "d", "--listen", "8080"], [:], "--listen <host:port>"),
      (["--data", "d"], ["GLOSS_HUB_LISTEN": "8080"], "'8080' of GLOSS_HUB_LISTEN"),
      (
        ["--data", "d", "--listen", "127.0.0.1:0"], ["GLOSS_HUB_IDLE_TIMEOUT": "0"],
        "'0' of GLOSS_HUB_IDLE_TIMEOUT"
      ),
      (["--data", "d", "--listen", "127.0.0.1:0", "--idle-timeout", "1m"], [:], "--idle-timeout"),
      (["--data", "d", "--listen", "127.0.0.1:0", "--body-limit", "1K"], [:], "65536 to 33554432"),
      (
        ["--data", "d", "--listen", "127.0.0.1:0"], ["GLOSS_HUB_LOG_FORMAT": "xml"],
        "'xml' of GLOSS_HUB_LOG_FORMAT"
      ),
      (["--data", "d", "--listen", "127.0.0.1:0", "--tls-key", "k"], [:], "built without TLS"),
    ] as [([String], [String: String], String)])
  func `a setting that is missing or wrong is said, with exit code 64`(
    arguments: [String], environment: [String: String], says: String
  ) throws {
    let machine = try Machine()
    let outcome = try machine.run(
      Machine.executable("gloss-hub"), ["serve"] + arguments, environment: environment)
    #expect(outcome.status == 64, "\(outcome)")
    #expect(outcome.messages.contains(says), "\(outcome)")
    #expect(outcome.output.isEmpty)
  }

  @Test func `a variable sets what no flag does, and the flag wins`() throws {
    let environment = ["GLOSS_HUB_PAGE_SIZE": "64K", "GLOSS_HUB_BODY_LIMIT": "1M"]
    let hub = try HubProcess(
      ["--body-limit", "2M", "--wait-limit", "7"], environment: environment)
    let description = String(
      decoding: try hub.connect().ask(HubRequest(.describe).http).body, as: UTF8.self)
    #expect(description.contains(#""pageByteLimit":"65536""#))
    #expect(description.contains(#""requestByteLimit":"2097152""#))
    #expect(description.contains(#""waitLimitSeconds":7"#))
  }

  @Test func `addresses that are in use are told apart`() throws {
    let hub = try HubProcess()
    let address = "127.0.0.1:\(hub.port)"
    let both = try serve("--data", "d", "--listen", address)
    #expect(both.status == 69)
    #expect(both.messages.contains("Choose another with --listen"), "\(both)")
    let figures = try serve(
      "--data", "d", "--listen", "127.0.0.1:0", "--metrics-listen", address)
    #expect(figures.status == 69)
    #expect(figures.messages.contains("Choose another with --metrics-listen"), "\(figures)")
  }

  // MARK: Log and figures

  @Test(arguments: ["text", "json"])
  func `the log has what was asked, and no secret, address, identifier or content`(
    format: String
  ) throws {
    let hub = try HubProcess(["--log-format", format, "--log-level", "debug"])
    let connection = try hub.connect()
    #expect(try connection.ask(Self.request(.createLibrary(Self.library))).status == 204)
    #expect(try connection.ask(Self.request(.pull(Self.library, after: nil))).status == 200)
    #expect(try connection.ask(Self.request(.vector(LibraryID(7)))).status == 401)
    let odd = HTTPRequest(method: "POST", target: "/a-path?with=a-query", body: Array("body".utf8))
    #expect(try connection.ask(odd).status == 400)
    let garbage = try hub.connect()
    garbage.send("an-odd-line\r\n\r\n")
    #expect(garbage.readToEnd().isClosed)
    let machine = try Machine.ready()
    _ = try machine.gloss("add", machine.file("a.md", "# A-title\n\nA-sentence."))
    #expect(try machine.gloss("hub", "connect", hub.address).status == 0)
    #expect(try machine.gloss("sync").status == 0)
    hub.terminate()
    #expect(hub.exitStatus() == 0)
    let log = hub.messages
    let lines = log.split(separator: "\n")
    for action in ["ready", "create-library", "pull", "vector", "other", "push", "stopped"] {
      #expect(lines.contains { $0.contains(action) }, "\(action) in \(log)")
    }
    for secret in [
      "\(Self.library)", Self.token, "127.0.0.1", "a-path", "a-query", "body", "odd-line",
      "A-title", "Bearer", "gloss/", "desk", "libraries", hub.folder,
    ] {
      #expect(!log.contains(secret), "\(secret) in \(log)")
    }
    #expect(log.firstMatch(of: /[0-9a-f]{16}/.ignoresCase()) == nil, "\(log)")
    if format == "json" {
      for line in lines {
        let event = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        #expect(event?["time"] is String && event?["event"] is String, "\(line)")
      }
      #expect(log.contains(#""event":"push","#) && log.contains(#","status":200}"#), "\(log)")
    }
  }

  @Test func `a quiet log has no requests`() throws {
    let hub = try HubProcess(["--log-level", "error"])
    #expect(try hub.connect().ask(Self.health).status == 200)
    hub.terminate()
    #expect(hub.exitStatus() == 0)
    #expect(hub.messages.isEmpty, "\(hub.messages)")
  }

  @Test func `figures are on a port of their own, and count`() throws {
    let hub = try HubProcess(["--metrics-listen", "127.0.0.1:0"])
    let line = hub.nextLine()
    let port = try #require(line.firstMatch(of: /^figures on .*:(\d+)\/metrics$/)?.1)
    let figures = try PlainConnection(port: #require(Int(port)))
    let hubSide = try hub.connect()
    #expect(try hubSide.ask(Self.request(.createLibrary(Self.library))).status == 204)
    #expect(try hubSide.ask(HTTPRequest(method: "GET", target: "/metrics")).status == 400)
    #expect(try figures.ask(Self.health).status == 404)
    let reply = try figures.ask(HTTPRequest(method: "GET", target: "/metrics"))
    #expect(reply.value(of: "content-type")?.hasPrefix("text/plain; version=0.0.4") == true)
    let text = String(decoding: reply.body, as: UTF8.self)
    for line in [
      "# TYPE gloss_hub_requests_total counter",
      #"gloss_hub_requests_total{action="create-library",status="204"} 1"#,
      #"gloss_hub_request_seconds_bucket{action="create-library",le="+Inf"} 1"#,
      #"gloss_hub_request_seconds_count{action="create-library"} 1"#,
      "gloss_hub_connections 1", "gloss_hub_requests_under_way 0", "gloss_hub_waiting_pulls 0",
      #"gloss_hub_commit_writes_bucket{le="1"} 1"#, "gloss_hub_commit_writes_count 1",
    ] {
      #expect(text.contains(line + "\n"), "\(line) in \(text)")
    }
    for line in text.split(separator: "\n") where !line.hasPrefix("#") {
      #expect(line.wholeMatch(of: /[a-z_]+(\{[^{}]*\})? [0-9.e+-]+/) != nil, "\(line)")
    }
  }

  // MARK: Limits

  @Test func `more connections than files may be open do not end the hub`() throws {
    let hub = try HubProcess(["--idle-timeout", "1"], openFileLimit: 128)
    let idle = try (0..<300).map { _ in try hub.connect() }
    let good = try hub.connect()
    #expect(try good.ask(Self.health).status == 200)
    withExtendedLifetime(idle) {}
    hub.terminate()
    #expect(hub.exitStatus() == 0)
  }

  // MARK: Stopping

  @Test func `a push that was under way is answered, and nobody new is let in`() throws {
    let hub = try HubProcess()
    let connection = try hub.connect()
    #expect(try connection.ask(Self.request(.createLibrary(Self.library))).status == 204)
    let idle = try hub.connect()
    #expect(try idle.ask(Self.health).status == 200)
    let header = BundleHeader(
      library: Self.library, epoch: 1, origin: ReplicaID(1), first: 1, last: 1,
      previousTip: [UInt8](repeating: 0, count: 32), tip: [UInt8](repeating: 1, count: 32))
    let bundle = header.bytes + [UInt8](repeating: 7, count: 200)
    let push = PlainConnection.bytes(
      of: Self.request(.push(Self.library, bundles: [bundle], after: nil)))
    connection.send(Array(push.dropLast(100)))
    // Answered only after the request in front of it was read as far as it came.
    #expect(try idle.ask(Self.health).status == 200)
    hub.terminate()
    #expect(idle.readToEnd().isClosed)
    #expect(throws: PlainConnection.Failure.refused) { try hub.connect() }
    connection.send(Array(push.suffix(100)))
    let reply = try connection.readReply()
    #expect(reply.status == 200)
    #expect(connection.readToEnd().isClosed)
    #expect(hub.exitStatus() == 0)
  }

  @Test func `who does not finish in time is not waited for`() throws {
    let hub = try HubProcess(["--stop-timeout", "1"])
    let slow = try hub.connect()
    slow.send("POST /v1/x HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n12")
    #expect(try hub.connect().ask(Self.health).status == 200)
    hub.terminate()
    #expect(hub.exitStatus() == 0)
    #expect(slow.readToEnd().isClosed)
  }
}
