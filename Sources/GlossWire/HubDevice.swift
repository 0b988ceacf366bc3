/// A device that may use a library, as the hub knows it.
public struct HubDevice: Equatable, Sendable {
  /// The SHA-256 of its token: 32 bytes.
  public var tokenDigest: [UInt8]
  /// When it was enrolled, in milliseconds since the Unix epoch.
  public var createdMilliseconds: UInt64
  /// About when it last asked for anything, in milliseconds since the Unix epoch. A hub may keep this for a minute before
  /// it writes it down, and forget that minute.
  public var lastSeenMilliseconds: UInt64
  /// The index of the cursor of the page that it was sent last: the log up to there was sent to it. 0 for none.
  public var cursorIndex: UInt64
  /// The index of the cursor that it asked with last: it has applied, or set aside, the log up to there. 0 for none. A hub of before
  /// this says 0 of every device.
  public var appliedIndex: UInt64
  /// What it shows the others of its key, empty where it has not; opaque to the hub.
  public var card: [UInt8]

  public init(
    tokenDigest: [UInt8], createdMilliseconds: UInt64, lastSeenMilliseconds: UInt64,
    cursorIndex: UInt64, appliedIndex: UInt64 = 0, card: [UInt8] = []
  ) {
    self.tokenDigest = tokenDigest
    self.createdMilliseconds = createdMilliseconds
    self.lastSeenMilliseconds = lastSeenMilliseconds
    self.cursorIndex = cursorIndex
    self.appliedIndex = appliedIndex
    self.card = card
  }
}
