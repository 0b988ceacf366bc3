/// A 16-byte identifier, ordered and compared as bytes.
///
/// Conforming types differ only in what they name, so that a record's identifier is never passed where a replica's
/// is meant.
public protocol Identifier: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The 16 bytes read as one big-endian number.
  var value: UInt128 { get }

  /// Creates an identifier from its 16 bytes read as one big-endian number.
  init(_ value: UInt128)
}

/// Names one person's collection: the unit that syncs.
public struct LibraryID: Identifier {
  public let value: UInt128

  public init(_ value: UInt128) { self.value = value }
}

/// Names one copy of a library in one file.
public struct ReplicaID: Identifier {
  public let value: UInt128

  public init(_ value: UInt128) { self.value = value }
}

/// Names a record of any kind.
public struct RecordID: Identifier {
  public let value: UInt128

  public init(_ value: UInt128) { self.value = value }
}

extension Identifier {
  /// The number of bytes of an identifier.
  public static var byteCount: Int { 16 }

  /// Creates an identifier from exactly 16 bytes, or returns `nil` for any other number of them.
  public init?(bytes: some Collection<UInt8>) {
    guard bytes.count == Self.byteCount else { return nil }
    self.init(bytes.reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
  }

  /// Creates an identifier from its first 16 bytes, as of a digest.
  ///
  /// - Precondition: There are at least 16 bytes.
  public init(truncating digest: [UInt8]) {
    precondition(digest.count >= Self.byteCount, "a digest has at least 16 bytes")
    self.init(digest.prefix(Self.byteCount).reduce(UInt128(0)) { $0 << 8 | UInt128($1) })
  }

  /// Creates an identifier from 32 hexadecimal digits of either case, or returns `nil`.
  public init?(hex: String) {
    guard hex.utf8.count == 2 * Self.byteCount else { return nil }
    var value: UInt128 = 0
    for character in hex.utf8 {
      guard let digit = hexadecimalDigit(character) else { return nil }
      value = value << 4 | UInt128(digit)
    }
    self.init(value)
  }

  /// Returns an identifier of 16 bytes from `generator`.
  public static func random(using generator: inout some RandomNumberGenerator) -> Self {
    Self(UInt128(generator.next()) << 64 | UInt128(generator.next()))
  }

  /// The 16 bytes.
  public var bytes: [UInt8] {
    (0..<Self.byteCount).map { UInt8(truncatingIfNeeded: value >> (120 - 8 * UInt128($0))) }
  }

  /// The identifier as 32 lowercase hexadecimal digits.
  public var description: String { firstDigits(2 * Self.byteCount) }

  /// Returns the first of the identifier's lowercase hexadecimal digits.
  ///
  /// - Parameter count: How many of the 32; no more are returned.
  public func firstDigits(_ count: Int) -> String {
    let count = min(max(count, 0), 2 * Self.byteCount)
    return String(unsafeUninitializedCapacity: count) { digits in
      var rest = value
      for place in 0..<count {
        let digit = UInt8(truncatingIfNeeded: rest >> 124)
        digits[place] = digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
        rest <<= 4
      }
      return count
    }
  }

  public static func < (left: Self, right: Self) -> Bool { left.value < right.value }
}

/// Returns `bytes` as lowercase hexadecimal digits, two a byte.
public func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

private func hexadecimalDigit(_ character: UInt8) -> UInt8? {
  switch character {
  case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
  case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
  case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
  default: nil
  }
}
