internal import GlossCore

// The heads column
// ================
//
// A record's registers in one blob beside its values, so that merging a change touches one row. Most registers of a record
// share their heads, because one change wrote them together, so registers are grouped by equal heads:
//
//     flags (1 byte) · number of groups
//     group:  number of fields · fields · number of heads · heads · number of early parents · early parents
//     head:   replica · number · timestamp (8 bytes)
//     early parent:  replica · number · child's timestamp (8 bytes)
//
// Fields and replicas are the store's numbers for them; all numbers are varints but where said.

/// What can be known of a record's state without decoding it.
struct HeadFlags: OptionSet {
  let rawValue: UInt8

  /// A register has heads of different values, or an edit and a delete did not see each other.
  static let isConflicted = HeadFlags(rawValue: 1)

  /// The record was deleted at some time.
  static let wasDeleted = HeadFlags(rawValue: 2)

  init(rawValue: UInt8) {
    self.rawValue = rawValue
  }

  /// Reads the flags of a packed state, which is empty for a record of which nothing is merged yet.
  init(of packed: [UInt8]) {
    rawValue = packed.first ?? 0
  }
}

/// What can be read of a packed state without the names and replicas that its numbers stand for.
enum PackedHeads {
  /// Returns the greatest timestamp of a head: when the newest change to the record was made. `nil` where there is none.
  ///
  /// Every valid change is a head or older than one.
  static func newestTimestamp(in packed: UnsafeRawBufferPointer) -> Timestamp? {
    var reader = Cursor(bytes: packed, position: 1)
    var newest: UInt64?
    guard let groupCount = reader.varint() else { return nil }
    for _ in 0..<groupCount {
      guard let fieldCount = reader.varint() else { return nil }
      for _ in 0..<fieldCount { guard reader.varint() != nil else { return nil } }
      guard let headCount = reader.varint() else { return nil }
      for _ in 0..<headCount {
        guard reader.varint() != nil, reader.varint() != nil, let timestamp = reader.fixed() else {
          return nil
        }
        newest = max(newest ?? 0, timestamp)
      }
      guard let parentCount = reader.varint() else { return nil }
      for _ in 0..<parentCount {
        guard reader.varint() != nil, reader.varint() != nil, reader.fixed() != nil else {
          return nil
        }
      }
    }
    return newest.map(Timestamp.init(rawValue:))
  }

  /// Reads in place: a query looks at the heads of every record.
  private struct Cursor {
    let bytes: UnsafeRawBufferPointer
    var position: Int

    mutating func varint() -> UInt64? {
      var value: UInt64 = 0
      for shift in stride(from: UInt64(0), to: 70, by: 7) {
        guard position < bytes.count else { return nil }
        let byte = bytes[position]
        position += 1
        value |= UInt64(byte & 0x7F) << shift
        if byte & 0x80 == 0 { return value }
      }
      return nil
    }

    mutating func fixed() -> UInt64? {
      guard position + 8 <= bytes.count else { return nil }
      defer { position += 8 }
      return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self))
    }
  }
}

extension Transaction {
  /// Returns the state in the form of the heads column.
  func pack(_ state: RecordState, flags: HeadFlags) throws(StoreError) -> [UInt8] {
    var groups: [Register: [Name]] = [:]
    for (field, register) in state.registers {
      groups[register, default: []].append(field)
    }
    var writer = ByteWriter()
    writer.writeByte(flags.rawValue)
    writer.writeVarint(UInt64(groups.count))
    for (register, fields) in groups {
      writer.writeVarint(UInt64(fields.count))
      for field in fields {
        writer.writeVarint(UInt64(try number(of: field)))
      }
      writer.writeVarint(UInt64(register.heads.count))
      for head in register.heads {
        try write(head.dot, head.timestamp, to: &writer)
      }
      writer.writeVarint(UInt64(register.earlyParents.count))
      for parent in register.earlyParents {
        try write(parent.dot, parent.child, to: &writer)
      }
    }
    return writer.bytes
  }

  /// Returns the packed state of a record whose only change is `change`, which replaces nothing.
  ///
  /// - Parameter fields: The numbers of the fields that it writes to.
  func packCreation(_ change: Change, fields: ArraySlice<Int64>) throws(StoreError) -> [UInt8] {
    scratch.removeAll()
    scratch.writeByte(0)
    scratch.writeVarint(1)
    scratch.writeVarint(UInt64(fields.count))
    for field in fields { scratch.writeVarint(UInt64(field)) }
    scratch.writeVarint(1)
    scratch.writeVarint(UInt64(try number(of: change.dot.replica)))
    scratch.writeVarint(change.dot.seq)
    scratch.writeFixed(change.timestamp.rawValue)
    scratch.writeVarint(0)
    return scratch.bytes
  }

  /// Reads what ``pack(_:flags:)`` wrote.
  func unpack(_ packed: [UInt8]) throws(StoreError) -> RecordState {
    var registers: [Name: Register] = [:]
    try eachGroup(of: packed) { fields, heads, early in
      let register = Register(heads: heads, earlyParents: early)
      registers.reserveCapacity(registers.count + fields.count)
      for field in fields { registers[field] = register }
    }
    return RecordState(registers: registers)
  }

  /// Returns what somebody sees who looks at a record of this packed state now.
  func basis(ofPacked packed: [UInt8]) throws(StoreError) -> Basis {
    var heads: [Name: [Dot]] = [:]
    try eachGroup(of: packed) { fields, groupHeads, _ in
      guard !groupHeads.isEmpty else { return }
      let dots = (groupHeads.count > 1 ? groupHeads.sorted(by: >) : groupHeads).map(\.dot)
      heads.reserveCapacity(heads.count + fields.count)
      for field in fields { heads[field] = dots }
    }
    return try numbered(Basis(heads: heads))
  }

  private func eachGroup(
    of packed: [UInt8], _ body: ([Name], [Head], [Register.EarlyParent]) -> Void
  ) throws(StoreError) {
    guard !packed.isEmpty else { return }
    do {
      var reader = ByteReader(packed[1...])
      for _ in 0..<(try reader.readVarint()) {
        let fieldCount = try reader.readVarint()
        var fields: [Name] = []
        // A damaged file may say anything.
        fields.reserveCapacity(Int(min(fieldCount, 16)))
        for _ in 0..<fieldCount {
          fields.append(try name(Int64(bitPattern: try reader.readVarint())))
        }
        var heads: [Head] = []
        for _ in 0..<(try reader.readVarint()) {
          let (dot, timestamp) = try readDot(from: &reader)
          heads.append(Head(dot, timestamp))
        }
        var early: [Register.EarlyParent] = []
        for _ in 0..<(try reader.readVarint()) {
          let (dot, timestamp) = try readDot(from: &reader)
          early.append(Register.EarlyParent(dot, child: timestamp))
        }
        body(fields, heads, early)
      }
    } catch let error as StoreError {
      throw error
    } catch {
      throw .corrupt(path: path, detail: "the heads of a record cannot be read")
    }
  }

  private func write(
    _ dot: Dot, _ timestamp: Timestamp, to writer: inout ByteWriter
  ) throws(StoreError) {
    writer.writeVarint(UInt64(try number(of: dot.replica)))
    writer.writeVarint(dot.seq)
    writer.writeFixed(timestamp.rawValue)
  }

  private func readDot(from reader: inout ByteReader) throws -> (Dot, Timestamp) {
    let replica = try replica(Int64(bitPattern: try reader.readVarint()))
    let seq = try reader.readVarint()
    return (Dot(replica, seq), Timestamp(rawValue: try reader.readFixed(as: UInt64.self)))
  }
}
