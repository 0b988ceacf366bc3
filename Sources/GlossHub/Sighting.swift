package import GlossCore

/// That a device asked for something, and how far it was sent the log.
package struct Sighting: Equatable, Sendable {
  package let library: LibraryID
  /// The digest of its token.
  package let token: [UInt8]
  package var milliseconds: Int64
  /// The index of the cursor of the page that it was sent, `nil` where it was sent none.
  package var cursorIndex: UInt64?
  /// The index of the cursor that it asked for the page with, `nil` where it asked for something else.
  package var appliedIndex: UInt64?

  package init(
    library: LibraryID, token: [UInt8], milliseconds: Int64, cursorIndex: UInt64? = nil,
    appliedIndex: UInt64? = nil
  ) {
    self.library = library
    self.token = token
    self.milliseconds = milliseconds
    self.cursorIndex = cursorIndex
    self.appliedIndex = appliedIndex
  }
}
