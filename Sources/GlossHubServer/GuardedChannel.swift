internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTPTypes

/// A connection that is closed where the head of a request takes too long, or nobody takes in a reply.
///
/// The idle timeout of the server below counts from reply to request and so bounds a head too, but it has to be long, for
/// connections are kept; a head that has begun has no reason to be slow. Bytes are seen in front of the HTTP decoder and
/// parts behind it, so there are two handlers: the one behind tells the one in front.
struct GuardedChannel: ServerChildChannel {
  private let base: HTTP1Channel
  private let timeouts: HubServer.Timeouts
  private let metrics: Metrics

  init(
    responder: @escaping HTTPChannelHandler.Responder, configuration: HubServer.Configuration,
    metrics: Metrics
  ) {
    base = HTTP1Channel(
      responder: responder,
      configuration: HTTP1Channel.Configuration(
        additionalChannelHandlers: [RequestNotices(), HangUpHandler()],
        idleTimeout: .seconds(configuration.timeouts.idleSeconds),
        httpDecoderConfiguration: .init(
          maxHeaderFieldSize: configuration.headerByteLimit,
          maxHeaderListSize: configuration.headerByteLimit, maxHeaderFieldCount: 100)))
    timeouts = configuration.timeouts
    self.metrics = metrics
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Arrival> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(
        ConnectionGuard(timeouts: timeouts, metrics: metrics))
    }.flatMap {
      base.setup(channel: channel, logger: logger).map(Arrival.init)
    }
  }

  func handle(value: Arrival, logger: Logger) async {
    guard let connection = value.take() else { return }
    await withTaskExecutorPreference(EventLoopExecutor(value.channel.eventLoop)) {
      await base.handle(value: connection, logger: logger)
    }
  }
}

/// What the handler behind the decoder tells the one in front of it.
enum RequestNotice {
  case headArrived
  case replyWritten
}

private final class RequestNotices: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    if case .head = unwrapInboundIn(data) {
      context.triggerUserOutboundEvent(RequestNotice.headArrived, promise: nil)
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) {
      context.triggerUserOutboundEvent(RequestNotice.replyWritten, promise: nil)
    }
    context.write(data, promise: promise)
  }
}
