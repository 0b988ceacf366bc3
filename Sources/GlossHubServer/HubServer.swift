internal import Foundation
package import GlossHub
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import ServiceLifecycle
internal import UnixSignals

/// Serves a hub over HTTP/1.1, and its figures for Prometheus on a port of their own.
package struct HubServer: Sendable {
  /// Why a server does not run. The texts are the system's, or those of a library.
  package enum Failure: Error, Equatable, Sendable {
    /// The address cannot be listened on.
    case addressUnavailable(String)
    /// The address for the figures cannot be listened on.
    case metricsUnavailable(String)
    /// The certificate and the key cannot be used.
    case tlsUnusable(String)
    /// It stopped by itself after it was ready.
    case stopped(String)
  }

  private let hub: Hub
  private let configuration: Configuration
  private let log: HubLog
  private let metrics: Metrics

  /// Creates a server that does not listen yet.
  ///
  /// - Parameter metrics: What it counts into, and serves.
  package init(
    hub: Hub, configuration: Configuration, log: HubLog, metrics: Metrics = Metrics()
  ) {
    self.metrics = metrics
    self.hub = hub
    self.configuration = configuration
    self.log = log
  }

  /// Serves until the stop signal comes or the task is cancelled.
  ///
  /// Then no connection is accepted any more, those without a request are closed, and the others have
  /// ``Timeouts/stopSeconds`` for what is under way.
  ///
  /// - Parameter onReady: Called once, with the ports, when connections are accepted.
  package func run(onReady: @escaping @Sendable (Ports) -> Void) async throws(Failure) {
    let readiness = Readiness(expected: configuration.metrics == nil ? 1 : 2) { [log] ports in
      log.logger.notice("ready")
      onReady(ports)
    }
    // Services stop in the opposite order, each when the one before it has ended: the figures stay until the end.
    var services: [any Service] = []
    if let address = configuration.metrics {
      services.append(
        Listener(service: figures(at: address, readiness)) { .metricsUnavailable($0) })
    }
    services.append(
      Listener(service: try application(readiness)) { .addressUnavailable($0) })
    var group = ServiceGroupConfiguration(
      services: services, gracefulShutdownSignals: configuration.stopSignal.signals,
      logger: log.failures)
    group.maximumGracefulShutdownDuration = .seconds(configuration.timeouts.stopSeconds)
    do {
      let running = ServiceGroup(configuration: group)
      async let stopping: Void = configuration.stopSignal.whenEnded {
        await running.triggerGracefulShutdown()
      }
      try await running.run()
      await stopping
      log.logger.notice("stopped")
    } catch is CancellationError {
      // Stopping took as long as it may, or the task was cancelled: either way that is the end that was asked for.
      log.logger.notice("stopped")
    } catch let failure as Failure {
      guard await readiness.isSet else { throw failure }
      throw .stopped("\(failure)")
    } catch {
      throw .stopped("\(error)")
    }
  }

  private func application(_ readiness: Readiness) throws(Failure) -> some Service {
    let (configuration, metrics) = (configuration, metrics)
    var server = HTTPServerBuilder { responder in
      GuardedChannel(responder: responder, configuration: configuration, metrics: metrics)
    }
    if let files = configuration.tls { server = try Self.withTLS(server, files: files, log: log) }
    return Application(
      responder: HubResponder(
        hub: hub, timeouts: configuration.timeouts, metrics: metrics, logger: log.logger),
      server: server,
      configuration: ApplicationConfiguration(
        address: .hostname(configuration.host, port: configuration.port),
        // As many as Linux lets wait: after a restart all clients come at once, and who finds no place tries again in a second.
        backlog: 4_096,
        availableConnectionsDelegate: ConnectionLimit(
          configuration.connectionLimit, metrics: metrics)),
      onServerRunning: { await readiness.setHub($0.localAddress?.port ?? configuration.port) },
      logger: log.failures)
  }

  private func figures(
    at address: (host: String, port: Int), _ readiness: Readiness
  ) -> some Service {
    Application(
      responder: MetricsResponder { [metrics] in metrics.text() },
      server: .http1(configuration: .init(idleTimeout: .seconds(30))),
      configuration: ApplicationConfiguration(
        address: .hostname(address.host, port: address.port),
        availableConnectionsDelegate: .maximum(16, logger: log.failures)),
      onServerRunning: { await readiness.setMetrics($0.localAddress?.port ?? address.port) },
      logger: log.failures)
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

/// A listener whose failures say which one it is.
private struct Listener<Base: Service>: Service {
  let service: Base
  let failure: @Sendable (String) -> HubServer.Failure

  func run() async throws {
    do {
      try await service.run()
    } catch let error as IOError {
      throw failure(String(cString: strerror(error.errnoCode)))
    } catch let error as SocketAddressError.UnknownHost {
      throw failure("there is no \(error.host)")
    } catch  where !(error is CancellationError) {
      throw failure("\(error)")
    }
  }
}

/// Whether every listener has been ready.
private actor Readiness {
  private(set) var isSet = false
  private let expected: Int
  private let onReady: @Sendable (HubServer.Ports) -> Void
  private var hub: Int?
  private var metrics: Int?

  init(expected: Int, onReady: @escaping @Sendable (HubServer.Ports) -> Void) {
    self.expected = expected
    self.onReady = onReady
  }

  func setHub(_ port: Int) {
    hub = port
    check()
  }

  func setMetrics(_ port: Int) {
    metrics = port
    check()
  }

  private func check() {
    guard let hub, (metrics == nil ? 1 : 2) == expected else { return }
    isSet = true
    onReady(HubServer.Ports(hub: hub, metrics: metrics))
  }
}
