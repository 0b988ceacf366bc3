internal import GlossCore
internal import GlossStore
public import GlossSync

// What a library's machines agree on stands in a record of its own, which syncs like any other: of the kind `library`, with the
// library's identifier.

extension Library {
  /// Returns what machines that join later get of the library's past, as far as word of it has arrived here.
  public func snapshotHistory() throws(LibraryError) -> SnapshotHistory {
    let record = try reading { try $0.record(policyKey) }
    guard case .text(let text)? = record?[ReadingField.history] else { return .whole }
    return SnapshotHistory(rawValue: text) ?? .whole
  }

  /// Says what machines that join later get of the library's past. What others have already they keep.
  public func setSnapshotHistory(_ history: SnapshotHistory) throws(LibraryError) {
    guard try snapshotHistory() != history else { return }
    try writeValues([ReadingField.history: .text(history.rawValue)], of: policyKey)
  }

  private var policyKey: RecordKey {
    RecordKey(ReadingField.library, RecordID(replica.library.value))
  }
}
