internal import GlossCore
internal import GlossCrypto
internal import GlossWire

// The changes of a record
// -----------------------
//
// No index leads from a record to its changes. A valid change is a head of each register it wrote, unless a valid change of
// the same record names it as a parent there; that one is a head or named in turn, and since parents are older than their
// children the way ends at a head. So what is reached from the heads along parents is every valid change, and the quarantined
// ones are listed by record. It saves a tree that every change would have to be added to.

extension Transaction {
  /// Returns a change's place in the log.
  func place(of dot: Dot) throws(StoreError) -> Int64? {
    guard dot.seq <= Limits.seq else { return nil }
    return try number(of: dot.replica) << 40 | Int64(dot.seq)
  }

  /// Returns the change that stands at a place in the log.
  func dot(at place: Int64) throws(StoreError) -> Dot {
    Dot(try replica(place >> 40), UInt64(place & Int64(Limits.seq)))
  }

  /// Appends a change to the log and its replica's tip; ``encoding`` holds the change afterwards.
  ///
  /// - Parameter numbers: Those of its kind and of the fields that it writes to.
  /// - Precondition: The change is the next of its replica.
  func append(_ change: Change, record: Int64, numbers: [Int64]) throws(StoreError) {
    let replica = try known(change.dot.replica)
    precondition(change.dot.seq == replica.lastSeq + 1, "a replica's changes are held without gaps")
    encoding.encode(change)
    try encodeBody(of: change, numbers: numbers)
    let statement = try prepared(
      &statements.insertChange,
      "INSERT INTO _change(id, timestamp, record, body) VALUES (?, ?, ?, ?)")
    statement.bind(replica.number << 40 | Int64(change.dot.seq), at: 1)
    statement.bind(Int64(bitPattern: change.timestamp.rawValue), at: 2)
    statement.bind(record, at: 3)
    try scratch.bytes.withUnsafeBufferPointer { body throws(StoreError) in
      statement.bindInPlace(body, at: 4)
      try statement.run()
    }
    replica.advance(to: change.dot.seq, tip: encodedTip(after: replica.tip))
  }

  /// Puts a change in the place of the one of its number, whether that is there or not. Nothing else of the file follows.
  func replaceInLog(_ change: Change, record: Int64, numbers: [Int64]) throws(StoreError) {
    encoding.encode(change)
    try encodeBody(of: change, numbers: numbers)
    let statement = try prepare(
      "INSERT OR REPLACE INTO _change(id, timestamp, record, body) VALUES (?, ?, ?, ?)")
    statement.bind(try number(of: change.dot.replica) << 40 | Int64(change.dot.seq), at: 1)
    statement.bind(Int64(bitPattern: change.timestamp.rawValue), at: 2)
    statement.bind(record, at: 3)
    statement.bind(scratch.bytes, at: 4)
    try statement.run()
  }

  /// Puts a change that lacks values in the place of the one that has them, which differs in nothing else.
  func replaceBody(with change: Change) throws(StoreError) {
    guard let place = try place(of: change.dot) else { return }
    encoding.encode(change)
    try encodeBody(of: change, numbers: try table(of: change.kind).shape(of: change).numbers)
    let statement = try prepared(
      &statements.updateBody, "UPDATE _change SET body = ? WHERE id = ?")
    statement.bind(place, at: 2)
    try scratch.bytes.withUnsafeBufferPointer { body throws(StoreError) in
      statement.bindInPlace(body, at: 1)
      try statement.run()
    }
  }

  /// Writes what the log keeps of the change in ``encoding`` to ``scratch``: its names and replicas as the store's numbers.
  private func encodeBody(of change: Change, numbers: [Int64]) throws(StoreError) {
    var writer = ByteWriter()
    swap(&writer, &scratch)
    defer { swap(&writer, &scratch) }
    writer.removeAll()
    writer.writeVarint(UInt64(numbers[0]))
    writer.writeVarint(UInt64(numbers.count - 1))
    let places = encoding.values
    try encoding.bytes.withUnsafeBufferPointer { bytes throws(StoreError) in
      for index in places.indices {
        writer.writeVarint(UInt64(numbers[index + 1]))
        writer.write(UnsafeBufferPointer(rebasing: bytes[places[index]]))
        // By the tag in front of the value, which costs less than to look at the value.
        if bytes[places[index].lowerBound] == Value.Tag.blob,
          case .blob(let id) = change.writes[index].value
        {
          try want(id)
        }
        try write(change.writes[index].parents, to: &writer)
      }
    }
    try write(change.covers, to: &writer)
  }

