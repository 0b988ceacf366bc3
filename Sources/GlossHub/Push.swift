package import GlossCore
package import GlossWire

/// Bundles that a device wants appended, and what it wants to hear of the log in return.
package struct Push: Sendable {
  package let library: LibraryID
  /// The SHA-256 of the device's token.
  package let token: [UInt8]
  /// At least one.
  package let bundles: [PushedBundle]
  /// Up to where the device knows the log, `nil` for nothing of it.
  package let cursor: Cursor?
  /// How many bytes of bundles the library may have, `nil` for any number.
  package let libraryByteLimit: Int?
  /// About how many bytes of bundles the page has that answers the push.
  package let pageByteLimit: Int

  package init(
    _ bundles: [PushedBundle], to library: LibraryID, token: [UInt8], after cursor: Cursor?,
    libraryByteLimit: Int?, pageByteLimit: Int
  ) {
    self.bundles = bundles
    self.library = library
    self.token = token
    self.cursor = cursor
    self.libraryByteLimit = libraryByteLimit
    self.pageByteLimit = pageByteLimit
  }

  /// What the page leaves out: its reader has it.
  var runs: Set<PushedBundle.Run> { Set(bundles.map(\.run)) }
}

/// What a write did that goes on disk.
struct Written: Sendable {
  /// Why it did no more.
  var problem: Problem?
  /// Whether it appended anything.
  var hasAppended = false
  /// The page that answers a push, or `nil` where it has entries that have to be read: those up to ``end``. What a log has
  /// does not change, so they may be read later, and beside other writes.
  var page: Page?
  /// The number of entries of the log with this write.
  var end: UInt64 = 0
  /// What is held of the blobs that it was about.
  var holdings: [BlobHolding] = []
  /// Whether there is more of the same to do.
  var hasMore = false
}
