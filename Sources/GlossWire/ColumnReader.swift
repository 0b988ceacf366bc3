internal import GlossCore
internal import SwiftProtobuf

/// Turns the columns of a `BundleContent` message back into changes. The columns may hold anything.
struct ColumnReader {
  private let origin: ReplicaID
  private let names: [Name]
  private let shapes: [(kind: Name, fields: [Name])]
  private let records: [RecordID]
  private let replicas: [ReplicaID]
  private let payload: [UInt8]
  private let blobs: [[UInt8]]
  private let hasCovers: Bool

  private var timestampDeltas: Column<Int64>
  private var shapeIndexes: Column<UInt32>
  private var recordReferences: Column<UInt32>
  private var valueTags: Column<UInt8>
  private var parentCounts: Column<UInt32>
  private var integers: Column<Int64>
  private var valueReferences: Column<UInt32>
  private var reals: Column<UInt64>
  private var lengths: Column<UInt32>
  private var parentReplicas: Column<UInt32>
  private var parentSeqs: Column<Int64>
  private var coverCounts: Column<UInt32>
  private var coverReplicas: Column<UInt32>
  private var coverSeqs: Column<Int64>

  private var timestamp: UInt64 = 0
  private var recordCount = 0
  private var payloadPosition = 0

  /// The tip after the last change where the message says it.
  let statedTip: [UInt8]?

  /// The number of changes that the columns say they hold.
  let changeCount: Int

  init(_ bytes: [UInt8], origin: ReplicaID) throws(BundleContent.Malformed) {
    let message: WireBundleContent
    do {
      message = try WireBundleContent(serializedBytes: bytes)
    } catch {
      throw .badColumns
    }
    guard message.unknownFields.data.isEmpty,
      message.shapes.allSatisfy(\.unknownFields.data.isEmpty)
    else { throw .newerVersion }
    guard message.greatestEntryCount <= BundleContent.entryLimit else { throw .badColumns }
    self.origin = origin
    let names = message.names.map { Name($0) }
    self.names = names
    guard
      message.shapes.allSatisfy({ shape in
        shape.kind < names.count && shape.fields.allSatisfy { $0 < names.count }
      })
    else { throw .badColumns }
    shapes = message.shapes.map { shape in
      (names[Int(shape.kind)], shape.fields.map { names[Int($0)] })
    }
    records = try Self.identifiers(in: Array(message.records))
    replicas = try Self.identifiers(in: Array(message.replicas))
    payload = Array(message.payload)
    blobs = message.blobs.map { Array($0) }
    guard [0, BundleHeader.tipByteCount].contains(message.statedTip.count) else {
      throw .badColumns
    }
    statedTip = message.statedTip.isEmpty ? nil : Array(message.statedTip)
    hasCovers = !message.coverCounts.isEmpty
    changeCount = message.timestampDeltas.count
    timestampDeltas = Column(message.timestampDeltas)
    shapeIndexes = Column(message.shapeIndexes)
    recordReferences = Column(message.recordReferences)
    valueTags = Column(Array(message.valueTags))
    parentCounts = Column(message.parentCounts)
    integers = Column(message.integers)
    valueReferences = Column(message.valueReferences)
    reals = Column(message.reals)
    lengths = Column(message.lengths)
    parentReplicas = Column(message.parentReplicas)
    parentSeqs = Column(message.parentSeqs)
    coverCounts = Column(message.coverCounts)
    coverReplicas = Column(message.coverReplicas)
    coverSeqs = Column(message.coverSeqs)
  }

  /// Reads the next change, which has this number.
  mutating func readChange(seq: UInt64) throws(BundleContent.Malformed) -> Change {
    let dot = Dot(origin, seq)
    timestamp &+= UInt64(bitPattern: try timestampDeltas.next())
    let shapeIndex = Int(try shapeIndexes.next())
    guard shapeIndex < shapes.count else { throw .badColumns }
    let shape = shapes[shapeIndex]
    let record = try record(try recordReferences.next())
    var writes: [Write] = []
    writes.reserveCapacity(shape.fields.count)
    for field in shape.fields {
      let value = try readValue()
      var parents: [Dot] = []
      for _ in 0..<(try parentCounts.next()) {
        parents.append(
          try self.dot(try parentReplicas.next(), try parentSeqs.next(), relativeTo: seq))
      }
      writes.append(Write(field, value, parents: parents))
    }
    var covers: [Dot] = []
    if hasCovers {
      for _ in 0..<(try coverCounts.next()) {
        covers.append(try self.dot(try coverReplicas.next(), try coverSeqs.next(), relativeTo: seq))
      }
    }
    return Change(
      dot: dot, timestamp: Timestamp(rawValue: timestamp), record: record, kind: shape.kind,
      writes: writes, covers: covers)
  }

