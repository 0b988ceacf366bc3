package import GlossCore

/// What stands in front of a sealed piece of a snapshot: 41 bytes, which the seal authenticates.
///
/// In order: suite (1 byte), library (16), epoch (4), snapshot (16), number of the piece (4); numbers are big-endian. Piece 0
/// is the snapshot's head.
package struct SnapshotHeader: Hashable, Sendable {
  package var library: LibraryID
  /// The number of the key that the piece is sealed with, from 1.
  package var epoch: UInt32
  package var snapshot: SnapshotID
  /// The number of the piece, at most ``SnapshotDescription/pieceLimit``.
  package var index: UInt32

  package init(library: LibraryID, epoch: UInt32, snapshot: SnapshotID, index: UInt32) {
    self.library = library
    self.epoch = epoch
    self.snapshot = snapshot
    self.index = index
  }

  /// The number of bytes of a header.
  package static let byteCount = 41
}

extension SnapshotHeader {
  /// Why bytes are no piece of a snapshot that this version can place.
  package enum Malformed: Error, Equatable, Sendable {
    /// There are fewer bytes than a header has.
    case tooShort(byteCount: Int)
    /// The suite is one of a newer version.
    case unknownSuite(UInt8)
    /// The epoch is 0.
    case badEpoch
  }

  /// Reads the header in front of a sealed piece.
  package init(of piece: [UInt8]) throws(Malformed) {
    guard let suite = piece.first else { throw .tooShort(byteCount: 0) }
    guard suite == BundleHeader.suite else { throw .unknownSuite(suite) }
    var reader = ByteReader(piece.prefix(Self.byteCount).dropFirst())
    do {
      library = try reader.readIdentifier(as: LibraryID.self)
      epoch = try reader.readFixed(as: UInt32.self)
      snapshot = try reader.readIdentifier(as: SnapshotID.self)
      index = try reader.readFixed(as: UInt32.self)
    } catch {
      throw .tooShort(byteCount: piece.count)
    }
    guard epoch >= 1 else { throw .badEpoch }
  }

  /// The header's bytes: what the sealed piece authenticates.
  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.writeByte(BundleHeader.suite)
    writer.writeFixed(library.value)
    writer.writeFixed(epoch)
    writer.writeFixed(snapshot.value)
    writer.writeFixed(index)
    return writer.bytes
  }
}
