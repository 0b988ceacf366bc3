/// The base32 of RFC 4648 in lowercase and without padding: no digits that look like letters, and
/// it survives any case.
enum Base32 {
  private static let alphabet = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

  /// Returns `bytes` as text, five bits a character.
  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    var bits = 0
    var bitCount = 0
    for byte in bytes {
      bits = (bits << 8 | Int(byte)) & 0xFFF
      bitCount += 8
      while bitCount >= 5 {
        bitCount -= 5
        text.append(alphabet[bits >> bitCount & 31])
      }
    }
    if bitCount > 0 { text.append(alphabet[bits << (5 - bitCount) & 31]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Returns the whole bytes of `text`, or `nil` where a character is not of the lowercase
  /// alphabet.
  ///
  /// - Returns: `isComplete` is whether ``encode(_:)`` of the bytes is `text`: no part of a byte is
  ///   left over.
  static func decode(_ text: some Sequence<Unicode.Scalar>) -> (bytes: [UInt8], isComplete: Bool)? {
    var bytes: [UInt8] = []
    var bits = 0
    var bitCount = 0
    for character in text {
      guard let digit = digit(character) else { return nil }
      bits = (bits << 5 | digit) & 0xFFF
      bitCount += 5
      if bitCount >= 8 {
        bitCount -= 8
        bytes.append(UInt8(truncatingIfNeeded: bits >> bitCount))
      }
    }
    return (bytes, bitCount < 5 && bits & (1 << bitCount - 1) == 0)
  }

  private static func digit(_ character: Unicode.Scalar) -> Int? {
    switch character {
    case "a"..."z": Int(character.value - 0x61)
    case "2"..."7": Int(character.value - 0x32) + 26
    default: nil
    }
  }
}
