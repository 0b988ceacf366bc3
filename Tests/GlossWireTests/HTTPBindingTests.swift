import GlossCore
import GlossWire
import Testing

private let library = LibraryID(0x0011_2233_4455_6677_8899_AABB_CCDD_EEFF)
private let hex = "00112233445566778899aabbccddeeff"
private let digest = (0..<32).map { UInt8($0) }
private let tip = [UInt8](repeating: 7, count: 32)

private func cursor(_ index: UInt64 = 12) throws -> Cursor {
  try #require(
    Cursor(
      log: [UInt8](repeating: 0xAB, count: 16), index: index,
      hash: [UInt8](repeating: 0x0C, count: 16)))
}

private func actions() throws -> [HubRequest.Action] {
  [
    .describe, .createLibrary(library), .createLibrary(library, invitation: "an-invitation"),
    .offerEnrolment(library, secretDigest: digest),
    .enrol(library, tokenDigest: digest), .push(library, bundles: [], after: nil),
    .push(library, bundles: [[1, 2, 3], [], [0xFF]], after: try cursor()),
    .pull(library, after: nil), .pull(library, after: try cursor(.max)), .vector(library),
    .pull(library, after: nil, waitSeconds: 1), .pull(library, after: nil, waitSeconds: .max),
    .devices(library), .revoke(library, tokenDigest: digest),
  ]
}

private func reply(
  _ status: Int, _ type: String? = nil, _ body: String = "", _ more: [(String, String)] = []
) -> HTTPReply {
  HTTPReply(
    status: status,
    headers: (type.map { [("content-type", $0)] } ?? []) + more.map { ($0.0, $0.1) },
    body: Array(body.utf8))
}

private func failure(_ http: HTTPReply, to action: HubRequest.Action) -> HubFailure? {
  do throws(HubFailure) {
    _ = try HubReply(http: http, to: action)
    return nil
  } catch {
    return error
  }
}

private func problem(_ http: HTTPRequest) -> Problem? {
  do throws(Problem) {
    _ = try HubRequest(http: http)
    return nil
  } catch {
    return error
  }
}

private func get(_ target: String, version: String? = "1") -> HTTPRequest {
  HTTPRequest(
    method: "GET", target: target, headers: version.map { [("gloss-protocol", $0)] } ?? [])
}

@Suite struct `Requests over HTTP` {
  @Test func `an invitation is one secret in a header of its own`() throws {
    let request = HubRequest(.createLibrary(library, invitation: "an-invitation"), credential: "t")
    #expect(request.http.values(of: "gloss-invitation") == ["an-invitation"])
    #expect(HubRequest(.createLibrary(library), credential: "t").http.headers.count == 2)
    for wrong in [["two words"], ["a", "b"], [""]] {
      var http = HubRequest(.createLibrary(library), credential: "t").http
      http.headers += wrong.map { ("gloss-invitation", $0) }
      #expect(problem(http)?.type == .malformed, "\(wrong)")
    }
  }

  @Test func `every action comes back as it went`() throws {
    for action in try actions() {
      for credential in ["", "a.token~of-visible_ASCII"] {
        let request = HubRequest(action, credential: credential)
        #expect(try HubRequest(http: request.http) == request)
      }
    }
  }

  @Test func `a pull is these bytes`() throws {
    let request = HubRequest(.pull(library, after: try cursor()), credential: "secret").http
    #expect(request.method == "GET")
    let log = String(repeating: "ab", count: 16)
    let hash = String(repeating: "0c", count: 16)
    #expect(request.target == "/v1/libraries/\(hex)/bundles?after=\(log).12.\(hash)")
    #expect(request.values(of: "gloss-protocol") == ["1"])
    #expect(request.values(of: "authorization") == ["Bearer secret"])
    #expect(request.body.isEmpty)
  }

  @Test func `a pull that waits says for how long`() throws {
    let request = HubRequest(.pull(library, after: nil, waitSeconds: 30)).http
    #expect(request.values(of: "prefer") == ["wait=30"])
    #expect(request.target == "/v1/libraries/\(hex)/bundles")
    #expect(HubRequest(.pull(library, after: nil)).http.values(of: "prefer").isEmpty)
  }

