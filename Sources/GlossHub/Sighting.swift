package import GlossCore

/// That a device asked for something, and how far it has the log.
package struct Sighting: Equatable, Sendable {
  package let library: LibraryID
  /// The digest of its token.
  package let token: [UInt8]
  package var milliseconds: Int64
  /// The index of the cursor that it came with, `nil` where it came without one.
  package var cursorIndex: UInt64?

  package init(
    library: LibraryID, token: [UInt8], milliseconds: Int64, cursorIndex: UInt64? = nil
  ) {
    self.library = library
    self.token = token
    self.milliseconds = milliseconds
    self.cursorIndex = cursorIndex
  }
}
