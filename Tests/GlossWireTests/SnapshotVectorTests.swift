import Foundation
import GlossCore
import GlossSeal
import GlossWire
import Testing

/// The shape of Protocol/vectors/snapshots.json, which `Protocol/reference/snapshot_cases.py` makes.
private struct SnapshotVectors: Decodable {
  var root, library, snapshot, salt: HexadecimalBytes
  var heads: [Head]
  var pieces: [Piece]
  var badHeads, badPieces: [BadContent]
  var badSeals: [BadSeal]

  struct Head: Decodable {
    var name, cursor: String
    var pieceCount: UInt32
    var isWhole: Bool
    var ends: [End]
    var message, sealed: HexadecimalBytes
  }

  struct End: Decodable {
    var replica, tip: HexadecimalBytes
    var lastSeq: String
  }

  struct Piece: Decodable {
    var name: String
    var index: UInt32
    var runs: [Run]
    var message, sealed: HexadecimalBytes
  }

  struct Run: Decodable {
    var origin, previousTip, tip: HexadecimalBytes
    var first, last: String
    var canonical: [HexadecimalBytes]
  }

  struct BadContent: Decodable {
    var name, error: String
    var content: HexadecimalBytes
  }

  struct BadSeal: Decodable {
    var name, error: String
    var piece: HexadecimalBytes
  }
}

/// Protocol/vectors/snapshots.json, which another implementation in another language made.
struct SnapshotVectorTests {
  private let vectors: SnapshotVectors
  private let library: LibraryID
  private let snapshot: SnapshotID
  private let sealer: Sealer

  init() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../Protocol/vectors/snapshots.json").standardized
    vectors = try JSONDecoder().decode(SnapshotVectors.self, from: Data(contentsOf: file))
    library = try #require(LibraryID(bytes: vectors.library.bytes))
    snapshot = try #require(SnapshotID(bytes: vectors.snapshot.bytes))
    sealer = Sealer(root: try #require(RootKey(bytes: vectors.root.bytes)), library: library)
    try #require(vectors.heads.count >= 3 && vectors.pieces.count >= 5)
    try #require(vectors.badHeads.count >= 14 && vectors.badPieces.count >= 15)
    try #require(vectors.badSeals.count >= 15)
  }

  /// Opens what is sealed behind a header, which is compared, and seals it again to the same bytes.
  private func open(_ index: UInt32, _ piece: [UInt8], _ name: String) throws -> [UInt8] {
    let header = SnapshotHeader(library: library, epoch: 1, snapshot: snapshot, index: index)
    #expect(try SnapshotHeader(of: piece) == header, "\(name)")
    #expect(header.bytes == Array(piece.prefix(SnapshotHeader.byteCount)), "\(name)")
    let content = try sealer.open(
      piece[SnapshotHeader.byteCount...], as: .snapshot, authenticating: header.bytes, epoch: 1)
    let sealed = sealer.seal(
      content, as: .snapshot, authenticating: header.bytes, epoch: 1, salt: vectors.salt.bytes)
    #expect(header.bytes + sealed == piece, "\(name)")
    return content
  }

  private func message(_ frame: [UInt8]) throws -> [UInt8] {
    try Zstandard.decompress(frame[...], limit: BundleContent.byteLimit)
  }

  @Test func `heads open to what the vectors say, and are written byte for byte`() throws {
    for vector in vectors.heads {
      let head = try SnapshotHead(decoding: try open(0, vector.sealed.bytes, vector.name))
      #expect(head.cursor.text == vector.cursor, "\(vector.name)")
      #expect(head.pieceCount == vector.pieceCount, "\(vector.name)")
      #expect(head.isWhole == vector.isWhole, "\(vector.name)")
      #expect(head.ends.count == vector.ends.count, "\(vector.name)")
      for end in vector.ends {
        let replica = try #require(ReplicaID(bytes: end.replica.bytes))
        #expect(
          head.ends[replica]
            == SnapshotHead.End(lastSeq: try #require(UInt64(end.lastSeq)), tip: end.tip.bytes))
      }
      #expect(try message(head.encoded()) == vector.message.bytes, "\(vector.name)")
    }
  }

  @Test func `pieces open to what the vectors say, and are written byte for byte`() throws {
    for vector in vectors.pieces {
      let piece = try SnapshotPiece(
        decoding: try open(vector.index, vector.sealed.bytes, vector.name))
      #expect(piece.runs.count == vector.runs.count, "\(vector.name)")
      for (run, said) in zip(piece.runs, vector.runs) {
        #expect(run.origin.bytes == said.origin.bytes, "\(vector.name)")
        #expect("\(run.first) \(run.last)" == "\(said.first) \(said.last)", "\(vector.name)")
        #expect(run.previousTip == said.previousTip.bytes && run.tip == said.tip.bytes)
        #expect(
          run.content.changes.map(canonical) == said.canonical.map(\.bytes), "\(vector.name)")
        #expect(run.content.changes.map(\.dot.seq) == Array(run.first...run.last))
      }
      #expect(try message(piece.encoded()) == vector.message.bytes, "\(vector.name)")
    }
  }

  @Test func `bad heads and pieces are refused as in the vectors`() {
    for vector in vectors.badHeads {
      #expect(
        outcome { _ = try SnapshotHead(decoding: vector.content.bytes) } == vector.error,
        "\(vector.name)")
    }
    for vector in vectors.badPieces {
      #expect(
        outcome { _ = try SnapshotPiece(decoding: vector.content.bytes) } == vector.error,
        "\(vector.name)")
    }
  }

  @Test func `what is not the piece that was asked for is refused as in the vectors`() {
    let wanted = SnapshotHeader(library: library, epoch: 1, snapshot: snapshot, index: 1)
    for vector in vectors.badSeals {
      let found = outcome {
        let header = try SnapshotHeader(of: vector.piece.bytes)
        var expected = wanted
        expected.epoch = header.epoch
        guard header == expected else { throw OtherPiece.otherPiece }
        _ = try sealer.open(
          vector.piece.bytes[SnapshotHeader.byteCount...], as: .snapshot,
          authenticating: header.bytes, epoch: header.epoch)
      }
      #expect(found == vector.error, "\(vector.name)")
    }
  }

  private enum OtherPiece: Error { case otherPiece }

  private func outcome(_ body: () throws -> Void) -> String {
    do {
      try body()
      return "taken in"
    } catch {
      return String("\(error)".prefix { $0 != "(" })
    }
  }
}
