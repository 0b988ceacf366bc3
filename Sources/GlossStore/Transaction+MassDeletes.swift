internal import GlossCore

// A sync that would delete much of the library at once is more often a mistake (a script on another machine, an application
// that took an empty folder for an emptied one) than a wish. Only records count that were here when the last sync was
// complete: a new replica learns of what was deleted over the years together with what it was deleted from.

extension Transaction {
  /// Refuses deletes that are too many.
  func check(_ massDeletes: MassDeletes) throws(StoreError) {
    guard case .refuse(let earlier) = massDeletes else { return }
    let count = earlier + hidden.count
    guard !hidden.isEmpty, count >= MassDeletes.least else { return }
    let total = try visibleCount() + count
    guard 2 * count >= total else { return }
    throw .massDelete(hidden.sorted(), of: total)
  }

  /// Returns the number of the newest record that was here when the last sync was complete, 0 before the first one.
  func caughtUpRecord() throws(StoreError) -> Int64 {
    var reader = ByteReader(try meta("caught-up") ?? [0])
    guard let number = try? reader.readVarint() else { throw corrupt("a number cannot be read") }
    return Int64(clamping: number)
  }

  /// The number of shown records up to ``baseline``.
  private func visibleCount() throws(StoreError) -> Int {
    var count = 0
    for kind in schema.kinds {
      let statement = try prepare(
        "SELECT count(*) FROM \"\(kind.name)\" WHERE NOT hidden AND id <= ?")
      statement.bind(baseline, at: 1)
      _ = try statement.step()
      count += Int(statement.integer(at: 0))
    }
    return count
  }
}

extension Replica {
  /// Notes that all that the hub has is here.
  package func noteCaughtUp() throws {
    let (known, newest) = try read { snapshot in
      (
        try snapshot.transaction.caughtUpRecord(),
        try snapshot.transaction.greatestRecordNumber()
      )
    }
    guard known != newest else { return }
    var writer = ByteWriter()
    writer.writeVarint(UInt64(newest))
    try setSetting("caught-up", to: writer.bytes)
  }
}
