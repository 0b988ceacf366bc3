internal import ArgumentParser
internal import Foundation
internal import GlossHub

/// `gloss-hub backup`.
struct Backup: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Copy the database of a hub, which may go on running, to a file.",
    discussion: """
      The copy is the database as it was at one moment. It is checked like `gloss-hub verify` \
      does before it gets its name. To restore it, stop the hub, put the file into an empty \
      directory as hub.sqlite, and start the hub with that directory: clients notice, and send \
      again what the copy lacks.

      Exit codes: 0 copied; 64 the command line is wrong; 65 the copy is not sound; 66 there is \
      no hub's database; 73 the file cannot be written.

      EXAMPLE
        gloss-hub backup --data hub hub-monday.sqlite
      """)

  @Option(
    help: ArgumentHelp(
      "The hub's data directory, or the variable GLOSS_HUB_DATA.", valueName: "dir")
  )
  var data: String?

  @Argument(help: "The file to make; it must not exist.")
  var file: String

  func run() throws {
    let settings = Settings(environment: ProcessInfo.processInfo.environment)
    let directory = try settings.required(data, "data")
    do throws(SQLiteInspection.Failure) {
      let report = try SQLiteInspection(at: directory).copy(to: file)
      say("copied \(report.words)")
    } catch {
      throw end(for: error)
    }
  }
}

/// `gloss-hub verify`.
struct Verify: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Check the database of a hub, which may go on running, or a copy of it.",
    discussion: """
      Checks the file, and of each library that its log has no gaps, that the running hash is \
      that of the bundles, and that each origin's runs follow one another. It changes nothing. \
      What it finds stands on standard output, a line each.

      Exit codes: 0 all is well; 64 the command line is wrong; 65 something is not; 66 there is \
      no hub's database.

      EXAMPLE
        gloss-hub verify --data hub-monday.sqlite
      """)

  @Option(
    help: ArgumentHelp(
      "The hub's data directory or a file that `gloss-hub backup` made, or the variable "
        + "GLOSS_HUB_DATA.", valueName: "dir"))
  var data: String?

  func run() throws {
    let settings = Settings(environment: ProcessInfo.processInfo.environment)
    let place = try settings.required(data, "data")
    let report: HubReport
    do throws(SQLiteInspection.Failure) {
      report = try SQLiteInspection(at: place).verify()
    } catch {
      throw end(for: error)
    }
    for finding in report.findings { say(words(for: finding)) }
    guard report.findings.isEmpty else {
      throw failure(
        .damaged,
        "\(report.findings.count) of the things checked are not as they should be. Restore a backup: "
          + "clients send again what it lacks.")
    }
    say("all is well: \(report.words)")
  }
}

extension HubReport {
  fileprivate var words: String {
    "\(libraryCount) \(libraryCount == 1 ? "library" : "libraries"), "
      + "\(bundleCount) \(bundleCount == 1 ? "bundle" : "bundles"), "
      + (blobCount == 0 ? "" : "\(blobCount) \(blobCount == 1 ? "blob" : "blobs"), ")
      + (snapshotCount == 0
        ? "" : "\(snapshotCount) \(snapshotCount == 1 ? "snapshot" : "snapshots"), ")
      + "\(byteCount) bytes"
  }
}

private func end(for error: SQLiteInspection.Failure) -> ExitCode {
  switch error {
  case .noDatabase(let path, let reason):
    failure(.noDatabase, "cannot read \(path): \(reason). Name a hub's directory with --data.")
  case .newer(let path, let version, let known):
    failure(
      .noDatabase,
      "\(path) was written by a newer gloss-hub (version \(version); this one knows \(known)). "
        + "Use that one.")
  case .unwritable(let path, let reason):
    failure(.unwritable, "cannot write \(path): \(reason). Choose another place.")
  case .unsoundCopy(let findings):
    failure(
      .damaged,
      "the copy is not sound, and was removed: \(words(for: findings[0])). "
        + "`gloss-hub verify` checks the database.")
  }
}

private func words(for finding: HubFinding) -> String {
  switch finding {
  case .damagedFile(let words): "file: \(words)"
  case .missingEntries(let library, let from, let before):
    "library \(library): entries \(from) to \(before - 1) are missing"
  case .wrongHash(let library, let index):
    "library \(library): entry \(index): the running hash is another"
  case .alteredBundle(let library, let index):
    "library \(library): entry \(index): the bundle is not the one that was stored"
  case .brokenRun(let library, let origin, let after, let first):
    "library \(library): origin \(origin): change \(first) follows \(after)"
  case .brokenChain(let library, let origin, let first):
    "library \(library): origin \(origin): change \(first) begins with another tip"
  case .wrongEnd(let library, let origin):
    "library \(library): origin \(origin): its end is written down wrong"
  case .alteredBlob(let library, let name):
    "library \(library): blob \(name): it is not the one that was stored"
  case .brokenUpload(let library, let name):
    "library \(library): blob \(name): what came of it so far is not all there"
  case .incompleteSnapshot(let library, let snapshot):
    "library \(library): snapshot \(snapshot): a piece is missing"
  case .wrongSize(let library):
    "library \(library): its size is written down wrong"
  case .missingEpoch(let library, let epoch):
    "library \(library): the entry of epoch \(epoch) is missing from its keyring"
  }
}
