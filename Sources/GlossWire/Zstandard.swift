internal import CZstd

/// Compression of bundles and bodies: one zstd frame (RFC 8878), its size bounded before it is opened.
package enum Zstandard {
  /// Why bytes were not opened.
  package enum Failure: Error, Equatable, Sendable {
    /// The bytes are not exactly one complete frame.
    case malformed
    /// The content has more bytes than the reader takes in.
    case tooLarge(limit: Int)
  }

  /// The level that bundles are compressed at: a stronger one costs several times what storing the changes costs.
  package static let level: Int32 = 3

  /// The version of libzstd that is there.
  package static var version: String { String(cString: ZSTD_versionString()) }

  /// What a frame begins with. libzstd takes in skippable frames and those of its early versions too.
  private static let magic: [UInt8] = [0x28, 0xB5, 0x2F, 0xFD]

  /// Returns `content` as one frame that says its size.
  package static func compress(_ content: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(content.count)) { buffer, count in
      let size = ZSTD_compress(
        buffer.baseAddress, buffer.count, content, content.count, level)
      precondition(ZSTD_isError(size) == 0, "zstd compresses whatever fits its own bound")
      count = size
    }
  }

  /// Returns what one frame holds.
  ///
  /// - Parameters:
  ///   - bytes: Exactly one complete frame that says its size.
  ///   - limit: The greatest number of bytes to return. Nothing is allocated for a frame that says more.
  package static func decompress(
    _ bytes: ArraySlice<UInt8>, limit: Int
  ) throws(Failure) -> [UInt8] {
    let result: Result<[UInt8], Failure> = bytes.withUnsafeBytes { source in
      let size = ZSTD_getFrameContentSize(source.baseAddress, source.count)
      guard source.starts(with: magic), size <= UInt64(Int.max),
        ZSTD_findFrameCompressedSize(source.baseAddress, source.count) == source.count
      else { return .failure(.malformed) }
      guard size <= UInt64(limit) else { return .failure(.tooLarge(limit: limit)) }
      var isComplete = false
      let content = [UInt8](unsafeUninitializedCapacity: Int(size)) { buffer, written in
        let count = ZSTD_decompress(
          buffer.baseAddress, buffer.count, source.baseAddress, source.count)
        isComplete = ZSTD_isError(count) == 0 && count == buffer.count
        written = isComplete ? buffer.count : 0
      }
      return isComplete ? .success(content) : .failure(.malformed)
    }
    return try result.get()
  }
}
