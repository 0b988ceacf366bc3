public import GlossCore
internal import GlossCrypto

/// How far a series of exports is: what the last one brought its reader to, as a short text.
///
/// It names the changes by their numbers, so it means the same on every machine of the library, and on one that was restored.
///
/// The text is `c1` and base64url without padding of: the first 4 bytes of the SHA-256 of the library's identifier; for each
/// replica, in the order of the identifiers, its first 8 bytes and the number of its last change as a varint; and the first 3
/// bytes of the SHA-256 of all these.
public struct ExportCursor: Hashable, Sendable {
  private let mark: [UInt8]
  private let seqs: [UInt64: UInt64]

  /// Creates the cursor behind all that a vector has.
  public init(_ library: LibraryID, _ vector: Vector) {
    mark = Self.mark(of: library)
    seqs = Dictionary(
      vector.lastSeqByReplica.map { (Self.short($0), $1) }, uniquingKeysWith: min)
  }

  private init(mark: [UInt8], seqs: [UInt64: UInt64]) {
    self.mark = mark
    self.seqs = seqs
  }

  /// Reads the text of a cursor, or returns `nil` where it is none.
  public init?(_ text: String) {
    guard text.utf8.starts(with: Self.prefix.utf8) else { return nil }
    var digits = text.utf8.dropFirst(Self.prefix.utf8.count).map { byte in
      switch byte {
      case UInt8(ascii: "-"): UInt8(ascii: "+")
      case UInt8(ascii: "_"): UInt8(ascii: "/")
      case UInt8(ascii: "+"), UInt8(ascii: "/"), UInt8(ascii: "="): UInt8(ascii: "!")
      default: byte
      }
    }
    while !digits.count.isMultiple(of: 4) { digits.append(UInt8(ascii: "=")) }
    guard let bytes = Base64.decode(digits), bytes.count >= Self.markCount + Self.checkCount else {
      return nil
    }
    let content = bytes.dropLast(Self.checkCount)
    guard sha256(Array(content)).prefix(Self.checkCount) == bytes.suffix(Self.checkCount) else {
      return nil
    }
    var reader = ByteReader(content)
    do {
      mark = Array(try reader.read(Self.markCount))
      var seqs: [UInt64: UInt64] = [:]
      while !reader.isAtEnd {
        let replica = try reader.readFixed(as: UInt64.self)
        seqs[replica] = try reader.readVarint()
      }
      self.seqs = seqs
    } catch {
      return nil
    }
  }

  /// The cursor as text, of letters, digits, `-` and `_`.
  public var text: String {
    var writer = ByteWriter()
    writer.write(mark)
    for (replica, seq) in seqs.sorted(by: { $0.key < $1.key }) {
      writer.writeFixed(replica)
      writer.writeVarint(seq)
    }
    let bytes = writer.bytes + sha256(writer.bytes).prefix(Self.checkCount)
    let digits = Base64.encode(bytes).compactMap { byte -> UInt8? in
      switch byte {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      case UInt8(ascii: "="): nil
      default: byte
      }
    }
    return Self.prefix + String(decoding: digits, as: UTF8.self)
  }

  /// Whether it is one of this library's.
  public func isOf(_ library: LibraryID) -> Bool { mark == Self.mark(of: library) }

  /// Returns what a reader who is here has of these replicas' changes.
  func vector(of replicas: [ReplicaID]) -> Vector {
    Vector(
      Dictionary(uniqueKeysWithValues: replicas.map { ($0, seqs[Self.short($0)] ?? 0) })
        .filter { $0.value > 0 })
  }

  /// Returns the cursor of a reader who was here and got all up to `later`: of a library that was put back to an earlier state,
  /// they may have had more.
  func merged(with later: ExportCursor) -> ExportCursor {
    ExportCursor(mark: later.mark, seqs: seqs.merging(later.seqs, uniquingKeysWith: max))
  }

  private static let prefix = "c1"
  private static let markCount = 4
  private static let checkCount = 3

  private static func mark(of library: LibraryID) -> [UInt8] {
    Array(sha256(library.bytes).prefix(markCount))
  }

  private static func short(_ replica: ReplicaID) -> UInt64 {
    UInt64(truncatingIfNeeded: replica.value >> 64)
  }
}
