/// Reads one JSON value (RFC 8259), strictly: valid UTF-8, no member twice, no half surrogates, nothing before or behind it but
/// white space.
///
/// Foundation's reader takes trailing commas, UTF-16 and double members, which an import of a backup has to notice.
struct JSONParser {
  struct Malformed: Error {}

  /// How deep values may be nested; the formats here need 5.
  private static let depthLimit = 16

  private let bytes: ArraySlice<UInt8>
  private var index: Int

  static func parse(_ bytes: ArraySlice<UInt8>) throws(Malformed) -> JSONValue {
    var parser = JSONParser(bytes: bytes, index: bytes.startIndex)
    let value = try parser.value(depth: 0)
    parser.skipSpace()
    guard parser.index == bytes.endIndex else { throw Malformed() }
    return value
  }

  private init(bytes: ArraySlice<UInt8>, index: Int) {
    self.bytes = bytes
    self.index = index
  }

  private var current: UInt8? { index < bytes.endIndex ? bytes[index] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      index += 1
    }
  }

  private mutating func take(_ text: StaticString) throws(Malformed) {
    for byte in UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount) {
      guard current == byte else { throw Malformed() }
      index += 1
    }
  }

  private mutating func value(depth: Int) throws(Malformed) -> JSONValue {
    guard depth < Self.depthLimit else { throw Malformed() }
    skipSpace()
    switch current {
    case UInt8(ascii: "{"): return .object(try members(depth: depth))
    case UInt8(ascii: "["): return .array(try elements(depth: depth))
    case UInt8(ascii: "\""): return .text(try text())
    case UInt8(ascii: "t"):
      try take("true")
      return .bool(true)
    case UInt8(ascii: "f"):
      try take("false")
      return .bool(false)
    case UInt8(ascii: "n"):
      try take("null")
      return .null
    default: return .number(try number())
    }
  }

  private mutating func members(
    depth: Int
  ) throws(Malformed) -> [(name: [UInt8], value: JSONValue)] {
    index += 1
    var members: [(name: [UInt8], value: JSONValue)] = []
    var names: Set<[UInt8]> = []
    skipSpace()
    if current == UInt8(ascii: "}") {
      index += 1
      return members
    }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw Malformed() }
      let name = try text()
      guard names.insert(name).inserted else { throw Malformed() }
      skipSpace()
      try take(":")
      members.append((name, try value(depth: depth + 1)))
      skipSpace()
      guard current == UInt8(ascii: ",") else { break }
      index += 1
    }
    try take("}")
    return members
  }

  private mutating func elements(depth: Int) throws(Malformed) -> [JSONValue] {
    index += 1
    var elements: [JSONValue] = []
    skipSpace()
    if current == UInt8(ascii: "]") {
      index += 1
      return elements
    }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      guard current == UInt8(ascii: ",") else { break }
      index += 1
    }
    try take("]")
    return elements
  }

  private mutating func number() throws(Malformed) -> String {
    let start = index
    if current == UInt8(ascii: "-") { index += 1 }
    let leading = current
    let count = digits()
    guard count == 1 || count > 1 && leading != UInt8(ascii: "0") else { throw Malformed() }
    if current == UInt8(ascii: ".") {
      index += 1
      guard digits() > 0 else { throw Malformed() }
    }
    if current == UInt8(ascii: "e") || current == UInt8(ascii: "E") {
      index += 1
      if current == UInt8(ascii: "+") || current == UInt8(ascii: "-") { index += 1 }
      guard digits() > 0 else { throw Malformed() }
    }
    return String(decoding: bytes[start..<index], as: UTF8.self)
  }

  private mutating func digits() -> Int {
    let start = index
    while let byte = current, (0x30...0x39).contains(byte) { index += 1 }
    return index - start
  }

  private mutating func text() throws(Malformed) -> [UInt8] {
    index += 1
    var result: [UInt8] = []
    var start = index
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        result += bytes[start..<index]
        index += 1
        guard String(validating: result, as: UTF8.self) != nil else { throw Malformed() }
        return result
      case UInt8(ascii: "\\"):
        result += bytes[start..<index]
        index += 1
        result += UTF8.encode(try escaped()) ?? UTF8.encodedReplacementCharacter
        start = index
      case 0..<0x20: throw Malformed()
      default: index += 1
      }
    }
    throw Malformed()
  }

  private mutating func escaped() throws(Malformed) -> Unicode.Scalar {
    guard let byte = current else { throw Malformed() }
    index += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: throw Malformed()
    }
    let unit = try unit()
    guard (0xD800..<0xDC00).contains(unit) else {
      guard let scalar = Unicode.Scalar(unit) else { throw Malformed() }
      return scalar
    }
    try take("\\u")
    let low = try self.unit()
    guard (0xDC00..<0xE000).contains(low),
      let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    else { throw Malformed() }
    return scalar
  }

  private mutating func unit() throws(Malformed) -> UInt32 {
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw Malformed()
      }
      unit = unit << 4 | UInt32(digit)
      index += 1
    }
    return unit
  }
}
