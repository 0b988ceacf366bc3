public import GlossWire

/// Carries requests to one hub over HTTP, with libcurl on a thread of its own.
///
/// The thread and libcurl start with the first request. Connections are kept and used again.
/// Certificates are always verified; redirects are not followed; the environment is not asked for
/// a proxy. A reply counts only if all that it promised arrived, within the limits of the options.
///
/// Cancelling the task that waits for a reply ends its transfer. When the transport is let go of,
/// its thread ends and requests that are still out fail with ``TransportError/cancelled``.
public final class CurlTransport: HubTransport {
  private let inbox: TransferInbox
  private let decodedByteLimit: Int
  private let onDate: (@Sendable (String) -> Void)?

  /// Creates a transport to the hub at `address`, such as `https://hub.example/notes`.
  ///
  /// - Throws: ``TransportError/badAddress(_:)`` for an address that has anything but an http or
  ///   https scheme, a host, a port and a path.
  /// - Precondition: The numbers of `options` are positive, and its user agent is visible ASCII and
  ///   spaces.
  public init(address: String, options: Options) throws(TransportError) {
    options.check()
    decodedByteLimit = options.decodedByteLimit
    onDate = options.onDate
    inbox = TransferInbox(address: try HubAddress(address), options: options)
  }

  deinit {
    inbox.close()
  }

  /// Sends `request` and returns the reply to it.
  ///
  /// - Throws: ``HubFailure``.
  public func send(_ request: HubRequest) async throws(HubFailure) -> HubReply {
    let reply: HTTPReply
    do {
      reply = try await exchange(request.http)
    } catch {
      throw .transport(error)
    }
    if let onDate, let date = reply.value(of: "date") { onDate(date) }
    return try HubReply(http: reply.decoded(limit: decodedByteLimit), to: request.action)
  }

  /// Sends `request` and returns the reply as it arrived, whatever its status and encoding.
  ///
  /// - Precondition: The target begins with a slash, and target and headers are visible ASCII.
  package func exchange(_ request: HTTPRequest) async throws(TransportError) -> HTTPReply {
    let inbox = inbox
    let id = inbox.nextID()
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        inbox.submit(Submission(id: id, request: request, continuation: continuation))
        // A cancellation from before the submission named a transfer that was not yet there.
        if Task.isCancelled { inbox.cancel(id) }
      }
    } onCancel: {
      inbox.cancel(id)
    }
    return try outcome.get()
  }

  /// Ends the thread and returns when it has ended. Requests that are still out, and later ones,
  /// fail with ``TransportError/cancelled``.
  ///
  /// A program calls this before it exits, so that no transfer runs while the process ends.
  public func close() async {
    inbox.close()
    await inbox.ended()
  }
}
