internal import ArgumentParser
internal import Gloss
internal import GlossStore
internal import GlossSync

/// `gloss sync`
struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Send what the hub lacks, and take in what it has.",
    discussion: """
      A sync that is interrupted has lost nothing; the next one goes on where it ended.

      EXAMPLE
        gloss sync && gloss conflicts
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions

  func run() async throws {
    let library = try options.open()
    if try library.deviceNames()[library.replica.id] == nil {
      try library.nameDevice(Surroundings.hostName)
    }
    let transport = try library.transport()
    let report = try await transport.closing {
      try await library.sync(over: transport, sleep: Surroundings.sleep)
    }
    let conflicts = try library.conflicts().count
    if output.isJSON {
      return JSON.print([
        ("received", JSON(report.pulledChanges)), ("sent", JSON(report.pushedChanges)),
        ("records", JSON(report.changedRecords.count)), ("conflicts", JSON(conflicts)),
        ("requests", JSON(report.requests)),
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
