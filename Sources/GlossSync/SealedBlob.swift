package import GlossCore
internal import GlossCrypto
package import GlossSeal
internal import GlossWire

/// Why what came under a blob's name is not the large value that a change names.
package enum BlobFault: Error, Equatable, Sendable {
  /// There are fewer bytes than a header has.
  case tooShort
  /// A newer version sealed it.
  case unknownSuite
  /// The epoch is 0.
  case badEpoch
  /// It belongs to another library.
  case otherLibrary
  /// It is another value's.
  case otherName
  case seal(SealError)
  /// The content is not one zstd frame that says its size, or a large value is not so large.
  case badCompression
  /// It opens, and is another value than its name says.
  case otherContent
}

// A large value on its way: one zstd frame, sealed behind a header that names library, epoch and value.

extension Sealer {
  /// Returns a large value sealed: the same bytes each time.
  package func sealed(_ content: [UInt8], as id: BlobID) -> [UInt8] {
    sealed(frame: Zstandard.compress(content), as: id)
  }

  /// Returns a large value sealed that was compressed already: for test vectors.
  package func sealed(frame: [UInt8], as id: BlobID) -> [UInt8] {
    let header = BlobHeader(library: library, epoch: currentEpoch, name: name(of: id)).bytes
    return header + sealBlob(frame, authenticating: header, epoch: currentEpoch)
  }

  /// Returns the large value that was sealed, which is the one that `id` names.
  package func opened(_ sealed: [UInt8], as id: BlobID) throws(BlobFault) -> [UInt8] {
    let header: BlobHeader
    do {
      header = try BlobHeader(of: sealed)
    } catch {
      switch error {
      case .unknownSuite: throw .unknownSuite
      case .badEpoch: throw .badEpoch
      case .tooShort, .badRun: throw .tooShort
      }
    }
    guard header.library == library else { throw .otherLibrary }
    guard header.name == name(of: id) else { throw .otherName }
    let frame: [UInt8]
    do {
      frame = try open(
        sealed[BlobHeader.byteCount...], as: .blob, authenticating: header.bytes,
        epoch: header.epoch)
    } catch {
      throw .seal(error)
    }
    let content: [UInt8]
    do {
      content = try Zstandard.decompress(frame[...], limit: Limits.blobByteCount)
    } catch {
      throw .badCompression
    }
    guard sha256(content) == id.digest else { throw .otherContent }
    return content
  }
}
