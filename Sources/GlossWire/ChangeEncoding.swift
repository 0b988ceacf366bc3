package import GlossCore

// The encoding of one change
// ==========================
//
// Two places need a change as a run of bytes: the chain of tips, which has to come out the same on every machine, and a
// replica's log, which wants it small. They differ in how a name and a replica are written; the values, which are most of the
// bytes, are the same. So the form that is hashed is written once, here, as `Protocol/README.md` specifies it, and says where
// its values stand, for the log and the tables to take them from.
//
//     replica · number · timestamp (8 bytes) · record · kind · number of writes · writes · number of covers · covers
//     write:  field · tag (1 byte) · value · number of parents · parents
//     parent, cover:  replica · number
//     value:  null nothing · bool 1 byte · integer zigzag varint · real 8 bytes · record 16 bytes · others counted bytes
//
// Replicas and records are 16 bytes, names counted UTF-8, numbers varints. Nothing says how long the whole is: what holds it
// does.

/// A change in the form that is hashed, and where the values stand in it. Kept from change to change, so that its memory is.
package struct CanonicalEncoding: Sendable {
  private var writer = ByteWriter()

  /// Where the tag and the value of each write stand in ``bytes``, in the order of the writes.
  package private(set) var values: [Range<Int>] = []

  package init() {}

  /// The encoding of the change that was encoded last.
  package var bytes: [UInt8] { writer.bytes }

  /// Encodes `change` in place of the change before.
  package mutating func encode(_ change: Change) {
    writer.removeAll()
    values.removeAll(keepingCapacity: true)
    writer.writeFixed(change.dot.replica.value)
    writer.writeVarint(change.dot.seq)
    writer.writeFixed(change.timestamp.rawValue)
    writer.writeFixed(change.record.value)
    writer.writeCounted(change.kind.text)
    let writes = change.writes
    writer.writeVarint(UInt64(writes.count))
    for index in writes.indices {
      writer.writeCounted(writes[index].field.text)
      let start = writer.bytes.count
      writer.writeByte(writes[index].value.tag)
      writer.writeContent(of: writes[index].value)
      values.append(start..<writer.bytes.count)
      write(writes[index].parents)
    }
    write(change.covers)
  }

  private mutating func write(_ dots: [Dot]) {
    writer.writeVarint(UInt64(dots.count))
    for dot in dots {
      writer.writeFixed(dot.replica.value)
      writer.writeVarint(dot.seq)
    }
  }
}

extension ByteWriter {
  /// Appends what a value holds, without its tag.
  fileprivate mutating func writeContent(of value: Value) {
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
