internal import ArgumentParser
internal import Gloss
internal import GlossCore
internal import GlossStore

/// `gloss status`
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status", abstract: "Show what the library holds and what waits to be sent.",
    discussion: """
      EXAMPLE
        gloss status --json
      """)

  @OptionGroup var options: LibraryOptions
  @OptionGroup var output: OutputOptions

  func run() throws {
    let library = try options.open(.readOnly)
    let statistics = try library.statistics()
    let conflicts = try library.conflictCount()
    let hub = try library.hubAddress()
    let waiting = try library.setAside().count
    let missingTexts = try library.missingTextCount()
    let naming = try Naming([], in: library)
    let counts = ReadingKind.allCases.map {
      ($0.rawValue + "s", statistics.recordCountByKind[$0.name] ?? 0)
    }
    let unsent = Int(clamping: statistics.unsentCount)
    let id = library.replica.id
    if output.isJSON {
      return JSON.print(
        [
          ("library", .text("\(library.replica.library)")), ("path", .text(library.replica.path)),
          ("device", .text("\(id)")), ("name", JSON(naming.rawDevice(id))), ("hub", JSON(hub)),
          ("changes", JSON(Int(clamping: statistics.changeCount))), ("unsent", JSON(unsent)),
        ] + counts.map { ($0, JSON($1)) } + [
          ("conflicts", JSON(conflicts)), ("quarantined", JSON(statistics.quarantinedCount)),
          ("setAside", JSON(waiting)), ("textsMissing", JSON(missingTexts)),
        ])
    }
    Page.field("library", Text.line(library.replica.path))
    Page.field("device", naming.device(id))
    Page.field("hub", hub.map { Text.line($0) } ?? "none (gloss hub connect URL)")
    Page.field(
      "unsent", Shown.count(unsent, "change") + (hub != nil && unsent > 0 ? " (gloss sync)" : ""))
    for (name, count) in counts { Page.field(name, "\(count)") }
    Page.field("conflicts", "\(conflicts)" + (conflicts > 0 ? " (gloss conflicts)" : ""))
    if statistics.quarantinedCount > 0 {
      Page.field(
        "set aside", Shown.count(statistics.quarantinedCount, "change") + " that breaks a rule")
    }
    if waiting > 0 {
      Page.field(
        "waiting", Shown.count(waiting, "bundle") + " that cannot be taken in yet (gloss sync)")
    }
    if missingTexts > 0 {
      Page.field(
        "missing", Shown.count(missingTexts, "text") + ", not on this machine (gloss sync)")
    }
  }
}
