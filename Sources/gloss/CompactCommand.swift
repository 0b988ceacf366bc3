internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss compact`
struct CompactCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "compact", abstract: "Drop what was replaced long ago from this machine's file.",
    discussion: """
      What goes are texts and other values that were replaced longer ago than the
      time given, and that every machine has which the hub lets in. Every change
      stays, with its time and its place, and so does all that is shown and all of
      a record with an open conflict. So no machine that was away can bring
      anything back or find a conflict that is none.

      What is dropped is gone from this machine for good; others keep theirs.
      Then the file is written anew and becomes smaller, which for a moment takes
      up to twice its size on the disk.

      DURATION is a number and y, m, d, w or h (365 and 30 days for y and m), or
      none: nothing is kept that was replaced.

      EXAMPLE
        gloss compact --keep-history 1y --dry-run
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Option(
    name: .customLong("keep-history"),
    help: ArgumentHelp("How long a value stays once it is replaced.", valueName: "duration"))
  var keptHistory: String
  @Flag(name: .customLong("dry-run"), help: "Only say what would go.")
  var isDryRun = false
  @Flag(name: .customLong("yes"), help: "Do not ask.")
  var isConfirmed = false

  func validate() throws {
    guard Self.milliseconds(keptHistory) != nil else {
      throw ValidationError(
        "--keep-history takes a number and y, m, d, w or h, as in 1y, or none")
    }
  }

  func run() async throws {
    let library = try options.open()
    let plan = try await plan(library)
    if isDryRun {
      return print(try preview(plan, of: library), plan, done: false)
    }
    if !isConfirmed {
      let preview = try preview(plan, of: library)
      guard try isAgreed(preview, plan) else {
        throw Failure(
          .nothingWritten, "nothing was dropped",
          hint: "--dry-run says what would go, and asks nothing")
      }
    }
    let report = try ProgressBar.during("compacting") { bar in
      try library.compact(plan) { bar?.advance(to: $0, of: $1) }
    }
    print(report, plan, done: true)
  }

  private func preview(_ plan: CompactionPlan, of library: Library) throws -> CompactionReport {
    try ProgressBar.during("looking") { bar in
      try library.compactionPreview(plan) { bar?.advance(to: $0, of: $1) }
    }
  }

  private func plan(_ library: Library) async throws -> CompactionPlan {
    let milliseconds = Self.milliseconds(keptHistory) ?? 0
    guard try library.hubAddress() != nil else {
      return try await library.compactionPlan(keepingMilliseconds: milliseconds, over: nil)
    }
    let transport = try library.transport()
    return try await transport.closing {
      try await library.compactionPlan(keepingMilliseconds: milliseconds, over: transport)
    }
  }

  private func isAgreed(_ preview: CompactionReport, _ plan: CompactionPlan) throws -> Bool {
    guard preview.valueCount + preview.blobCount > 0 else { return true }
    let words = Self.words(preview)
    guard Prompt.isPossible else {
      throw Failure(
        .needsDecision, "this drops \(words), for good",
        hint: "give --yes, or look first with --dry-run")
    }
    Output.note("this drops \(words) from this machine, for good")
    return try Prompt.isAgreed("Drop them?")
  }

  private func print(_ report: CompactionReport, _ plan: CompactionPlan, done: Bool) {
    if output.isJSON {
      return JSON.print([
        ("done", .bool(done)), ("changes", JSON(report.changeCount)),
        ("values", JSON(report.valueCount)), ("bytes", JSON(report.byteCount)),
        ("texts", JSON(report.blobCount)), ("textBytes", JSON(report.blobByteCount)),
        ("heldBack", JSON(report.heldBackCount)),
        ("replacedUpTo", .text(CivilTime.exact(plan.terms.replacedUpTo))),
        ("fileBytesBefore", JSON(report.fileByteCountBefore)),
        ("fileBytesAfter", JSON(report.fileByteCountAfter)),
        ("waitingFor", .array(plan.waitingFor.map(Self.json))),
      ])
    }
    let isEmpty = report.valueCount == 0 && report.blobCount == 0
    Output.line(
      isEmpty ? "nothing to drop" : (done ? "dropped " : "would drop ") + Self.words(report))
    if done, !isEmpty {
      Output.line(
        "the file has \(Shown.size(report.fileByteCountAfter)), before "
          + Shown.size(report.fileByteCountBefore))
    }
    guard report.heldBackCount > 0 else { return }
    Output.note(
      "\(Shown.count(report.heldBackCount, "value")) of that age "
        + (report.heldBackCount == 1 ? "stays" : "stay")
        + ": not every machine has told that it has what came after")
    for device in plan.waitingFor {
      guard let account = device.account else { continue }
      Output.note(
        "  \(DevicesCommand.name(device)): \(Shown.count(Int(clamping: account.bundlesUnconfirmed), "bundle"))"
          + " to tell of, last heard from \(CivilTime.minute(account.lastSeen))")
    }
    Output.note(
      plan.waitingFor.isEmpty
        ? "hint: gloss sync sends what the hub does not have"
        : "hint: let them sync, twice where one only fetched, or revoke them: gloss devices revoke")
  }

  private static func words(_ report: CompactionReport) -> String {
    "\(Shown.count(report.valueCount, "value")) of \(Shown.count(report.changeCount, "change"))"
      + " (\(Shown.size(report.byteCount)))"
      + (report.blobCount == 0
        ? ""
        : " and \(Shown.count(report.blobCount, "text")) (\(Shown.size(report.blobByteCount)))")
  }

  private static func json(_ device: Device) -> JSON {
    .object([
      ("id", JSON(device.id.map { "\($0)" })), ("name", JSON(device.name)),
      ("lastSeen", JSON(device.account.map { CivilTime.exact($0.lastSeen) })),
      ("bundles", device.account.map { JSON(Int(clamping: $0.bundlesUnconfirmed)) } ?? .null),
    ])
  }

  /// Reads `1y`, `6m`, `90d`, `2w`, `12h` and `none`; `nil` for everything else.
  static func milliseconds(_ text: String) -> UInt64? {
    if text.hasSameBytes(as: "none") { return 0 }
    let digits = text.utf8.dropLast()
    guard let unit = text.utf8.last, !digits.isEmpty, digits.count <= 6,
      digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = UInt64(Substring(digits))
    else { return nil }
    let hours: UInt64
    switch unit {
    case UInt8(ascii: "h"): hours = 1
    case UInt8(ascii: "d"): hours = 24
    case UInt8(ascii: "w"): hours = 7 * 24
    case UInt8(ascii: "m"): hours = 30 * 24
    case UInt8(ascii: "y"): hours = 365 * 24
    default: return nil
    }
    return number * hours * 3_600_000
  }
}
