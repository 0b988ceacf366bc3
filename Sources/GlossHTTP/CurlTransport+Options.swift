extension CurlTransport {
  /// What a transport may use and how long it waits.
  public struct Options: Sendable {
    /// What the program calls itself, such as `gloss/1.0`: visible ASCII and spaces.
    public var userAgent: String

    /// How long a connection may take to stand, its name looked up and its TLS session agreed, in
    /// milliseconds.
    public var connectTimeoutMilliseconds = 15_000

    /// How long a request may go on below ``slowestBytesPerSecond``, in seconds. The time in which
    /// a hub thinks counts.
    public var stallTimeoutSeconds = 30

    /// The rate, in bytes per second, below which a request counts as standing still.
    public var slowestBytesPerSecond = 16

    /// The greatest body that is taken in, in bytes as they arrive.
    public var replyByteLimit = 64 << 20

    /// The greatest body after decompression, in bytes.
    public var decodedByteLimit = 64 << 20

    /// The greatest size of all header lines of a reply together, in bytes.
    public var headerByteLimit = 64 << 10

    /// The number of requests under way at once, and so of connections; further ones wait.
    public var concurrentRequestLimit = 8

    /// A file of certificates (PEM) to trust instead of the system's, or `nil` for the system's.
    public var certificateAuthorityFile: String?

    /// The proxy's address as curl takes it, such as `http://proxy.example:3128`, or `nil` for
    /// none. The environment is not asked.
    public var proxy: String?

    /// Is told the date of each reply that has one, as it stands there, as soon as it is here.
    public var onDate: (@Sendable (String) -> Void)?

    /// Is told, while a request goes on, how many more bytes of its body are sent and of the reply's are here; on the thread of
    /// the transfers, which waits meanwhile.
    public var onBytes: (@Sendable (_ sent: Int, _ received: Int) -> Void)?

    /// Creates options that are right for a hub on the internet.
    public init(userAgent: String) {
      self.userAgent = userAgent
    }

    func check() {
      precondition(
        [
          connectTimeoutMilliseconds, stallTimeoutSeconds, slowestBytesPerSecond, replyByteLimit,
          decodedByteLimit, headerByteLimit, concurrentRequestLimit,
        ].allSatisfy { $0 > 0 },
        "limits and times are positive")
      precondition(
        !userAgent.isEmpty && userAgent.utf8.allSatisfy { (0x20...0x7E).contains($0) },
        "a user agent is visible ASCII and spaces")
    }
  }
}
