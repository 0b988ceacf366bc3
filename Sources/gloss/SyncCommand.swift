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

      Where the library's key is under a passphrase (gloss help passphrase), it is
      asked for once.

      EXAMPLE
        gloss sync && gloss conflicts
        gloss sync --watch
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions
  @Flag(help: "Delete what the hub's changes delete, be it half of the library or more.")
  var acceptMassDelete = false
  @Flag(help: "Stay, and sync whenever there is something new here or at the hub.")
  var watch = false

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
    let massDeletes: MassDeletePolicy = acceptMassDelete ? .accept : .refuse
    if watch {
      return try await transport.closing {
        try library.unlockIfLocked()
        try await Watching.untilStopped(
          library, over: transport, massDeletes: massDeletes, asJSON: output.isJSON)
      }
    }
    let report = try await transport.closing {
      try library.unlockIfLocked()
      return try await library.sync(
        over: transport, massDeletes: massDeletes, sleep: Surroundings.sleep)
    }
    try report.print(conflicts: try library.conflicts().count, asJSON: output.isJSON)
    let failures = report.setAsideFailures
    for failure in failures.dropFirst() { failure.report() }
    if let failure = failures.first { throw failure }
  }
}

extension SyncReport {
  /// Prints what came, what went, and what needs attention.
  ///
  /// - Parameter time: What the line begins with.
  func print(conflicts: Int, asJSON isJSON: Bool, time: String = "") throws {
    if isJSON {
      return JSON.print([
        ("received", JSON(pulledChanges)), ("sent", JSON(pushedChanges)),
        ("conflicts", JSON(conflicts)), ("requests", JSON(requests)),
        ("setAside", JSON(setAside.count)),
        ("device", JSON(renewal.map { "\($0.id)" })),
      ])
    }
    let attention =
      conflicts == 0
      ? "nothing needs attention"
      : "\(Shown.count(conflicts, "conflict")) to decide: gloss conflicts"
    Output.line(
      time + "received \(Shown.count(pulledChanges, "change")), sent \(pushedChanges); \(attention)"
    )
  }

  /// What is to be said of the bundles that are set aside. What waits behind another one of its device is no news of its own.
  var setAsideFailures: [Failure] {
    setAside.filter { $0.reason != .behind }.map { Failure($0) }
  }
}
