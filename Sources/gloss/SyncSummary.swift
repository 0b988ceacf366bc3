internal import Gloss
internal import GlossStore
internal import GlossSync

/// What a sync came to: what came, what went, and what needs attention.
struct SyncSummary {
  private let report: SyncReport
  private let clockDifference: Int64?
  /// The conflicts that were not there before.
  private let newConflictCount: Int
  /// All that there are now.
  let conflicts: Set<OpenConflict>

  /// Looks at the library after a sync, and notes when that was.
  ///
  /// - Parameters:
  ///   - known: The conflicts from before.
  ///   - clock: What the hub said of its clock.
  init(
    _ report: SyncReport, of library: Library, knowing known: Set<OpenConflict>, _ clock: HubClock
  ) throws {
    self.report = report
    clockDifference = clock.difference
    conflicts = try library.openConflicts()
    newConflictCount = conflicts.subtracting(known).count
    try library.noteContact(
      HubContact(milliseconds: Surroundings.clock(), clockDifference: clockDifference))
  }

  /// Prints it on one line, or as one object.
  ///
  /// - Parameter time: What the line begins with.
  func print(asJSON isJSON: Bool, time: String = "") {
    if isJSON {
      return JSON.print([
        ("received", JSON(report.pulledChanges)), ("sent", JSON(report.pushedChanges)),
        ("conflicts", JSON(conflicts.count)), ("newConflicts", JSON(newConflictCount)),
        ("requests", JSON(report.requests)), ("setAside", JSON(report.setAside.count)),
        ("textsReceived", JSON(report.receivedBlobs)), ("textsSent", JSON(report.sentBlobs)),
        ("textsMissing", JSON(report.missingBlobs)),
        ("clockDifferenceMilliseconds", clockDifference.map { .integer($0) } ?? .null),
        ("device", JSON(report.renewal.map { "\($0.id)" })),
      ])
    }
    let attention = attention
    Output.line(
      time + "received " + Self.amount(report.pulledChanges, report.receivedBlobs)
        + ", sent " + Self.amount(report.pushedChanges, report.sentBlobs, isShort: true) + "; "
        + (attention.isEmpty
          ? "nothing needs attention" : Style.attention.on(attention.joined(separator: "; "))))
  }

  /// `3 changes and 1 text`
  private static func amount(_ changes: Int, _ texts: Int, isShort: Bool = false) -> String {
    (isShort && texts == 0 ? "\(changes)" : Shown.count(changes, "change"))
      + (texts == 0 ? "" : " and " + Shown.count(texts, "text"))
  }

  private var attention: [String] {
    var attention: [String] = []
    if !conflicts.isEmpty {
      let isNew = newConflictCount > 0 && newConflictCount < conflicts.count
      attention.append(
        Shown.count(conflicts.count, "conflict") + " to decide"
          + (isNew ? ", \(newConflictCount) new" : "") + ": gloss conflicts")
    }
    if !report.setAside.isEmpty {
      attention.append(
        Shown.count(report.setAside.count, "bundle") + " could not be taken in: gloss status")
    }
    if let difference = clockDifference, difference.magnitude >= HubClock.limit,
      let words = HubClock.words(for: difference)
    {
      attention.append("this clock is " + words)
    }
    return attention
  }
}

extension SyncPreview {
  /// Prints what a sync would do.
  func print(asJSON isJSON: Bool) {
    if isJSON {
      return JSON.print([
        ("dryRun", .bool(true)), ("receive", JSON(changesToReceive)),
        ("receiveBytes", bytesToReceive.map { JSON($0) } ?? .null),
        ("receiveMoreBytes", .bool(hasMoreToReceive)), ("receiveTexts", JSON(blobsToReceive)),
        ("send", JSON(changesToSend)), ("sendBytes", JSON(bytesToSend)),
        ("sendTexts", JSON(blobsToSend)), ("sendTextBytes", JSON(blobBytesToSend)),
      ])
    }
    let least = hasMoreToReceive ? "more than " : ""
    let received = bytesToReceive.map { least + Shown.size($0) } ?? "size not known"
    Output.line(
      "would receive " + Self.amount(changesToReceive, changesToReceive == 0 ? nil : received)
        + (blobsToReceive == 0 ? "" : " and \(Shown.count(blobsToReceive, "text"))")
        + ", send " + Self.amount(changesToSend, changesToSend == 0 ? nil : Shown.size(bytesToSend))
        + (blobsToSend == 0
          ? "" : " and \(Shown.count(blobsToSend, "text")) (\(Shown.size(blobBytesToSend)))"))
  }

  private static func amount(_ changes: Int, _ size: String?) -> String {
    Shown.count(changes, "change") + (size.map { " (\($0))" } ?? "")
  }
}
