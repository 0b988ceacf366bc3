internal import ArgumentParser
internal import Gloss
internal import GlossStore
internal import GlossSync

/// `gloss sync`
struct SyncCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync", abstract: "Send what the hub lacks, and take in what it has.",
    discussion: """
      A sync that is interrupted has lost nothing; the next one goes on where it
      ended. What cannot be taken in, such as changes that a newer gloss wrote, is
      kept and tried again, and holds up nothing else. A sync that would delete
      half of the library or more stops and asks.

      With --watch it stays, takes in what others write as soon as the hub has it,
      and sends what is written here by whichever command. Ctrl-C ends it. It
      waits out what may pass, such as no network.

      With --lazy-text the texts of articles stay on the hub, until one is shown with
      gloss show --text or a sync without it fetches all.

      Where the library's key is under a passphrase (gloss help passphrase), it is
      asked for once.

      With --dry-run it only asks the hub what it has, and says what would go and
      come. Nothing is written, here or there.

      EXAMPLE
        gloss sync && gloss conflicts
        gloss sync --dry-run
        gloss sync --watch
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Flag(help: "Delete what the hub's changes delete, be it half of the library or more.")
  var acceptMassDelete = false
  @Flag(help: "Stay, and sync whenever there is something new here or at the hub.")
  var watch = false
  @Flag(help: "Leave texts of articles on the hub until they are shown.")
  var lazyText = false
  @Flag(name: .customLong("dry-run"), help: "Only say what would go and come.")
  var isDryRun = false

  func validate() throws {
    if isDryRun, watch { throw ValidationError("give either --dry-run or --watch") }
  }

  func run() async throws {
    if isDryRun { return try await preview() }
    let library = try options.open()
    if try library.deviceNames()[library.replica.id] == nil {
      try library.nameDevice(Surroundings.hostName)
    }
    let clock = HubClock()
    let meter = SyncMeter()
    let transport = try library.transport(
      hubClock: clock, onBytes: Terminal.messages.isTerminal ? meter.note : nil)
    let before = library.renewal
    defer {
      // Also where the sync did not come to its end.
      if let renewal = library.renewal, renewal != before {
        try? Notices.tell(of: renewal, in: library)
      }
    }
    let massDeletes: MassDeletePolicy = acceptMassDelete ? .accept : .refuse
    let texts: LargeValues = lazyText ? .leave : .fetch
    if watch {
      return try await transport.closing {
        try library.unlockIfLocked()
        try await Watching.untilStopped(
          library, over: transport, hubClock: clock, massDeletes: massDeletes, texts: texts,
          asJSON: output.isJSON)
      }
    }
    let known = try library.openConflicts()
    let report = try await transport.closing {
      try library.unlockIfLocked()
      return try await ProgressBar.during("syncing", unit: "bytes") { bar in
        meter.begin(try library.unsent(), bar)
        return try await library.sync(
          over: transport, massDeletes: massDeletes, texts: texts, sleep: Surroundings.sleep,
          progress: meter.note)
      }
    }
    let summary = try SyncSummary(report, of: library, knowing: known, clock)
    summary.print(asJSON: output.isJSON)
    if !output.isJSON { report.tellOfMissingTexts(texts) }
    let failures = report.failures
    for failure in failures.dropFirst() { failure.report() }
    if let failure = failures.first { throw failure }
  }

  private func preview() async throws {
    let library = try options.open(.readOnly)
    let transport = try library.transport()
    let preview = try await transport.closing {
      try library.unlockIfLocked()
      return try await library.syncPreview(over: transport, sleep: Surroundings.sleep)
    }
    preview.print(asJSON: output.isJSON)
  }
}

extension SyncReport {
  /// Says how many texts are not here, and how they come.
  func tellOfMissingTexts(_ texts: LargeValues) {
    let count = missingBlobs - refusedBlobs.count
    guard count > 0 else { return }
    let isOne = count == 1
    switch texts {
    case .leave:
      Output.note(
        "\(Shown.count(count, "text")) \(isOne ? "stays" : "stay") on the hub: gloss show ID --text "
          + "fetches one, gloss sync all")
    case .fetch:
      Output.note(
        "\(Shown.count(count, "text")) \(isOne ? "is" : "are") not on the hub yet: "
          + "gloss sync on the machine that has \(isOne ? "it sends it" : "them sends them")")
    }
  }

  /// What is to be said of the bundles that are set aside and of texts that were altered. What waits behind another bundle
  /// of its device is no news of its own.
  var failures: [Failure] {
    setAside.filter { $0.reason != .behind }.map { Failure($0) }
      + (refusedBlobs.isEmpty ? [] : [.alteredTexts(refusedBlobs.count)])
  }
}
