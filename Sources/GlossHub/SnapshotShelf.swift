internal import GlossWire

// Snapshots, and the start of the log
// ===================================
//
// A client makes a snapshot of the log up to a place, and from then on that part of the log is needed only by who has read
// some of it. So it is dropped once the snapshot has been there for as long as the operator says: a device that was away for
// longer begins anew with the newest snapshot, which holds all that the dropped entries brought and more.
//
// In a busy library the newest snapshot is never old. What lets the log be dropped is therefore any snapshot that is old
// enough, up to the place of that one: a row stays of each (``SnapshotShelf/Item``), while its pieces go once a newer one is
// there. The pieces of the one before stay for an hour, for readers in the middle of it.

/// The snapshots of a library, and what a hub does with them.
struct SnapshotShelf: Sendable {
  /// What is kept of a snapshot.
  struct Item: Sendable {
    var id: SnapshotID
    /// When its first piece came.
    var created: Int64
    /// When it was whole, where in the log it ends, and how many pieces it has; `nil` while it is being sent.
    var completion: Completion?
    /// Whether its pieces are here.
    var hasPieces = true
  }

  struct Completion: Sendable {
    var milliseconds: Int64
    var cursor: Cursor
    var pieceCount: UInt32
  }

  private let items: [Item]

  init(_ items: [Item]) { self.items = items }

  /// How long pieces of a snapshot that nobody completed are kept, in milliseconds.
  static let incompleteMilliseconds: Int64 = 24 * 60 * 60 * 1_000

  /// How long the pieces of a snapshot are kept after a newer one was completed, in milliseconds.
  static let formerMilliseconds: Int64 = 60 * 60 * 1_000

  /// The snapshot that ends furthest in the log, of those that are whole.
  var newest: SnapshotDescription? {
    items.compactMap { item in
      item.completion.map {
        SnapshotDescription(id: item.id, cursor: $0.cursor, pieceCount: $0.pieceCount)
      }
    }.max { $0.cursor.index < $1.cursor.index }
  }

  /// Whether the snapshot of this identifier is whole, so that no piece of it is taken in any more.
  func isComplete(_ id: SnapshotID) -> Bool {
    items.contains { $0.id == id && $0.completion != nil }
  }

  /// Decides whether a snapshot becomes the newest.
  ///
  /// - Parameters:
  ///   - pieceCount: How many of its pieces are here, the head among them.
  ///   - hasLast: Whether the last of them is.
  /// - Returns: Whether there is anything to write: a repeat changes nothing.
  /// - Throws: `snapshotRefused`.
  func admits(
    _ snapshot: SnapshotDescription, pieceCount: Int, hasLast: Bool
  ) throws(Problem) -> Bool {
    if let completion = items.first(where: { $0.id == snapshot.id })?.completion {
      guard completion.cursor == snapshot.cursor, completion.pieceCount == snapshot.pieceCount
      else { throw .snapshotRefused("this snapshot is complete, with another description") }
      return false
    }
    guard pieceCount == Int(snapshot.pieceCount) + 1, hasLast else {
      throw .snapshotRefused("the snapshot has not the pieces that it is said to have")
    }
    if let newest, newest.cursor.index >= snapshot.cursor.index {
      throw .snapshotRefused("there is a snapshot up to there or further")
    }
    return true
  }

  /// What can be let go of.
  struct Tidying: Equatable, Sendable {
    /// Snapshots whose pieces go.
    var pieces: [SnapshotID] = []
    /// Snapshots of which nothing stays.
    var rows: [SnapshotID] = []
    /// The number of entries that the log is to begin after.
    var logStart: UInt64

    /// Whether nothing is to be let go of in a log that begins there.
    func isNothing(after start: LogStart) -> Bool {
      pieces.isEmpty && rows.isEmpty && logStart == start.index
    }
  }

  /// Says what can be let go of.
  ///
  /// - Parameters:
  ///   - retention: How long the log is kept after a snapshot was made of it, in milliseconds; `nil` for ever.
  ///   - logStart: The number of entries that were dropped.
  func tidying(at now: Int64, retention: Int64?, logStart: UInt64) -> Tidying {
    var tidying = Tidying(logStart: logStart)
    guard let newest else {
      for item in items where item.created <= now - Self.incompleteMilliseconds {
        tidying.pieces.append(item.id)
        tidying.rows.append(item.id)
      }
      return tidying
    }
    let newestTime = items.first { $0.id == newest.id }?.completion?.milliseconds ?? now
    for item in items where item.id != newest.id {
      guard let completion = item.completion else {
        guard item.created <= now - Self.incompleteMilliseconds else { continue }
        tidying.pieces.append(item.id)
        tidying.rows.append(item.id)
        continue
      }
      let isFormer = newestTime <= now - Self.formerMilliseconds
      if item.hasPieces, isFormer { tidying.pieces.append(item.id) }
      if isFormer || !item.hasPieces, retention == nil || completion.cursor.index <= logStart {
        tidying.rows.append(item.id)
      }
    }
    if let retention {
      let places = items.compactMap(\.completion).filter { $0.milliseconds <= now - retention }
      tidying.logStart = max(logStart, places.map(\.cursor.index).max() ?? 0)
    }
    return tidying
  }
}
