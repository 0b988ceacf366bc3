internal import GlossCore
internal import GlossWire

// Snapshots that clients send, and letting go of what they make needless.

extension Hub {
  /// Takes in a piece, once it is known to be the one that the request names.
  func keep(
    _ piece: [UInt8], _ index: UInt32, of snapshot: SnapshotID, in library: LibraryID,
    token: [UInt8]
  ) async throws(Problem) {
    let pushed: PushedPiece
    do throws(Problem) {
      pushed = try PushedPiece(piece, index, of: snapshot, in: library)
    } catch {
      // Who has no token learns nothing else.
      try await stored { try await storage.authorise(token, for: library) }
      throw error
    }
    do throws(Problem) {
      try await stored {
        try await storage.keep(
          pushed, token: token, byteLimit: limits.libraryByteCount, now: clock())
      }
    } catch {
      // What came of it so far would take up the room that is left for bundles.
      if error.type == .quotaExceeded {
        try await stored { try await storage.abandonSnapshot(of: pushed) }
      }
      throw error
    }
  }

  /// Returns the page as it is sent: it asks for a snapshot only if nobody else was asked lately. Now and then this is also the
  /// occasion to let go of what nobody needs.
  func settled(_ page: Page, of library: LibraryID, token: [UInt8]) async -> Page {
    var page = page
    let (end, now) = (page.cursor.index, clock())
    if !page.hasMore, await snapshotRequests.mayAsk(of: library, at: end, now: now) {
      let snapshot = try? await storage.newestSnapshot(of: library, token: token).cursor.index
      page.wantsSnapshot = await snapshotRequests.asks(of: library, at: end, snapshot: snapshot)
    }
    if await snapshotRequests.mayTidy(library, now: clock()) { await tidy(library) }
    return page
  }

  /// Lets go of what nobody needs any more, if the store can: nobody's request fails for it.
  func tidy(_ library: LibraryID) async {
    do {
      while try await storage.tidy(
        library, retention: limits.logRetention, entryLimit: Self.tidiedEntryCount, now: clock())
      {}
    } catch {
      report(error)
    }
  }

  /// How many entries are dropped in one transaction.
  private static let tidiedEntryCount = 1_000
}
