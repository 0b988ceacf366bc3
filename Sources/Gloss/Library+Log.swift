public import GlossCore
public import GlossStore

/// A change in the log of a library, as a person reads it.
public struct LogLine: Sendable {
  /// The record that was written to.
  public let key: RecordKey
  /// What to call the record, as it is now; `nil` for one of another kind than the reader's.
  public let headline: String?
  /// The change's identity.
  public let dot: Dot
  /// When it was made, in milliseconds since the Unix epoch by the clock of the machine that made it.
  public let milliseconds: UInt64
  /// The fields written, in order.
  public let writes: [HistoryLine.FieldWrite]

  /// Whether the record was made by it.
  public var isFirst: Bool {
    writes.contains { $0.field == ReadingField.saved && $0.old == nil }
  }
}

extension Library {
  /// Reads the changes of the library, the newest first, in memory that does not grow with their number.
  ///
  /// - Parameters:
  ///   - query: Which. Its kinds are names of the schema; those of ``ReadingKind`` are the reader's.
  ///   - body: Is given one after another.
  public func log(_ query: LogQuery, _ body: (LogLine) -> Void) throws(LibraryError) {
    try reading { snapshot in
      var headlines: [RecordKey: String?] = [:]
      try snapshot.eachChange(query) { logged in
        let change = logged.change
        let key = RecordKey(change.kind, change.record)
        if headlines.count > 1_000 { headlines = [:] }
        if headlines[key] == nil {
          headlines[key] = try snapshot.record(key).flatMap { Item(RecordFields($0)) }?.headline
        }
        body(
          LogLine(
            key: key, headline: headlines[key] ?? nil, dot: change.dot,
            milliseconds: change.timestamp.milliseconds,
            writes: change.writes.map { write in
              HistoryLine.FieldWrite(write, replaced: logged.replaced[write.field] ?? [])
            }))
      }
    }
  }

  /// Returns the names of all kinds of the library, those that programs keep for themselves too.
  public static let allKinds = Schema.reading.kinds.map(\.name)
}
