public import GlossCore

// The encoding of one change
// ==========================
//
// Two places need a change as a run of bytes: the chain of tips, which has to come out the same on every machine, and a
// replica's log, which wants it small. Both use the layout below; they differ in how a name and a replica are written, which
// is what `ChangeCoder` leaves to its user. `Protocol/README.md` specifies the form that is hashed: names are counted UTF-8,
// replicas 16 bytes.
//
//     kind · number of writes · writes · number of covers · covers
//     write:  field · tag (1 byte) · value · number of parents · parents
//     parent, cover:  replica · number (varint)
//     value:  null nothing · bool 1 byte · integer zigzag varint · real 8 bytes · record 16 bytes · others counted bytes
//
// Numbers of things are varints. Nothing says how long the whole is: what holds it does.

/// Writes and reads names and replicas in one of the encodings of a change.
package protocol ChangeCoder {
  associatedtype Failure: Error

  mutating func write(_ name: Name, to writer: inout ByteWriter) throws(Failure)
  mutating func write(_ replica: ReplicaID, to writer: inout ByteWriter) throws(Failure)
}

extension ChangeCoder {
  /// Appends kind, writes and covers of `change`.
  @inlinable
  package mutating func write(_ change: Change, to writer: inout ByteWriter) throws(Failure) {
    try write(change.kind, to: &writer)
    writer.writeVarint(UInt64(change.writes.count))
    let writes = change.writes
    for index in writes.indices {
      try write(writes[index].field, to: &writer)
      writer.writeByte(writes[index].value.tag)
      writer.writeContent(of: writes[index].value)
      try write(writes[index].parents, to: &writer)
    }
    try write(change.covers, to: &writer)
  }

  @inlinable
  mutating func write(_ dots: [Dot], to writer: inout ByteWriter) throws(Failure) {
    writer.writeVarint(UInt64(dots.count))
    for dot in dots {
      try write(dot.replica, to: &writer)
      writer.writeVarint(dot.seq)
    }
  }
}

/// The encoding that is hashed: every name and replica in full.
package struct CanonicalCoder: ChangeCoder {
  package init() {}

  package mutating func write(_ name: Name, to writer: inout ByteWriter) {
    writer.writeCounted(name.text)
  }

  package mutating func write(_ replica: ReplicaID, to writer: inout ByteWriter) {
    writer.writeFixed(replica.value)
  }

  /// Appends all of `change`: replica, number, timestamp, record, and the rest.
  package mutating func writeWhole(_ change: Change, to writer: inout ByteWriter) {
    write(change.dot.replica, to: &writer)
    writer.writeVarint(change.dot.seq)
    writer.writeFixed(change.timestamp.rawValue)
    writer.writeFixed(change.record.value)
    write(change, to: &writer)
  }
}

extension ByteWriter {
  /// Appends what a value holds, without its tag.
  @usableFromInline
  package mutating func writeContent(of value: Value) {
    switch value {
    case .null: break
    case .bool(let bool): writeByte(bool ? 1 : 0)
    case .integer(let integer): writeZigZag(integer)
    case .real(let real): writeFixed(real.bitPattern)
    case .record(let record): writeFixed(record.value)
    case .text(let text): writeCounted(text)
    case .bytes(let bytes), .unknown(_, let bytes): writeCounted(bytes)
    case .blob(let blob): writeCounted(blob.digest)
    }
  }
}

extension ByteReader {
  /// Reads a change's value behind its tag.
  package mutating func readValue(tag: UInt8) throws(Malformed) -> Value {
    switch tag {
    case Value.Tag.null: return .null
    case Value.Tag.bool:
      let byte = try readByte()
      guard byte <= 1 else { throw Malformed() }
      return .bool(byte == 1)
    case Value.Tag.integer: return .integer(try readZigZag())
    case Value.Tag.real: return .real(Double(bitPattern: try readFixed(as: UInt64.self)))
    case Value.Tag.record: return .record(try readIdentifier(as: RecordID.self))
    default: return Value(tag: tag, bytes: try readCounted())
    }
  }
}

extension Value {
  /// Creates a value of a type that is encoded as bytes. Bytes that are not what the type says are kept as they are.
  package init(tag: UInt8, bytes: ArraySlice<UInt8>) {
    switch tag {
    case Tag.text:
      self =
        String(validating: bytes, as: UTF8.self).map { .text($0) }
        ?? .unknown(tag: tag, bytes: Array(bytes))
    case Tag.bytes: self = .bytes(Array(bytes))
    case Tag.blob:
      self =
        BlobID(digest: Array(bytes)).map { .blob($0) } ?? .unknown(tag: tag, bytes: Array(bytes))
    default: self = .unknown(tag: tag, bytes: Array(bytes))
    }
  }
}
