internal import GlossHub
internal import GlossWire
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import ServiceLifecycle

/// Answers HTTP requests from a hub.
struct HubResponder: HTTPResponder {
  /// What a request comes with: the connection, which is closed on clients that hold it up.
  struct Context: InitializableFromSource {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
      channel = source.channel
    }
  }

  let hub: Hub
  let timeouts: HubServer.Timeouts
  let metrics: Metrics
  let logger: Logger

  func respond(to request: Request, context: Context) async throws -> Response {
    // The parser takes any list that ends in `chunked`. A proxy in front may read it otherwise, and then the two disagree
    // on where the request ends; so it ends the connection like all else that the parser does not take.
    guard request.headers[values: .transferEncoding].allSatisfy({ $0.lowercased() == "chunked" })
    else { throw HTTPParserError.unknown }
    let start = ContinuousClock.now
    metrics.requestBegan()
    var answer = await self.answer(to: request, on: context.channel)
    metrics.requestEnded()
    note(answer, after: ContinuousClock.now - start)
    if answer.closes {
      answer.reply.headers.append(("connection", "close"))
      // The rest of the body is read and dropped, so that the client gets to see the reply; but not for ever.
      context.channel.eventLoop.scheduleTask(in: .seconds(5)) {
        context.channel.close(promise: nil)
      }
    }
    let response = response(answer.reply)
    return request.method == .head ? response.createHeadResponse() : response
  }

  private func note(_ answer: Answer, after duration: Duration) {
    metrics.count(
      action: answer.name, status: answer.reply.status, seconds: duration / .seconds(1),
      received: answer.receivedByteCount, sent: answer.reply.body.count)
    logger.info(
      "\(answer.name)",
      metadata: [
        "status": .stringConvertible(answer.reply.status),
        "milliseconds": .stringConvertible(Int((duration / .milliseconds(1)).rounded())),
        "received": .stringConvertible(answer.receivedByteCount),
        "sent": .stringConvertible(answer.reply.body.count),
      ])
  }

  /// Returns the reply as the server writes it: a large body in pieces, so that ``ConnectionGuard`` sees it go out.
  private func response(_ reply: HTTPReply) -> Response {
    var headers = HTTPFields()
    for (name, value) in reply.headers {
      if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
    }
    let buffer = ByteBuffer(bytes: reply.body)
    var body = ResponseBody(byteBuffer: buffer)
    if buffer.readableBytes > Self.pieceByteCount {
      body = ResponseBody(contentLength: buffer.readableBytes) { writer in
        var rest = buffer
        while let piece = rest.readSlice(length: min(rest.readableBytes, Self.pieceByteCount)),
          piece.readableBytes > 0
        {
          try await writer.write(piece)
        }
        try await writer.finish(nil)
      }
    }
    return Response(status: HTTPResponse.Status(code: reply.status), headers: headers, body: body)
  }

  private static let pieceByteCount = 64 * 1_024

  /// A reply, what the log calls the request, and whether the connection ends with it.
  private struct Answer {
    var name: String
    var reply: HTTPReply
    var receivedByteCount = 0
    var closes = false
  }

  private func answer(to request: Request, on channel: any Channel) async -> Answer {
    let target = request.head.path ?? ""
    if target == Self.healthPath {
      return Answer(name: "health", reply: Self.health(method: request.method))
    }
    var http = GlossWire.HTTPRequest(method: request.method.rawValue, target: target)
    http.headers = request.headers.map { ($0.name.canonicalName, $0.value) }
    do throws(BodyFailure) {
      http.body = try await self.body(of: request, http, on: channel)
    } catch {
      return Answer(name: "other", reply: error.problem.http, closes: true)
    }
    let body = http.body
    var name = "other"
    do throws(Problem) {
      let asked = try HubRequest(http: http)
      name = asked.action.name
      guard asked.action == .describe || !asked.credential.isEmpty else {
        throw Problem(.unauthorised, status: 401, detail: "there is no Authorization header")
      }
      return Answer(
        name: name, reply: try await reply(to: asked, on: channel).http(),
        receivedByteCount: body.count)
    } catch {
      var reply = error.http
      if error.type == .methodNotAllowed {
        let methods = HubRequest.allowedMethods(at: target)
        reply.headers.append(("allow", methods.joined(separator: ", ")))
      }
      return Answer(name: name, reply: reply, receivedByteCount: body.count)
    }
  }

  /// Returns the hub's reply. One that waits is given up where nobody waits for it any more, and ended early where the
  /// server is about to stop.
  private func reply(to asked: HubRequest, on channel: any Channel) async throws(Problem)
    -> HubReply
  {
    guard asked.action.mayWait else { return try await hub.reply(to: asked) }
    metrics.waitBegan()
    defer { metrics.waitEnded() }
    let (ends, end) = AsyncStream.makeStream(of: Void.self)
    HangUpHandler.listen(on: channel) { end.finish() }
    let outcome = await withGracefulShutdownHandler {
      await withTaskGroup(of: Result<HubReply, Problem>?.self) { group in
        group.addTask {
          for await _ in ends {}
          return nil
        }
        group.addTask {
          do throws(Problem) {
            return .success(try await hub.reply(to: asked))
          } catch {
            return .failure(error)
          }
        }
        var outcome: Result<HubReply, Problem>?
        while let next = await group.next() {
          outcome = outcome ?? next
          group.cancelAll()
        }
        return outcome
      }
    } onGracefulShutdown: {
      end.finish()
    }
    guard let outcome else { preconditionFailure("the task that asks the hub has an outcome") }
    return try outcome.get()
  }

  private static let healthPath = "/health"

  private static func health(method: HTTPTypes.HTTPRequest.Method) -> HTTPReply {
    guard method == .get || method == .head else {
      var reply = Problem(
        .methodNotAllowed, status: 405, detail: "this path takes GET and HEAD"
      ).http
      reply.headers.append(("allow", "GET, HEAD"))
      return reply
    }
    return HTTPReply(
      status: 200, headers: [("content-type", "text/plain")], body: Array("ok\n".utf8))
  }

  /// Why a body was not read: what the client is told before the connection ends.
  private struct BodyFailure: Error {
    let problem: Problem
  }

  /// Reads the body of a request of which `head` has everything else.
  private func body(
    of request: Request, _ head: GlossWire.HTTPRequest, on channel: any Channel
  ) async throws(BodyFailure) -> [UInt8] {
    let limit = hub.limits.requestByteCount
    let tooLarge = BodyFailure(
      problem: Problem(
        .tooLarge, status: 413, detail: "the body is over \(limit) bytes", limit: UInt64(limit)))
    let announced = request.headers[.contentLength].flatMap { Int($0) }
    if let announced, announced > limit { throw tooLarge }
    var isStranger = true
    if announced ?? 0 > Self.strangerByteCount {
      try await authoriseBody(of: head)
      isStranger = false
    }
    let deadline = channel.eventLoop.scheduleTask(in: .seconds(timeouts.bodySeconds)) { [metrics] in
      metrics.countClosing(.slowBody)
      channel.close(promise: nil)
    }
    defer { deadline.cancel() }
    var body: [UInt8] = []
    body.reserveCapacity(min(announced ?? 0, limit))
    do {
      for try await buffer in request.body {
        let byteCount = body.count + buffer.readableBytes
        guard byteCount <= limit else { throw tooLarge }
        if isStranger, byteCount > Self.strangerByteCount {
          try await authoriseBody(of: head)
          isStranger = false
        }
        body.append(contentsOf: buffer.readableBytesView)
      }
    } catch let failure as BodyFailure {
      throw failure
    } catch {
      throw BodyFailure(problem: Self.incomplete)
    }
    guard announced == nil || announced == body.count else {
      throw BodyFailure(problem: Self.incomplete)
    }
    return body
  }

  /// What anybody may send: bodies are kept in memory, and strangers can open many connections.
  private static let strangerByteCount = 64 * 1_024

  /// Returns where the request of this head may have a body that is larger.
  private func authoriseBody(of head: GlossWire.HTTPRequest) async throws(BodyFailure) {
    do throws(Problem) {
      let request = try HubRequest(http: head)
      switch request.action {
      case .push, .uploadBlobs, .putPiece: break
      default:
        throw Problem(
          .tooLarge, status: 413, detail: "only a push or an upload has a body of this size",
          limit: UInt64(Self.strangerByteCount))
      }
      try await hub.authorise(request)
    } catch {
      throw BodyFailure(problem: error)
    }
  }

  private static let incomplete = Problem(
    .malformed, status: 400, detail: "the body did not arrive whole")
}

extension HubRequest.Action {
  /// Whether the hub may take its time.
  fileprivate var mayWait: Bool {
    if case .pull(_, _, let seconds) = self { seconds > 0 } else { false }
  }

  /// What the log calls a request of this kind.
  fileprivate var name: String {
    switch self {
    case .describe: "describe"
    case .createLibrary: "create-library"
    case .offerEnrolment: "offer-enrolment"
    case .enrol: "enrol"
    case .push: "push"
    case .pull(_, _, let seconds): seconds > 0 ? "wait" : "pull"
    case .vector: "vector"
    case .uploadBlobs: "upload-blobs"
    case .fetchBlobs: "fetch-blobs"
    case .devices: "devices"
    case .revoke: "revoke"
    case .putCard: "put-card"
    case .putEntry: "put-entry"
    case .keyring: "keyring"
    case .putPiece: "put-piece"
    case .completeSnapshot: "complete-snapshot"
    case .latestSnapshot: "snapshot"
    case .piece: "piece"
    }
  }
}