  private func write(_ dots: [Dot], to writer: inout ByteWriter) throws(StoreError) {
    writer.writeVarint(UInt64(dots.count))
    for dot in dots {
      writer.writeVarint(UInt64(try number(of: dot.replica)))
      writer.writeVarint(dot.seq)
    }
  }

  /// Returns the tip of a run that `change` continues: SHA-256 over the tip before and the change in full.
  func tip(after tip: [UInt8], _ change: Change) -> [UInt8] {
    encoding.encode(change)
    return encodedTip(after: tip)
  }

  private func encodedTip(after tip: [UInt8]) -> [UInt8] {
    encoding.bytes.withUnsafeBytes { bytes in
      tip.withUnsafeBytes { sha256(bytes, after: $0) }
    }
  }

  /// Returns a change to the record of this number and identifier.
  func change(_ dot: Dot, of record: Int64, id: RecordID) throws(StoreError) -> Change? {
    guard let place = try place(of: dot) else { return nil }
    let statement = try prepared(
      &statements.selectChange, "SELECT timestamp, record, body FROM _change WHERE id = ?")
    statement.bind(place, at: 1)
    defer { statement.reset() }
    guard try statement.step(), statement.integer(at: 1) == record else { return nil }
    let timestamp = Timestamp(rawValue: UInt64(bitPattern: statement.integer(at: 0)))
    return try decode(statement.bytes(at: 2), dot: dot, timestamp: timestamp, record: id)
  }

  /// Returns the timestamp of a change to the record of this number.
  func timestamp(of dot: Dot, record: Int64) throws(StoreError) -> Timestamp? {
    guard let place = try place(of: dot) else { return nil }
    let statement = try prepared(
      &statements.selectTimestamp, "SELECT timestamp, record FROM _change WHERE id = ?")
    statement.bind(place, at: 1)
    defer { statement.reset() }
    guard try statement.step(), statement.integer(at: 1) == record else { return nil }
    return Timestamp(rawValue: UInt64(bitPattern: statement.integer(at: 0)))
  }

  /// Returns every change to a record, in no particular order.
  ///
  /// - Parameter state: The record's state, or the one before the change `newest` was appended.
  func changes(
    of record: Int64, id: RecordID, state: RecordState, newest: Dot? = nil
  ) throws(StoreError) -> [Change] {
    var found: [Dot: Change] = [:]
    var waiting = state.registers.values.flatMap { $0.heads.map(\.dot) }
    if let newest { waiting.append(newest) }
    let quarantined = try reused("SELECT replica, seq FROM _quarantine WHERE record = ?")
    quarantined.bind(record, at: 1)
    while try quarantined.step() {
      waiting.append(
        Dot(try replica(quarantined.integer(at: 0)), quarantined.seq(at: 1)))
    }
    while let dot = waiting.popLast() {
      guard found[dot] == nil, let change = try change(dot, of: record, id: id) else { continue }
      found[dot] = change
      for write in change.writes { waiting += write.parents }
    }
    return Array(found.values)
  }

  /// Reads the body of a change.
  func decode(
    _ body: [UInt8], dot: Dot, timestamp: Timestamp, record: RecordID
  ) throws(StoreError) -> Change {
    do {
      var reader = ByteReader(body)
      let kind = try name(Int64(bitPattern: try reader.readVarint()))
      var writes: [Write] = []
      for _ in 0..<(try reader.readVarint()) {
        let field = try name(Int64(bitPattern: try reader.readVarint()))
        let value = try reader.readValue(tag: try reader.readByte())
        writes.append(Write(field, value, parents: try readDots(from: &reader)))
      }
      let covers = try readDots(from: &reader)
      guard reader.isAtEnd else { throw corrupt("the change \(dot) is longer than it says") }
      return Change(
        dot: dot, timestamp: timestamp, record: record, kind: kind, writes: writes, covers: covers)
    } catch let error as StoreError {
      throw error
    } catch {
      throw corrupt("the change \(dot) cannot be read")
    }
  }

  private func readDots(from reader: inout ByteReader) throws -> [Dot] {
    var dots: [Dot] = []
    for _ in 0..<(try reader.readVarint()) {
      let replica = try replica(Int64(bitPattern: try reader.readVarint()))
      dots.append(Dot(replica, try reader.readVarint()))
    }
    return dots
  }
}
