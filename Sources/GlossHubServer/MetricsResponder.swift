internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import NIOCore

/// Answers `GET /metrics`, and nothing else.
struct MetricsResponder: HTTPResponder {
  let text: @Sendable () async -> String

  func respond(to request: Request, context: BasicRequestContext) async -> Response {
    guard request.head.path == "/metrics", request.method == .get else {
      return Response(status: .notFound)
    }
    return Response(
      status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(string: await text())))
  }
}
