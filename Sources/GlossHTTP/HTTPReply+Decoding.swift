internal import GlossWire

extension HTTPReply {
  /// Returns the reply with its body as it was before its content coding.
  ///
  /// - Parameter limit: The greatest body to return, in bytes.
  /// - Throws: ``HubFailure/notOurs(_:)`` for another coding than zstd and for a body that is not
  ///   exactly one zstd frame; ``TransportError/tooLarge(limit:)`` over the limit.
  func decoded(limit: Int) throws(HubFailure) -> HTTPReply {
    let codings = headers.filter { $0.name == "content-encoding" }
      .flatMap { $0.value.split(separator: ",") }
      .map { $0.filter { $0 != " " && $0 != "\t" }.lowercased() }
      .filter { !$0.isEmpty && $0 != "identity" }
    guard let coding = codings.first else { return self }
    guard codings.count == 1, coding == "zstd" else {
      throw .notOurs("the reply has a content coding that was not asked for")
    }
    var reply = self
    reply.headers.removeAll { $0.name == "content-encoding" }
    do {
      reply.body = try Zstandard.decompress(body[...], limit: limit)
    } catch {
      switch error {
      case .malformed: throw .notOurs("the reply's body is not one complete zstd frame")
      case .tooLarge(let limit): throw .transport(.tooLarge(limit: limit))
      }
    }
    return reply
  }
}
