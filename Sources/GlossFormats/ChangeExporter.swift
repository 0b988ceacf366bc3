public import Gloss
internal import GlossCore
internal import GlossCrypto
internal import GlossStore

/// Writes a library's changes as lines of JSON; `Protocol/export.md` says how.
///
/// Libraries that hold the same give the same bytes, on whatever machine, in whatever order it arrived there.
public struct ChangeExporter: Sendable {
  private let library: Library
  private let cursor: ExportCursor?

  /// What was written.
  public struct Report: Hashable, Sendable {
    public var changeCount: UInt64 = 0
    public var textCount = 0
    /// The values that name a text which is not on this machine.
    public var missingTextCount = 0
    /// The values that were replaced and that a compaction dropped, here or elsewhere.
    public var leftOutCount = 0
    /// Where the next export of the series begins.
    public var cursor: ExportCursor
  }

  /// - Parameter cursor: What the reader has already, `nil` for nothing.
  /// - Throws: `ExchangeError.cursorOfOtherLibrary`.
  public init(_ library: Library, since cursor: ExportCursor? = nil) throws(ExchangeError) {
    guard cursor?.isOf(library.replica.library) ?? true else { throw .cursorOfOtherLibrary }
    self.library = library
    self.cursor = cursor
  }

  /// Writes all of it, in one consistent view.
  ///
  /// - Parameters:
  ///   - sink: Takes the next bytes.
  ///   - progress: Is told of the number of changes, every thousand or so.
  /// - Throws: `StoreError`, or what `sink` throws.
  /// - Complexity: O(*n*) in time; in memory, the largest text.
  public func write(
    to sink: @escaping ([UInt8]) throws -> Void, progress: (ExportProgress) -> Void = { _ in }
  ) throws -> Report {
    try library.replica.read { snapshot in
      let held = try snapshot.vector()
      let known = cursor?.vector(of: held.replicas) ?? Vector()
      let end = ExportCursor(library.replica.library, held)
      var report = Report(cursor: cursor?.merged(with: end) ?? end)
      let total = held.replicas.reduce(0) { $0 + held[$1] - min(held[$1], known[$1]) }
      var lines = LineWriter(sink: sink)
      try lines.write { json in
        header(to: &json, held: held, changeCount: total, end: report.cursor)
      }
      var batch = Batch()
      try snapshot.eachLogItem(after: known) { item in
        try lines.write { json in json.logItem(item) }
        report.count(item)
        batch.add(item)
        guard batch.isFull(lines.byteCountSinceCheck) else { return }
        try lines.check(batch.ends)
        batch = Batch()
        progress(ExportProgress(doneCount: report.changeCount, totalCount: total))
      }
      if !batch.ends.isEmpty { try lines.check(batch.ends) }
      try lines.end(report, state: cursor == nil ? try snapshot.stateHash() : nil)
      progress(ExportProgress(doneCount: report.changeCount, totalCount: total))
      return report
    }
  }

  private func header(
    to json: inout JSONWriter, held: Vector, changeCount: UInt64, end: ExportCursor
  ) {
    json.object { json in
      json.member("type", ExportLine.header)
      json.name("version")
      json.integer(ExportLine.version)
      json.member("library", "\(library.replica.library)")
      json.name("changes")
      json.integer(changeCount)
      if let cursor { json.member("since", cursor.text) }
      json.member("cursor", end.text)
      json.name("vector")
      json.object { json in
        for replica in held.replicas.sorted() where held[replica] > 0 {
          json.name("\(replica)")
          json.integer(held[replica])
        }
      }
    }
  }
}

/// What was written since the last check.
private struct Batch {
  var ends: [ReplicaID: LogBatch.End] = [:]
  private var changeCount = 0
  private var isWithinThinRun = false

  mutating func add(_ item: LogItem) {
    guard case .change(let change, let tip) = item else { return }
    changeCount += 1
    isWithinThinRun = tip == nil
    if let tip { ends[change.dot.replica] = LogBatch.End(seq: change.dot.seq, tip: tip) }
  }

  func isFull(_ byteCount: Int) -> Bool {
    !isWithinThinRun && !ends.isEmpty
      && (changeCount >= ExportLine.batchChangeCount || byteCount >= ExportLine.batchByteCount)
  }
}

extension ChangeExporter.Report {
  fileprivate mutating func count(_ item: LogItem) {
    switch item {
    case .blob: textCount += 1
    case .missingBlob: missingTextCount += 1
    case .thin: break
    case .change(let change, _):
      changeCount += 1
      leftOutCount += change.writes.filter { $0.value == .leftOut }.count
    }
  }
}

/// Writes lines, and the hash over all before.
private struct LineWriter {
  let sink: ([UInt8]) throws -> Void
  private(set) var byteCountSinceCheck = 0
  private var json = JSONWriter()
  private var hash = RunningSHA256()

  init(sink: @escaping ([UInt8]) throws -> Void) {
    self.sink = sink
  }

  mutating func write(_ body: (inout JSONWriter) -> Void) throws {
    body(&json)
    guard !json.bytes.isEmpty else { return }
    json.endLine()
    byteCountSinceCheck += json.bytes.count
    hash.update(json.bytes)
    try sink(json.bytes)
    json.removeAll()
  }

  mutating func check(_ ends: [ReplicaID: LogBatch.End]) throws {
    let digest = hash.digest
    try write { json in
      json.object { json in
        json.member("type", ExportLine.check)
        json.name("tips")
        json.object { json in
          for (origin, end) in ends.sorted(by: { $0.key < $1.key }) {
            json.name("\(origin):\(end.seq)")
            json.text(hexadecimal(end.tip))
          }
        }
        json.member("sha256", hexadecimal(digest))
      }
    }
    byteCountSinceCheck = 0
  }

  mutating func end(_ report: ChangeExporter.Report, state: [UInt8]?) throws {
    let digest = hash.digest
    try write { json in
      json.object { json in
        json.member("type", ExportLine.end)
        json.name("changes")
        json.integer(report.changeCount)
        json.name("texts")
        json.integer(report.textCount)
        json.name("textsMissing")
        json.integer(report.missingTextCount)
        json.name("valuesLeftOut")
        json.integer(report.leftOutCount)
        if let state { json.member("state", hexadecimal(state)) }
        json.member("cursor", report.cursor.text)
        json.member("sha256", hexadecimal(digest))
      }
    }
  }
}
