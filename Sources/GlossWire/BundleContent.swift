package import GlossCore

/// What a sealed bundle holds: a contiguous run of one replica's changes, and the large values that they name.
package struct BundleContent: Equatable, Sendable {
  /// The changes, by ascending number without gaps.
  package var changes: [Change]

  /// The large values that the changes name, each once.
  package var blobs: [[UInt8]]

  /// The tip after the last change, 32 bytes, where values were left out and nobody can compute it; `nil` otherwise.
  package var statedTip: [UInt8]?

  package init(changes: [Change], blobs: [[UInt8]] = [], statedTip: [UInt8]? = nil) {
    self.changes = changes
    self.blobs = blobs
    self.statedTip = statedTip
  }

  /// The greatest number of bytes of a bundle's content before compression.
  package static let byteLimit = 32 * 1_024 * 1_024

  /// The greatest number of entries of a column: what a few bytes each would unfold to stays a few hundred mebibytes.
  package static let entryLimit = 1 << 20

  /// Why bytes are not a bundle's content.
  package enum Malformed: Error, Equatable, Sendable {
    /// The compression does not hold exactly one complete frame, or one that is too large.
    case badCompression
    /// The message or its columns do not fit together.
    case badColumns
    /// The message has parts that only a newer version knows.
    case newerVersion
  }
}

extension BundleContent {
  /// Returns the content as one compressed message: what is sealed.
  package func encoded() -> [UInt8] {
    Zstandard.compress(message())
  }

  /// Returns the content as one message.
  func message() -> [UInt8] {
    var columns = ColumnWriter()
    for change in changes {
      columns.write(change)
    }
    return columns.finished(with: blobs, statedTip: statedTip)
  }

  /// Reads what ``encoded()`` wrote.
  ///
  /// - Parameters:
  ///   - bytes: The opened seal's content.
  ///   - header: The bundle's header: whose changes these are and which.
  package init(
    decoding bytes: [UInt8], of header: BundleHeader
  ) throws(Malformed) {
    let message: [UInt8]
    do {
      message = try Zstandard.decompress(bytes[...], limit: Self.byteLimit)
    } catch {
      throw .badCompression
    }
    try self.init(
      message: message, origin: header.origin, first: header.first,
      count: header.last - header.first + 1)
  }

  /// Reads what ``message()`` wrote.
  ///
  /// - Parameters:
  ///   - origin: The replica that made the changes.
  ///   - first: The number of the first of them.
  ///   - count: How many there are, or `nil` for any number from one on.
  init(
    message: [UInt8], origin: ReplicaID, first: UInt64, count: UInt64?
  ) throws(Malformed) {
    var columns = try ColumnReader(message, origin: origin)
    let found = UInt64(columns.changeCount)
    guard found == count ?? found, found >= 1, found - 1 <= Limits.seq - first else {
      throw .badColumns
    }
    changes = []
    changes.reserveCapacity(columns.changeCount)
    for seq in first..<first + found {
      changes.append(try columns.readChange(seq: seq))
    }
    statedTip = columns.statedTip
    blobs = try columns.finish()
  }
}
