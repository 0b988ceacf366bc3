internal import NIOCore

/// Notices that a client is gone while its request is still being answered.
///
/// The server allows clients to close their half of a connection and still have their reply, so a connection whose client
/// has gone stays open until something is written to it. A request that waits for a minute asks here instead. (Hummingbird's
/// own `consumeWithCancellationOnInboundClose` ends the connection with the reply, and every wait would cost a new one.)
final class HangUpHandler: ChannelInboundHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny

  private var hasHungUp = false
  private var listener: (@Sendable () -> Void)?

  /// Calls `listener` once when the client of `channel` has gone, unless there is another listener by then.
  static func listen(on channel: any Channel, _ listener: @escaping @Sendable () -> Void) {
    channel.eventLoop.execute {
      guard let handler = try? channel.pipeline.syncOperations.handler(type: HangUpHandler.self)
      else { return }
      handler.listener = listener
      if handler.hasHungUp { listener() }
    }
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case ChannelEvent.inputClosed = event { hangUp() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    hangUp()
    context.fireChannelInactive()
  }

  private func hangUp() {
    hasHungUp = true
    listener?()
    listener = nil
  }
}
