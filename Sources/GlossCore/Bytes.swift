/// Writes the small binary forms of the package: variable-length integers and counted bytes.
///
/// It can be inlined into other modules, because every change passes through it twice, a few bytes at a time.
package struct ByteWriter: Sendable {
  /// What was written.
  @inlinable package var bytes: [UInt8] { storage }

  @usableFromInline var storage: [UInt8] = []

  @inlinable package init() {}

  /// Empties the writer and keeps its memory.
  @inlinable package mutating func removeAll() {
    storage.removeAll(keepingCapacity: true)
  }

  /// Appends `value` in 1 to 10 bytes, seven bits each, lowest first (LEB128).
  @inlinable package mutating func writeVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      storage.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    storage.append(UInt8(rest))
  }

  /// Appends `value` as a varint in which small negative numbers are short too.
  @inlinable package mutating func writeZigZag(_ value: Int64) {
    writeVarint(UInt64(bitPattern: value << 1 ^ value >> 63))
  }

  /// Appends one byte.
  @inlinable package mutating func writeByte(_ value: UInt8) {
    storage.append(value)
  }

  /// Appends `value` big-endian, in all its bytes.
  @inlinable package mutating func writeFixed<Number: FixedWidthInteger>(_ value: Number) {
    withUnsafeBytes(of: value.bigEndian) { storage.append(contentsOf: $0) }
  }

  /// Appends `content` as it is.
  @inlinable package mutating func write(_ content: some Sequence<UInt8>) {
    storage.append(contentsOf: content)
  }

  /// Appends `content` as it is.
  @inlinable package mutating func write(_ content: UnsafeBufferPointer<UInt8>) {
    storage.append(contentsOf: content)
  }

  /// Appends the number of UTF-8 bytes of `text` and then the bytes.
  ///
  /// Like the two below, it is there beside the generic one because changes are mostly text.
  @inlinable package mutating func writeCounted(_ text: String) {
    var text = text
    text.withUTF8 {
      writeVarint(UInt64($0.count))
      storage.append(contentsOf: $0)
    }
  }

  /// Appends `value` big-endian, in 8 bytes.
  @inlinable package mutating func writeFixed(_ value: UInt64) {
    withUnsafeBytes(of: value.bigEndian) { storage.append(contentsOf: $0) }
  }

  /// Appends `value` big-endian, in 16 bytes.
  @inlinable package mutating func writeFixed(_ value: UInt128) {
    withUnsafeBytes(of: value.bigEndian) { storage.append(contentsOf: $0) }
  }

  /// Appends the number of bytes and then the bytes.
  @inlinable package mutating func writeCounted(_ content: some Collection<UInt8>) {
    writeVarint(UInt64(content.count))
    storage.append(contentsOf: content)
  }
}

/// Reads what ``ByteWriter`` wrote, from bytes that may be anything.
package struct ByteReader: Sendable {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  package init(_ bytes: [UInt8]) {
    self.init(bytes[0...])
  }

  /// The bytes end too early, or a number is not one that ``ByteWriter`` writes.
  package struct Malformed: Error, Equatable {
    package init() {}
  }

  /// Whether everything was read.
  package var isAtEnd: Bool { position == bytes.endIndex }

  /// The number of bytes not read yet.
  package var remainingCount: Int { bytes.endIndex - position }

  /// Reads one byte.
  package mutating func readByte() throws(Malformed) -> UInt8 {
    guard position < bytes.endIndex else { throw Malformed() }
    defer { position += 1 }
    return bytes[position]
  }

  /// Reads a varint in its shortest form.
  package mutating func readVarint() throws(Malformed) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: 0, to: 70, by: 7) {
      let byte = try readByte()
      let bits = UInt64(byte & 0x7F)
      guard shift < 63 || bits <= 1 else { throw Malformed() }
      value |= bits << UInt64(shift)
      if byte & 0x80 == 0 {
        guard byte != 0 || shift == 0 else { throw Malformed() }
        return value
      }
    }
    throw Malformed()
  }

  /// Reads a zigzag varint.
  package mutating func readZigZag() throws(Malformed) -> Int64 {
    let value = try readVarint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// Reads a big-endian number.
  @inlinable package mutating func readFixed<Number: FixedWidthInteger & UnsignedInteger>(
    as type: Number.Type
  ) throws(Malformed) -> Number {
    let bytes = try read(MemoryLayout<Number>.size)
    return Number(bigEndian: bytes.withUnsafeBytes { $0.loadUnaligned(as: Number.self) })
  }

  /// Reads `count` bytes.
  package mutating func read(_ count: Int) throws(Malformed) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remainingCount else { throw Malformed() }
    defer { position += count }
    return bytes[position..<position + count]
  }

  /// Reads a count and as many bytes.
  package mutating func readCounted() throws(Malformed) -> ArraySlice<UInt8> {
    let count = try readVarint()
    guard count <= UInt64(remainingCount) else { throw Malformed() }
    return try read(Int(count))
  }

  /// Reads an identifier.
  package mutating func readIdentifier<ID: Identifier>(as type: ID.Type) throws(Malformed) -> ID {
    ID(try readFixed(as: UInt128.self))
  }
}
