public import GlossCore

/// A snapshot that a hub has: everything up to a place in its log, made by a client, in sealed pieces.
public struct SnapshotDescription: Equatable, Sendable {
  /// Names the snapshot: 16 random bytes.
  public var id: SnapshotID
  /// The place in the log up to which it holds everything.
  public var cursor: Cursor
  /// The number of pieces besides the head, which is piece 0.
  public var pieceCount: UInt32

  public init(id: SnapshotID, cursor: Cursor, pieceCount: UInt32) {
    self.id = id
    self.cursor = cursor
    self.pieceCount = pieceCount
  }

  /// The greatest number of a piece.
  public static let pieceLimit: UInt32 = 65_535
}

/// Names a snapshot.
public struct SnapshotID: Identifier {
  public let value: UInt128

  public init(_ value: UInt128) { self.value = value }
}
