import Foundation
import GlossCore
import Testing

/// The vectors that `Protocol/reference/merge.py`, a second implementation in another language, made.
struct VectorFileTests {
  @Test func `timestamps are those of the reference implementation`() throws {
    let file = try read(TimestampFile.self, from: "timestamps.json")
    for vector in file.next {
      let now = try #require(UInt64(vector.now))
      let floor = try vector.floor.map { Timestamp(rawValue: try #require(UInt64($0))) }
      let next = Timestamp.next(at: now, above: floor)
      #expect(String(next.rawValue) == vector.expected, "\(vector.name)")
      #expect(next.milliseconds == vector.milliseconds, "\(vector.name)")
      #expect(next.counter == vector.counter, "\(vector.name)")
    }
    for vector in file.follows {
      let child = Timestamp(rawValue: try #require(UInt64(vector.child)))
      let parent = Timestamp(rawValue: try #require(UInt64(vector.parent)))
      #expect(child.mayFollow(parent) == vector.expected, "\(vector.name)")
    }
    #expect(file.next.count >= 10 && file.follows.count >= 5)
  }

  @Test func `merges are those of the reference implementation`() throws {
    let file = try read(MergeFile.self, from: "merges.json")
    #expect(file.cases.count >= 40)
    for vector in file.cases {
      let changes = try vector.changes.map { try $0.change(file.replicas) }
      let kind = vector.kind.flatMap { name in file.kinds.first { $0.name == name }?.kind }
      #expect((kind == nil) == (vector.kind == nil))
      for delivery in [changes, changes.reversed()] {
        let receiver = Receiver(delivery)
        let computed = RecordState.computed(of: Array(receiver.held.values))
        #expect(receiver.state == computed.state, "\(vector.name)")
        #expect(receiver.invalid == Set(computed.invalid.keys), "\(vector.name)")
        try check(receiver, computed.invalid, of: kind, vector.expected, file.replicas, vector.name)
      }
    }
  }

  private func check(
    _ receiver: Receiver, _ invalid: [Dot: Violation], of kind: Kind?, _ expected: Expected,
    _ replicas: [String: String], _ name: String
  ) throws {
    let registers = receiver.state.registers
    #expect(registers.count == expected.registers.count, "\(name)")
    for register in expected.registers {
      let merged = registers[Name(register.field)]
      let heads = try register.heads.map { try dot($0, replicas) }
      let awaited = try register.awaited.map { try dot($0, replicas) }
      #expect(merged?.heads.map(\.dot) == heads, "\(name): \(register.field)")
      #expect(merged?.earlyParents.map(\.dot) == awaited, "\(name): \(register.field)")
    }
    let view = try receiver.view(of: kind)
    #expect(view.values.count == expected.displayed.count, "\(name)")
    for displayed in expected.displayed {
      let value = try displayed.value.value
      #expect(view.values[Name(displayed.field)] == value, "\(name): \(displayed.field)")
    }
    let conflicts = expected.conflicts.map { conflict in
      Conflict(
        field: Name(conflict.field),
        reason: conflict.reason == "values" ? .values : .editedAndDeleted)
    }
    #expect(view.conflicts == conflicts, "\(name)")
    #expect(view.isHidden == expected.hidden, "\(name)")
    let quarantined = try expected.quarantined.map { (try dot($0.dot, replicas), $0.reason) }
    #expect(
      invalid.mapValues(\.code) == Dictionary(uniqueKeysWithValues: quarantined), "\(name)")
  }

  private func read<File: Decodable>(_ type: File.Type, from name: String) throws -> File {
    let root = URL(filePath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appending(components: "Protocol", "vectors", name)
    return try JSONDecoder().decode(type, from: Data(contentsOf: file))
  }
}

private func dot(_ text: String, _ replicas: [String: String]) throws -> Dot {
  let parts = text.split(separator: ":")
  let hex = try #require(replicas[String(parts[0])])
  let replica = try #require(ReplicaID(hex: hex))
  return Dot(replica, try #require(UInt64(parts[1])))
}

extension Violation {
  /// The word of the vectors for this violation.
  fileprivate var code: String {
    switch self {
    case .seqOutOfRange: "seq-out-of-range"
    case .badName: "bad-name"
    case .badWrites: "bad-writes"
    case .badParents: "bad-parents"
    case .badCovers: "bad-covers"
    case .tooLarge: "too-large"
    case .malformedValue: "malformed-value"
    case .parentNotOlder: "parent-not-older"
    }
  }
}

// MARK: The files

private struct TimestampFile: Decodable {
  let next: [Next]
  let follows: [Follows]

  struct Next: Decodable {
    let name, now: String
    let floor: String?
    let expected: String
    let milliseconds: UInt64
    let counter: UInt16
  }

  struct Follows: Decodable {
    let name, child, parent: String
    let expected: Bool
  }
}

private struct MergeFile: Decodable {
  let replicas: [String: String]
  let kinds: [KindEntry]
  let cases: [MergeCase]
}

private struct KindEntry: Decodable {
  let name: String
  let fields, families: [PolicyEntry]

  struct PolicyEntry: Decodable { let name, policy: String }

  var kind: Kind {
    func policy(_ entry: PolicyEntry) -> Policy { entry.policy == "keep" ? .keep : .latest }
    return Kind(
      Name(name), fields: fields.map { Field(Name($0.name), .text, policy($0)) },
      families: families.map { Family(Name($0.name), policy($0)) })
  }
}

private struct MergeCase: Decodable {
  let name: String
  let kind: String?
  let changes: [ChangeEntry]
  let expected: Expected
}

private struct ChangeEntry: Decodable {
  let dot, timestamp, kind: String
  let writes: [WriteEntry]
  let covers: [String]

  struct WriteEntry: Decodable {
    let field: String
    let value: ValueEntry
    let parents: [String]
  }

  func change(_ replicas: [String: String]) throws -> Change {
    let writes = try writes.map { write in
      let parents = try write.parents.map { try GlossCoreTests.dot($0, replicas) }
      return Write(Name(write.field), try write.value.value, parents: parents)
    }
    return Change(
      dot: try GlossCoreTests.dot(dot, replicas),
      timestamp: Timestamp(rawValue: try #require(UInt64(timestamp))), record: someRecord,
      kind: Name(kind), writes: writes,
      covers: try covers.map { try GlossCoreTests.dot($0, replicas) })
  }
}

private struct Expected: Decodable {
  let registers: [RegisterEntry]
  let displayed: [DisplayedEntry]
  let conflicts: [ConflictEntry]
  let hidden: Bool
  let quarantined: [QuarantinedEntry]

  struct RegisterEntry: Decodable {
    let field: String
    let heads, awaited: [String]
  }

  struct DisplayedEntry: Decodable {
    let field: String
    let value: ValueEntry
  }

  struct ConflictEntry: Decodable { let field, reason: String }
  struct QuarantinedEntry: Decodable { let dot, reason: String }
}

/// A value: an object of one member, named for the type.
private struct ValueEntry: Decodable {
  let null, bool: Bool?
  let integer: Int64?
  let text, real, bytes, record, blob: String?
  let unknown: Unknown?
  let repeated: Repeated?

  struct Unknown: Decodable {
    let tag: UInt8
    let bytes: String
  }

  struct Repeated: Decodable {
    let text: String
    let count: Int
  }

  var value: Value {
    get throws {
      if let bool { return .bool(bool) }
      if let integer { return .integer(integer) }
      if let text { return .text(text) }
      if let real {
        return .real(Double(bitPattern: try #require(UInt64(real, radix: 16))))
      }
      if let bytes { return .bytes(try decoded(bytes)) }
      if let record { return .record(try #require(RecordID(hex: record))) }
      if let blob {
        let digest = try decoded(blob)
        return .blob(try #require(BlobID(digest: digest)))
      }
      if let unknown { return .unknown(tag: unknown.tag, bytes: try decoded(unknown.bytes)) }
      if let repeated {
        return .text(String(repeating: repeated.text, count: repeated.count))
      }
      try #require(null == true, "a value is of one of the types above")
      return .null
    }
  }

  private func decoded(_ hex: String) throws -> [UInt8] {
    let digits = Array(hex)
    return try stride(from: 0, to: digits.count, by: 2).map { index in
      try #require(UInt8(String(digits[index...index + 1]), radix: 16))
    }
  }
}
