public import GlossCore

/// The part of a sealed bundle that a hub reads: 117 bytes in front of the sealed content, which authenticates them.
///
/// In order: suite (1 byte), library (16), epoch (4), origin (16), first (8), last (8), previous tip (32), tip (32); numbers
/// are big-endian. The two tips are commitments: only who holds the library's root key can tell what they commit to.
public struct BundleHeader: Hashable, Sendable {
  /// How the content is encoded and sealed; 1 is the only suite there is.
  public var suite: UInt8 = Self.suite
  /// The library that the changes belong to.
  public var library: LibraryID
  /// The number of the key that the content is sealed with, from 1.
  public var epoch: UInt32
  /// The replica that made the changes.
  public var origin: ReplicaID
  /// The number of the first change.
  public var first: UInt64
  /// The number of the last change, not below the first.
  public var last: UInt64
  /// The commitment to the tip before the first change: 32 bytes.
  public var previousTip: [UInt8]
  /// The commitment to the tip after the last change: 32 bytes.
  public var tip: [UInt8]

  public init(
    library: LibraryID, epoch: UInt32, origin: ReplicaID, first: UInt64, last: UInt64,
    previousTip: [UInt8], tip: [UInt8]
  ) {
    self.library = library
    self.epoch = epoch
    self.origin = origin
    self.first = first
    self.last = last
    self.previousTip = previousTip
    self.tip = tip
  }

  /// The suite that this version writes.
  public static let suite: UInt8 = 1

  /// The number of bytes of a header.
  public static let byteCount = 117

  /// Where the previous tip begins in a bundle.
  package static let previousTipOffset = 53

  /// The number of bytes of a tip and of a commitment to one.
  public static let tipByteCount = 32
}

extension BundleHeader {
  /// Why bytes are not a bundle that this version can place.
  public enum Malformed: Error, Equatable, Sendable {
    /// There are fewer bytes than a header has.
    case tooShort(byteCount: Int)
    /// The suite is one of a newer version.
    case unknownSuite(UInt8)
    /// The numbers are no run of changes: they begin at 1, ascend, and end at ``Limits/seq``.
    case badRun(first: UInt64, last: UInt64)
    /// The epoch is 0.
    case badEpoch
  }

  /// Reads the header in front of a sealed bundle.
  public init(of bundle: [UInt8]) throws(Malformed) {
    guard let suite = bundle.first else { throw .tooShort(byteCount: 0) }
    guard suite == Self.suite else { throw .unknownSuite(suite) }
    guard bundle.count >= Self.byteCount else { throw .tooShort(byteCount: bundle.count) }
    var reader = ByteReader(bundle[1..<Self.byteCount])
    do {
      library = try reader.readIdentifier(as: LibraryID.self)
      epoch = try reader.readFixed(as: UInt32.self)
      origin = try reader.readIdentifier(as: ReplicaID.self)
      first = try reader.readFixed(as: UInt64.self)
      last = try reader.readFixed(as: UInt64.self)
      previousTip = Array(try reader.read(Self.tipByteCount))
      tip = Array(try reader.read(Self.tipByteCount))
    } catch {
      throw .tooShort(byteCount: bundle.count)
    }
    guard first >= 1, last >= first, last <= Limits.seq else {
      throw .badRun(first: first, last: last)
    }
    guard epoch >= 1 else { throw .badEpoch }
  }

  /// The header's bytes: what the sealed content authenticates.
  public var bytes: [UInt8] {
    var writer = ByteWriter()
    writer.writeByte(suite)
    writer.writeFixed(library.value)
    writer.writeFixed(epoch)
    writer.writeFixed(origin.value)
    writer.writeFixed(first)
    writer.writeFixed(last)
    writer.write(previousTip)
    writer.write(tip)
    return writer.bytes
  }
}
