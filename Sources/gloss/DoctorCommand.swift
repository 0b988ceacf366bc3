internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossHTTP
internal import GlossStore
internal import GlossSync
internal import GlossWire

/// `gloss doctor`
struct DoctorCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Say how the library and its surroundings are, to paste.",
    discussion: """
      Prints one block of at most 80 columns to paste into a report: versions,
      sizes, counts, where the library stands with its hub, clock, file system,
      locks. There is nothing in it of what the library holds, no name of a file, a
      machine, a person or a hub, and no key. Nothing is written. gloss verify reads
      the whole file; this looks only.

      With --hub the hub is asked what it is, without this machine's token; its
      clock is compared.

      Exit status: 0 where nothing needs attention, 3 where something does; the lines
      that say what to do begin with "!".

      EXAMPLE
        gloss doctor --hub
      """)

  @OptionGroup var options: LibraryOptions
  @Flag(help: "Ask the hub what it is, and compare its clock.")
  var hub = false

  func run() async throws {
    var report = HealthReport()
    report.addVersions()
    let path = options.resolved.path
    report.addSurroundings(ofLibraryAt: path)
    do {
      let library = try options.open(.readOnly)
      try report.add(library, now: Surroundings.clock())
      if let address = try library.hubAddress() {
        try await addHub(address, library, &report)
      } else {
        report.add(.told, "hub", "none")
      }
    } catch {
      guard let failure = Failure(error) else { throw error }
      report.add(
        .warning, "library", "cannot be opened (exit status \(failure.status.rawValue))",
        advice: "gloss status says why")
    }
    Output.write(report.text)
    if report.hasWarning {
      throw Failure(
        .needsDecision, "somebody has to look at what is marked",
        hint: "the lines with ! say what to do")
    }
  }

  private func addHub(
    _ address: String, _ library: Library, _ report: inout HealthReport
  ) async throws {
    let remote = try library.replica.remote()
    let scheme = address.lowercased().hasPrefix("https:") ? "https" : "http"
    let place = remote?.cursor.map { "read up to entry \($0.index)" } ?? "nothing read yet"
    report.add(
      .told, "hub", "\(scheme), \(place), own changes sent up to \(remote?.pushedSeq ?? 0)")
    if let contact = try library.lastContact() {
      report.addContact(contact, now: Surroundings.clock())
    }
    guard hub else {
      return report.add(.told, "hub now", "not asked (gloss doctor --hub)")
    }
    let before = Surroundings.clock()
    do {
      let transport = try Surroundings.transport(to: address)
      let reply = try await transport.closing {
        try await transport.exchange(HubRequest(.describe).http)
      }
      report.addHub(reply, askedAt: before, answeredAt: Surroundings.clock())
    } catch {
      guard let failure = Failure(error) else { throw error }
      report.add(
        .warning, "hub now", "not reached (exit status \(failure.status.rawValue))",
        advice: "gloss sync says why; what is written stays here until then")
    }
  }
}
