internal import HummingbirdCore

/// Counts connections and accepts none above a limit: those wait in the system's queue.
///
/// The limit has to stay below the number of files that the process may open: the database opens some, too.
struct ConnectionLimit: AvailableConnectionsDelegate {
  let limit: Int
  let metrics: Metrics
  private var count = 0

  init(_ limit: Int, metrics: Metrics) {
    self.limit = limit
    self.metrics = metrics
  }

  mutating func connectionOpened() {
    count += 1
    metrics.connectionOpened()
  }

  mutating func connectionClosed() {
    count -= 1
    metrics.connectionClosed()
  }

  func isAcceptingNewConnections() -> Bool { count < limit }
}
