internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore
internal import GlossSync

/// `gloss repair`
struct RepairCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "repair", abstract: "Put back what is damaged, as far as that can be.",
    discussion: """
      Makes what is shown of every record, its conflicts and its tags anew from the
      changes. Changes and texts that are damaged or missing are fetched again from
      the hub, and taken in where they are what the hashes in the file say. It only
      adds: what cannot be put back stays as it is, and is named.

      Exit status: 0 where all is in order now, 70 where something is damaged still.

      EXAMPLE
        gloss repair
      """)

  @OptionGroup var options: LibraryOptions

  func run() async throws {
    let library = try options.open()
    let found = try Self.check(library)
    if found.damages.contains(where: \.canBeFetched), try library.hubAddress() != nil {
      let transport = try library.transport()
      let report = try await transport.closing {
        try library.unlockIfLocked()
        return try await library.repair(found, over: transport, sleep: Surroundings.sleep)
      }
      Self.tell(report)
    } else {
      try ProgressBar.during("mending") { bar in
        try library.repair { bar?.advance(to: $0, of: $1) }
      }
    }
    let rest = try Self.check(library)
    guard rest.damages.isEmpty else {
      // The hub was asked already.
      throw VerifyCommand.failure(rest, hasHub: false)
    }
    Output.line(VerifyCommand.counts(rest) + ": all in order")
  }

  private static func check(_ library: Library) throws -> Verification {
    try ProgressBar.during("checking") { bar in
      try library.verify { bar?.advance(to: $0, of: $1) }
    }
  }

  private static func tell(_ report: RepairReport) {
    if report.restoredChanges + report.restoredBlobs > 0 {
      Output.note(
        "fetched again: \(Shown.count(report.restoredChanges, "change")), "
          + Shown.count(report.restoredBlobs, "text"))
    }
    for failure in report.failures {
      Output.note("not put back: " + words(for: failure))
    }
  }

  private static func words(for failure: RepairReport.Failure) -> String {
    func changes(_ origin: ReplicaID, _ range: ClosedRange<UInt64>) -> String {
      "\(VerifyCommand.numbers(range)) of \(origin)"
    }
    switch failure {
    case .unsent(let origin, let range):
      return changes(origin, range) + ": never sent, so no other machine has them"
    case .notAtHub(let origin, let range): return changes(origin, range) + ": not at the hub"
    case .contradicted(let origin, let range):
      return changes(origin, range) + ": the hub has others"
    case .blob(let id):
      return "the text \(hexadecimal(id.digest.prefix(8))): not at the hub, or altered there"
    }
  }
}

extension Damage {
  /// Whether the hub may have what is damaged.
  var canBeFetched: Bool {
    switch self {
    case .missingChanges, .unreadableChange, .alteredChanges, .alteredBlob, .missingBlob: true
    default: false
    }
  }
}

extension Failure {
  /// What to do about a file that SQLite finds out of order.
  static let damagedFileHint =
    "keep a copy of the file and what lies beside it: what was never sent is nowhere else. Then put "
    + "a backup in its place, or move it away and join again from another machine: gloss pair there, gloss join here"
}
