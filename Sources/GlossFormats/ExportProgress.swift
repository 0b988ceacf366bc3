/// How far an export, an import, a backup or a restore is.
public struct ExportProgress: Hashable, Sendable {
  /// How much is done, and of how much where that is known: changes, or bytes of a backup.
  public var doneCount: UInt64
  public var totalCount: UInt64?

  public init(doneCount: UInt64, totalCount: UInt64?) {
    self.doneCount = doneCount
    self.totalCount = totalCount
  }
}
