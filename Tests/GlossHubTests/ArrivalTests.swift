import GlossTesting
import Logging
import NIOCore
import NIOPosix
import Testing

@testable import GlossHubServer

struct ArrivalTests {
  /// A server that stops drops what it accepted and has not begun to serve. That ended the process in NIO; it was seen under the thread
  /// sanitizer, which is slow enough for connections to arrive while tests stop their servers.
  @Test func `a connection that nobody takes up is closed, and the process goes on`() async throws {
    let configuration = HubServer.Configuration(host: "127.0.0.1", port: 0, stopSignal: .none)
    let guarded = GuardedChannel(
      responder: { _, _, _ in }, configuration: configuration, metrics: Metrics())
    let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
      .childChannelInitializer { channel in
        guarded.setup(channel: channel, logger: Logger(label: "test")).map { _ in }
      }
      .bind(host: "127.0.0.1", port: 0).get()
    let port = try #require(listener.localAddress?.port)
    try await onThread {
      let connection = try PlainConnection(port: port)
      #expect(connection.readToEnd().isClosed)
    }
    try await listener.close()
  }
}
