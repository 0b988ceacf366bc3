internal import ArgumentParser
internal import GlossHub
internal import GlossHubServer

/// The flags of `gloss-hub serve`, each of which also has a variable.
struct ServeOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The directory of the database; it is created where it does not exist.", valueName: "dir"))
  var data: String?

  #if PostgreSQL
    @Option(
      help: ArgumentHelp(
        "A PostgreSQL database instead, as libpq takes it; several hubs may share it. A password "
          + "belongs into a file (PGPASSFILE). With it, --data is only where the key of invitations "
          + "is.", valueName: "conninfo"))
    var postgres: String?
  #endif

  @Option(
    help: ArgumentHelp(
      "Where to listen; port 0 lets the system pick one.", valueName: "host:port"))
  var listen: ListenAddress?

  @Option(
    help: ArgumentHelp(
      "Where Prometheus finds /metrics, in plain HTTP. Nowhere by default.",
      valueName: "host:port"))
  var metricsListen: ListenAddress?

  @Option(
    help: ArgumentHelp(
      "Who may create a library: with open anybody, with invite who has what `gloss-hub invite` "
        + "prints. (default: open)", valueName: "who"))
  var registration: RegistrationMode?

  @Option(
    help: ArgumentHelp(
      "What a library may hold; a push over it is refused. Without it, any number.",
      valueName: "bytes"))
  var libraryBytes: ByteCount?

  @Option(
    help: ArgumentHelp(
      "How many bundles a library may push in a minute, and in one go. Hubs that share a database "
        + "count each for itself. Without it, any number.",
      valueName: "count"))
  var bundlesPerMinute: Count?

  @Option(
    help: ArgumentHelp(
      "After how many bundles a client is asked for a snapshot, from which new machines start; 0 "
        + "for never. (default: 1000)", valueName: "count"))
  var snapshotBundles: CountOrNone?

  @Option(
    help: ArgumentHelp(
      "How long bundles are kept once a snapshot holds them: a number of days, or never to keep "
        + "them all. A machine that was away for longer starts from the snapshot. (default: 30)",
      valueName: "days"))
  var logRetention: Retention?

  @Option(help: ArgumentHelp("The certificate and those above it (PEM).", valueName: "file"))
  var tlsCertificate: String?

  @Option(help: ArgumentHelp("The certificate's key (PEM).", valueName: "file"))
  var tlsKey: String?

  @Option(
    help: ArgumentHelp(
      "Connections at once; more wait until one ends. (default: 10000, or as many as there may "
        + "be open files, less 64)", valueName: "count"))
  var maxConnections: Count?

  @Option(
    help: ArgumentHelp(
      "The greatest body of a request, 64K to 32M. (default: 16M)", valueName: "bytes"))
  var bodyLimit: ByteCount?

  @Option(
    help: ArgumentHelp(
      "All headers of a request together, 1K to 1M. (default: 80K)", valueName: "bytes"))
  var headerLimit: ByteCount?

  @Option(
    help: ArgumentHelp(
      "About how much a reply brings at most, 4K to 32M. (default: 1M)", valueName: "bytes"))
  var pageSize: ByteCount?

  @Option(
    help: ArgumentHelp(
      "Until a connection on which nothing happens is closed. (default: 75)",
      valueName: "seconds"))
  var idleTimeout: Seconds?

  @Option(
    help: ArgumentHelp(
      "For the head of a request, once it begins. (default: 10)", valueName: "seconds"))
  var headTimeout: Seconds?

  @Option(
    help: ArgumentHelp("For the body of a request. (default: 120)", valueName: "seconds"))
  var bodyTimeout: Seconds?

  @Option(
    help: ArgumentHelp(
      "For a client to take in the next 64K of a reply. (default: 60)", valueName: "seconds"))
  var replyTimeout: Seconds?

  @Option(
    help: ArgumentHelp(
      "For how long a pull may wait for news. A proxy has to wait longer. (default: 60)",
      valueName: "seconds"))
  var waitLimit: Seconds?

  @Option(
    help: ArgumentHelp(
      "For requests under way when the hub is stopped. (default: 10)", valueName: "seconds"))
  var stopTimeout: Seconds?

  @Option(
    help: ArgumentHelp("The log on standard error. (default: text)", valueName: "format"))
  var logFormat: HubLog.Format?

  @Option(
    help: ArgumentHelp(
      "notice adds to error when the hub starts and stops, info each request. (default: info)",
      valueName: "level"))
  var logLevel: HubLog.Level?
}

/// The values of `--registration`.
enum RegistrationMode: String, CaseIterable, ExpressibleByArgument {
  case open, invite
}