  /// Checks that nothing is left over, and returns the large values.
  func finish() throws(BundleContent.Malformed) -> [[UInt8]] {
    let isUsedUp =
      shapeIndexes.isAtEnd && recordReferences.isAtEnd && valueTags.isAtEnd && parentCounts.isAtEnd
      && integers.isAtEnd && valueReferences.isAtEnd && reals.isAtEnd && lengths.isAtEnd
      && parentReplicas.isAtEnd && parentSeqs.isAtEnd && coverCounts.isAtEnd
      && coverReplicas.isAtEnd && coverSeqs.isAtEnd
    guard isUsedUp, payloadPosition == payload.count, recordCount == records.count else {
      throw .badColumns
    }
    return blobs
  }

  private mutating func readValue() throws(BundleContent.Malformed) -> Value {
    switch try valueTags.next() {
    case Value.Tag.null: return .null
    case Value.Tag.bool:
      let integer = try integers.next()
      guard integer == 0 || integer == 1 else { throw .badColumns }
      return .bool(integer == 1)
    case Value.Tag.integer: return .integer(try integers.next())
    case Value.Tag.real: return .real(Double(bitPattern: try reals.next()))
    case Value.Tag.record: return .record(try record(try valueReferences.next()))
    case let tag:
      let length = Int(try lengths.next())
      guard length <= payload.count - payloadPosition else { throw .badColumns }
      defer { payloadPosition += length }
      return Value(tag: tag, bytes: payload[payloadPosition..<payloadPosition + length])
    }
  }

  private mutating func record(_ reference: UInt32) throws(BundleContent.Malformed) -> RecordID {
    if reference == 0 {
      guard recordCount < records.count else { throw .badColumns }
      defer { recordCount += 1 }
      return records[recordCount]
    }
    guard reference <= recordCount else { throw .badColumns }
    return records[recordCount - Int(reference)]
  }

  private func dot(
    _ replica: UInt32, _ number: Int64, relativeTo seq: UInt64
  ) throws(BundleContent.Malformed) -> Dot {
    if replica == 0 { return Dot(origin, seq &- UInt64(bitPattern: number)) }
    guard replica <= replicas.count else { throw .badColumns }
    return Dot(replicas[Int(replica) - 1], UInt64(bitPattern: number))
  }

  private static func identifiers<ID: Identifier>(
    in bytes: [UInt8]
  ) throws(BundleContent.Malformed) -> [ID] {
    guard bytes.count.isMultiple(of: ID.byteCount) else { throw .badColumns }
    var reader = ByteReader(bytes)
    var identifiers: [ID] = []
    identifiers.reserveCapacity(bytes.count / ID.byteCount)
    do {
      while !reader.isAtEnd {
        identifiers.append(try reader.readIdentifier(as: ID.self))
      }
    } catch {
      throw .badColumns
    }
    return identifiers
  }
}

extension WireBundleContent {
  /// The number of entries of the longest column; the fields of all shapes are one.
  fileprivate var greatestEntryCount: Int {
    let fieldCount = shapes.reduce(0) { $0 + $1.fields.count }
    let counts: [Int] = [
      names.count, shapes.count, fieldCount, timestampDeltas.count, shapeIndexes.count,
      recordReferences.count, valueTags.count, parentCounts.count, integers.count,
      valueReferences.count, reals.count, lengths.count, parentReplicas.count, parentSeqs.count,
      coverCounts.count, coverReplicas.count, coverSeqs.count, blobs.count,
    ]
    return counts.max() ?? 0
  }
}

/// A column that is read from its start.
private struct Column<Element> {
  private let elements: [Element]
  private var position = 0

  init(_ elements: [Element]) {
    self.elements = elements
  }

  var isAtEnd: Bool { position == elements.count }

  mutating func next() throws(BundleContent.Malformed) -> Element {
    guard position < elements.count else { throw .badColumns }
    defer { position += 1 }
    return elements[position]
  }
}
