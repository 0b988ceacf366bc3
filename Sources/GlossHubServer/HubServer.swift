internal import Foundation
package import GlossHub
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import UnixSignals

/// Serves a hub over HTTP/1.1.
///
/// It logs what was asked, the status and the time, to standard error: no bodies, tokens, addresses or identifiers.
package struct HubServer: Sendable {
  /// How long the server waits for clients, and for itself.
  package struct Timeouts: Sendable {
    /// Seconds after which a connection on which nothing happens is closed.
    package var idleSeconds: Int64
    /// Seconds within which a body has to arrive.
    package var bodySeconds: Int64
    /// Seconds that requests under way have once the server stops.
    package var stopSeconds: Int64

    package init(idleSeconds: Int64 = 75, bodySeconds: Int64 = 120, stopSeconds: Int64 = 10) {
      self.idleSeconds = idleSeconds
      self.bodySeconds = bodySeconds
      self.stopSeconds = stopSeconds
    }
  }

  /// What makes a server stop, beside the cancellation of the task that runs it.
  package enum StopSignal: Sendable {
    /// Nothing.
    case none
    /// SIGTERM and SIGINT, after which requests under way are still answered.
    case termination
    /// The end of a stream, after which requests under way are still answered.
    case end(of: AsyncStream<Never>)
  }

  /// Why a server does not run.
  package enum Failure: Error, Equatable, Sendable {
    /// The address cannot be listened on; the text is the system's.
    case addressUnavailable(String)
    /// It stopped by itself after it was ready.
    case stopped(String)
  }

  private let hub: Hub
  private let host: String
  private let port: Int
  private let timeouts: Timeouts
  private let stopSignal: StopSignal

  /// Creates a server that does not listen yet.
  ///
  /// - Parameters:
  ///   - host: A name or an address of this machine.
  ///   - port: A port, or 0 for one that the system picks.
  package init(
    hub: Hub, host: String, port: Int, timeouts: Timeouts = Timeouts(), stopSignal: StopSignal
  ) {
    self.hub = hub
    self.host = host
    self.port = port
    self.timeouts = timeouts
    self.stopSignal = stopSignal
  }

  /// Logs an error that no client is told of.
  package static func report(_ error: any Error) {
    logger(.info).error("storage failed", metadata: ["error": "\(error)"])
  }

  /// Serves until the stop signal comes or the task is cancelled.
  ///
  /// - Parameter onReady: Called once, with the port, when connections are accepted.
  package func run(onReady: @escaping @Sendable (Int) -> Void) async throws(Failure) {
    let readiness = Readiness()
    let responder = HubResponder(
      hub: hub, bodyTimeout: .seconds(timeouts.bodySeconds), logger: Self.logger(.info))
    let application = Application(
      responder: responder,
      server: .http1(
        configuration: .init(
          additionalChannelHandlers: [HangUpHandler()],
          idleTimeout: .seconds(timeouts.idleSeconds))),
      configuration: ApplicationConfiguration(address: .hostname(host, port: port)),
      onServerRunning: { channel in
        await readiness.set()
        onReady(channel.localAddress?.port ?? port)
      },
      logger: Self.logger(.error))
    var configuration = ServiceGroupConfiguration(
      services: [application], gracefulShutdownSignals: stopSignal.signals,
      logger: Self.logger(.error))
    configuration.maximumGracefulShutdownDuration = .seconds(timeouts.stopSeconds)
    do {
      let services = ServiceGroup(configuration: configuration)
      async let stopping: Void = stopSignal.whenEnded { await services.triggerGracefulShutdown() }
      try await services.run()
      await stopping
    } catch is CancellationError {
      // Stopping took as long as it may, or the task was cancelled: either way that is the end that was asked for.
    } catch {
      guard await readiness.isSet else { throw .addressUnavailable(Self.words(for: error)) }
      throw .stopped("\(error)")
    }
  }

  private static func words(for error: any Error) -> String {
    guard let error = error as? IOError else { return "\(error)" }
    return String(cString: strerror(error.errnoCode))
  }

  private static func logger(_ level: Logger.Level) -> Logger {
    var logger = Logger(label: "gloss-hub") { StreamLogHandler.standardError(label: $0) }
    logger.logLevel = level
    return logger
  }
}

extension HubServer.StopSignal {
  fileprivate var signals: [UnixSignal] {
    switch self {
    case .none, .end: []
    case .termination: [.sigterm, .sigint]
    }
  }

  /// Runs `body` where the signal is the end of a stream, once that has ended.
  fileprivate func whenEnded(_ body: () async -> Void) async {
    guard case .end(let stream) = self else { return }
    for await _ in stream {}
    if !Task.isCancelled { await body() }
  }
}

/// Whether the server has been ready.
private actor Readiness {
  private(set) var isSet = false

  func set() { isSet = true }
}
