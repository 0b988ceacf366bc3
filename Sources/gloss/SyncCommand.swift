internal import ArgumentParser
internal import Gloss
internal import GlossStore
internal import GlossSync

/// `gloss sync`
struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Send what the hub lacks, and take in what it has.",
    discussion: """
      A sync that is interrupted has lost nothing; the next one goes on where it ended. What cannot be
      taken in, such as changes that a newer gloss wrote, is kept and tried again, and holds up nothing
      else. A sync that would delete half of the library or more stops and asks.

      EXAMPLE
        gloss sync && gloss conflicts
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Flag(help: "Delete what the hub's changes delete, be it half of the library or more.")
  var acceptMassDelete = false

  func run() async throws {
    let library = try options.open()
    if try library.deviceNames()[library.replica.id] == nil {
      try library.nameDevice(Surroundings.hostName)
    }
    let transport = try library.transport()
    let before = library.renewal
    defer {
      // Also where the sync did not come to its end.
      if let renewal = library.renewal, renewal != before {
        try? Notices.tell(of: renewal, in: library)
      }
    }
    let report = try await transport.closing {
      try await library.sync(
        over: transport, massDeletes: acceptMassDelete ? .accept : .refuse,
        sleep: Surroundings.sleep)
    }
    try print(report, conflicts: try library.conflicts().count)
    // What waits behind another bundle of its device is no news of its own.
    let failures = report.setAside.filter { $0.reason != .behind }.map { Failure($0) }
    for failure in failures.dropFirst() { failure.report() }
    if let failure = failures.first { throw failure }
  }

  private func print(_ report: SyncReport, conflicts: Int) throws {
    if output.isJSON {
      return JSON.print([
        ("received", JSON(report.pulledChanges)), ("sent", JSON(report.pushedChanges)),
        ("records", JSON(report.changedRecords.count)), ("conflicts", JSON(conflicts)),
        ("requests", JSON(report.requests)), ("setAside", JSON(report.setAside.count)),
        ("device", JSON(report.renewal.map { "\($0.id)" })),
      ])
    }
    let attention =
      conflicts == 0
      ? "nothing needs attention"
      : "\(Shown.count(conflicts, "conflict")) to decide: gloss conflicts"
    Output.line(
      "received \(Shown.count(report.pulledChanges, "change")), sent \(report.pushedChanges); \(attention)"
    )
  }
}