extension HubLog.Format: ExpressibleByArgument {}
extension HubLog.Level: ExpressibleByArgument {}

extension ServeOptions {
  /// What the flags, the variables and the defaults come to.
  struct Resolved {
    /// The directory of the database, or where invitations have their key; empty where there is none.
    var data: String
    /// The PostgreSQL database instead.
    var postgres: String?
    var listen: ListenAddress
    var metrics: ListenAddress?
    var server: HubServer.Configuration
    var limits: HubLimits
    var registration: RegistrationMode
    var logFormat: HubLog.Format
    var logLevel: HubLog.Level
  }

  /// - Throws: `ValidationError`, which says what is missing or wrong.
  func resolved(_ settings: Settings) throws -> Resolved {
    let listen = try settings.required(listen, "listen")
    let metrics = try settings.value(metricsListen, "metrics-listen")
    var server = HubServer.Configuration(
      host: listen.host, port: listen.port, timeouts: try timeouts(settings),
      stopSignal: .termination)
    server.metrics = metrics.map { ($0.host, $0.port) }
    server.connectionLimit =
      try settings.value(maxConnections, "max-connections", default: Count(10_000)).value
    server.headerByteLimit = try size(
      headerLimit, "header-limit", default: 80 << 10, within: 1 << 10...1 << 20, settings)
    server.tls = try tlsFiles(settings)
    var limits = HubLimits(
      requestByteCount: try size(
        bodyLimit, "body-limit", default: 16 << 20, within: 64 << 10...32 << 20, settings),
      pageByteCount: try size(
        pageSize, "page-size", default: 1 << 20, within: 4 << 10...32 << 20, settings))
    limits.waitSeconds = Int(
      try settings.value(waitLimit, "wait-limit", default: Seconds(60)).value)
    limits.libraryByteCount = try settings.value(libraryBytes, "library-bytes")?.value
    limits.bundlesPerMinute = try settings.value(bundlesPerMinute, "bundles-per-minute")?.value
    limits.snapshotBundleCount =
      try settings.value(snapshotBundles, "snapshot-bundles", default: CountOrNone(1_000)).value
    limits.logRetention =
      try settings.value(logRetention, "log-retention", default: Retention(days: 30)).milliseconds
    let registration = try settings.value(registration, "registration", default: .open)
    var postgres: String?
    #if PostgreSQL
      postgres = try settings.value(self.postgres, "postgres")
    #endif
    let needsData = postgres == nil || registration == .invite
    return Resolved(
      data: needsData ? try settings.required(data, "data") : "", postgres: postgres,
      listen: listen, metrics: metrics, server: server, limits: limits,
      registration: registration,
      logFormat: try settings.value(logFormat, "log-format", default: .text),
      logLevel: try settings.value(logLevel, "log-level", default: .info))
  }

  private func timeouts(_ settings: Settings) throws -> HubServer.Timeouts {
    func seconds(_ flag: Seconds?, _ name: String, _ fallback: Int64) throws -> Int64 {
      try settings.value(flag, name, default: Seconds(fallback)).value
    }
    return HubServer.Timeouts(
      idleSeconds: try seconds(idleTimeout, "idle-timeout", 75),
      headSeconds: try seconds(headTimeout, "head-timeout", 10),
      bodySeconds: try seconds(bodyTimeout, "body-timeout", 120),
      replySeconds: try seconds(replyTimeout, "reply-timeout", 60),
      stopSeconds: try seconds(stopTimeout, "stop-timeout", 10))
  }

  private func tlsFiles(_ settings: Settings) throws -> HubServer.TLSFiles? {
    let certificate = try settings.value(tlsCertificate, "tls-certificate")
    let key = try settings.value(tlsKey, "tls-key")
    guard certificate != nil || key != nil else { return nil }
    guard HubServer.hasTLS else {
      throw ValidationError(
        "This gloss-hub was built without TLS. Build it with `--traits TLS`, "
          + "or put a proxy with TLS in front.")
    }
    guard let certificate, let key else {
      throw ValidationError("--tls-certificate and --tls-key go together.")
    }
    return HubServer.TLSFiles(certificate: certificate, key: key)
  }

  private func size(
    _ flag: ByteCount?, _ name: String, default fallback: Int, within range: ClosedRange<Int>,
    _ settings: Settings
  ) throws -> Int {
    let size = try settings.value(flag, name, default: ByteCount(fallback)).value
    guard range.contains(size) else {
      throw ValidationError("--\(name) is from \(range.lowerBound) to \(range.upperBound) bytes.")
    }
    return size
  }
}
