internal import GlossCore
internal import GlossCrypto
internal import GlossStore
internal import GlossWire

// From a line's JSON to what it stands for. Whatever is not exactly what an export has is refused: a change has to come out
// with the same bytes that it had.

/// Why a line is not what an export has, in words.
struct BadLine: Error {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

extension JSONValue {
  func required(_ name: String) throws(BadLine) -> JSONValue {
    guard let value = self[name] else { throw BadLine("it has no \(name)") }
    return value
  }

  func requiredText(_ name: String) throws(BadLine) -> String {
    guard let text = try required(name).text else { throw BadLine("\(name) is not a text") }
    return text
  }

  func requiredInteger<Number: FixedWidthInteger>(
    _ name: String, in range: ClosedRange<Number>
  ) throws(BadLine) -> Number {
    guard let number = try required(name).integer(as: Number.self), range.contains(number) else {
      throw BadLine("\(name) is not a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  func requiredID<ID: Identifier>(_ name: String, as type: ID.Type) throws(BadLine) -> ID {
    guard let id = ID(hex: try requiredText(name)) else {
      throw BadLine("\(name) is not an identifier of 32 hexadecimal digits")
    }
    return id
  }

  func requiredDigest(_ name: String) throws(BadLine) -> [UInt8] {
    guard let digest = Self.digest(try requiredText(name)) else {
      throw BadLine("\(name) is not a hash of 64 hexadecimal digits")
    }
    return digest
  }

  /// Reads 64 hexadecimal digits.
  static func digest(_ text: String) -> [UInt8]? {
    guard text.utf8.count == 2 * sha256ByteCount,
      let first = LibraryID(hex: String(text.prefix(32))),
      let second = LibraryID(hex: String(text.suffix(32)))
    else { return nil }
    return first.bytes + second.bytes
  }
}

extension LogItem {
  /// Reads a line that has a large value.
  init(text line: JSONValue) throws(BadLine) {
    let digest = try line.requiredDigest("sha256")
    let content: [UInt8]
    if case .text(let bytes)? = line["text"] {
      content = bytes
    } else if let bytes = line["base64"]?.base64 {
      content = bytes
    } else {
      throw BadLine("it has no text")
    }
    guard content.count <= Limits.blobByteCount else {
      throw BadLine("its text is over the limit of \(Limits.blobByteCount) bytes")
    }
    guard sha256(content) == digest, let id = BlobID(digest: digest) else {
      throw BadLine("its text has another hash")
    }
    self = .blob(id, content)
  }

  /// Reads a line that says that values were left out.
  init(leftOut line: JSONValue) throws(BadLine) {
    let first = try line.requiredInteger("first", in: 1...Limits.seq)
    let last = try line.requiredInteger("last", in: first...Limits.seq)
    self = .thin(
      ThinRun(
        origin: try line.requiredID("replica", as: ReplicaID.self), seqs: first...last,
        tip: try line.requiredDigest("tip")))
  }

  /// Reads a line that has a change.
  init(change line: JSONValue) throws(BadLine) {
    let milliseconds = try line.requiredInteger("milliseconds", in: 0...UInt64(1 << 48 - 1))
    let counter =
      line["counter"] == nil ? 0 : try line.requiredInteger("counter", in: 0...UInt16.max)
    let change = Change(
      dot: Dot(
        try line.requiredID("replica", as: ReplicaID.self),
        try line.requiredInteger("seq", in: 1...Limits.seq)),
      timestamp: Timestamp(milliseconds: milliseconds, counter: counter),
      record: try line.requiredID("record", as: RecordID.self),
      kind: Name(try line.requiredText("kind")),
      writes: try Self.writes(try line.required("writes")),
      covers: try Self.dots(line["covers"], "covers"))
    self = .change(change, tip: nil)
  }

  private static func writes(_ value: JSONValue) throws(BadLine) -> [Write] {
    var writes: [Write] = []
    switch value {
    case .object(let members):
      for (name, member) in members {
        guard let field = String(validating: name, as: UTF8.self) else {
          throw BadLine("a field's name is not text")
        }
        writes.append(try write(Name(field), member))
      }
    case .array(let elements):
      for element in elements {
        writes.append(try write(Name(try element.requiredText("field")), element))
      }
    default: throw BadLine("writes is neither an object nor an array")
    }
    return writes
  }

  private static func write(_ field: Name, _ member: JSONValue) throws(BadLine) -> Write {
    do {
      return Write(field, try Value(line: member), parents: try dots(member["parents"], "parents"))
    } catch {
      throw BadLine("the write to \(field.text): \(error.reason)")
    }
  }

  private static func dots(_ value: JSONValue?, _ name: String) throws(BadLine) -> [Dot] {
    guard let value else { return [] }
    guard let elements = value.array else { throw BadLine("\(name) is not an array") }
    var dots: [Dot] = []
    for element in elements {
      guard let text = element.text, let dot = Dot(line: text) else {
        throw BadLine("\(name) has something else than a replica and a number")
      }
      dots.append(dot)
    }
    return dots
  }
}

extension Dot {
  /// Reads `REPLICA:NUMBER`.
  init?(line text: String) {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 2, let replica = ReplicaID(hex: String(parts[0])),
      let seq = UInt64(parts[1]), parts[1].utf8.elementsEqual("\(seq)".utf8)
    else { return nil }
    self.init(replica, seq)
  }
}

extension Value {
  /// Reads a write's type and value.
  fileprivate init(line: JSONValue) throws(BadLine) {
    let type = try line.requiredText("type")
    if type == "left-out" {
      self = .leftOut
      return
    }
    if type == "real", let bits = line["bits"]?.text {
      guard let pattern = UInt64(bits, radix: 16) else { throw BadLine("bits are none") }
      self = .real(Double(bitPattern: pattern))
      return
    }
    guard let value = Self.value(try line.required("value"), type: type, line) else {
      throw BadLine("the value is not of type \(type)")
    }
    self = value
  }

  private static func value(_ value: JSONValue, type: String, _ line: JSONValue) -> Value? {
    switch type {
    case "null":
      guard case .null = value else { return nil }
      return .null
    case "bool":
      guard case .bool(let bool) = value else { return nil }
      return .bool(bool)
    case "integer": return value.integer(as: Int64.self).map { .integer($0) }
    case "real": return value.real.map { .real($0) }
    case "text": return value.text.map { .text($0) }
    case "bytes": return value.base64.map { .bytes($0) }
    case "record": return value.text.flatMap { RecordID(hex: $0) }.map { .record($0) }
    case "blob":
      return value.text.flatMap(JSONValue.digest).flatMap(BlobID.init(digest:)).map { .blob($0) }
    case "unknown":
      // Of the types that are known, only those of counted bytes can have a content that is none of theirs.
      guard let tag = line["tag"]?.integer(as: UInt8.self), let bytes = value.base64,
        tag == Tag.text || tag >= Tag.blob
      else { return nil }
      return Value(tag: tag, bytes: bytes[...])
    default: return nil
    }
  }
}
