@preconcurrency internal import Dispatch
internal import Glibc
internal import Gloss
internal import GlossCore
internal import GlossStore
internal import GlossSync
internal import GlossWire

/// `gloss sync --watch`: what it prints, and how it ends.
enum Watching {
  /// Syncs until SIGINT or SIGTERM comes.
  static func untilStopped(
    _ library: Library, over transport: any HubTransport, hubClock: HubClock,
    massDeletes: MassDeletePolicy, texts: LargeValues, asJSON isJSON: Bool
  ) async throws {
    let known = Locked(try library.openConflicts())
    let task = Task {
      try await library.watch(
        over: transport, massDeletes: massDeletes, texts: texts, sleep: Surroundings.sleep
      ) { tell($0, of: library, knowing: known, hubClock, asJSON: isJSON) }
    }
    let signals = [SIGINT, SIGTERM].map { number in
      // The default action would end the program before the source hears of the signal.
      signal(number, SIG_IGN)
      let source = DispatchSource.makeSignalSource(signal: number)
      source.setEventHandler { task.cancel() }
      source.resume()
      return source
    }
    defer { for source in signals { source.cancel() } }
    Output.note("watching; Ctrl-C ends it")
    do {
      try await task.value
    } catch LibraryError.sync(.hub(.transport(.cancelled))) {
      // That is the end that was asked for.
    }
  }

  /// Prints a sync that moved something, and what went wrong.
  private static func tell(
    _ event: WatchEvent, of library: Library, knowing known: Locked<Set<OpenConflict>>,
    _ hubClock: HubClock, asJSON isJSON: Bool
  ) {
    let time = isJSON ? "" : CivilTime.minute(Surroundings.clock()) + "  "
    switch event {
    case .synced(let report):
      if let renewal = report.renewal { try? Notices.tell(of: renewal, in: library) }
      let before = known.withLock(\.self)
      guard let summary = try? SyncSummary(report, of: library, knowing: before, hubClock)
      else { return }
      known.withLock { $0 = summary.conflicts }
      guard report.pulledChanges > 0 || report.pushedChanges > 0 || report.receivedBlobs > 0
      else { return }
      summary.print(asJSON: isJSON, time: time)
      for failure in report.failures { failure.report() }
    case .failed(let error, let wait):
      Failure(LibraryError.sync(error))?.report()
      Output.note("trying again in \(max(1, wait.components.seconds)) s")
    }
    Output.finish()
  }
}
