import Foundation
import GlossCore
import GlossCrypto
import GlossWire
import Testing

/// Protocol/vectors/forks.json.
struct ForkVectors: Decodable {
  let cases: [Case]

  struct Case: Decodable {
    let name, holder, contradicted, agreedSeq: String
    let isRenewed: Bool
    let held: [Run]
    let lost: [Lost]
    let expected: [Held]
  }

  /// A run that is held before.
  struct Run: Decodable {
    let origin, first: String
    let statedTip: String?
    let changes: [Entry]
  }

  /// From which number on an origin's changes are another's.
  struct Lost: Decodable {
    let origin, first, branch: String
  }

  /// What is held of an origin afterwards.
  struct Held: Decodable {
    let origin, tip: String
    let canonical: [String]
  }

  static func read() throws -> Self {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Protocol/vectors/forks.json").standardized
    return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
  }

  /// Returns the canonical encoding of a change.
  static func canonical(_ change: Change) -> [UInt8] {
    var encoding = CanonicalEncoding()
    encoding.encode(change)
    return Array(encoding.bytes)
  }

  static func tip(after tip: [UInt8], _ change: Change) -> [UInt8] {
    sha256(tip + canonical(change))
  }
}

extension ForkVectors {
  /// A change as the file has it.
  struct Entry: Decodable {
    let dot, timestamp, record, kind: String
    let writes: [WriteEntry]
    let covers: [String]

    var change: Change {
      get throws {
        Change(
          dot: try dot.dot, timestamp: Timestamp(rawValue: try timestamp.number),
          record: try #require(RecordID(hex: record)), kind: Name(kind),
          writes: try writes.map { write in
            let parents = try write.parents.map { try $0.dot }
            return Write(Name(write.field), try write.value.value, parents: parents)
          },
          covers: try covers.map { try $0.dot })
      }
    }
  }

  struct WriteEntry: Decodable {
    let field: String
    let value: ValueEntry
    let parents: [String]
  }

  /// A value of one of the types that the file has: an object of one member, named for the type.
  struct ValueEntry: Decodable {
    let bool: Bool?
    let text: String?
    let unknown: Unknown?

    struct Unknown: Decodable {
      let tag: UInt8
      let bytes: String
    }

    var value: Value {
      get throws {
        if let bool { return .bool(bool) }
        if let text { return .text(text) }
        let unknown = try #require(unknown, "a value is of one of the types above")
        return .unknown(tag: unknown.tag, bytes: try unknown.bytes.hexBytes)
      }
    }
  }
}

extension String {
  /// The number that the text is in decimal.
  var number: UInt64 {
    get throws { try #require(UInt64(self)) }
  }

  var replica: ReplicaID {
    get throws { try #require(ReplicaID(hex: self)) }
  }

  /// The bytes that the text is in hexadecimal.
  var hexBytes: [UInt8] {
    get throws {
      try stride(from: 0, to: utf8.count, by: 2).map { offset in
        let start = index(startIndex, offsetBy: offset)
        return try #require(UInt8(self[start...index(after: start)], radix: 16))
      }
    }
  }

  /// The change's identity, from the origin's digits, a colon and the number.
  fileprivate var dot: Dot {
    get throws {
      let parts = split(separator: ":").map(String.init)
      return Dot(try parts[0].replica, try parts[1].number)
    }
  }
}