  @Test(arguments: [
    (["wait=5"], 5), (["respond-async, wait = \"7\"; x=1", "wait=9"], 7), (["WAIT=0012"], 12),
    (["wait=99999999999999999999"], .max), (["wait=x", "wait=3"], 0), (["wait=-1"], 0),
    (["wait"], 0), (["wait="], 0), (["wait=\""], 0), (["waiting=5"], 0), ([], 0),
  ]) func `a preference for waiting is read as RFC 7240 says`(lines: [String], seconds: Int) throws
  {
    var request = HubRequest(.pull(library, after: nil)).http
    for line in lines { request.headers.append(("prefer", line)) }
    #expect(
      try HubRequest(http: request).action
        == .pull(library, after: nil, waitSeconds: seconds))
  }

  @Test func `a push is these bytes`() throws {
    let request = HubRequest(.push(library, bundles: [[1, 2], [3]], after: nil)).http
    #expect(request.method == "POST")
    #expect(request.target == "/v1/libraries/\(hex)/bundles")
    #expect(request.body == [0x0A, 2, 1, 2, 0x0A, 1, 3])
  }

  @Test func `a credential that a header cannot carry stays at home`() {
    for credential in ["a b", "a\r\nx: y", "ä", String(repeating: "x", count: 129)] {
      let request = HubRequest(.vector(library), credential: credential).http
      #expect(request.values(of: "authorization").isEmpty)
    }
  }

  @Test(arguments: [
    "", "/", "/v1", "/v1/libraries", "/v1/libraries/", "/v1/libraries/00", "/v1/libraries/\(hex)/",
    "/v1/libraries/\(hex)/bundle", "/v1/libraries/\(hex)/bundles/", "/v1/libraries/\(hex)/devices/",
    "/v1/libraries/\(hex)/devices/\(hex)", "/v1/libraries/\(hex)/devices/\(hex)\(hex)/",
    "/v1/libraries/\(hex)/enrolments/\(hex)\(hex)0", "/v1/libraries/\(hex)g/vector",
    "//v1/libraries/\(hex)", "/v1/libraries/+\(hex.dropFirst())", "/V1/libraries/\(hex)/vector",
    "/v1/libraries/\(hex)\(hex)",
  ]) func `nothing is at other paths`(target: String) {
    #expect(problem(get(target))?.type == .notFound)
    #expect(HubRequest.allowedMethods(at: target) == [])
  }

  @Test func `a path says which methods it takes`() throws {
    for action in try actions() {
      let request = HubRequest(action).http
      for method in ["GET", "PUT", "POST", "HEAD", "DELETE", "get", ""] {
        var other = request
        other.method = method
        let allowed = HubRequest.allowedMethods(at: request.target)
        #expect(allowed.contains(request.method))
        #expect((problem(other)?.type == .methodNotAllowed) == !allowed.contains(method))
      }
    }
  }

  @Test(arguments: [
    "after=", "after=1", "after=x.1.y", "after=\(hex).1", "after=\(hex).01.\(hex)",
    "after=\(hex).+1.\(hex)", "after=\(hex).-1.\(hex)", "after=\(hex)..\(hex)",
    "after=\(hex).18446744073709551616.\(hex)", "after=\(hex).1.\(hex)&after=\(hex).1.\(hex)",
    "after=\(hex).1.\(hex).", "after=\(hex)00.1.\(hex)", "after=\(hex).1.\(hex.dropLast(2))",
  ]) func `a bad cursor is refused`(query: String) {
    #expect(problem(get("/v1/libraries/\(hex)/bundles?\(query)"))?.type == .malformed)
  }

  @Test func `parameters of later versions are ignored`() throws {
    let request = try HubRequest(
      http: get("/v1/libraries/\(hex)/bundles?wait=3&after=\(hex).1.\(hex)&x"))
    let log = try #require(LibraryID(hex: hex)?.bytes)
    #expect(request.action == .pull(library, after: Cursor(log: log, index: 1, hash: log)))
  }

  @Test func `a request says the version, and only the description is for all`() throws {
    let target = "/v1/libraries/\(hex)/vector"
    #expect(problem(get(target, version: "2"))?.type == .upgradeRequired)
    #expect(problem(get("/v2/anything", version: "2"))?.status == 406)
    #expect(problem(get(target, version: nil))?.type == .malformed)
    #expect(problem(get(target, version: "one"))?.type == .malformed)
    #expect(problem(get(target, version: "+1"))?.type == .malformed)
    #expect(problem(get(target, version: ""))?.type == .malformed)
    #expect(problem(get(target, version: "01"))?.type == .upgradeRequired)
    #expect(problem(get(target, version: "4294967296"))?.type == .upgradeRequired)
    #expect(try HubRequest(http: get("/.well-known/gloss", version: "2")).action == .describe)
    #expect(try HubRequest(http: get("/.well-known/gloss", version: nil)).action == .describe)
  }

  @Test(arguments: [
    "secret", "Basic secret", "Bearer", "Bearer ", "Bearer a b", "Bearer ä",
    "Bearer " + String(repeating: "x", count: 129),
  ]) func `an authorisation of another form is refused`(value: String) {
    var request = get("/v1/libraries/\(hex)/vector")
    request.headers.append(("authorization", value))
    #expect(problem(request)?.type == .unauthorised)
  }

  @Test func `two authorisations are none`() {
    var request = get("/v1/libraries/\(hex)/vector")
    request.headers += [("authorization", "Bearer a"), ("authorization", "Bearer a")]
    #expect(problem(request)?.type == .unauthorised)
  }

  @Test func `a push that is no PushRequest is refused`() {
    var request = HubRequest(.push(library, bundles: [[1, 2, 3]], after: nil)).http
    request.body.removeLast()
    #expect(problem(request)?.type == .malformed)
    request.body = []
    request.headers.removeAll { $0.name == "content-type" }
    #expect(problem(request)?.type == .malformed)
    request.headers.append(("content-type", "text/html"))
    #expect(problem(request)?.type == .malformed)
    request.headers.removeLast()
    request.headers.append(("content-type", "Application/X-Protobuf; charset=binary"))
    #expect(problem(request) == nil)
  }

  @Test func `a push of more bundles than the limit is too large`() {
    let count = HTTPBinding.bundleCountLimit
    let bundles = [[UInt8]](repeating: [], count: count)
    let request = HubRequest(.push(library, bundles: bundles, after: nil)).http
    #expect(problem(request) == nil)
    let more = HubRequest(.push(library, bundles: bundles + [[]], after: nil)).http
    #expect(problem(more)?.type == .tooLarge)
  }
}

