public import GlossCore

/// Which values of a replica's history may go.
public struct CompactionTerms: Hashable, Sendable {
  /// What every machine that is to have the whole history has applied: only what was replaced below it goes.
  public var acknowledged: Vector

  /// The time, in milliseconds since the Unix epoch, up to which a value has to be replaced to go.
  public var replacedUpTo: UInt64

  public init(acknowledged: Vector, replacedUpTo: UInt64) {
    self.acknowledged = acknowledged
    self.replacedUpTo = replacedUpTo
  }
}

/// What a compaction lets go of, or would.
public struct CompactionReport: Hashable, Sendable {
  /// The number of changes that lose values, which stay themselves.
  public package(set) var changeCount = 0

  /// The number of values that go.
  public package(set) var valueCount = 0

  /// How many bytes they have in the changes.
  public package(set) var byteCount = 0

  /// The number of large values that no change names then.
  public package(set) var blobCount = 0

  /// How many bytes they have.
  public package(set) var blobByteCount = 0

  /// The number of values that are old enough, and stay because what they were replaced by is not acknowledged.
  public package(set) var heldBackCount = 0

  /// The size of the file, with its write-ahead log, before.
  public package(set) var fileByteCountBefore = 0

  /// The size of the file, with its write-ahead log, afterwards: as before where nothing was done.
  public package(set) var fileByteCountAfter = 0
}
