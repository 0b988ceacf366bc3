internal import HTTPTypes
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTPTypes

/// A connection that is closed where the head of a request takes too long.
///
/// The idle timeout of the server below counts from reply to request and so bounds a head too, but it has to be long, for
/// connections are kept; a head that has begun has no reason to be slow. Bytes are seen in front of the HTTP decoder and
/// parts behind it, so there are two handlers: the one behind tells the one in front.
struct GuardedChannel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  private let base: HTTP1Channel
  private let timeout: TimeAmount
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
    timeout = .seconds(configuration.timeouts.headSeconds)
    self.metrics = metrics
  }

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(
        HeadDeadline(timeout: timeout, metrics: metrics))
    }.flatMap {
      base.setup(channel: channel, logger: logger)
    }
  }

  func handle(value: Value, logger: Logger) async {
    await base.handle(value: value, logger: logger)
  }
}

/// What the handler behind the decoder tells the one in front of it.
private enum RequestNotice {
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

private final class HeadDeadline: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let timeout: TimeAmount
  private let metrics: Metrics
  private var openRequestCount = 0
  private var deadline: Scheduled<Void>?

  init(timeout: TimeAmount, metrics: Metrics) {
    self.timeout = timeout
    self.metrics = metrics
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.fireChannelRead(data)
    // Heads in these bytes have been counted by now: without a request, they are a part of one.
    guard openRequestCount == 0, deadline == nil, context.channel.isActive else { return }
    let channel = context.channel
    deadline = context.eventLoop.scheduleTask(in: timeout) { [metrics] in
      metrics.countClosing(.slowHead)
      channel.close(promise: nil)
    }
  }

  func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    switch event as? RequestNotice {
    case .headArrived:
      openRequestCount += 1
      deadline?.cancel()
      deadline = nil
    case .replyWritten:
      openRequestCount -= 1
    case nil:
      context.triggerUserOutboundEvent(event, promise: promise)
    }
  }

  func channelInactive(context: ChannelHandlerContext) {
    deadline?.cancel()
    deadline = nil
    context.fireChannelInactive()
  }
}
