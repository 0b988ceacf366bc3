internal import GlossWire

/// Where the entries of a log begin that are still kept: those in front were dropped.
struct LogStart: Equatable, Sendable {
  /// The number of entries dropped.
  var index: UInt64 = 0
  /// The running hash of those.
  var hash: [UInt8] = LogState.emptyHash

  /// Checks that an index is a place in a log of so many entries.
  ///
  /// - Throws: `compacted` where entries behind it were dropped, `cursorUnknown` where the log does not go as far.
  func check(_ index: UInt64, end: UInt64) throws(Problem) {
    guard index >= self.index else { throw .compacted }
    guard index <= end else { throw .cursorUnknown }
  }

  /// Checks that a page can begin at a cursor.
  ///
  /// - Parameters:
  ///   - log: The name of the log.
  ///   - hash: The running hash of the entry before the cursor's place, `nil` where there is no such entry.
  /// - Throws: `compacted` where entries behind the cursor were dropped, `cursorUnknown` where the log never had its place.
  func check(_ cursor: Cursor?, inLog log: [UInt8], hash: [UInt8]?) throws(Problem) {
    guard let cursor else {
      guard index == 0 else { throw .compacted }
      return
    }
    guard cursor.log == log else { throw .cursorUnknown }
    // What was dropped had a hash there, which nobody knows any more.
    guard cursor.index >= index else { throw .compacted }
    guard (cursor.index == index ? self.hash : hash) == cursor.hash else { throw .cursorUnknown }
  }
}
