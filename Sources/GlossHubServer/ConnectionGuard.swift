internal import NIOCore

/// Closes a connection whose client is too slow with a head or with taking in a reply.
///
/// It stands where there are bytes and no requests yet, and hears of those by ``RequestNotice``. Timers run only while
/// something is awaited: a head that came in part, or bytes that the system did not take at once.
final class ConnectionGuard: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias InboundOut = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  private let headTimeout: TimeAmount
  private let replyTimeout: TimeAmount
  private let metrics: Metrics
  private var openRequestCount = 0
  private var headDeadline: Scheduled<Void>?
  private var unsentCount = 0
  private var lastSent = NIODeadline.now()
  private var replyDeadline: Scheduled<Void>?

  init(timeouts: HubServer.Timeouts, metrics: Metrics) {
    headTimeout = .seconds(timeouts.headSeconds)
    replyTimeout = .seconds(timeouts.replySeconds)
    self.metrics = metrics
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    context.fireChannelRead(data)
    // Heads in these bytes have been counted by now: without a request, they are a part of one.
    guard openRequestCount == 0, headDeadline == nil, context.channel.isActive else { return }
    let channel = context.channel
    headDeadline = context.eventLoop.scheduleTask(in: headTimeout) { [metrics] in
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
      headDeadline?.cancel()
      headDeadline = nil
    case .replyWritten:
      openRequestCount -= 1
    case nil:
      context.triggerUserOutboundEvent(event, promise: promise)
    }
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if unsentCount == 0 { lastSent = .now() }
    unsentCount += 1
    let sent = promise ?? context.eventLoop.makePromise(of: Void.self)
    sent.futureResult.assumeIsolated().whenComplete { _ in
      self.unsentCount -= 1
      self.lastSent = .now()
    }
    context.write(data, promise: sent)
  }

  func flush(context: ChannelHandlerContext) {
    context.flush()
    awaitReader(of: context.channel)
  }

  func channelInactive(context: ChannelHandlerContext) {
    headDeadline?.cancel()
    replyDeadline?.cancel()
    context.fireChannelInactive()
  }

  /// Looks again, where something is unsent, when the time since the last piece went out is over.
  private func awaitReader(of channel: any Channel) {
    guard unsentCount > 0, replyDeadline == nil, channel.isActive else { return }
    replyDeadline = channel.eventLoop.assumeIsolated().scheduleTask(
      deadline: lastSent + replyTimeout
    ) {
      self.replyDeadline = nil
      if self.unsentCount > 0, NIODeadline.now() - self.lastSent >= self.replyTimeout {
        self.metrics.countClosing(.slowReader)
        channel.close(promise: nil)
      } else {
        self.awaitReader(of: channel)
      }
    }
  }
}
