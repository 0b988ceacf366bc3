internal import ArgumentParser
internal import Gloss
internal import GlossCore

/// Which conflicts of a library are meant.
struct ConflictFilter: ParsableArguments {
  @Option(help: "Only those of this kind: article, highlight or note.") var kind: ReadingKind?
  @Option(help: "Only those of records with this tag.", completion: .tag) var tag: String?

  var isGiven: Bool { kind != nil || tag != nil }

  func matches(_ conflict: LibraryConflict) -> Bool {
    if let kind, conflict.item.kind != kind { return false }
    guard let tag else { return true }
    return conflict.item.entry.tags.contains { $0.hasSameBytes(as: tag) }
  }
}
