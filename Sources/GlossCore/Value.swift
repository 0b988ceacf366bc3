/// What a write puts into a register.
///
/// Values are equal when their encodings have the same bytes: texts of different bytes differ even where Unicode calls
/// them equivalent, and a number that is not a number equals itself.
public enum Value: Sendable {
  /// No value: how a field is cleared.
  case null
  case bool(Bool)
  case integer(Int64)
  case real(Double)
  /// UTF-8 without NUL, at most ``Limits/valueByteCount`` bytes.
  case text(String)
  /// At most ``Limits/valueByteCount`` bytes.
  case bytes([UInt8])
  /// Another record, which need not exist here yet.
  case record(RecordID)
  /// A large value that is stored once, beside the changes that name it.
  case blob(BlobID)
  /// A value of a type that only a newer version knows: kept and passed on byte for byte.
  case unknown(tag: UInt8, bytes: [UInt8])
}

/// Names a large value by its content.
public struct BlobID: Hashable, Comparable, Sendable {
  /// The SHA-256 of the content: 32 bytes.
  public let digest: [UInt8]

  /// Creates the name of the content with this digest, or returns `nil` where it has not 32 bytes.
  public init?(digest: [UInt8]) {
    guard digest.count == Self.byteCount else { return nil }
    self.digest = digest
  }

  /// The number of bytes of a digest.
  public static let byteCount = 32

  public static func < (left: BlobID, right: BlobID) -> Bool {
    left.digest.lexicographicallyPrecedes(right.digest)
  }
}

extension Value: Hashable {
  public static func == (left: Value, right: Value) -> Bool {
    switch (left, right) {
    case (.null, .null): true
    case (.bool(let left), .bool(let right)): left == right
    case (.integer(let left), .integer(let right)): left == right
    case (.real(let left), .real(let right)): left.bitPattern == right.bitPattern
    case (.text(let left), .text(let right)): left.hasSameBytes(as: right)
    case (.bytes(let left), .bytes(let right)): left == right
    case (.record(let left), .record(let right)): left == right
    case (.blob(let left), .blob(let right)): left == right
    case (.unknown(let leftTag, let left), .unknown(let rightTag, let right)):
      leftTag == rightTag && left == right
    default: false
    }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(tag)
    switch self {
    case .null: break
    case .bool(let bool): hasher.combine(bool)
    case .integer(let integer): hasher.combine(integer)
    case .real(let real): hasher.combine(real.bitPattern)
    case .text(let text): hasher.combine(bytesOf: text)
    case .bytes(let bytes): hasher.combine(bytes)
    case .record(let record): hasher.combine(record)
    case .blob(let blob): hasher.combine(blob)
    case .unknown(_, let bytes): hasher.combine(bytes)
    }
  }
}

extension Value {
  /// The number that stands for the value's type in every encoding.
  public var tag: UInt8 {
    switch self {
    case .null: Tag.null
    case .bool: Tag.bool
    case .integer: Tag.integer
    case .real: Tag.real
    case .text: Tag.text
    case .bytes: Tag.bytes
    case .record: Tag.record
    case .blob: Tag.blob
    case .unknown(let tag, _): tag
    }
  }

  /// The numbers of the types that this version knows; see `Protocol/README.md`.
  package enum Tag {
    package static let null: UInt8 = 0
    package static let bool: UInt8 = 1
    package static let integer: UInt8 = 2
    package static let real: UInt8 = 3
    package static let text: UInt8 = 4
    package static let bytes: UInt8 = 5
    package static let record: UInt8 = 6
    package static let blob: UInt8 = 7
    /// Stands where a value was left out: no program writes it to a register.
    package static let leftOut: UInt8 = 255
  }

  /// What stands for a value that was replaced and is not kept: the change is here without it.
  package static let leftOut = Value.unknown(tag: Tag.leftOut, bytes: [])

  /// Whether the value was replaced and is not kept on this machine.
  public var isLeftOut: Bool { tag == Tag.leftOut }
}
