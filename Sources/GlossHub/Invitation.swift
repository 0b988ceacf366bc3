internal import GlossCore
internal import GlossCrypto

/// A secret that lets whoever has it create one library, until some time.
///
/// A hub need not write down what it hands out. An invitation is 12 random bytes, its last second (4 bytes) and 16 bytes of
/// an HMAC-SHA256 over both under a key of the hub's, as 64 hexadecimal digits. A library remembers the random bytes that it
/// was created by, and no second one is created by the same. So a program that invites writes nothing into the database
/// of a hub that runs beside it, and several hubs over one database need only share the key.
package struct Invitation: Equatable, Sendable {
  /// What tells it from every other: 12 bytes.
  package let id: [UInt8]
  /// The last second in which it is good, since the Unix epoch.
  package let lastSecond: UInt32

  /// Creates one that nobody has.
  package init(lastSecond: UInt32, using generator: inout some RandomNumberGenerator) {
    id = (0..<12).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    self.lastSecond = lastSecond
  }

  /// Reads an invitation that ``secret(key:)`` made under the same key; `nil` for anything else.
  package init?(secret: String, key: [UInt8]) {
    guard let bytes = Self.bytes(secret), bytes.count == 32,
      isEqualInConstantTime(Self.code(Array(bytes[..<16]), key), Array(bytes[16...]))
    else { return nil }
    id = Array(bytes[..<12])
    lastSecond = bytes[12..<16].reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// What goes from hand to hand.
  package func secret(key: [UInt8]) -> String {
    let message = id + (0..<4).map { UInt8(truncatingIfNeeded: lastSecond >> (24 - 8 * $0)) }
    return hexadecimal(message + Self.code(message, key))
  }

  private static func code(_ message: [UInt8], _ key: [UInt8]) -> [UInt8] {
    Array(hmacSHA256(key: key, Array("gloss invitation 1".utf8) + message).prefix(16))
  }

  private static func bytes(_ digits: String) -> [UInt8]? {
    let digits = Array(digits.utf8)
    guard digits.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for place in stride(from: 0, to: digits.count, by: 2) {
      let pair = String(decoding: digits[place..<place + 2], as: UTF8.self)
      guard pair.utf8.first != UInt8(ascii: "+"), let byte = UInt8(pair, radix: 16) else {
        return nil
      }
      bytes.append(byte)
    }
    return bytes
  }
}
