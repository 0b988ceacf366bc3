/// The sizes that every replica holds to, so that what one accepts no other refuses.
public enum Limits {
  /// The greatest number of a change: 2^40 - 1.
  public static let seq: UInt64 = 1 << 40 - 1

  /// Parents of one write.
  public static let parents = 64

  /// Heads that a delete covers.
  public static let covers = 4_096

  /// Writes of one change.
  public static let writes = 256

  /// UTF-8 bytes of a kind's or field's name.
  public static let nameByteCount = 200

  /// Bytes of a value that is stored in the change itself.
  public static let valueByteCount = 256 * 1_024

  /// Bytes of all values of one change.
  public static let changeByteCount = 1_024 * 1_024

  /// Bytes of a large value stored beside the changes.
  public static let blobByteCount = 8 * 1_024 * 1_024

  /// Heads that a register keeps open: an edit that would leave more also names the oldest losers.
  public static let heads = 32
}
