extension HubServer {
  /// Where a server listens, and what it holds its clients to.
  package struct Configuration: Sendable {
    /// A name or an address of this machine.
    package var host: String
    /// A port, or 0 for one that the system picks.
    package var port: Int
    package var timeouts: Timeouts
    /// What makes the server stop, beside the cancellation of the task that runs it.
    package var stopSignal: StopSignal
    /// The greatest size of all headers of a request together, in bytes.
    package var headerByteLimit = 80 * 1_024
    /// The number of connections at once; further ones wait until one of them ends.
    package var connectionLimit = 10_000
    /// Where figures for Prometheus are served, in plain HTTP; `nil` for nowhere.
    package var metrics: (host: String, port: Int)?
    /// The files of a certificate and its key, both PEM; `nil` for plain HTTP.
    package var tls: TLSFiles?

    package init(
      host: String, port: Int, timeouts: Timeouts = Timeouts(), stopSignal: StopSignal
    ) {
      self.host = host
      self.port = port
      self.timeouts = timeouts
      self.stopSignal = stopSignal
    }
  }

  /// How long the server waits for clients, and for itself.
  package struct Timeouts: Sendable {
    /// Seconds after which a connection on which nothing happens is closed.
    package var idleSeconds: Int64
    /// Seconds within which the head of a request has to arrive, from its first byte.
    package var headSeconds: Int64
    /// Seconds within which a body has to arrive.
    package var bodySeconds: Int64
    /// Seconds within which a client has to take in the next 64 KiB of a reply.
    package var replySeconds: Int64
    /// Seconds that requests under way have once the server stops.
    package var stopSeconds: Int64

    package init(
      idleSeconds: Int64 = 75, headSeconds: Int64 = 10, bodySeconds: Int64 = 120,
      replySeconds: Int64 = 60, stopSeconds: Int64 = 10
    ) {
      self.idleSeconds = idleSeconds
      self.headSeconds = headSeconds
      self.bodySeconds = bodySeconds
      self.replySeconds = replySeconds
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

  /// Where the certificate and its key are, both PEM.
  package struct TLSFiles: Sendable {
    /// The certificate, and behind it those that lead to one that clients trust.
    package var certificate: String
    package var key: String

    package init(certificate: String, key: String) {
      self.certificate = certificate
      self.key = key
    }
  }

  /// The ports that a server got.
  package struct Ports: Equatable, Sendable {
    package var hub: Int
    package var metrics: Int?
  }
}
