internal import HummingbirdCore
internal import NIOConcurrencyHelpers
internal import NIOCore

/// A connection on its way from the system to who serves it.
///
/// Where the server stops meanwhile, NIO lets go of the connection without a word, and the process traps where one is let go of that
/// nobody took up ("Deinited NIOAsyncWriter without calling finish()"). So it is taken up here then, to be closed.
final class Arrival: ServerChildChannelValue {
  let channel: any Channel

  private let connection: NIOLockedValueBox<HTTP1Channel.Value?>

  init(_ connection: HTTP1Channel.Value) {
    channel = connection.channel
    self.connection = NIOLockedValueBox(connection)
  }

  /// Returns the connection to who serves it: once.
  func take() -> HTTP1Channel.Value? {
    connection.withLockedValue { connection in
      defer { connection = nil }
      return connection
    }
  }

  deinit {
    guard let connection = take() else { return }
    // There is nobody left to wait for it.
    Task { try? await connection.executeThenClose { _, _ in } }
  }
}
