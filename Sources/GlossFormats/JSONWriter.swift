internal import Gloss

/// Writes JSON as bytes, members in the order in which they are given, without white space.
///
/// Characters that a terminal would act on, or that change the direction of text, are escaped: what is written may be printed.
struct JSONWriter {
  private(set) var bytes: [UInt8] = []
  /// Whether the next member or element needs a comma before it.
  private var needsComma = false

  /// Empties the writer and keeps its memory.
  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    needsComma = false
  }

  mutating func object(_ body: (inout JSONWriter) -> Void) { nest("{", "}", body) }

  mutating func array(_ body: (inout JSONWriter) -> Void) { nest("[", "]", body) }

  /// Writes a member's name; its value comes next.
  mutating func name(_ name: String) {
    text(name)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  mutating func text(_ text: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    var text = text
    text.withUTF8 { escape($0) }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Writes bytes in base64.
  mutating func base64(_ content: [UInt8]) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    bytes += Base64.encode(content)
    bytes.append(UInt8(ascii: "\""))
  }

  mutating func bool(_ value: Bool) { raw(value ? "true" : "false") }

  mutating func null() { raw("null") }

  mutating func integer(_ value: some BinaryInteger) { raw("\(value)") }

  /// Writes a number by the shortest digits that give it back.
  ///
  /// - Precondition: It is finite.
  mutating func real(_ value: Double) {
    precondition(value.isFinite, "JSON has finite numbers only")
    raw("\(value)")
  }

  mutating func endLine() {
    bytes.append(UInt8(ascii: "\n"))
    needsComma = false
  }

  private mutating func raw(_ text: String) {
    separate()
    bytes += text.utf8
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  private mutating func nest(
    _ open: Unicode.Scalar, _ close: Unicode.Scalar, _ body: (inout JSONWriter) -> Void
  ) {
    separate()
    bytes.append(UInt8(ascii: open))
    needsComma = false
    body(&self)
    bytes.append(UInt8(ascii: close))
    needsComma = true
  }

  /// Writes UTF-8: runs of plain bytes as they are, and the rest scalar by scalar.
  private mutating func escape(_ text: UnsafeBufferPointer<UInt8>) {
    var start = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte >= 0x20, byte < 0x7F, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        index += 1
        continue
      }
      let (scalar, count) = Self.scalar(in: text, at: index)
      if byte >= 0x80, !SafeText.isUnsafe(scalar) {
        index += count
        continue
      }
      bytes += UnsafeBufferPointer(rebasing: text[start..<index])
      escape(scalar)
      index += count
      start = index
    }
    bytes += UnsafeBufferPointer(rebasing: text[start...])
  }

  private mutating func escape(_ scalar: UInt32) {
    switch scalar {
    case 0x22: bytes += "\\\"".utf8
    case 0x5C: bytes += "\\\\".utf8
    case 0x0A: bytes += "\\n".utf8
    case 0x0D: bytes += "\\r".utf8
    case 0x09: bytes += "\\t".utf8
    case 0x10000...:
      let rest = scalar - 0x10000
      hexadecimal(0xD800 + rest >> 10)
      hexadecimal(0xDC00 + rest & 0x3FF)
    default: hexadecimal(scalar)
    }
  }

  private mutating func hexadecimal(_ unit: UInt32) {
    bytes += "\\u".utf8
    for shift: UInt32 in [12, 8, 4, 0] {
      let digit = UInt8(unit >> shift & 15)
      bytes.append(digit < 10 ? 0x30 + digit : 0x57 + digit)
    }
  }

  /// Reads a scalar of UTF-8 that is known to be valid.
  private static func scalar(
    in text: UnsafeBufferPointer<UInt8>, at index: Int
  ) -> (scalar: UInt32, count: Int) {
    let first = UInt32(text[index])
    func rest(_ offset: Int) -> UInt32 { UInt32(text[index + offset]) & 0x3F }
    switch first {
    case 0..<0x80: return (first, 1)
    case 0..<0xE0: return ((first & 0x1F) << 6 | rest(1), 2)
    case 0..<0xF0: return ((first & 0x0F) << 12 | rest(1) << 6 | rest(2), 3)
    default: return ((first & 0x07) << 18 | rest(1) << 12 | rest(2) << 6 | rest(3), 4)
    }
  }
}
