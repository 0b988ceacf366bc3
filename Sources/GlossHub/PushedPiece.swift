package import GlossCore
package import GlossWire

/// A piece of a snapshot that somebody sends, read as far as a hub can read it.
package struct PushedPiece: Sendable {
  package let header: SnapshotHeader
  package let bytes: [UInt8]

  package var library: LibraryID { header.library }

  /// - Throws: `malformed` where the bytes are not this piece of this snapshot.
  package init(
    _ bytes: [UInt8], _ index: UInt32, of snapshot: SnapshotID, in library: LibraryID
  ) throws(Problem) {
    guard let header = try? SnapshotHeader(of: bytes), header.library == library,
      header.snapshot == snapshot, header.index == index
    else { throw .badPiece }
    self.header = header
    self.bytes = bytes
  }
}
