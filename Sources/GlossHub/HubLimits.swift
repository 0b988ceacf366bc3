/// The sizes and times that a hub holds its clients to.
package struct HubLimits: Equatable, Sendable {
  /// The greatest body of a request, in bytes.
  package var requestByteCount: Int
  /// The greatest number of bytes of bundles in a page that has more than one.
  package var pageByteCount: Int
  /// How long an offered enrolment can be taken up, in milliseconds.
  package var enrolmentMilliseconds: Int64
  /// How long what came of a blob that is not whole is kept after the last part, in milliseconds.
  package var uploadMilliseconds: Int64 = 24 * 60 * 60 * 1_000
  /// For how long a pull may wait for news, in seconds. Shorter than a server's patience with idle connections.
  package var waitSeconds: Int
  /// How many bytes of bundles, blobs and snapshots a library may have, or `nil` for any number.
  package var libraryByteCount: Int?
  /// How many bundles a library may push in a minute, on average over a few, or `nil` for any number.
  package var bundlesPerMinute: Int?
  /// After how many bundles since the newest snapshot a client is asked for the next; 0 for never.
  package var snapshotBundleCount = 1_000
  /// How long the log is kept after a snapshot was made of it, in milliseconds, or `nil` for ever.
  package var logRetention: Int64? = 30 * 24 * 60 * 60 * 1_000

  package init(
    requestByteCount: Int = 16 * 1_024 * 1_024, pageByteCount: Int = 1_024 * 1_024,
    enrolmentMilliseconds: Int64 = 24 * 60 * 60 * 1_000, waitSeconds: Int = 60
  ) {
    self.requestByteCount = requestByteCount
    self.pageByteCount = pageByteCount
    self.enrolmentMilliseconds = enrolmentMilliseconds
    self.waitSeconds = waitSeconds
  }
}
