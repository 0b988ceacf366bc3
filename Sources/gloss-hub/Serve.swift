internal import ArgumentParser
internal import Foundation
internal import GlossHub
internal import GlossHubServer

/// `gloss-hub serve`.
struct Serve: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Serve a hub until SIGTERM or SIGINT.",
    discussion: """
      The first line of standard output, `listening on http://HOST:PORT`, says that the hub is \
      ready. It serves plain HTTP: anywhere but on this machine, put a proxy with TLS in front.

      Exit codes: 0 stopped as asked; 64 the command line is wrong; 69 the address cannot be \
      listened on; 70 the hub failed; 73 the data directory cannot be used.
      """)

  @Option(help: "The directory of the database; it is created where it does not exist.")
  var data: String

  @Option(
    help: ArgumentHelp(
      "Where to listen; port 0 lets the system pick one.", valueName: "host:port"))
  var listen: ListenAddress

  func run() async throws {
    let store = try openStore()
    let hub = Hub(
      storage: store, limits: HubLimits(),
      software: "gloss-hub \(GlossHubCommand.softwareVersion)",
      clock: { Int64(Date().timeIntervalSince1970 * 1_000) },
      generator: SystemRandomNumberGenerator(), report: HubServer.report)
    let server = HubServer(
      hub: hub, host: listen.host, port: listen.port, stopSignal: .termination)
    let listen = listen
    do throws(HubServer.Failure) {
      try await server.run { port in say("listening on \(listen.url(port: port))") }
    } catch {
      try? await hub.close()
      switch error {
      case .addressUnavailable(let reason):
        throw failure(
          .addressUnavailable,
          "cannot listen on \(listen.host):\(listen.port): \(reason). "
            + "Choose another with --listen; port 0 takes any that is free.")
      case .stopped(let reason):
        throw failure(.failed, "the hub stopped: \(reason). Start it again.")
      }
    }
    try await hub.close()
  }

  private func openStore() throws -> SQLiteStorage {
    do throws(SQLiteStorage.Failure) {
      return try SQLiteStorage(directory: data)
    } catch {
      throw failure(.dataUnusable, words(for: error))
    }
  }

  private func words(for error: SQLiteStorage.Failure) -> String {
    switch error {
    case .directory(let path, let reason):
      "cannot use the directory \(path): \(reason). Choose one that you may write with --data."
    case .busy(let path):
      "another gloss-hub uses \(path). Stop it, or choose another directory with --data."
    case .newer(let path, let version, let known):
      "\(path) was written by a newer gloss-hub (version \(version); this one knows \(known)). "
        + "Install that version, or choose another directory with --data."
    case .database(let path, let reason):
      "cannot open \(path): \(reason). Restore it from a backup, or move it away: "
        + "clients fill an empty hub anew."
    }
  }
}

/// How `gloss-hub` ends when it does not do what it was asked to, after sysexits.h.
private enum ExitReason: Int32 {
  case addressUnavailable = 69
  case failed = 70
  case dataUnusable = 73
}

/// Says why on standard error, in one line, and returns what ends the command.
private func failure(_ reason: ExitReason, _ words: String) -> ExitCode {
  let line = String(words.map { $0.isNewline ? " " : $0 })
  try? FileHandle.standardError.write(contentsOf: Data("gloss-hub: \(line)\n".utf8))
  return ExitCode(reason.rawValue)
}

/// Writes a line to standard output at once, also where that is a pipe.
private func say(_ line: String) {
  try? FileHandle.standardOutput.write(contentsOf: Data("\(line)\n".utf8))
}
