internal import GlossCore
internal import SwiftProtobuf

/// Turns changes into the columns of a `BundleContent` message.
struct ColumnWriter {
  // The columns are kept here until the end: appending to a message's own copies it.
  private var message = WireBundleContent()
  private var timestampDeltas: [Int64] = []
  private var shapeIndexes: [UInt32] = []
  private var recordReferences: [UInt32] = []
  private var parentCounts: [UInt32] = []
  private var parentReplicas: [UInt32] = []
  private var parentSeqs: [Int64] = []
  private var coverCounts: [UInt32] = []
  private var coverReplicas: [UInt32] = []
  private var coverSeqs: [Int64] = []
  private var integers: [Int64] = []
  private var reals: [UInt64] = []
  private var valueReferences: [UInt32] = []
  private var lengths: [UInt32] = []
  private var nameIndexes: [Name: UInt32] = [:]
  private var recordIndexes: [RecordID: Int] = [:]
  private var replicaIndexes: [ReplicaID: UInt32] = [:]
  private var indexByShape: [[UInt32]: UInt32] = [:]
  private var records = ByteWriter()
  private var replicas = ByteWriter()
  private var valueTags: [UInt8] = []
  private var payload: [UInt8] = []
  private var previousTimestamp: UInt64 = 0
  private var coversAnything = false

  /// Appends a change of the run.
  mutating func write(_ change: Change) {
    timestampDeltas.append(
      Int64(bitPattern: change.timestamp.rawValue &- previousTimestamp))
    previousTimestamp = change.timestamp.rawValue
    shapeIndexes.append(shapeIndex(of: change))
    recordReferences.append(reference(to: change.record))
    for write in change.writes {
      valueTags.append(write.value.tag)
      self.write(write.value)
      parentCounts.append(UInt32(write.parents.count))
      for parent in write.parents {
        parentReplicas.append(replicaIndex(of: parent.replica, origin: change.dot.replica))
        parentSeqs.append(relative(parent, to: change.dot))
      }
    }
    coverCounts.append(UInt32(change.covers.count))
    for cover in change.covers {
      coversAnything = true
      coverReplicas.append(replicaIndex(of: cover.replica, origin: change.dot.replica))
      coverSeqs.append(relative(cover, to: change.dot))
    }
  }

  /// Returns the message's bytes.
  mutating func finished(with blobs: [[UInt8]], statedTip: [UInt8]?) -> [UInt8] {
    message.coverCounts = coversAnything ? coverCounts : []
    message.timestampDeltas = timestampDeltas
    message.shapeIndexes = shapeIndexes
    message.recordReferences = recordReferences
    message.parentCounts = parentCounts
    message.parentReplicas = parentReplicas
    message.parentSeqs = parentSeqs
    message.coverReplicas = coverReplicas
    message.coverSeqs = coverSeqs
    message.integers = integers
    message.reals = reals
    message.valueReferences = valueReferences
    message.lengths = lengths
    message.records = records.bytes.asData
    message.replicas = replicas.bytes.asData
    message.valueTags = valueTags.asData
    message.payload = payload.asData
    message.blobs = blobs.map(\.asData)
    message.statedTip = (statedTip ?? []).asData
    return message.encoded
  }

  private mutating func write(_ value: Value) {
    switch value {
    case .null: break
    case .bool(let bool): integers.append(bool ? 1 : 0)
    case .integer(let integer): integers.append(integer)
    case .real(let real): reals.append(real.bitPattern)
    case .record(let record): valueReferences.append(reference(to: record))
    case .text(let text): append(text.utf8)
    case .bytes(let bytes), .unknown(_, let bytes): append(bytes)
    case .blob(let blob): append(blob.digest)
    }
  }

  private mutating func append(_ bytes: some Collection<UInt8>) {
    lengths.append(UInt32(bytes.count))
    payload.append(contentsOf: bytes)
  }

  private mutating func shapeIndex(of change: Change) -> UInt32 {
    let names = [nameIndex(of: change.kind)] + change.writes.map { nameIndex(of: $0.field) }
    if let index = indexByShape[names] { return index }
    let index = UInt32(message.shapes.count)
    indexByShape[names] = index
    var shape = WireBundleContent.Shape()
    shape.kind = names[0]
    shape.fields = Array(names.dropFirst())
    message.shapes.append(shape)
    return index
  }

  private mutating func nameIndex(of name: Name) -> UInt32 {
    if let index = nameIndexes[name] { return index }
    let index = UInt32(message.names.count)
    nameIndexes[name] = index
    message.names.append(name.text)
    return index
  }

  /// 0 for a record that was not used before, else how far from the end of the records used before it stands.
  private mutating func reference(to record: RecordID) -> UInt32 {
    if let index = recordIndexes[record] { return UInt32(recordIndexes.count - index) }
    recordIndexes[record] = recordIndexes.count
    records.writeFixed(record.value)
    return 0
  }

  private mutating func replicaIndex(of replica: ReplicaID, origin: ReplicaID) -> UInt32 {
    if replica == origin { return 0 }
    if let index = replicaIndexes[replica] { return index }
    replicas.writeFixed(replica.value)
    let index = UInt32(replicaIndexes.count + 1)
    replicaIndexes[replica] = index
    return index
  }

  private func relative(_ dot: Dot, to change: Dot) -> Int64 {
    dot.replica == change.replica
      ? Int64(bitPattern: change.seq &- dot.seq) : Int64(bitPattern: dot.seq)
  }
}
