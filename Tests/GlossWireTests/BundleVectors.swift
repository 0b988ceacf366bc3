import Foundation
import GlossCore
import Testing

/// The shape of Protocol/vectors/bundles.json, which `Protocol/reference/bundle.py` makes.
struct BundleVectors: Decodable {
  var root, library, salt, origin: HexadecimalBytes
  var replicas: [String: HexadecimalBytes]
  var bundles: [Bundle]
  var badContents: [BadContent]
  var badHeaders: [BadHeader]

  struct Bundle: Decodable {
    var name: String
    var changes: [JSONChange]
    var blobs, canonical, tips: [HexadecimalBytes]
    var statedTip: HexadecimalBytes
    var previousTip, message, bundle: HexadecimalBytes
  }

  struct BadContent: Decodable {
    var name, error, first, last: String
    var content: HexadecimalBytes
  }

  struct BadHeader: Decodable {
    var name, error: String
    var bundle: HexadecimalBytes
  }

  struct JSONChange: Decodable {
    var seq, timestamp, kind: String
    var record: HexadecimalBytes
    var writes: [JSONWrite]
    var covers: [String]
  }

  struct JSONWrite: Decodable {
    var field: String
    var value: JSONValue
    var parents: [String]
  }

  static func read() throws -> Self {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Protocol/vectors/bundles.json").standardized
    return try JSONDecoder().decode(Self.self, from: Data(contentsOf: file))
  }
}

extension BundleVectors {
  func changes(of bundle: Bundle) throws -> [Change] {
    let origin = try #require(ReplicaID(bytes: origin.bytes))
    return try bundle.changes.map { change in
      Change(
        dot: Dot(origin, try #require(UInt64(change.seq))),
        timestamp: Timestamp(rawValue: try #require(UInt64(change.timestamp))),
        record: try #require(RecordID(bytes: change.record.bytes)), kind: Name(change.kind),
        writes: try change.writes.map { write in
          Write(
            Name(write.field), try write.value.value, parents: try write.parents.map { try dot($0) }
          )
        },
        covers: try change.covers.map { try dot($0) })
    }
  }

  private func dot(_ text: String) throws -> Dot {
    let parts = text.split(separator: ":")
    let replica = try #require(replicas[String(parts[0])])
    return Dot(
      try #require(ReplicaID(bytes: replica.bytes)), try #require(UInt64(parts[1])))
  }
}

/// A value under the name of its type.
struct JSONValue: Decodable {
  var null, bool: Bool?
  var integer, real, text: String?
  var bytes, record, blob: HexadecimalBytes?
  var unknown: Unknown?

  struct Unknown: Decodable {
    var tag: UInt8
    var bytes: HexadecimalBytes
  }

  var value: Value {
    get throws {
      if let bool { return .bool(bool) }
      if let integer { return .integer(try #require(Int64(integer))) }
      if let real { return .real(Double(bitPattern: try #require(UInt64(real, radix: 16)))) }
      if let text { return .text(text) }
      if let bytes { return .bytes(bytes.bytes) }
      if let record { return .record(try #require(RecordID(bytes: record.bytes))) }
      if let blob { return .blob(try #require(BlobID(digest: blob.bytes))) }
      if let unknown { return .unknown(tag: unknown.tag, bytes: unknown.bytes.bytes) }
      try #require(null == true)
      return .null
    }
  }
}

/// Bytes that JSON has as hexadecimal digits.
struct HexadecimalBytes: Decodable {
  var bytes: [UInt8] = []

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    var digits = Array(try container.decode(String.self).utf8)[...]
    while !digits.isEmpty {
      let pair = String(decoding: digits.prefix(2), as: UTF8.self)
      guard digits.count >= 2, let byte = UInt8(pair, radix: 16) else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "an even number of hexadecimal digits")
      }
      bytes.append(byte)
      digits = digits.dropFirst(2)
    }
  }
}