@Suite struct `Replies over HTTP` {
  @Test func `every reply comes back as it went`() throws {
    let description = HubDescription(
      software: "gloss-hub 1", versions: [1, 2], requestByteLimit: .max, pageByteLimit: 1,
      waitLimitSeconds: 60)
    let held = HubVector.Held(lastSeq: Limits.seq, tip: tip)
    let vector = HubVector(
      origins: [ReplicaID(5): held, ReplicaID(.max): held], end: try cursor())
    let page = Page(bundles: [[1], [], tip], cursor: try cursor(), hasMore: true)
    var waited = page
    waited.hasWaited = true
    let devices = [digest, tip].map {
      HubDevice(
        tokenDigest: $0, createdMilliseconds: 1, lastSeenMilliseconds: .max, cursorIndex: 7)
    }
    let cases: [(HubReply, HubRequest.Action)] = [
      (.description(description), .describe), (.done, .createLibrary(library)),
      (.done, .offerEnrolment(library, secretDigest: digest)),
      (.done, .enrol(library, tokenDigest: digest)), (.page(page), .pull(library, after: nil)),
      (.page(page), .push(library, bundles: [], after: nil)), (.vector(vector), .vector(library)),
      (.vector(HubVector(origins: [:], end: try cursor(0))), .vector(library)),
      (.page(waited), .pull(library, after: nil, waitSeconds: 9)),
      (.devices([]), .devices(library)),
      (.devices(devices), .devices(library)),
      (.done, .revoke(library, tokenDigest: digest)),
    ]
    for (reply, action) in cases {
      #expect(try HubReply(http: reply.http(), to: action) == reply)
    }
  }

  @Test func `every problem comes back as it went`() throws {
    for kind in Problem.Kind.allCases where kind != .unknown {
      var problem = Problem(kind, status: 409, detail: "\u{1B}[31m <b>", limit: 17)
      problem.retryAfterSeconds = 30
      if kind == .bundleGap || kind == .bundleFork {
        problem.held = Problem.Held(origin: library.bytes, lastSeq: 3, tip: tip)
      }
      #expect(failure(problem.http, to: .vector(library)) == .refused(problem))
    }
    let gap = Problem(
      .bundleGap, status: 409, detail: "x",
      held: Problem.Held(origin: library.bytes, lastSeq: 0, tip: []))
    #expect(failure(gap.http, to: .vector(library)) == .refused(gap))
  }

