internal import ArgumentParser
internal import Foundation
internal import GlossHub
internal import GlossHubServer

/// `gloss-hub serve`.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve a hub until SIGTERM or SIGINT.",
    usage: "gloss-hub serve --data <dir> --listen <host:port> [<options>]",
    discussion: """
      The first line of standard output, `listening on http://HOST:PORT`, says that the hub is \
      ready; a second one says where the figures are, with --metrics-listen. It serves plain HTTP \
      unless it has a certificate: anywhere but on this machine, put a proxy with TLS in front.

      Each flag can also be given by a variable: --idle-timeout by GLOSS_HUB_IDLE_TIMEOUT. The \
      flag wins. K, M and G stand for 1024, 1024^2 and 1024^3 bytes.

      The log goes to standard error, a line for each request: what was asked, status, time and \
      sizes. It has no addresses, tokens or identifiers.

      Exit codes: 0 stopped as asked; 64 the command line is wrong; 69 the address cannot be \
      listened on; 70 the hub failed; 73 the data directory cannot be used; 78 the certificate \
      or the key cannot be used.

      EXAMPLE
        gloss-hub serve --data hub --listen 127.0.0.1:8080
      """)

  @OptionGroup var options: ServeOptions

  func run() async throws {
    var options = try self.options.resolved(
      Settings(environment: ProcessInfo.processInfo.environment))
    options.server.connectionLimit = openableConnections(options.server.connectionLimit)
    let clock: @Sendable () -> Int64 = { Int64(Date().timeIntervalSince1970 * 1_000) }
    let log = HubLog(format: options.logFormat, level: options.logLevel, clock: clock)
    let metrics = Metrics()
    let store = try await openStore(options, metrics, log)
    let hub = Hub(
      storage: store, limits: options.limits, registration: registration(options),
      software: GlossHubCommand.software, clock: clock,
      generator: SystemRandomNumberGenerator(), report: log.report)
    let server = HubServer(hub: hub, configuration: options.server, log: log, metrics: metrics)
    let (listen, figures) = (options.listen, options.metrics)
    let scheme = options.server.tls == nil ? "http" : "https"
    do throws(HubServer.Failure) {
      try await server.run { ports in
        say("listening on \(listen.url(port: ports.hub, scheme: scheme))")
        if let figures, let port = ports.metrics {
          say("figures on \(figures.url(port: port))/metrics")
        }
      }
    } catch {
      try? await hub.close()
      throw end(for: error, options)
    }
    try await hub.close()
  }

  private func registration(_ options: ServeOptions.Resolved) -> Registration {
    switch options.registration {
    case .open: .open
    case .invite:
      .invited { [key = InvitationKey(directory: options.data)] in try key.read() }
    }
  }

  private func end(for error: HubServer.Failure, _ options: ServeOptions.Resolved) -> ExitCode {
    switch error {
    case .addressUnavailable(let reason):
      failure(
        .addressUnavailable,
        "cannot listen on \(options.listen.host):\(options.listen.port): \(reason). "
          + "Choose another with --listen; port 0 takes any that is free.")
    case .metricsUnavailable(let reason):
      failure(
        .addressUnavailable,
        "cannot listen on \(options.metrics?.host ?? ""):\(options.metrics?.port ?? 0): "
          + "\(reason). Choose another with --metrics-listen.")
    case .tlsUnusable(let reason):
      failure(
        .tlsUnusable,
        "cannot use the certificate or the key: \(reason). Both are PEM files, of one another.")
    case .stopped(let reason):
      failure(.failed, "the hub stopped: \(reason). Start it again.")
    }
  }

  /// Lets the process open as many files as it may, and returns how many connections fit, at most those wanted.
  private func openableConnections(_ wanted: Int) -> Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return wanted }
    limit.rlim_cur = limit.rlim_max
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    // What the database, the log, the figures and Swift's runtime open beside.
    let fitting = Int(clamping: limit.rlim_cur) - 64
    return min(wanted, max(fitting, 1))
  }

  private func openStore(
    _ options: ServeOptions.Resolved, _ metrics: Metrics, _ log: HubLog
  ) async throws -> any HubStorage {
    #if PostgreSQL
      if let conninfo = options.postgres { return try await openPostgres(conninfo, metrics, log) }
    #endif
    do throws(SQLiteStorage.Failure) {
      return try SQLiteStorage(directory: options.data, onCommit: metrics.countCommit)
    } catch {
      throw failure(.unwritable, words(for: error))
    }
  }

  #if PostgreSQL
    private func openPostgres(
      _ conninfo: String, _ metrics: Metrics, _ log: HubLog
    ) async throws -> any HubStorage {
      do throws(PostgresStorage.Failure) {
        return try await PostgresStorage(
          conninfo: conninfo, onCommit: metrics.countCommit, report: log.report)
      } catch {
        switch error {
        case .database(let error):
          throw failure(
            .unwritable,
            "cannot use the database of --postgres. PostgreSQL says: \(error)")
        case .newer(let version, let known):
          throw failure(
            .unwritable,
            "the database is of another gloss-hub (version \(version); this one knows \(known)). "
              + "Install that version, or choose another database with --postgres.")
        }
      }
    }
  #endif

  private func words(for error: SQLiteStorage.Failure) -> String {
    switch error {
    case .directory(let path, let reason):
      "cannot use the directory \(path): \(reason). Choose one that you may write with --data."
    case .busy(let path):
      "another gloss-hub uses \(path). Stop it, or choose another directory with --data."
    case .newer(let path, let version, let known):
      "\(path) was written by a newer gloss-hub (version \(version); this one knows \(known)). "
        + "Install that version, or choose another directory with --data."
    case .database(let path, let reason):
      "cannot open \(path): \(reason). Restore it from a backup."
    }
  }
}
