internal import SwiftProtobuf

// The messages of blobs, and our own values.

extension BlobPart {
  /// Reads a BlobParts.
  static func list(message: [UInt8]) throws(BadMessage) -> [BlobPart] {
    let wire: WireBlobParts = try decode(message, as: "a BlobParts")
    var parts: [BlobPart] = []
    parts.reserveCapacity(wire.parts.count)
    for part in wire.parts {
      guard let value = BlobPart(part) else {
        throw BadMessage("a BlobParts with a part that is no part of a blob")
      }
      parts.append(value)
    }
    return parts
  }

  static func message(of parts: [BlobPart]) -> [UInt8] {
    WireBlobParts.with {
      $0.parts = parts.map { part in
        .with {
          $0.name = part.name.asData
          $0.digest = part.digest.asData
          $0.size = UInt64(part.size)
          $0.offset = UInt64(part.offset)
          $0.bytes = part.bytes.asData
        }
      }
    }.encoded
  }

  /// Returns `nil` where name or digest have not their sizes, or the bytes do not lie in a blob of this size.
  private init?(_ wire: WireBlobPart) {
    let limit = UInt64(BlobHeader.sealedByteLimit)
    guard wire.name.count == Self.nameByteCount, wire.size <= limit, wire.offset <= wire.size,
      UInt64(wire.bytes.count) <= wire.size - wire.offset
    else { return nil }
    let isQuestion = wire.digest.isEmpty && wire.size == 0
    guard isQuestion || wire.digest.count == HTTPBinding.digestByteCount && wire.size > 0 else {
      return nil
    }
    self.init(
      name: Array(wire.name), digest: Array(wire.digest), size: Int(wire.size),
      offset: Int(wire.offset), bytes: Array(wire.bytes))
  }
}

extension BlobHolding {
  /// Reads a BlobHoldings.
  static func list(message: [UInt8]) throws(BadMessage) -> [BlobHolding] {
    let wire: WireBlobHoldings = try decode(message, as: "a BlobHoldings")
    var holdings: [BlobHolding] = []
    holdings.reserveCapacity(wire.holdings.count)
    for holding in wire.holdings {
      guard holding.name.count == BlobPart.nameByteCount,
        holding.held <= UInt64(BlobHeader.sealedByteLimit)
      else { throw BadMessage("a BlobHoldings that says no holding of a blob") }
      holdings.append(
        BlobHolding(
          name: Array(holding.name), held: Int(holding.held), isComplete: holding.isComplete))
    }
    return holdings
  }

  static func message(of holdings: [BlobHolding]) -> [UInt8] {
    WireBlobHoldings.with {
      $0.holdings = holdings.map { holding in
        .with {
          $0.name = holding.name.asData
          $0.held = UInt64(holding.held)
          $0.isComplete = holding.isComplete
        }
      }
    }.encoded
  }
}