  @Test func `a problem document is this JSON`() {
    let problem = Problem(
      .bundleGap, status: 409, detail: "d",
      held: Problem.Held(origin: [UInt8](repeating: 0, count: 16), lastSeq: 7, tip: tip))
    #expect(
      String(decoding: problem.http.body, as: UTF8.self)
        == #"{"type":"urn:gloss:problem:bundle-gap","title":"A bundle starts after the end of what is "#
        + #"held","status":409,"detail":"d","origin":"AAAAAAAAAAAAAAAAAAAAAA==","lastSeq":"7","tip":""#
        + #"BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="}"#)
  }

  @Test func `a problem that does not say what is held is not ours`() {
    for more in [#""#, #","origin":"AAAA","lastSeq":1"#, #","lastSeq":"2000000000000""#] {
      let body = #"{"type":"urn:gloss:problem:bundle-gap""# + more + "}"
      guard
        case .notOurs = failure(
          reply(409, "application/problem+json", body), to: .vector(library))
      else {
        Issue.record("accepted \(body)")
        continue
      }
    }
  }

  @Test func `a problem of a later version is one that this version does not know`() throws {
    let body = #"{"type":"urn:gloss:problem:moon-phase","title":"t","later":[1]}"#
    #expect(
      failure(reply(418, "application/problem+json", body), to: .vector(library))
        == .refused(Problem(.unknown, status: 418, detail: "t")))
  }

  @Test(arguments: [
    (401, Problem.Kind.unauthorised), (413, .tooLarge), (429, .slowDown), (500, .unavailable),
    (502, .unavailable), (503, .unavailable), (504, .unavailable),
  ]) func `a proxy's status says what it can`(status: Int, kind: Problem.Kind) throws {
    for (type, body) in [
      ("text/html", "<html>"), ("application/problem+json", #"{"title":"Bad"}"#),
      ("application/problem+json", "{"), ("application/problem+json", #"{"type":"about:blank"}"#),
    ] {
      let http = reply(status, type, body, [("retry-after", "17")])
      guard case .refused(let problem) = failure(http, to: .describe) else {
        Issue.record("status \(status) is a refusal")
        continue
      }
      #expect(problem.type == kind)
      #expect(problem.status == status)
      #expect(problem.retryAfterSeconds == 17)
    }
  }

  @Test(arguments: ["-1", "soon", "Fri, 31 Dec 1999 23:59:59 GMT", ""])
  func `a wait that is no number of seconds is not taken up`(wait: String) {
    let http = reply(503, nil, "", [("retry-after", wait)])
    guard case .refused(let problem) = failure(http, to: .describe) else {
      Issue.record("503 is a refusal")
      return
    }
    #expect(problem.retryAfterSeconds == nil)
  }

  @Test func `what is not a hub's is not ours`() throws {
    let page = Page(bundles: [], cursor: try cursor(), hasMore: false)
    let body = HubReply.page(page).http().body
    let bytes = { (body: [UInt8]) in
      HTTPReply(status: 200, headers: [("content-type", "application/x-protobuf")], body: body)
    }
    let cases: [(HTTPReply, HubRequest.Action, String)] = [
      (reply(200, "text/html; charset=utf-8", "<html>"), .pull(library, after: nil), "text/html"),
      (reply(200, nil, ""), .pull(library, after: nil), "none"),
      (reply(200, "text/html", "<html>"), .createLibrary(library), "status 200"),
      (reply(302, nil, "", [("location", "http://x/")]), .describe, "http://x/"),
      (reply(404, "text/html", "<html>"), .describe, "status 404"),
      (reply(403, "text/html", "<html>"), .describe, "status 403"),
      (reply(511, "text/html", "<html>"), .describe, "status 511"),
      (reply(200, "application/json", "{}"), .describe, "versions"),
      (reply(200, "application/json", "<html>"), .describe, "HubDescription"),
      (bytes([]), .pull(library, after: nil), "cursor"),
      (bytes(Array(body.dropLast())), .pull(library, after: nil), "Page"),
      (bytes([0x0A, 0x02, 0x0A, 0x00] + body), .vector(library), "origin"),
      (bytes([0x0A, 0x03, 0x0A, 0x01, 0x00]), .devices(library), "32 bytes"),
    ]
    for (http, action, words) in cases {
      guard case .notOurs(let text) = failure(http, to: action) else {
        Issue.record("\(http) is not a hub's")
        continue
      }
      #expect(text.contains(words), "\(text)")
    }
  }
}

@Suite struct `Cursors as text` {
  @Test func `a cursor comes back as it went`() throws {
    for index in [0, 1, 9_999, UInt64.max] {
      #expect(try Cursor(text: cursor(index).text) == cursor(index))
    }
  }
}
