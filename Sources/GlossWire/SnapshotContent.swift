package import GlossCore
internal import SwiftProtobuf

/// What the sealed head of a snapshot holds, its piece 0.
package struct SnapshotHead: Equatable, Sendable {
  /// The place in the hub's log up to which the snapshot holds everything.
  package var cursor: Cursor
  /// The number of pieces besides the head.
  package var pieceCount: UInt32
  /// What the pieces come to: the last change of each replica, and the tip there (32 bytes, the tip itself).
  package var ends: [ReplicaID: End]
  /// Whether the pieces have every value that was written; otherwise some that were replaced are left out.
  package var isWhole: Bool

  package init(cursor: Cursor, pieceCount: UInt32, ends: [ReplicaID: End], isWhole: Bool) {
    self.cursor = cursor
    self.pieceCount = pieceCount
    self.ends = ends
    self.isWhole = isWhole
  }

  /// Where a replica's run of changes ends.
  package struct End: Hashable, Sendable {
    package var lastSeq: UInt64
    package var tip: [UInt8]

    package init(lastSeq: UInt64, tip: [UInt8]) {
      self.lastSeq = lastSeq
      self.tip = tip
    }
  }
}

/// What every other sealed piece of a snapshot holds: runs of changes, to be applied in order.
package struct SnapshotPiece: Equatable, Sendable {
  package var runs: [Run]

  package init(runs: [Run]) { self.runs = runs }

  /// A contiguous run of one replica's changes.
  package struct Run: Equatable, Sendable {
    package var origin: ReplicaID
    /// The number of the first change.
    package var first: UInt64
    /// The tips before the first change and after the last: 32 bytes each, the tips themselves.
    package var previousTip: [UInt8]
    package var tip: [UInt8]
    /// The changes, one at least.
    package var content: BundleContent

    package init(
      origin: ReplicaID, first: UInt64, previousTip: [UInt8], tip: [UInt8], content: BundleContent
    ) {
      self.origin = origin
      self.first = first
      self.previousTip = previousTip
      self.tip = tip
      self.content = content
    }

    /// The number of the last change.
    package var last: UInt64 { first + UInt64(content.changes.count) - 1 }
  }
}

extension SnapshotHead {
  /// Returns the head as one compressed message: what is sealed.
  package func encoded() -> [UInt8] {
    Zstandard.compress(
      WireSnapshotHead.with {
        $0.cursor = WireCursor(cursor)
        $0.pieceCount = pieceCount
        $0.isWhole = isWhole
        $0.origins = ends.sorted { $0.key < $1.key }.map { replica, end in
          .with {
            $0.replica = replica.bytes.asData
            $0.lastSeq = end.lastSeq
            $0.tip = end.tip.asData
          }
        }
      }.encoded)
  }

  /// Reads what ``encoded()`` wrote.
  package init(decoding bytes: [UInt8]) throws(BundleContent.Malformed) {
    let message: WireSnapshotHead = try decode(bytes)
    guard message.unknownFields.data.isEmpty,
      message.origins.allSatisfy(\.unknownFields.data.isEmpty)
    else { throw .newerVersion }
    guard let cursor = try? message.cursor.value(),
      message.pieceCount <= SnapshotDescription.pieceLimit
    else { throw .badColumns }
    var ends: [ReplicaID: End] = [:]
    for origin in message.origins {
      guard let replica = ReplicaID(bytes: origin.replica), ends[replica] == nil,
        (1...Limits.seq).contains(origin.lastSeq), origin.tip.count == BundleHeader.tipByteCount
      else { throw .badColumns }
      ends[replica] = End(lastSeq: origin.lastSeq, tip: Array(origin.tip))
    }
    self.init(
      cursor: cursor, pieceCount: message.pieceCount, ends: ends, isWhole: message.isWhole)
  }
}

extension SnapshotPiece {
  /// Returns the piece as one compressed message: what is sealed.
  package func encoded() -> [UInt8] {
    Zstandard.compress(
      WireSnapshotPiece.with {
        $0.runs = runs.map { run in
          .with {
            $0.origin = run.origin.bytes.asData
            $0.first = run.first
            $0.previousTip = run.previousTip.asData
            $0.tip = run.tip.asData
            $0.content = run.content.message().asData
          }
        }
      }.encoded)
  }

  /// Reads what ``encoded()`` wrote.
  package init(decoding bytes: [UInt8]) throws(BundleContent.Malformed) {
    let message: WireSnapshotPiece = try decode(bytes)
    guard message.unknownFields.data.isEmpty,
      message.runs.allSatisfy(\.unknownFields.data.isEmpty)
    else { throw .newerVersion }
    runs = []
    for run in message.runs {
      guard let origin = ReplicaID(bytes: run.origin), run.first >= 1, run.first <= Limits.seq,
        run.previousTip.count == BundleHeader.tipByteCount,
        run.tip.count == BundleHeader.tipByteCount
      else { throw .badColumns }
      let content = try BundleContent(
        message: Array(run.content), origin: origin, first: run.first, count: nil)
      runs.append(
        Run(
          origin: origin, first: run.first, previousTip: Array(run.previousTip),
          tip: Array(run.tip), content: content))
    }
  }
}

/// Unfolds and reads one message, its size bounded.
private func decode<M: Message>(_ bytes: [UInt8]) throws(BundleContent.Malformed) -> M {
  let message: [UInt8]
  do {
    message = try Zstandard.decompress(bytes[...], limit: BundleContent.byteLimit)
  } catch {
    throw .badCompression
  }
  do {
    return try M(serializedBytes: message)
  } catch {
    throw .badColumns
  }
}
