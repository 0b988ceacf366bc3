#if PostgreSQL
  internal import Foundation
  internal import GlossCore

  /// Hears what hubs append to the database, on a connection and a thread of its own.
  actor PostgresListener {
    /// What the listener heard.
    enum News: Sendable {
      /// Bundles were appended to these libraries.
      case appends(Set<LibraryID>)
      /// The connection was made, for the first time or again: what was appended before then was not heard.
      case connected
      /// Nothing more comes.
      case end
    }

    /// The channel on which appends are announced, with the library's 32 digits.
    static let channel = "gloss_appends"

    private let conninfo: String
    private var session: PostgresSession?
    private let executor = QueueExecutor(label: "gloss-hub.postgres.listen")
    /// A pipe that ends the wait for news once its second end is closed.
    private let stop: Pipe = Pipe()

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(_ conninfo: String) {
      self.conninfo = conninfo
    }

    /// Ends ``next()``, now and for later.
    nonisolated func close() {
      try? stop.fileHandleForWriting.close()
    }

    /// Waits for news.
    ///
    /// - Throws: What broke the connection. The next call connects again.
    func next() throws(PostgresError) -> News {
      guard let session else {
        let session = try PostgresSession(conninfo)
        try session.command("LISTEN \(Self.channel)")
        self.session = session
        return .connected
      }
      do {
        while true {
          let payloads = try session.notifications()
          if !payloads.isEmpty {
            return .appends(Set(payloads.compactMap { LibraryID(hex: $0) }))
          }
          var files = [
            pollfd(fd: session.socket, events: Int16(POLLIN), revents: 0),
            pollfd(
              fd: stop.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0),
          ]
          // An interrupted wait is begun again.
          _ = poll(&files, 2, -1)
          if files[1].revents != 0 {
            self.session = nil
            return .end
          }
        }
      } catch {
        self.session = nil
        throw error
      }
    }
  }
#endif
