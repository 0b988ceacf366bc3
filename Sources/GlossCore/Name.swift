/// The name of a kind or of a field, compared by its UTF-8 bytes.
///
/// Swift's `String` compares by canonical equivalence: it calls some strings of different bytes equal, and two
/// replicas that disagree about that would disagree about which register a write belongs to.
public struct Name: Sendable, ExpressibleByStringLiteral, CustomStringConvertible {
  /// The name as text.
  public let text: String

  public init(_ text: String) {
    self.text = text
  }

  public init(stringLiteral text: String) {
    self.text = text
  }

  public var description: String { text }
}

extension Name: Hashable, Comparable {
  public static func == (left: Name, right: Name) -> Bool {
    left.text.hasSameBytes(as: right.text)
  }

  public static func < (left: Name, right: Name) -> Bool {
    left.text.precedesInBytes(right.text)
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(bytesOf: text)
  }
}

extension String {
  /// Whether both strings have the same UTF-8 bytes.
  public func hasSameBytes(as other: String) -> Bool {
    // The same representation, which nearly all equal names have: those of up to 15 bytes stand in the string itself.
    if unsafeBitCast(self, to: UInt128.self) == unsafeBitCast(other, to: UInt128.self) {
      return true
    }
    guard utf8.count == other.utf8.count else { return false }
    var (left, right) = (self, other)
    return left.withUTF8 { left in right.withUTF8 { right in left.elementsEqual(right) } }
  }

  /// Whether the string's UTF-8 bytes come before those of another one.
  func precedesInBytes(_ other: String) -> Bool {
    var (left, right) = (self, other)
    return left.withUTF8 { left in right.withUTF8 { left.lexicographicallyPrecedes($0) } }
  }
}

extension Hasher {
  /// Adds the UTF-8 bytes of `text`, so that texts of different bytes are different keys.
  mutating func combine(bytesOf text: String) {
    var text = text
    text.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
    combine(0xFF as UInt8)
  }
}
