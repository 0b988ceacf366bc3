internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss status`
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what the library holds and what waits to be sent.",
    discussion: """
      Nothing is asked of the hub: when it was synced with, and how far its clock is
      from this one, is what the last sync noted.

      EXAMPLE
        gloss status
        gloss status --json
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let state = try LibraryState(of: try options.open(.readOnly))
    output.isJSON ? state.printJSON() : state.printPage(now: Surroundings.clock())
  }
}

/// What `gloss status` tells.
private struct LibraryState {
  private let library: Library
  private let naming: Naming
  private let statistics: Statistics
  private let origins: [HeldOrigin]
  private let unsent: Unsent
  private let contact: HubContact?
  private let hub: String?
  private let conflictCount: Int
  private let setAsideCount: Int
  private let missingTextCount: Int
  private let searchLag: SearchIndexLag

  init(of library: Library) throws {
    self.library = library
    naming = try Naming([], in: library)
    statistics = try library.statistics()
    origins = try library.origins()
    unsent = try library.unsent()
    contact = try library.lastContact()
    hub = try library.hubAddress()
    conflictCount = try library.conflictCount()
    setAsideCount = try library.setAside().count
    missingTextCount = try library.missingTextCount()
    searchLag = try library.searchIndexLag()
  }

  private var counts: [(String, Int)] {
    ReadingKind.allCases.map {
      ($0.rawValue + "s", statistics.recordCountByKind[$0.name] ?? 0)
    }
  }

  private var id: ReplicaID { library.replica.id }

  func printJSON() {
    JSON.print(
      [
        ("library", .text("\(library.replica.library)")), ("path", .text(library.replica.path)),
        ("device", .text("\(id)")), ("name", JSON(naming.rawDevice(id))), ("hub", JSON(hub)),
        ("synced", JSON(contact.map { CivilTime.exact($0.milliseconds) })),
        (
          "clockDifferenceMilliseconds",
          contact?.clockDifference.map { .integer($0) } ?? .null
        ),
        ("changes", JSON(Int(clamping: statistics.changeCount))),
        ("unsent", JSON(unsent.changeCount)), ("unsentBytes", JSON(unsent.byteCount)),
        ("unsentTexts", JSON(unsent.blobCount)), ("unsentTextBytes", JSON(unsent.blobByteCount)),
      ] + counts.map { ($0, JSON($1)) } + [
        ("conflicts", JSON(conflictCount)), ("quarantined", JSON(statistics.quarantinedCount)),
        ("setAside", JSON(setAsideCount)), ("textsMissing", JSON(missingTextCount)),
        ("searchBehind", JSON(Int(clamping: searchLag.changeCount))),
        ("devices", .array(origins.map(json))),
      ])
  }

  private func json(_ origin: HeldOrigin) -> JSON {
    .object([
      ("id", .text("\(origin.replica)")), ("name", JSON(naming.rawDevice(origin.replica))),
      ("isThis", .bool(origin.replica == id)),
      ("changes", JSON(Int(clamping: origin.changeCount))),
      ("lastChange", .text(CivilTime.exact(origin.lastMilliseconds))),
    ])
  }

  func printPage(now: UInt64) {
    Page.field("library", Text.line(library.replica.path))
    Page.field("device", naming.device(id))
    Page.field("hub", hub.map { Text.line($0) } ?? "none (gloss hub connect URL)")
    if let contact, hub != nil {
      let ago = now > contact.milliseconds ? Shown.duration(now - contact.milliseconds) : "0 s"
      Page.field("synced", CivilTime.minute(contact.milliseconds) + ", \(ago) ago")
      if let words = HubClock.words(for: contact.clockDifference) {
        let isFar = contact.clockDifference.map { $0.magnitude >= HubClock.limit } ?? false
        Page.field("clock", words, isFar ? .attention : nil)
      }
    }
    Page.field("unsent", unsentWords)
    for (name, count) in counts { Page.field(name, "\(count)") }
    attend("conflicts", conflictCount, "\(conflictCount) (gloss conflicts)", else: "0")
    attend(
      "set aside", statistics.quarantinedCount,
      Shown.count(statistics.quarantinedCount, "change") + " that breaks a rule")
    attend(
      "waiting", setAsideCount,
      Shown.count(setAsideCount, "bundle") + " that cannot be taken in yet (gloss sync)")
    attend(
      "missing", missingTextCount,
      Shown.count(missingTextCount, "text") + ", not on this machine (gloss sync)")
    // Where nobody has searched yet there is no index, and it lacks everything.
    if searchLag.isBehind, searchLag.changeCount < statistics.changeCount {
      Page.field(
        "search",
        "takes in \(Shown.count(Int(clamping: searchLag.changeCount), "change")) when it is used next"
      )
    }
    printDevices()
  }

  private var unsentWords: String {
    var words = Shown.count(unsent.changeCount, "change")
    if unsent.blobCount > 0 { words += " and " + Shown.count(unsent.blobCount, "text") }
    guard unsent.changeCount + unsent.blobCount > 0 else { return words }
    words += ", " + Shown.size(unsent.byteCount + unsent.blobByteCount)
    return words + (hub == nil ? "" : " (gloss sync)")
  }

  /// A line about what somebody may have to look after, where there is any.
  private func attend(_ name: String, _ count: Int, _ words: String, else other: String? = nil) {
    if count > 0 {
      Page.field(name, words, .attention)
    } else if let other {
      Page.field(name, other)
    }
  }

  /// The machines that wrote something, where there is more than one.
  private func printDevices() {
    guard origins.count > 1 else { return }
    Output.line()
    let changes = origins.map { Shown.count(Int(clamping: $0.changeCount), "change") }
    let changeWidth = changes.map(\.count).max() ?? 0
    let rows = zip(origins, changes).map { origin, changes in
      (
        naming.device(origin.replica),
        Text.padded(changes, to: changeWidth) + "  last "
          + CivilTime.minute(origin.lastMilliseconds)
          + (origin.replica == id ? "  (this machine)" : "")
      )
    }
    MachineList(rows: rows).print()
  }
}
