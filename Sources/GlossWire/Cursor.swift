/// A place in a hub's log of a library.
public struct Cursor: Hashable, Sendable {
  /// Names the log; a log that was made anew has another name.
  public let log: [UInt8]

  /// The number of entries before this place.
  public let index: UInt64

  /// The first 16 bytes of the running hash of those entries, 16 zeros at the start.
  public let hash: [UInt8]

  /// Creates a cursor, or returns `nil` unless `log` and `hash` have 16 bytes each.
  public init?(log: [UInt8], index: UInt64, hash: [UInt8]) {
    guard log.count == 16, hash.count == 16 else { return nil }
    self.log = log
    self.index = index
    self.hash = hash
  }
}
