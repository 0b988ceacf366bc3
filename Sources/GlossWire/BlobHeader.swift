package import GlossCore

/// The part of a sealed blob that a hub reads: 53 bytes in front of the seal, which authenticates them.
///
/// In order: suite (1 byte), library (16), epoch (4), name (32); the epoch is big-endian. The name is a keyed hash of the
/// content's SHA-256, so that a hub cannot test a guess of the content.
package struct BlobHeader: Hashable, Sendable {
  /// The library that the blob belongs to.
  package var library: LibraryID
  /// The number of the key that the content is sealed with, from 1.
  package var epoch: UInt32
  /// What the blob is called on the hub: 32 bytes.
  package var name: [UInt8]

  package init(library: LibraryID, epoch: UInt32, name: [UInt8]) {
    self.library = library
    self.epoch = epoch
    self.name = name
  }

  /// The number of bytes of a header.
  package static let byteCount = 53

  /// The greatest number of bytes of a sealed blob: more than 8 MiB that do not compress come to, padded and sealed.
  package static let sealedByteLimit = 9 * 1_024 * 1_024

  /// Reads the header in front of a sealed blob.
  package init(of blob: [UInt8]) throws(BundleHeader.Malformed) {
    guard let suite = blob.first else { throw .tooShort(byteCount: 0) }
    guard suite == BundleHeader.suite else { throw .unknownSuite(suite) }
    guard blob.count >= Self.byteCount else { throw .tooShort(byteCount: blob.count) }
    var reader = ByteReader(blob[1..<Self.byteCount])
    do {
      library = try reader.readIdentifier(as: LibraryID.self)
      epoch = try reader.readFixed(as: UInt32.self)
      name = Array(try reader.read(BlobPart.nameByteCount))
    } catch {
      throw .tooShort(byteCount: blob.count)
    }
    guard epoch >= 1 else { throw .badEpoch }
  }

  /// The header's bytes: what the seal authenticates.
  package var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.writeByte(BundleHeader.suite)
    writer.writeFixed(library.value)
    writer.writeFixed(epoch)
    writer.write(name)
    return writer.bytes
  }
}
